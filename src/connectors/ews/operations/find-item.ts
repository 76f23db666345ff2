/** FindItem (messages.xsd FindItemType) by one named property, page by page. */
import { child, type XmlElement } from '#xml/reader.ts';
import { type Markup, xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { type FolderName, folderId, itemKeyOf } from './item-id.ts';
import { type Entry, entriesOf } from './response.ts';

export interface FindItemInput {
  readonly folder: FolderName;
  readonly owner: string | undefined;
  /** `t:ExtendedFieldURI` of a text property. */
  readonly property: Markup;
  readonly value: string;
  readonly offset: number;
  readonly pageItemsMax: number;
}

export interface FoundPage {
  readonly ids: readonly string[];
  /** Where to go on; undefined: this was the last page. */
  readonly nextOffset: number | undefined;
}

export function buildFindItem(input: FindItemInput): EwsRequest {
  return {
    operation: 'FindItem',
    effect: 'read',
    body: xml`<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:IndexedPageItemView MaxEntriesReturned="${input.pageItemsMax}" Offset="${input.offset}" BasePoint="Beginning"/><m:Restriction><t:IsEqualTo>${input.property}<t:FieldURIOrConstant><t:Constant Value="${input.value}"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction><m:ParentFolderIds>${folderId(input.folder, input.owner)}</m:ParentFolderIds></m:FindItem>`,
  };
}

/** Paging attributes may be missing or contradict each other: an empty page, or an offset that does not grow, is the end. */
export function readFindItem(response: XmlElement, input: FindItemInput): Entry<FoundPage> {
  return entriesOf(response, 1, (message) => pageOf(message, input))[0] as Entry<FoundPage>;
}

function pageOf(message: XmlElement, input: FindItemInput): FoundPage | undefined {
  const root = child(message, 'RootFolder');
  if (root === undefined) return undefined;
  const ids: string[] = [];
  for (const item of child(root, 'Items')?.children ?? []) {
    const key = itemKeyOf(item);
    if (key === undefined) return undefined;
    ids.push(key.id);
  }
  const last = root.attributes.IncludesLastItemInRange !== 'false' || ids.length === 0;
  const next = Number(root.attributes.IndexedPagingOffset ?? input.offset + ids.length);
  return { ids, nextOffset: last || !(next > input.offset) ? undefined : next };
}
