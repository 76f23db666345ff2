/**
 * Whether a decision that overruled values or removed an item can be undone now, and what the item would be then. Pure; the
 * command asks it for an answer at once, the cycle before it writes.
 */

import { prints, samePrints } from '#model/fingerprint.ts';
import type { Item } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { diffPaths, valueAt, withValue } from '#model/project.ts';
import { sameJson } from '#model/same-json.ts';
import { problems } from '#model/validate.ts';
import { type JournalRow, type LinkView, otherSide, type Side } from '#store/port.ts';
import type { Loser } from '../plan/merge.ts';
import type { UndoCase } from './undo-case.ts';

/**
 * put: both sides are to hold `target`. make: neither side has it, as far as is known; both are to get it. done: they hold
 * it already. wait: another change is under way. no: it cannot be undone; the reason is a sentence.
 */
export type Undoable =
  | { readonly kind: 'put'; readonly target: Item; readonly losers: readonly Loser[] }
  | { readonly kind: 'make'; readonly item: Item }
  | { readonly kind: 'done' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'no'; readonly reason: string };

export function undoable({ entry, view, isUndone }: UndoCase): Undoable {
  if (entry === undefined) return no('there is no such decision');
  switch (entry.event) {
    case 'removed':
      return removal(entry, view, isUndone);
    case 'keptBoth':
      return no('both versions are there, as two records; delete the one that is too much');
    case 'ended':
      return no('nothing was written when the pair ended: each side still has what it had');
    default:
      return overruling(entry, view);
  }
}

function removal(entry: JournalRow, view: LinkView | undefined, isUndone: boolean): Undoable {
  if (isUndone) return no('it has been undone already');
  const was = entry.detail.was as Item | null | undefined;
  if (was === null || was === undefined) return no('what was removed was not kept');
  if (view === undefined) return no('its pair is forgotten by now, so nobody can tell whether it is still somewhere');
  if (view.link.ended === null) return no('its pair is there');
  const item = normalise(was);
  const [problem] = problems(item);
  return problem === undefined ? { kind: 'make', item } : no(`the record would not be valid: ${problem.message}`);
}

function overruling(entry: JournalRow, view: LinkView | undefined): Undoable {
  const losers = entry.detail.overruled as readonly Loser[] | undefined;
  if (losers === undefined || losers.length === 0) return no('this decision overruled no value');
  if (losers.some(({ rule }) => cannotReturn.has(rule)))
    return no('a side does not take this value, or it was not kept');
  if (view === undefined || view.link.ended !== null) return no('the pair has ended');
  const { base, quarantine } = view.link;
  if (quarantine !== null) return no('the pair is in quarantine');
  if (base === null || !isSettled(view, 'crm') || !isSettled(view, 'mailbox')) return { kind: 'wait' };
  if (losers.every(({ path, value }) => holds(base, path, value))) return { kind: 'done' };
  if (!losers.every(({ path, kept }) => holds(base, path, kept))) return no('it has been changed again since');
  let target = base;
  for (const { path, value } of losers) target = withValue(target, path, value ?? undefined);
  target = normalise(target);
  const [problem] = problems(target);
  if (problem !== undefined) return no(`the record would not be valid: ${problem.message}`);
  if (diffPaths(base, target).length === 0) return { kind: 'done' };
  return { kind: 'put', target, losers: losers.map(reversed) };
}

/** Values that would not pass again, or are not in the journal. */
const cannotReturn: ReadonlySet<string> = new Set(['orphanSingle', 'keptByServer', 'unsoundMerge', 'oneWay']);

function no(reason: string): Undoable {
  return { kind: 'no', reason };
}

/** The side shows what it showed at the base. */
export function isSettled({ link, ...rows }: LinkView, side: Side): boolean {
  const row = rows[side];
  if (row === null || row.presence !== 'present') return false;
  const known = link.prints?.[side];
  return !row.pending || (row.item !== null && known !== undefined && samePrints(prints(row.item), known));
}

function holds(item: Item, path: string, value: unknown): boolean {
  return sameJson(valueAt(item, path) ?? null, value ?? null);
}

/** What the undoing overrules in its turn (I1). */
function reversed({ path, side, value, kept }: Loser): Loser {
  return { path, side: otherSide(side), value: kept, kept: value, rule: 'undone' };
}
