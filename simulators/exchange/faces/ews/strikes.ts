/** Where faults strike inside an operation: at one item, at a listing, at a synchronisation. */

import type { FaultSite } from '../../control/faults.ts';
import type { View } from '../../truth/item.ts';
import type { Call } from './call.ts';
import { EwsError } from './ews-error.ts';
import type { ItemChange } from './item-changes.ts';
import { emptyState, type SyncState } from './sync-state.ts';

export function siteOf(call: Call): FaultSite {
  return { operation: call.operation, mailbox: call.mailbox.address };
}

/** Before an input of a batch is processed. */
export function strikeItem(call: Call, index: number): void {
  const { control } = call.server;
  if (control.armedFaults.length === 0) return;
  const site = siteOf(call);
  const denied = control.strike(site, 'folderGone', 'accessDenied');
  if (denied !== undefined)
    throw new EwsError(denied.kind === 'folderGone' ? 'ErrorFolderNotFound' : 'ErrorAccessDenied');
  for (const fault of control.armedFaults) {
    if (fault.kind !== 'stopBatch' && fault.kind !== 'poisonItem') continue;
    if (fault.item !== undefined && fault.item !== index) continue;
    const struck = control.strike(site, fault.kind);
    if (struck === undefined) continue;
    const isStop = struck.kind === 'stopBatch';
    throw new EwsError(struck.code ?? (isStop ? 'ErrorServerBusy' : 'ErrorItemCorrupt'), { stopsBatch: isStop });
  }
}

/** The rows a search finds. */
export function strikeRows(call: Call, isSearch: boolean, rows: View[]): View[] {
  const { control } = call.server;
  if (control.armedFaults.length === 0) return rows;
  const site = siteOf(call);
  if (control.strike(site, 'emptyListing') !== undefined) return [];
  if (isSearch && control.strike(site, 'staleSearch') !== undefined) return [];
  if (isSearch && control.strike(site, 'partialSearch') !== undefined)
    return rows.filter((_, index) => index % 2 === 1);
  if (control.strike(site, 'reorderRows') !== undefined) return rows.reverse();
  return rows;
}

/** The state a synchronisation starts from. */
export function strikeState(call: Call, state: SyncState): SyncState {
  const { control } = call.server;
  if (control.armedFaults.length === 0) return state;
  const site = siteOf(call);
  if (control.strike(site, 'invalidSyncState') !== undefined) throw new EwsError('ErrorInvalidSyncStateData');
  if (control.strike(site, 'folderGone') !== undefined) throw new EwsError('ErrorSyncFolderNotFound');
  if (control.strike(site, 'accessDenied') !== undefined) throw new EwsError('ErrorAccessDenied');
  if (control.strike(site, 'rewindSyncState') === undefined) return state;
  return emptyState(state.scope, state.guid, state.folder);
}

/** The changes a synchronisation answers. */
export function strikeChanges(call: Call, changes: readonly ItemChange[]): readonly ItemChange[] {
  const { control } = call.server;
  if (control.armedFaults.length === 0) return changes;
  const site = siteOf(call);
  if (control.strike(site, 'reorderRows') !== undefined) return changes.toReversed();
  if (control.strike(site, 'repeatRows') !== undefined) return [...changes, ...changes].slice(0, 512);
  return changes;
}
