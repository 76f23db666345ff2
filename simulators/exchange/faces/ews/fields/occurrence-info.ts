/** One occurrence as a series lists it: its id, where it now is and where it was ([MS-OXWSMTGS] 2.2.4.26). */
import type { View } from '../../../truth/item.ts';
import type { Occurrence } from '../../../truth/series.ts';
import { itemChangeKey } from '../change-keys.ts';
import { occurrenceIdText } from '../ids.ts';
import { dateTimeText, element } from '../text.ts';
import type { Reply } from './field.ts';

export function occurrenceInfo(name: string, occurrence: Occurrence | undefined, view: View, reply: Reply): string {
  if (occurrence === undefined) return '';
  const { mailbox, zone } = reply.call;
  const { item } = view;
  const id = occurrenceIdText(mailbox, item.folder.counter, item.counter, occurrence.day);
  const time = (part: string, ms: number) => element(part, dateTimeText(ms, zone));
  return `<t:${name}><t:ItemId Id="${id}" ChangeKey="${itemChangeKey(mailbox, item)}"/>${time('Start', occurrence.startMs)}${time('End', occurrence.endMs)}${time('OriginalStart', occurrence.originalStartMs)}</t:${name}>`;
}
