/** GetItem (messages.xsd GetItemType): items by id, in a shape. */
import { child, type XmlElement } from '#xml/reader.ts';
import { type Markup, xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { itemId, itemIn, itemKeyOf } from './item-id.ts';
import { type Entry, entryOf, messagesOf, missingIn } from './response.ts';

/** The shape that asks for ids and change keys only. */
export const idShape = xml`<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>`;

export function buildGetItem(shape: Markup, ids: readonly string[]): EwsRequest {
  return {
    operation: 'GetItem',
    effect: 'read',
    body: xml`<m:GetItem>${shape}<m:ItemIds>${ids.map((id) => itemId(id))}</m:ItemIds></m:GetItem>`,
  };
}

/**
 * The item element of each id, in the order asked. Answers are matched by position while their ids agree with it, else by
 * id; a refusal that cannot be matched for certain belongs to nobody, because it may say that an item is gone.
 */
export function readGetItem(response: XmlElement, ids: readonly string[]): readonly Entry<XmlElement>[] {
  const missing = missingIn(response);
  const entries = messagesOf(response).map((message) =>
    entryOf<XmlElement>(message, missing, (one) => itemIn(child(one, 'Items'))),
  );
  const asked = new Set(ids);
  const named = entries.map((entry) => (entry.kind === 'value' ? itemKeyOf(entry.value)?.id : undefined));
  const isInStep = named.every((id, index) => id === undefined || id === ids[index] || !asked.has(id));
  if (isInStep && entries.length === ids.length) return entries;
  const byId = new Map(named.map((id, index) => [id, entries[index]]));
  const refusals = entries.filter((entry) => entry.kind === 'response');
  const unanswered = ids.filter((id) => !byId.has(id));
  const [refusal] = refusals;
  const isCommon = refusals.length === unanswered.length && refusals.every((one) => one.code === refusal?.code);
  return ids.map((id) => byId.get(id) ?? (isCommon ? refusal : undefined) ?? missing);
}
