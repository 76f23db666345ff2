/** GetItem (messages.xsd GetItemType): items by id, in a shape. */
import { child, type XmlElement } from '#xml/reader.ts';
import { type Markup, xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { itemId } from './item-id.ts';
import { type Entry, entriesOf } from './response.ts';

/** The shape that asks for ids and change keys only. */
export const idShape = xml`<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape>`;

export function buildGetItem(shape: Markup, ids: readonly string[]): EwsRequest {
  return {
    operation: 'GetItem',
    effect: 'read',
    body: xml`<m:GetItem>${shape}<m:ItemIds>${ids.map((id) => itemId(id))}</m:ItemIds></m:GetItem>`,
  };
}

/** The item element of each id, in the order asked. */
export function readGetItem(response: XmlElement, ids: number): readonly Entry<XmlElement>[] {
  return entriesOf(response, ids, (message) => child(message, 'Items')?.children[0]);
}
