/**
 * Decides about one link. Pure: the same link, observations and policy give the same decision, whatever the order and
 * the time. Reads the table in `cells.ts`; everything else here turns its action into exact content.
 */

import { type Fault, fault } from '#contract/fault.ts';
import { changedPaths, type Prints, prints, samePrints } from '#model/fingerprint.ts';
import type { Path } from '#model/groups.ts';
import type { Item } from '#model/item.ts';
import { diffPaths, valueAt } from '#model/project.ts';
import { problems } from '#model/validate.ts';
import { type ItemRow, type LinkView, otherSide, type Side } from '#store/port.ts';
import type { Policy } from '../policy.ts';
import { type Cell, cellOf, type State } from './cells.ts';
import { type Loser, merge } from './merge.ts';

/** One write of one side. An update lists the paths that must change to reach the target. */
export interface Write {
  readonly side: Side;
  readonly op: 'create' | 'update' | 'remove';
  readonly target: Item | null;
  readonly paths: readonly Path[];
  /** content: a user's data crosses. stamp: only the link key is put on the item. */
  readonly purpose: 'content' | 'stamp';
}

/**
 * What is to happen to one link.
 * - write: one write, or two (mailbox first) when a merge changes both sides; the base moves after the last.
 * - adopt: both sides hold the same already; only the base moves.
 * - end: the link becomes a tombstone; nothing is written.
 */
export type Decision =
  | { readonly kind: 'nothing'; readonly cell: Cell }
  | { readonly kind: 'wait'; readonly cell: Cell }
  | { readonly kind: 'adopt'; readonly cell: Cell; readonly base: Item; readonly losers: readonly Loser[] }
  | { readonly kind: 'end'; readonly cell: Cell; readonly reason: string }
  | { readonly kind: 'quarantine'; readonly cell: Cell; readonly side: Side; readonly fault: Fault }
  | {
      readonly kind: 'write';
      readonly cell: Cell;
      readonly writes: readonly [Write] | readonly [Write, Write];
      readonly losers: readonly Loser[];
    };

export interface DecideContext {
  readonly policy: Policy;
  /** May this side be written for this kind. */
  readonly mayWrite: (side: Side) => boolean;
}

/** An observation with its prints; null prints when nothing readable is there. */
interface Seen {
  readonly state: State;
  readonly item: Item | null;
  readonly prints: Prints | null;
}

export function decide(view: LinkView, context: DecideContext): Decision {
  const crm = see(view, 'crm');
  const mailbox = see(view, 'mailbox');
  const cell = cellOf(crm.state, mailbox.state);
  switch (cell.action) {
    case 'nothing':
      return { kind: 'nothing', cell };
    case 'wait':
      return { kind: 'wait', cell };
    case 'end':
      return { kind: 'end', cell, reason: cell.id };
    case 'merge':
      return decideMerge(view, cell, { crm, mailbox }, context);
    case 'createInCrm':
      return decideCreate(cell, 'crm', mailbox.item, context);
    case 'createInMailbox':
      return decideCreate(cell, 'mailbox', crm.item, context);
    case 'removeFromCrm':
      return decideRemove(cell, 'crm', context);
    case 'removeFromMailbox':
      return decideRemove(cell, 'mailbox', context);
    case 'editOrDelete':
      return decideEditOrDelete(cell, { crm, mailbox }, context);
    case 'leaveScope':
      return decideLeaveScope(view, cell, crm.state === 'out' ? 'crm' : 'mailbox', context);
  }
}

function see(view: LinkView, side: Side): Seen {
  const row: ItemRow | null = view[side];
  const { base, prints: known } = view.link;
  if (row === null) {
    return { state: base === null ? 'absent' : 'unknown', item: null, prints: null };
  }
  if (row.presence === 'unreadable') return { state: 'unknown', item: null, prints: null };
  if (row.presence !== 'present') return { state: row.presence, item: null, prints: null };
  if (base === null || known === null) {
    return row.item === null
      ? { state: 'unknown', item: null, prints: null }
      : { state: 'new', item: row.item, prints: prints(row.item) };
  }
  if (row.item === null) return { state: 'same', item: base, prints: known[side] };
  const now = prints(row.item);
  return { state: samePrints(now, known[side]) ? 'same' : 'edited', item: row.item, prints: now };
}

type Pairwise = Readonly<Record<Side, Seen>>;

function decideMerge(view: LinkView, cell: Cell, seen: Pairwise, context: DecideContext): Decision {
  const { crm, mailbox } = seen;
  if (crm.item === null || mailbox.item === null || crm.prints === null || mailbox.prints === null) {
    return { kind: 'wait', cell };
  }
  const { base, prints: known } = view.link;
  const merged = merge(
    {
      base: base === null || known === null ? null : { item: base, prints: known },
      crm: { item: crm.item, prints: crm.prints },
      mailbox: { item: mailbox.item, prints: mailbox.prints },
    },
    context.policy,
  );
  const chosen = soundest(merged, { crm: crm.item, mailbox: mailbox.item }, context.policy);
  if (chosen.kind === 'unsound') return { kind: 'quarantine', cell, side: chosen.side, fault: chosen.fault };
  const target = chosen.item;
  const writes: Write[] = [];
  const losers = [...chosen.losers];
  for (const side of ['mailbox', 'crm'] as const) {
    const paths = pathsToReach(target, seen[side], side, view);
    if (!context.mayWrite(side)) losers.push(...notCarried(paths, target, seen[side].item, side));
    else if (paths.length > 0) writes.push({ side, op: 'update', target, paths, purpose: 'content' });
  }
  const [first, second] = writes;
  if (first === undefined) return { kind: 'adopt', cell, base: target, losers };
  return { kind: 'write', cell, writes: second === undefined ? [first] : [first, second], losers };
}

/** An edit against the direction of the kind: it stays where it was made, and whoever overwrites it there never saw it. */
function notCarried(paths: readonly Path[], target: Item, item: Item | null, side: Side): readonly Loser[] {
  return paths.map((path) => ({
    path,
    side: otherSide(side),
    value: valueAt(target, path) ?? null,
    kept: item === null ? null : (valueAt(item, path) ?? null),
    rule: 'oneWay',
  }));
}

/**
 * What must change on this side. A group whose value is the one the side already shows is never written, even when base
 * and observation spell it differently (the server's own rewriting must not be written back).
 */
function pathsToReach(target: Item, seen: Seen, side: Side, view: LinkView): readonly Path[] {
  if (seen.item === null || seen.prints === null) return [];
  const wanted = prints(target);
  const differing = new Set(changedPaths(seen.prints, wanted));
  if (differing.size === 0) return [];
  // Unchanged since the base: the base says what this side holds, apart from its own rewriting.
  const known = view.link.prints?.[side];
  const base = view.link.base;
  if (known !== undefined && base !== null) {
    const baseNow = prints(base);
    for (const path of [...differing]) {
      if (seen.prints[path] === known[path] && wanted[path] === baseNow[path]) differing.delete(path);
    }
    if (differing.size === 0) return [];
  }
  return diffPaths(seen.item, target).filter((path) => covers(differing, path));
}

/** A leaf belongs to a differing group; a map key or whole group is named itself. */
function covers(differing: ReadonlySet<Path>, path: Path): boolean {
  if (differing.has(path)) return true;
  const dot = path.indexOf('.');
  return dot > 0 && differing.has(path.slice(0, dot));
}

type Sound =
  | { readonly kind: 'sound'; readonly item: Item; readonly losers: readonly Loser[] }
  | { readonly kind: 'unsound'; readonly side: Side; readonly fault: Fault };

/** Two sound edits may merge into an unsound item: then the whole item is one conflict, decided by policy. */
function soundest(
  merged: { readonly item: Item; readonly losers: readonly Loser[] },
  items: Readonly<Record<Side, Item>>,
  policy: Policy,
): Sound {
  if (problems(merged.item).length === 0) return { kind: 'sound', ...merged };
  const winner: Side = policy.conflict === 'crmWins' ? 'crm' : 'mailbox';
  for (const side of [winner, otherSide(winner)] as const) {
    if (problems(items[side]).length > 0) continue;
    const other = otherSide(side);
    const losers = diffPaths(items[other], items[side]).map(
      (path): Loser => ({
        path,
        side: other,
        value: null,
        kept: null,
        rule: 'unsoundMerge',
      }),
    );
    return { kind: 'sound', item: items[side], losers };
  }
  return { kind: 'unsound', side: winner, fault: unsound(merged.item) };
}

function unsound(item: Item): Fault {
  const first = problems(item)[0];
  return fault(
    'item.invalid',
    first?.message ?? 'the item is not valid',
    first === undefined ? {} : { path: first.path },
  );
}

function decideCreate(cell: Cell, side: Side, item: Item | null, context: DecideContext): Decision {
  if (item === null) return { kind: 'wait', cell };
  if (!context.mayWrite(side)) return { kind: 'nothing', cell };
  if (problems(item).length > 0) return { kind: 'quarantine', cell, side: otherSide(side), fault: unsound(item) };
  return {
    kind: 'write',
    cell,
    writes: [{ side, op: 'create', target: item, paths: [], purpose: 'content' }],
    losers: [],
  };
}

function decideRemove(cell: Cell, side: Side, context: DecideContext): Decision {
  if (!context.policy.deletions[side] || !context.mayWrite(side)) {
    return { kind: 'end', cell, reason: 'deletionNotCarried' };
  }
  return {
    kind: 'write',
    cell,
    writes: [{ side, op: 'remove', target: null, paths: [], purpose: 'content' }],
    losers: [],
  };
}

function decideEditOrDelete(cell: Cell, seen: Pairwise, context: DecideContext): Decision {
  const edited: Side = seen.crm.state === 'edited' ? 'crm' : 'mailbox';
  if (context.policy.editAgainstDelete === 'deleteWins') return decideRemove(cell, edited, context);
  return decideCreate(cell, otherSide(edited), seen[edited].item, context);
}

function decideLeaveScope(view: LinkView, cell: Cell, leaving: Side, context: DecideContext): Decision {
  const row = view[leaving];
  // Only a person's own act of taking the item away removes its copy; lost access, windows and moves never do.
  const deliberate = row?.outReason === 'unlisted' || row?.outReason === 'reassigned' || row?.outReason === 'converted';
  if (context.policy.scopeExit === 'removeCopy' && deliberate) return decideRemove(cell, otherSide(leaving), context);
  return { kind: 'end', cell, reason: `out.${row?.outReason ?? 'unknown'}` };
}
