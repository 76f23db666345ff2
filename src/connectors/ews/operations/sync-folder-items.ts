/** SyncFolderItems (messages.xsd SyncFolderItemsType): what changed in a folder since a state, ids only. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { type FolderName, folderId, itemIn, itemKeyOf } from './item-id.ts';
import { type Entry, entriesOf } from './response.ts';

export interface SyncFolderItemsInput {
  readonly folder: FolderName;
  readonly owner: string | undefined;
  /** Undefined lists the whole folder. */
  readonly syncState: string | undefined;
  /** 1 to 512. */
  readonly pageItemsMax: number;
}

export type SyncChange =
  | { readonly kind: 'present'; readonly id: string; readonly changeKey: string | undefined }
  | { readonly kind: 'gone'; readonly id: string };

export interface SyncPage {
  readonly syncState: string;
  /** IncludesLastItemInRange; a server that never says so is at the end when its changes are empty. */
  readonly last: boolean;
  /** In the order of the answer, one per id. */
  readonly changes: readonly SyncChange[];
}

export function buildSyncFolderItems(input: SyncFolderItemsInput): EwsRequest {
  const state = input.syncState === undefined ? undefined : xml`<m:SyncState>${input.syncState}</m:SyncState>`;
  return {
    operation: 'SyncFolderItems',
    effect: 'read',
    body: xml`<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId>${folderId(input.folder, input.owner)}</m:SyncFolderId>${state}<m:MaxChangesReturned>${input.pageItemsMax}</m:MaxChangesReturned></m:SyncFolderItems>`,
  };
}

/** A page without a state is no page: storing an empty one would start over unasked. */
export function readSyncFolderItems(response: XmlElement): Entry<SyncPage> {
  return entriesOf(response, 1, pageOf)[0] as Entry<SyncPage>;
}

function pageOf(message: XmlElement): SyncPage | undefined {
  const syncState = childText(message, 'SyncState')?.trim() ?? '';
  if (syncState === '') return undefined;
  const told = childText(message, 'IncludesLastItemInRange')?.trim();
  const changes = changesOf(message);
  if (changes === undefined) return undefined;
  const isEmpty = child(message, 'Changes') !== undefined && changes.length === 0;
  const last = told === undefined ? isEmpty : told === 'true' || told === '1';
  return { syncState, last, changes };
}

/**
 * There is no order between kinds of changes, so a deletion of an id counts after everything else about it. ReadFlagChange
 * is mail's business. A change without an id makes the page useless: leaving it out would lose it for good.
 */
function changesOf(message: XmlElement): readonly SyncChange[] | undefined {
  const byId = new Map<string, SyncChange>();
  for (const changes of message.children) {
    if (changes.name !== 'Changes') continue;
    for (const change of changes.children) {
      if (change.name === 'Create' || change.name === 'Update') {
        const item = itemIn(change);
        const key = item && itemKeyOf(item);
        if (key === undefined) return undefined;
        if (byId.get(key.id)?.kind !== 'gone') byId.set(key.id, { kind: 'present', ...key });
      } else if (change.name === 'Delete') {
        const key = itemKeyOf(change);
        if (key === undefined) return undefined;
        byId.set(key.id, { kind: 'gone', id: key.id });
      }
    }
  }
  return [...byId.values()];
}
