/** Where faults strike inside an operation: at one item, at a listing, at a synchronisation, before and after a write. */
import type { FaultSite } from '../../control/faults.ts';
import type { WellKnownName } from '../../truth/folder.ts';
import type { Item, View } from '../../truth/item.ts';
import { busyItem } from './busy.ts';
import type { Call } from './call.ts';
import { EwsError } from './ews-error.ts';
import type { ItemChange } from './item-changes.ts';
import { emptyState, type SyncState } from './sync-state.ts';

/** Synchronisation answers never hold more changes. */
const changesMax = 512;

export function siteOf(call: Call): FaultSite {
  return { operation: call.operation, mailbox: call.mailbox.address };
}

/** Before an input of a batch is processed. */
export function strikeItem(call: Call, index: number): void {
  const { control } = call.server;
  if (control.isCalm) return;
  const site = siteOf(call);
  const denied = control.strike(site, index, 'folderGone', 'accessDenied');
  if (denied !== undefined) {
    throw new EwsError(denied.kind === 'folderGone' ? 'ErrorFolderNotFound' : 'ErrorAccessDenied');
  }
  const busy = control.strikeBusyItem(site, index);
  if (busy !== undefined) throw busyItem(busy);
  const broken = control.strike(site, index, 'stopBatch', 'poisonItem');
  if (broken === undefined) return;
  const stopsBatch = broken.kind === 'stopBatch';
  throw new EwsError(broken.code ?? (stopsBatch ? 'ErrorServerBusy' : 'ErrorItemCorrupt'), { stopsBatch });
}

/** The rows a listing or search finds. */
export function strikeRows(call: Call, isSearch: boolean, rows: View[]): View[] {
  const { control } = call.server;
  if (control.isCalm) return rows;
  const site = siteOf(call);
  if (control.strike(site, undefined, 'emptyListing') !== undefined) return [];
  if (isSearch) {
    const stale = control.strike(site, undefined, 'staleSearch', 'partialSearch');
    if (stale?.kind === 'staleSearch') return [];
    if (stale !== undefined) return rows.filter((_, index) => index % 2 === 1);
  }
  return control.strike(site, undefined, 'reorderRows') === undefined ? rows : rows.reverse();
}

/** The state a synchronisation starts from. */
export function strikeState(call: Call, state: SyncState): SyncState {
  const { control } = call.server;
  if (control.isCalm) return state;
  const site = siteOf(call);
  const busy = control.strikeBusyItem(site, 0);
  if (busy !== undefined) throw busyItem(busy);
  const struck = control.strike(site, undefined, 'invalidSyncState', 'folderGone', 'accessDenied', 'rewindSyncState');
  switch (struck?.kind) {
    case undefined:
      return state;
    case 'folderGone':
      throw new EwsError('ErrorSyncFolderNotFound');
    case 'accessDenied':
      throw new EwsError('ErrorAccessDenied');
    case 'rewindSyncState':
      return emptyState(state.scope, state.guid, state.folder);
    default:
      throw new EwsError('ErrorInvalidSyncStateData');
  }
}

/** The changes a synchronisation answers, and whether some were held back so that its state must not move on. */
export function strikeChanges(
  call: Call,
  changes: readonly ItemChange[],
): { readonly changes: readonly ItemChange[]; readonly isHeldBack: boolean } {
  const { control } = call.server;
  if (control.isCalm) return { changes, isHeldBack: false };
  const struck = control.strike(
    siteOf(call),
    undefined,
    'hideFreshChanges',
    'reorderRows',
    'repeatRows',
    'emptyListing',
  );
  switch (struck?.kind) {
    case 'hideFreshChanges': {
      const sinceMs = call.mailbox.nowMs - (struck.delayMs ?? 5000);
      const old = changes.filter((one) => one.kind !== 'delete' && one.item.modifiedMs < sinceMs);
      return { changes: old, isHeldBack: true };
    }
    case 'emptyListing':
      return { changes: [], isHeldBack: true };
    case 'reorderRows':
      return { changes: changes.toReversed(), isHeldBack: false };
    case 'repeatRows':
      return { changes: [...changes, ...changes].slice(0, changesMax), isHeldBack: false };
    default:
      return { changes, isHeldBack: false };
  }
}

/** Somebody else saves the item just before this write. */
export function strikeConflict(call: Call, item: Item, index: number): void {
  if (call.server.control.isCalm) return;
  if (call.server.control.strike(siteOf(call), index, 'conflict') !== undefined) call.mailbox.touch(item);
}

/** What the server, or its user, does to an item right after a write. */
export function strikeWritten(call: Call, item: Item, index: number): void {
  const { control } = call.server;
  if (control.isCalm) return;
  const struck = control.strike(siteOf(call), index, 'rewriteAfterWrite', 'userCopy');
  if (struck?.kind === 'rewriteAfterWrite') call.mailbox.touch(item);
  if (struck?.kind === 'userCopy') call.mailbox.copy(item, item.folder);
}

/** All items get new ids, as after a move of the mailbox. */
export function strikeIds(call: Call): void {
  const { control } = call.server;
  if (control.isCalm || control.strike(siteOf(call), undefined, 'changeIds') === undefined) return;
  for (const name of ['contacts', 'calendar', 'tasks'] satisfies readonly WellKnownName[]) {
    const folder = call.mailbox.wellKnown(name);
    for (const item of [...folder.items.values()]) call.mailbox.move(item, folder);
  }
}
