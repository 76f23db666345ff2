/**
 * UpdateItem (messages.xsd UpdateItemType). Never overwrites: a stale change key is refused with ErrorIrresolvableConflict.
 * No mail is ever sent.
 */
import type { XmlElement } from '#xml/reader.ts';
import { type Markup, xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { writtenKey } from './create-item.ts';
import type { ItemKey } from './item-id.ts';
import { type Entry, entriesOf } from './response.ts';

export interface ItemChange {
  /** `t:ItemId` or `t:OccurrenceItemId` with its change key. */
  readonly target: Markup;
  /** `t:SetItemField` and `t:DeleteItemField`; not empty. */
  readonly updates: readonly Markup[];
}

export function buildUpdateItem(changes: readonly ItemChange[]): EwsRequest {
  const items = changes.map(
    ({ target, updates }) => xml`<t:ItemChange>${target}<t:Updates>${updates}</t:Updates></t:ItemChange>`,
  );
  return {
    operation: 'UpdateItem',
    effect: 'write',
    body: xml`<m:UpdateItem ConflictResolution="NeverOverwrite" MessageDisposition="SaveOnly" SendMeetingInvitationsOrCancellations="SendToNone"><m:ItemChanges>${items}</m:ItemChanges></m:UpdateItem>`,
  };
}

/** The id the answer names; a task may answer with the id of its completed copy, a read-flag update without a usable key. */
export function readUpdateItem(response: XmlElement, changes: number): readonly Entry<ItemKey | null>[] {
  return entriesOf(response, changes, (message) => writtenKey(message) ?? null);
}
