/** Conflict resolution by change key, in the order of checks that servers follow. */
import type { Item, Part } from '../../truth/item.ts';
import { EwsError } from './ews-error.ts';

export type ConflictMode = 'NeverOverwrite' | 'AutoResolve' | 'AlwaysOverwrite';

/** Before anything is applied: a key must have been sent, and NeverOverwrite needs the current one. */
export function requireKey(knownChange: number | undefined, mode: ConflictMode, item: Item): void {
  if (mode === 'AlwaysOverwrite') return;
  if (knownChange === undefined) throw new EwsError('ErrorChangeKeyRequiredForWriteOperations');
  if (mode === 'NeverOverwrite' && knownChange !== item.change) throw new EwsError('ErrorIrresolvableConflict');
}

/**
 * After the update was applied to its draft: AutoResolve merges a stale write when the properties it touches are not
 * among those changed since. Answers how many of them were merged over a change, which is 0 or the write is refused.
 */
export function checkConflict(
  knownChange: number | undefined,
  mode: ConflictMode,
  item: Item,
  touched: ReadonlySet<Part>,
): number {
  if (mode !== 'AutoResolve' || knownChange === undefined || knownChange >= item.change) return 0;
  const since = item.past.filter((one) => one.change > knownChange);
  const oldest = item.past[0]?.change ?? item.change;
  const isComplete = item.past.length > 0 && (knownChange >= oldest || sinceCreation(item, knownChange));
  if (!isComplete) throw new EwsError('ErrorIrresolvableConflict');
  for (const { keys } of since) {
    for (const key of touched) if (keys.has(key)) throw new EwsError('ErrorIrresolvableConflict');
  }
  return 0;
}

/** All changes since the item's creation are still remembered when fewer than the limit were ever made. */
function sinceCreation(item: Item, knownChange: number): boolean {
  return knownChange < item.change && item.past.length < 8;
}
