/** Conflict resolution by change key, in the order of checks that servers follow. */
import { type Item, type Part, pastChangesMax } from '../../truth/item.ts';
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
 * among those changed since, and refuses it otherwise. What is no longer remembered counts as touched.
 */
export function checkConflict(
  knownChange: number | undefined,
  mode: ConflictMode,
  item: Item,
  touched: ReadonlySet<Part>,
): void {
  if (mode !== 'AutoResolve' || knownChange === undefined || knownChange >= item.change) return;
  const oldest = item.past[0]?.change ?? item.change;
  const isRemembered = item.past.length < pastChangesMax || knownChange >= oldest;
  const clashes = item.past
    .filter((one) => one.change > knownChange)
    .some(({ keys }) => [...touched].some((key) => keys.has(key)));
  if (!isRemembered || clashes) throw new EwsError('ErrorIrresolvableConflict');
}
