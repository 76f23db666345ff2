/** SyncFolderItems ([MS-OXWSSYNC] 3.1.4.2): what changed in one folder since a state. */
import { child, childText } from '#xml/reader.ts';
import type { Folder } from '../../../truth/folder.ts';
import type { Call } from '../call.ts';
import { itemKeyType, shortKey } from '../change-keys.ts';
import { isHidden } from '../delegate-access.ts';
import { EwsError } from '../ews-error.ts';
import { itemIdText } from '../ids.ts';
import { changesSince, type ItemChange } from '../item-changes.ts';
import { errorContent, responseMessages, successMessage } from '../messages.ts';
import { itemReference } from '../references.ts';
import { idOf, resolveFolderIn } from '../resolve.ts';
import { type ItemShape, itemMarkup, readItemShape } from '../shape.ts';
import { strikeChanges, strikeState } from '../strikes.ts';
import { emptyState, readSyncState, type SyncState, writeSyncState } from '../sync-state.ts';

export function syncFolderItems(call: Call): string {
  try {
    return responseMessages([successMessage('SyncFolderItems', answer(call))]);
  } catch (error) {
    if (!(error instanceof EwsError) || error.code !== 'ErrorInvalidSyncStateData') throw error;
    const content = `${errorContent(error)}<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>`;
    return responseMessages([
      `<m:SyncFolderItemsResponseMessage ResponseClass="Error">${content}</m:SyncFolderItemsResponseMessage>`,
    ]);
  }
}

function answer(call: Call): string {
  const { request, mailbox } = call;
  const shape = readItemShape(child(request, 'ItemShape'), call, 'sync');
  const folder = resolveFolderIn(child(request, 'SyncFolderId'), call, 'ErrorSyncFolderNotFound');
  const state = strikeState(call, stateOf(childText(request, 'SyncState'), folder, call));
  const ignored = new Set<number>();
  for (const one of child(request, 'Ignore')?.children ?? []) {
    const id = idOf(one.attributes.Id);
    if (id.kind === 'item') ignored.add(id.item);
  }
  if (call.delegate !== undefined) {
    for (const item of folder.items.values()) if (isHidden(call, item)) ignored.add(item.counter);
  }
  const page = changesSince(state, folder, mailbox, {
    max: Number(childText(request, 'MaxChangesReturned') ?? 512),
    newestFirst: call.profile.syncNewestFirst,
    withAssociated: childText(request, 'SyncScope') === 'NormalAndAssociatedItems',
    ignored,
  });
  const { changes, isHeldBack } = strikeChanges(call, page.changes);
  const next = isHeldBack ? state : page.state;
  const markup = changes.map((one) => changeMarkup(one, folder, shape)).join('');
  return `<m:SyncState>${writeSyncState(next, call.server.ports.random)}</m:SyncState><m:IncludesLastItemInRange>${page.isLast}</m:IncludesLastItemInRange>${markup === '' ? '<m:Changes/>' : `<m:Changes>${markup}</m:Changes>`}`;
}

/** The state sent, checked to be one of this very folder. */
function stateOf(text: string | undefined, folder: Folder, call: Call): SyncState {
  const { guid } = call.mailbox;
  if (text === undefined || text.trim() === '') return emptyState('items', guid, folder.counter);
  const state = readSyncState(text);
  if (state?.scope !== 'items' || state.guid !== guid || state.folder !== folder.counter) {
    throw new EwsError('ErrorInvalidSyncStateData');
  }
  return state;
}

function changeMarkup(change: ItemChange, folder: Folder, shape: ItemShape): string {
  const { mailbox } = shape.reply.call;
  switch (change.kind) {
    case 'create':
      return `<t:Create>${itemMarkup({ item: change.item, occurrence: undefined }, shape)}</t:Create>`;
    case 'update':
      return `<t:Update>${itemMarkup({ item: change.item, occurrence: undefined }, shape)}</t:Update>`;
    case 'readFlag': {
      const id = itemReference('ItemId', mailbox, change.item, shortKey(itemKeyType(change.item)));
      return `<t:ReadFlagChange>${id}<t:IsRead>${change.item.isRead}</t:IsRead></t:ReadFlagChange>`;
    }
    case 'delete': {
      const id = itemIdText(mailbox, folder.counter, change.counter);
      return `<t:Delete><t:ItemId Id="${id}" ChangeKey="AAAAAA=="/></t:Delete>`;
    }
  }
}
