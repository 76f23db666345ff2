/**
 * Decides about one link. Pure: the same link, observations and context give the same decision, whatever the order and
 * the time. Reads the table in `cells.ts`; everything else here turns its action into exact content.
 */

import type { Fault } from '#contract/fault.ts';
import { changedPaths, prints } from '#model/fingerprint.ts';
import { groupOf, type Path } from '#model/groups.ts';
import type { Item, PlainDate } from '#model/item.ts';
import { lastDayOf } from '#model/last-day.ts';
import { normalise } from '#model/normalise.ts';
import { diffPaths, valueAt } from '#model/project.ts';
import { sameJson } from '#model/same-json.ts';
import { problems } from '#model/validate.ts';
import { type Facts, type HeldValue, type LinkView, otherSide, type Side, sides } from '#store/port.ts';
import { type EditAgainstDelete, editAgainstDelete, mayCross, type Policy } from '../policy.ts';
import { type Cell, cellOf } from './cells.ts';
import type { FactsOfBoth } from './conflict.ts';
import { type Loser, merge, schedule } from './merge.ts';
import type { Single } from './orphans.ts';
import { type Pairwise, type Seen, see } from './see.ts';
import { soundest, unsound } from './soundest.ts';

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
 * - hold: an edit against a deletion waits for a person.
 * - split: each item gets a link of its own and crosses as a new one; this link ends.
 * `holds`: groups that wait for a person from now on; the rest of the item goes on.
 * `singles`: occurrences that are to become events of their own.
 */
export type Decision =
  | { readonly kind: 'nothing'; readonly cell: Cell }
  | { readonly kind: 'wait'; readonly cell: Cell }
  | {
      readonly kind: 'adopt';
      readonly cell: Cell;
      readonly base: Item;
      readonly losers: readonly Loser[];
      readonly holds: readonly HeldValue[];
      readonly singles: readonly Single[];
    }
  | { readonly kind: 'end'; readonly cell: Cell; readonly reason: string }
  | { readonly kind: 'quarantine'; readonly cell: Cell; readonly side: Side; readonly fault: Fault }
  | { readonly kind: 'hold'; readonly cell: Cell; readonly edited: Side; readonly item: Item }
  | { readonly kind: 'split'; readonly cell: Cell; readonly losers: readonly Loser[] }
  | {
      readonly kind: 'write';
      readonly cell: Cell;
      readonly writes: readonly [Write] | readonly [Write, Write];
      readonly losers: readonly Loser[];
      readonly holds: readonly HeldValue[];
      readonly singles: readonly Single[];
    };

export interface DecideContext {
  readonly policy: Policy;
  /** May this side be written for this kind. */
  readonly mayWrite: (side: Side) => boolean;
  /** What ended before this date and vanishes from the mailbox was archived; undefined when there is no such date. */
  readonly archivedBefore?: PlainDate | undefined;
}

export function decide(view: LinkView, context: DecideContext): Decision {
  const crm = see(view, 'crm');
  const mailbox = see(view, 'mailbox');
  const cell = cellOf(crm.state, mailbox.state);
  switch (cell.action) {
    case 'nothing':
      if (view.link.holds.some(({ take }) => take !== undefined)) {
        return decideMerge(view, settledCell, { crm, mailbox }, context);
      }
      return { kind: 'nothing', cell };
    case 'wait':
      return { kind: 'wait', cell };
    case 'end':
      if (isToBeMade(view)) return decideMake(view.link.make as Item, context);
      return { kind: 'end', cell, reason: cell.id };
    case 'merge':
      return decideMerge(view, cell, { crm, mailbox }, context);
    case 'createInCrm':
      return decideCreate(cell, 'crm', mailbox.item, context);
    case 'createInMailbox':
      return decideCreate(cell, 'mailbox', crm.item, context);
    case 'removeFromCrm':
      if (isArchived(crm.item, context)) return { kind: 'end', cell, reason: 'archived' };
      return decideRemove(cell, 'crm', context);
    case 'removeFromMailbox':
      return decideRemove(cell, 'mailbox', context);
    case 'editOrDelete':
      return decideEditOrDelete(view, cell, { crm, mailbox }, context);
    case 'leaveScope':
      return decideLeaveScope(view, cell, crm.state === 'out' ? 'crm' : 'mailbox', context);
  }
}

/** No side has changed, but a person has said what is to become of a conflict. */
const settledCell: Cell = { id: 'settled', action: 'merge' };

function decideMerge(view: LinkView, cell: Cell, seen: Pairwise, context: DecideContext): Decision {
  const { crm, mailbox } = seen;
  if (crm.item === null || mailbox.item === null || crm.prints === null || mailbox.prints === null) {
    return { kind: 'wait', cell };
  }
  const { base, prints: known } = view.link;
  // A single event is made on both sides or not at all.
  const mayMake = sides.every(context.mayWrite);
  const merged = merge(
    {
      base: base === null || known === null ? null : { item: base, prints: known },
      crm: { item: crm.item, prints: crm.prints },
      mailbox: { item: mailbox.item, prints: mailbox.prints },
      facts: factsOf(view),
      held: view.link.holds,
    },
    mayMake ? context.policy : { ...context.policy, orphans: 'drop' },
  );
  if (merged.keepBoth && context.mayWrite('crm') && context.mayWrite('mailbox')) {
    return { kind: 'split', cell, losers: merged.losers };
  }
  const chosen = soundest(merged, { crm: crm.item, mailbox: mailbox.item }, factsOf(view), context.policy);
  if (chosen.kind === 'unsound') return { kind: 'quarantine', cell, side: chosen.side, fault: chosen.fault };
  const { item: target, singles } = chosen;
  const holds = [...chosen.holds, ...stillHeld(view, seen, chosen.holds)];
  const writes: Write[] = [];
  const losers = [...chosen.losers];
  for (const side of ['mailbox', 'crm'] as const) {
    const paths: Path[] = [];
    const refused: Path[] = [];
    for (const path of pathsToReach(target, seen[side], side, view)) {
      if (isHeld(path, holds)) continue;
      const allowed = context.mayWrite(side) && mayCross(context.policy, view.link.kind, groupOf(path), side);
      (allowed ? paths : refused).push(path);
    }
    losers.push(...notCarried(refused, target, seen[side].item, side));
    if (paths.length > 0) writes.push({ side, op: 'update', target, paths, purpose: 'content' });
  }
  const [first, second] = writes;
  if (first === undefined) return { kind: 'adopt', cell, base: target, losers, holds, singles };
  return { kind: 'write', cell, writes: second === undefined ? [first] : [first, second], losers, holds, singles };
}

/** What waited for a person before and still does: nobody has settled it, and no side has touched it since. */
function stillHeld(view: LinkView, seen: Pairwise, renewed: readonly HeldValue[]): readonly HeldValue[] {
  const known = view.link.prints;
  return view.link.holds.filter(({ path, take }) => {
    if (path === '' || take !== undefined || renewed.some((one) => one.path === path)) return false;
    return sides.every((side) => seen[side].prints?.[path] === known?.[side][path]);
  });
}

const nothingKnown: Facts = {};

function factsOf(view: LinkView): FactsOfBoth {
  return { crm: view.crm?.facts ?? nothingKnown, mailbox: view.mailbox?.facts ?? nothingKnown };
}

/** Each side keeps what it has there; what belongs together is held together. */
function isHeld(path: Path, holds: readonly HeldValue[]): boolean {
  if (holds.length === 0) return false;
  const isSchedule = schedule.includes(groupOf(path));
  return holds.some(
    (one) => one.path === path || one.path === groupOf(path) || (isSchedule && schedule.includes(groupOf(one.path))),
  );
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
    const baseNow = prints(normalise(base));
    const held = new Set(view.link.holds.map((hold) => hold.path));
    for (const path of [...differing]) {
      // Of what is held, the base says nothing about either side.
      if (held.has(path)) continue;
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

function decideCreate(cell: Cell, side: Side, item: Item | null, context: DecideContext): Decision {
  if (item === null) return { kind: 'wait', cell };
  if (!context.mayWrite(side)) return { kind: 'nothing', cell };
  if (problems(item).length > 0) return { kind: 'quarantine', cell, side: otherSide(side), fault: unsound(item) };
  const target = crossing(item, side, context.policy);
  return {
    kind: 'write',
    cell,
    writes: [{ side, op: 'create', target, paths: [], purpose: 'content' }],
    // What does not go there stays where it was written, until the side with the say overwrites it unseen.
    losers: target === item ? [] : notCarried(diffPaths(target, item), item, null, side),
    holds: [],
    singles: [],
  };
}

const nothingLost = { losers: [], holds: [], singles: [] };

function isToBeMade({ link }: LinkView): boolean {
  return link.make !== undefined && link.base === null && sides.every((side) => link.ids[side] === null);
}

/** Neither side has it yet. Once the first one does, the rest follows like any new item of that side. */
function decideMake(item: Item, context: DecideContext): Decision {
  const cell: Cell = { id: 'make', action: 'merge' };
  if (!sides.every(context.mayWrite)) return { kind: 'end', cell, reason: cell.id };
  if (problems(item).length > 0) return { kind: 'quarantine', cell, side: 'crm', fault: unsound(item) };
  const create = (side: Side): Write => {
    return { side, op: 'create', target: crossing(item, side, context.policy), paths: [], purpose: 'content' };
  };
  return { kind: 'write', cell, writes: [create('mailbox'), create('crm')], ...nothingLost };
}

/** The item without the groups that do not go to this side. */
function crossing(item: Item, side: Side, policy: Policy): Item {
  const { directions } = policy.kinds?.[item.kind] ?? {};
  if (directions === undefined) return item;
  const kept = Object.entries(item).filter(([name]) => name === 'kind' || mayCross(policy, item.kind, name, side));
  return Object.fromEntries(kept) as unknown as Item;
}

/** It ended so long ago that tidying up is more likely than deleting; only the mailbox has such habits. */
function isArchived(item: Item | null, { archivedBefore }: DecideContext): boolean {
  if (archivedBefore === undefined || item === null) return false;
  const end = lastDayOf(item);
  return end !== undefined && end < archivedBefore;
}

function decideRemove(cell: Cell, side: Side, context: DecideContext): Decision {
  if (!context.policy.deletions[side] || !context.mayWrite(side)) {
    return { kind: 'end', cell, reason: 'deletionNotCarried' };
  }
  return {
    kind: 'write',
    cell,
    writes: [{ side, op: 'remove', target: null, paths: [], purpose: 'content' }],
    ...nothingLost,
  };
}

function decideEditOrDelete(view: LinkView, cell: Cell, seen: Pairwise, context: DecideContext): Decision {
  const edited: Side = seen.crm.state === 'edited' ? 'crm' : 'mailbox';
  const { item } = seen[edited];
  if (item === null) return { kind: 'wait', cell };
  if (edited === 'crm' && isArchived(item, context)) return { kind: 'end', cell, reason: 'archived' };
  switch (settledRule(view, edited, item) ?? editAgainstDelete(context.policy, item.kind)) {
    case 'editWins':
      return decideCreate(cell, otherSide(edited), item, context);
    case 'deleteWins':
      return decideRemove(cell, edited, context);
    case 'hold':
      return { kind: 'hold', cell, edited, item };
  }
}

/** What a person said about exactly this edit against the deletion. */
function settledRule({ link }: LinkView, edited: Side, item: Item): EditAgainstDelete | undefined {
  const hold = link.holds.find(({ path }) => path === '');
  if (hold?.take === undefined || !sameJson(hold[edited], item)) return undefined;
  return hold.take === edited ? 'editWins' : 'deleteWins';
}

function decideLeaveScope(view: LinkView, cell: Cell, leaving: Side, context: DecideContext): Decision {
  const row = view[leaving];
  // Only a person's own act of taking the item away removes its copy; lost access, windows and moves never do.
  const deliberate = row?.outReason === 'unlisted' || row?.outReason === 'reassigned' || row?.outReason === 'converted';
  if (context.policy.scopeExit === 'removeCopy' && deliberate) return decideRemove(cell, otherSide(leaving), context);
  return { kind: 'end', cell, reason: `out.${row?.outReason ?? 'unknown'}` };
}
