/** DeleteItem (messages.xsd DeleteItemType): to Deleted Items, where the user finds it. No mail is ever sent. */
import type { XmlElement } from '#xml/reader.ts';
import { type Markup, xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { type Entry, entriesOf } from './response.ts';

/** `targets`: `t:ItemId` or `t:OccurrenceItemId`. */
export function buildDeleteItem(targets: readonly Markup[]): EwsRequest {
  return {
    operation: 'DeleteItem',
    effect: 'write',
    body: xml`<m:DeleteItem DeleteType="MoveToDeletedItems" SendMeetingCancellations="SendToNone" AffectedTaskOccurrences="AllOccurrences"><m:ItemIds>${targets}</m:ItemIds></m:DeleteItem>`,
  };
}

export function readDeleteItem(response: XmlElement, targets: number): readonly Entry<true>[] {
  return entriesOf(response, targets, () => true as const);
}
