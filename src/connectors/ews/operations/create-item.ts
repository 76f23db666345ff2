/** CreateItem (messages.xsd CreateItemType): new items in one folder. No mail is ever sent. */
import { child, type XmlElement } from '#xml/reader.ts';
import { type Markup, xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { type FolderName, folderId, type ItemKey, itemIn, itemKeyOf } from './item-id.ts';
import { type Entry, entriesOf } from './response.ts';

/** The attributes stand on every request: each is needed for some kind of item and harmless for the others. */
export function buildCreateItem(folder: FolderName, owner: string | undefined, items: readonly Markup[]): EwsRequest {
  return {
    operation: 'CreateItem',
    effect: 'write',
    body: xml`<m:CreateItem MessageDisposition="SaveOnly" SendMeetingInvitations="SendToNone"><m:SavedItemFolderId>${folderId(folder, owner)}</m:SavedItemFolderId><m:Items>${items}</m:Items></m:CreateItem>`,
  };
}

/** The new item's id per input. */
export function readCreateItem(response: XmlElement, items: number): readonly Entry<ItemKey>[] {
  return entriesOf(response, items, writtenKey);
}

/** The id in an answer to a write. */
export function writtenKey(message: XmlElement): ItemKey | undefined {
  const item = itemIn(child(message, 'Items'));
  return item && itemKeyOf(item);
}
