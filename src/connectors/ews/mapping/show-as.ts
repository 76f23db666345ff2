/**
 * Free/busy status. The 2010 schema knows no "working elsewhere", and a newer server answers another value for it to a
 * request of that version; so the MAPI property behind it (PidLidBusyStatus, MS-OXOCAL 2.2.1.2) is read and written too.
 */
import type { ShowAs } from '#model/item.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';
import type { ExtendedProperty } from './extended.ts';
import { hasName } from './extended.ts';
import { extendedElement, setField, setOrDeleteExtended } from './field.ts';

const busyStatusId = 0x8205;

/** `t:ExtendedFieldURI` of PidLidBusyStatus. */
export const busyStatusUri = xml`<t:ExtendedFieldURI DistinguishedPropertySetId="Appointment" PropertyId="${busyStatusId}" PropertyType="Integer"/>`;

/** EWS value and MAPI number. */
const values: Readonly<Record<ShowAs, readonly [string, number]>> = {
  free: ['Free', 0],
  tentative: ['Tentative', 1],
  busy: ['Busy', 2],
  outOfOffice: ['OOF', 3],
  workingElsewhere: ['WorkingElsewhere', 4],
};

const byName = new Map(Object.entries(values).map(([showAs, [name]]) => [name, showAs as ShowAs]));

/** PidLidBusyStatus when the property is it. */
export function busyStatusOf(property: ExtendedProperty): number | undefined {
  return hasName(property, 'Appointment', busyStatusId) ? Number(property.value) : undefined;
}

/** The status by `t:LegacyFreeBusyStatus` and PidLidBusyStatus; busy where the server has no data. */
export function showAsOf(name: string | undefined, busyStatus: number | undefined): ShowAs {
  const named = byName.get(name ?? '') ?? 'busy';
  return busyStatus === 4 && named !== 'tentative' && named !== 'outOfOffice' ? 'workingElsewhere' : named;
}

/** The extended property of a new event; only where the schema has no value. */
export function busyStatusElement(showAs: ShowAs): Markup | undefined {
  return showAs === 'workingElsewhere' ? extendedElement(busyStatusUri, values.workingElsewhere[1]) : undefined;
}

/** `t:LegacyFreeBusyStatus` where the schema has a value. */
export function showAsElement(showAs: ShowAs): Markup | undefined {
  return showAs === 'workingElsewhere' ? undefined : legacyElement(values[showAs][0]);
}

/**
 * Both properties are set: to a real server they are one, applied in order, to an imitation perhaps two that must not
 * disagree.
 */
export function showAsChanges(showAs: ShowAs): readonly Markup[] {
  const [name, number] = values[showAs];
  const legacy = showAs === 'workingElsewhere' ? values.busy[0] : name;
  return [
    setField('CalendarItem', 'calendar:LegacyFreeBusyStatus', legacyElement(legacy)),
    setOrDeleteExtended('CalendarItem', busyStatusUri, number),
  ];
}

function legacyElement(name: string): Markup {
  return xml`<t:LegacyFreeBusyStatus>${name}</t:LegacyFreeBusyStatus>`;
}
