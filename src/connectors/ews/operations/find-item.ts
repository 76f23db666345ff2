/** FindItem (messages.xsd FindItemType) by one named property, which the answer names too, page by page. */
import { child, type XmlElement } from '#xml/reader.ts';
import { type Markup, xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { typesNamespace } from '../transport/soap.ts';
import { type FolderName, folderId, itemKeyOf } from './item-id.ts';
import { type Entry, entriesOf } from './response.ts';

export interface FindItemInput {
  /** False lists the folder with the property of each item, for servers that cannot search. */
  readonly isSearch: boolean;
  readonly folder: FolderName;
  readonly owner: string | undefined;
  /** `t:ExtendedFieldURI` of a text property. */
  readonly property: Markup;
  readonly value: string;
  readonly offset: number;
  readonly pageItemsMax: number;
}

export interface FoundPage {
  /** Each with its id and, where the server gives it, the property. */
  readonly items: readonly XmlElement[];
  /** Where to go on; undefined: this was the last page. */
  readonly nextOffset: number | undefined;
}

export function buildFindItem(input: FindItemInput): EwsRequest {
  const restriction = xml`<m:Restriction><t:IsEqualTo>${input.property}<t:FieldURIOrConstant><t:Constant Value="${input.value}"/></t:FieldURIOrConstant></t:IsEqualTo></m:Restriction>`;
  return {
    operation: 'FindItem',
    effect: 'read',
    body: xml`<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>${input.property}</t:AdditionalProperties></m:ItemShape><m:IndexedPageItemView MaxEntriesReturned="${input.pageItemsMax}" Offset="${input.offset}" BasePoint="Beginning"/>${input.isSearch ? restriction : undefined}<m:ParentFolderIds>${folderId(input.folder, input.owner)}</m:ParentFolderIds></m:FindItem>`,
  };
}

/** Paging attributes may be missing or contradict each other: an empty page, or an offset that does not grow, is the end. */
export function readFindItem(response: XmlElement, input: FindItemInput): Entry<FoundPage> {
  return entriesOf(response, 1, (message) => pageOf(message, input))[0] as Entry<FoundPage>;
}

function pageOf(message: XmlElement, input: FindItemInput): FoundPage | undefined {
  const root = child(message, 'RootFolder');
  if (root === undefined) return undefined;
  const items = (child(root, 'Items')?.children ?? []).filter(({ ns }) => ns === typesNamespace);
  if (items.some((item) => itemKeyOf(item) === undefined)) return undefined;
  const last = root.attributes.IncludesLastItemInRange !== 'false' || items.length === 0;
  const next = Number(root.attributes.IndexedPagingOffset ?? input.offset + items.length);
  return { items, nextOffset: last || !(next > input.offset) ? undefined : next };
}
