/** GetServerTimeZones ([MS-OXWSGTZ]): the zones the server knows, with or without their rules. */
import { child } from '#xml/reader.ts';
import { serverZones, zoneById } from '../../../truth/zone.ts';
import type { Call } from '../call.ts';
import { responseMessages, successMessage } from '../messages.ts';
import { readBoolean } from '../text.ts';
import { emptyZoneMarkup, zoneMarkup } from '../zones.ts';

export function getServerTimeZones(call: Call): string {
  const isFull = readBoolean(call.request.attributes.ReturnFullTimeZoneData ?? 'true');
  const ids = child(call.request, 'Ids')?.children.map((one) => one.text.trim());
  const zones = ids === undefined ? serverZones() : ids.flatMap((id) => zoneById(id) ?? []);
  const list = zones.map((zone) => (isFull ? zoneMarkup('TimeZoneDefinition', zone) : emptyZoneMarkup(zone))).join('');
  const definitions =
    list === '' ? '<m:TimeZoneDefinitions/>' : `<m:TimeZoneDefinitions>${list}</m:TimeZoneDefinitions>`;
  return responseMessages([successMessage('GetServerTimeZones', definitions)]);
}
