/**
 * What a finished write leaves behind. Pure: rows in, rows out. The base moves only here and in `adopt`, and only to a
 * value that both sides acknowledged (I5); each side's own prints come from what it shows after the write, so that the
 * server's rewriting is never mistaken for an edit.
 */
import type { Snapshot, Written } from '#contract/connector.ts';
import { type Prints, prints, samePrints } from '#model/fingerprint.ts';
import type { Item } from '#model/item.ts';
import { matchKeys } from '#model/match-keys.ts';
import { normalise } from '#model/normalise.ts';
import { valueAt, withValue } from '#model/project.ts';
import {
  type ItemRow,
  type JournalEntry,
  type LinkRow,
  type LinkView,
  otherSide,
  type Side,
  type StateBatch,
} from '#store/port.ts';
import { served } from '../observe/sight.ts';
import { type Domain, sharedForm } from '../task.ts';
import type { Errand } from './act.ts';

/** A batch under construction. */
export interface Rows {
  readonly items: ItemRow[];
  readonly links: LinkRow[];
  readonly forget: NonNullable<StateBatch['forget']>[number][];
  readonly settled: string[];
  readonly journal: JournalEntry[];
}

export function emptyRows(): Rows {
  return { items: [], links: [], forget: [], settled: [], journal: [] };
}

/** A side's prints of the link's value: what it shows, what it showed at the base, or the base itself. */
export function printsOf(view: LinkView, side: Side, base: Item): Prints {
  const row = view[side];
  if (row !== null && row.item !== null) return prints(row.item);
  return view.link.prints?.[side] ?? prints(base);
}

/** What the side holds after a write: read back when possible. */
export interface Landed {
  /** The version is empty when the answer was lost. */
  readonly written: Written;
  readonly readBack: Snapshot | undefined;
  /** The side kept its own value for something that was written. */
  readonly kept: boolean;
}

export interface SettleContext {
  readonly at: string;
  readonly epoch: number;
  readonly intentId: string;
  readonly op: 'create' | 'update';
  /** What the other side shows may not be the target: settled in a later cycle than sent, or it kept a value of its own. */
  readonly otherUnsure: boolean;
}

/**
 * Settles an applied create or update.
 * @returns the link as both sides now stand: the input of a second write or of stamping
 */
export function settleWritten(
  rows: Rows,
  domain: Domain,
  errand: Errand,
  landed: Landed,
  context: SettleContext,
): LinkView {
  const { view, write } = errand;
  const { side } = write;
  const target = write.target as Item;
  const { linkKey } = view.link;
  const { item, pending, version, shown } = landedItem(domain, view.link, side, heldAfter(view, write, landed), landed);
  const before = view.link.ids[side];
  const id = landed.written.id;
  const row: ItemRow = {
    side,
    kind: domain.kind,
    id,
    version,
    presence: 'present',
    item,
    facts: null,
    linkKey,
    claimedKey: linkKey,
    epoch: context.epoch,
    pending: true,
    matchKeys: [],
    parked: null,
  };
  if (before !== null && before !== id) rows.forget.push({ side, kind: domain.kind, id: before });
  rows.journal.push({
    at: context.at,
    kind: domain.kind,
    linkKey,
    event: context.op === 'create' ? 'created' : 'updated',
    side,
    detail: { intent: context.intentId, cell: errand.cell.id, id },
  });
  // Whatever was to be made is there now, on this side at least.
  const { make: _, ...known } = view.link;
  const link: LinkRow = { ...known, ids: { ...known.ids, [side]: id }, quarantine: null };
  const now: LinkView = { ...view, link, [side]: row };
  // Both sides do not hold it before the second write; of what is made on both, the other one may have nothing yet.
  if (errand.second !== undefined || link.ids[otherSide(side)] === null) {
    rows.items.push(row);
    // Whether it is healed the second write will tell; until then its tries are counted on.
    rows.links.push({ ...link, quarantine: view.link.quarantine });
    return { ...now, link: { ...link, quarantine: view.link.quarantine } };
  }
  const other = otherSide(side);
  const otherShown = context.otherUnsure ? expectedOf(view.link, other, target) : printsOf(view, other, target);
  const prints = { crm: shown, mailbox: shown, [other]: otherShown };
  const holds = link.holds.filter(({ path }) => path !== '' && prints.crm[path] !== prints.mailbox[path]);
  const settledLink: LinkRow = { ...link, base: target, prints, holds };
  const settledRow: ItemRow = pending ? row : { ...row, ...served };
  const counterpart = settledCounterpart(view[other], otherShown);
  rows.items.push(settledRow);
  if (counterpart !== null) rows.items.push(counterpart);
  rows.links.push(settledLink);
  return {
    link: settledLink,
    crm: side === 'crm' ? settledRow : counterpart,
    mailbox: side === 'mailbox' ? settledRow : counterpart,
  };
}

/**
 * What the side holds when an update has passed: what it showed, with the paths that were written, and no others. An answer
 * that was lost is settled from a later look, which may show somebody's edit: then the target alone says what was written.
 */
function heldAfter(view: LinkView, { side, op, target, paths }: Errand['write'], { written }: Landed): Item {
  const before = view[side]?.item ?? view.link.base;
  if (op !== 'update' || before === null || written.version === '') return target as Item;
  let item = before;
  for (const path of paths) item = withValue(item, path, valueAt(target as Item, path));
  return normalise(item);
}

/** An observation that says no more than the base has served; a newer one stays pending. */
function settledCounterpart(row: ItemRow | null, shown: Prints): ItemRow | null {
  if (row === null || (row.item !== null && !samePrints(prints(row.item), shown))) return row;
  return { ...row, ...served, pending: row.presence !== 'present' };
}

/** What the other side showed when the write was sent: its own form of the base where the target kept that value. */
function expectedOf(link: LinkRow, side: Side, target: Item): Prints {
  const wanted = prints(target);
  const known = link.prints?.[side];
  if (known === undefined || link.base === null) return wanted;
  const before = prints(link.base);
  const expected: Record<string, string> = {};
  for (const path of new Set([...Object.keys(wanted), ...Object.keys(known)])) {
    // Where the target keeps the base's value (or its absence), the side keeps its own form of it.
    const print = before[path] === wanted[path] ? known[path] : wanted[path];
    if (print !== undefined) expected[path] = print;
  }
  return expected;
}

interface LandedItem {
  readonly item: Item;
  /** Somebody may have edited since: compare it like any observation. */
  readonly pending: boolean;
  readonly version: string;
  /** This side's prints of what was written. */
  readonly shown: Prints;
}

/**
 * What the side holds now. Under the version our write gave it, everything it shows is our value in the server's own form.
 * Under any other version (or none known, after a crash) a difference from what we expect may be somebody's edit: it stays
 * pending against the expected prints.
 */
function landedItem(domain: Domain, link: LinkRow, side: Side, target: Item, landed: Landed): LandedItem {
  const { written, readBack, kept } = landed;
  if (readBack === undefined) {
    const item = written.item === undefined ? target : sharedForm(written.item, domain);
    return { item, pending: false, version: written.version, shown: prints(item) };
  }
  const item = sharedForm(readBack.item, domain);
  const now = prints(item);
  const { version } = readBack;
  if (version === written.version && !kept && !decidedByServer(target, item)) {
    return { item, pending: false, version, shown: now };
  }
  const expected = expectedOf(link, side, target);
  return { item, pending: !samePrints(now, expected), version, shown: expected };
}

/**
 * Differences that are no spelling but a decision of the server: a day of completion it filled in, dates it moved to the
 * rule of a recurring task, a series it moved to the first day of its rule. They cross to the other side like an edit.
 */
function decidedByServer(target: Item, item: Item): boolean {
  if (target.kind === 'task' && item.kind === 'task') {
    return !same(target.progress, item.progress) || !same(target.dates, item.dates);
  }
  if (target.kind !== 'event' || item.kind !== 'event' || target.recurrence === undefined) return false;
  const { when } = target;
  return when.zone === item.when.zone && when.allDay === item.when.allDay && when.start !== item.when.start;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A removal took effect: the link becomes its tombstone. */
export function settleRemoved(
  rows: Rows,
  domain: Domain,
  view: LinkView,
  side: Side,
  context: { readonly at: string; readonly intentId: string; readonly cell: string; readonly was: Item | null },
): void {
  const { link } = view;
  rows.links.push({
    ...link,
    base: null,
    prints: null,
    quarantine: null,
    holds: [],
    ended: { reason: context.cell, at: context.at },
  });
  for (const one of ['crm', 'mailbox'] as const) {
    const id = link.ids[one];
    const back = one === side ? undefined : broughtBack(view[one], link.base);
    if (back !== undefined) rows.items.push(back);
    else if (id !== null) rows.forget.push({ side: one, kind: domain.kind, id });
  }
  rows.journal.push({
    at: context.at,
    kind: domain.kind,
    linkKey: link.linkKey,
    event: 'removed',
    side,
    // What was removed may hold an edit that a deletion overruled: it is kept here (I1).
    detail: { intent: context.intentId, cell: context.cell, id: link.ids[side], was: context.was ?? link.base },
  });
}

/**
 * While the answer of a removal was open, somebody fetched the deleted item of the other side back, under its key: its
 * partner is gone for good, so it is a new item from now on.
 */
function broughtBack(row: ItemRow | null, base: Item | null): ItemRow | undefined {
  const item = row?.item ?? base;
  if (row === null || row.presence !== 'present' || item === null) return undefined;
  return { ...row, item, linkKey: null, pending: true, matchKeys: matchKeys(item), parked: null };
}
