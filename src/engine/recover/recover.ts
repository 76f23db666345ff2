/**
 * Recover: finds out what became of writes whose answer never came, or whose answer was not stored (I6, I8). Runs in every
 * cycle, right after the feeds were read, because a feed that shows our own item with its link key is the cheapest and most
 * reliable evidence; nothing else touches a link while it has an unsettled intent.
 *
 * - create: in the feed already -> settle; else look up by link key; absent -> after the settle time the intent is dropped
 *   and the plan sends again **with the same key**, so a late arrival is recognised as a twin.
 * - update: the item equals the target -> settle; still the expected version -> it never happened; else somebody edited:
 *   superseded, decided anew.
 * - remove: not there -> settle; else decided anew.
 */
import type { ReadOutcome, Snapshot } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import { type Prints, prints } from '#model/fingerprint.ts';
import { groups, type Path } from '#model/groups.ts';
import type { Item } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { valueAt, withValue } from '#model/project.ts';
import { type IntentRow, type ItemRow, type LinkRow, type LinkView, otherSide, type Side } from '#store/port.ts';
import { emptyRows, type Rows, settleRemoved, settleWritten } from '../act/settle.ts';
import { rowOf } from '../observe/observe.ts';
import { readAll } from '../observe/read-all.ts';
import { isWhatWasSent, neverArrived, twinCell } from '../observe/twins.ts';
import { type Domain, instantNow, keepLease, sharedForm, type Task, type Trouble } from '../task.ts';
import { collapse, collapseLate } from './collapse.ts';

const pageIntents = 50;

export interface Recovered {
  readonly trouble: Trouble;
  /** When the earliest unanswered create may be given up; undefined when nothing waits. */
  readonly waitUntilMs: number | undefined;
}

/** @param domains whose items are known well enough to conclude from them */
export async function recover(task: Task, domains: readonly Domain[]): Promise<Recovered> {
  let after: string | null = null;
  let waitUntilMs: number | undefined;
  for (let handled = 0; handled < task.tunables.recoverMax; handled += pageIntents) {
    await keepLease(task);
    const page: readonly IntentRow[] = await task.store.intents(task.pair.pairId, after, pageIntents);
    const last = page[page.length - 1];
    if (last === undefined) break;
    const views = await task.store.links(
      task.pair.pairId,
      page.map((intent) => intent.linkKey),
    );
    const byKey = new Map(views.map((view) => [view.link.linkKey, view]));
    const rows = emptyRows();
    for (const intent of page) {
      const domain = domains.find((one) => one.kind === intent.kind);
      const view = byKey.get(intent.linkKey);
      if (domain === undefined) continue;
      if (view === undefined || intent.state === 'armed') {
        rows.settled.push(intent.intentId);
        continue;
      }
      const fault = await resolve(task, domain, view, intent, rows);
      if (fault === 'waiting') {
        const until = waitEnd(task, intent);
        // After that time it waits for an item that cannot be read now: nothing to come back early for.
        if (until > task.ports.clock.now()) waitUntilMs = Math.min(waitUntilMs ?? until, until);
      } else if (fault !== undefined) {
        await task.store.commit(task.lease, rows);
        return { trouble: { side: intent.side, kind: intent.kind, fault }, waitUntilMs };
      }
    }
    task.ports.crashPoint?.('recover.page.beforeCommit');
    await task.store.commit(task.lease, rows);
    task.ports.crashPoint?.('recover.page.afterCommit');
    after = last.intentId;
  }
  return { trouble: undefined, waitUntilMs };
}

function waitEnd(task: Task, intent: IntentRow): number {
  return (intent.firstSentAtMs ?? 0) + task.connectors[intent.side].capabilities.settleMs;
}

/** @returns a fault when the side cannot be asked, `waiting` when it is too early to tell, undefined when resolved */
async function resolve(
  task: Task,
  domain: Domain,
  view: LinkView,
  intent: IntentRow,
  rows: Rows,
): Promise<Fault | 'waiting' | undefined> {
  if (intent.cell === twinCell) return await collapseLate(task, domain, view, intent, rows);
  if (intent.op === 'create' && view.link.ids[intent.side] === intent.remoteId) {
    return await resolveCreate(task, domain, view, intent, rows);
  }
  const id = view.link.ids[intent.side];
  if (id === null) {
    rows.settled.push(intent.intentId);
    return undefined;
  }
  const reply = await task.connectors[intent.side].read(domain.kind, [id]);
  if (!reply.ok) return reply.fault;
  const outcome = reply.value[0];
  if (outcome === undefined || outcome.kind === 'failed') return 'waiting';
  if (intent.op === 'create') {
    const fault =
      outcome.kind === 'present' ? await collapseOthers(task, domain, view, intent, outcome.snapshot, rows) : undefined;
    if (fault !== undefined) return fault;
    settleFound(task, domain, view, intent, outcome, rows);
  } else if (intent.op === 'update') resolveUpdate(task, domain, view, intent, outcome, rows);
  else resolveRemove(task, domain, view, intent, outcome, rows);
  return undefined;
}

/** The feed did not show the item yet: ask for its key. */
async function resolveCreate(
  task: Task,
  domain: Domain,
  view: LinkView,
  intent: IntentRow,
  rows: Rows,
): Promise<Fault | 'waiting' | undefined> {
  const connector = task.connectors[intent.side];
  const found = await connector.findByLinkKey(domain.kind, intent.linkKey);
  if (!found.ok) return found.fault;
  // The item that was recreated keeps its key in the place where deleted items go; only other ids are ours.
  const ids = found.value.filter((id) => id !== intent.remoteId);
  if (ids.length === 0) {
    if (task.ports.clock.now() < waitEnd(task, intent)) return 'waiting';
    rows.settled.push(intent.intentId);
    note(task, rows, intent, neverArrived, intent.target === null ? {} : { sent: prints(intent.target) });
    return undefined;
  }
  const reply = await readAll(task, domain, intent.side, ids);
  if (!reply.ok) return reply.fault;
  const present = reply.outcomes.filter((one) => one.kind === 'present');
  const [keeper, ...twins] = present;
  if (keeper === undefined) return 'waiting';
  const fault = await collapse(task, domain, intent, untouched(twins, keeper.snapshot, intent, domain), rows);
  if (fault !== undefined) return fault;
  settleFound(task, domain, view, intent, keeper, rows);
  return undefined;
}

/** Late twins of our own create that nobody has edited: path by path as sent, or in the form the kept one has it. */
function untouched(
  twins: readonly Extract<ReadOutcome, { kind: 'present' }>[],
  keeper: Snapshot,
  intent: IntentRow,
  domain: Domain,
): readonly Snapshot[] {
  if (intent.target === null) return [];
  const sent = prints(intent.target);
  const kept = prints(sharedForm(keeper.item, domain));
  return twins
    .map((twin) => twin.snapshot)
    .filter((twin) => isWhatWasSent(prints(sharedForm(twin.item, domain)), sent, kept));
}

/** The feed showed our item; others with the same key may have come of the same create. */
async function collapseOthers(
  task: Task,
  domain: Domain,
  view: LinkView,
  intent: IntentRow,
  keeper: Snapshot,
  rows: Rows,
): Promise<Fault | undefined> {
  const connector = task.connectors[intent.side];
  const found = await connector.findByLinkKey(domain.kind, intent.linkKey);
  if (!found.ok) return found.fault;
  const ids = found.value.filter((id) => id !== intent.remoteId && id !== view.link.ids[intent.side]);
  if (ids.length === 0) return undefined;
  const reply = await readAll(task, domain, intent.side, ids);
  if (!reply.ok) return reply.fault;
  const present = reply.outcomes.filter((one) => one.kind === 'present');
  return await collapse(task, domain, intent, untouched(present, keeper, intent, domain), rows);
}

function settleFound(
  task: Task,
  domain: Domain,
  view: LinkView,
  intent: IntentRow,
  outcome: ReadOutcome,
  rows: Rows,
): void {
  rows.settled.push(intent.intentId);
  if (outcome.kind !== 'present') {
    const deleted = view[intent.side]?.presence === 'gone' && view.link.ids[otherSide(intent.side)] !== null;
    if (intent.target !== null && deleted) seenAndDeleted(view, intent.target, rows);
    return;
  }
  const half = halfWritten(intent.target, outcome.snapshot, domain);
  const written = intent.target === null ? null : withoutOverrides(intent.target, half);
  settleAs(task, domain, view, { ...intent, target: written }, outcome.snapshot, rows, 'create');
  note(task, rows, intent, 'foundByKey');
}

/** The feed showed our create and then its deletion: both sides did hold it, so the deletion is a person's. */
function seenAndDeleted(view: LinkView, target: Item, rows: Rows): void {
  const held = prints(target);
  rows.links.push({ ...view.link, base: target, prints: { crm: held, mailbox: held } });
}

function resolveUpdate(
  task: Task,
  domain: Domain,
  view: LinkView,
  intent: IntentRow,
  outcome: ReadOutcome,
  rows: Rows,
): void {
  rows.settled.push(intent.intentId);
  if (outcome.kind !== 'present' || intent.target === null) return;
  const { snapshot } = outcome;
  if (snapshot.version === intent.expectedVersion) return;
  // Writing a rule or its times makes servers drop all occurrences that differ; else only those named were touched, and
  // any other is missing because somebody took it away.
  const all = intent.paths.includes('when') || intent.paths.includes('recurrence');
  const half = halfWritten(intent.target, snapshot, domain).filter(
    (start) => all || intent.paths.includes(`overrides.${start}`),
  );
  if (intent.paths.length > 0 && reaches(snapshot, intent, domain)) {
    const { base } = view.link;
    // Without a base the two are compared as they are now; with one, only what was written is known to be on both sides.
    if (base === null) superseded(task, domain, view, intent.side, snapshot, rows);
    else {
      const moved = withoutOverrides(withPaths(base, { ...intent, paths: takenOver(view, intent) }), half);
      settleAs(task, domain, view, { ...intent, target: moved }, snapshot, rows, 'update');
    }
    return;
  }
  superseded(task, domain, view, intent.side, snapshot, rows);
  if (half.length > 0) rows.links.push(forgetOverrides(view.link, half));
}

/**
 * The paths whose value the other side has as well. A set that was merged of both sides' additions is on this side only yet:
 * its base stays, and merging it again gives the same set; else the additions made here would look removed there.
 */
function takenOver(view: LinkView, { side, kind, target, paths }: IntentRow): readonly Path[] {
  const other = view[otherSide(side)];
  if (other === null || other.item === null || target === null) return paths;
  const shown = prints(other.item);
  const wanted = prints(target);
  return paths.filter((path) => {
    const isSet = groups[kind].some((group) => group.name === path && group.shape === 'set');
    return !isSet || shown[path] === wanted[path];
  });
}

/** The base as far as this write moved it: the other half of a merge is still to be written. */
function withPaths(base: Item, { target, paths }: IntentRow): Item {
  let moved = base;
  for (const path of paths) moved = withValue(moved, path, valueAt(target as Item, path));
  return normalise(moved);
}

/**
 * A series is written in several steps; one that was cut off lacks occurrences that its target names. Their absence is our
 * own unfinished work, never a person's edit: they leave the base, so that the other side's are seen as new and written.
 */
function halfWritten(target: Item | null, found: Snapshot, domain: Domain): readonly string[] {
  if (target?.kind !== 'event' || target.overrides === undefined) return [];
  const item = sharedForm(found.item, domain);
  const there = item.kind === 'event' ? (item.overrides ?? {}) : {};
  return Object.keys(target.overrides).filter((start) => there[start] === undefined);
}

function withoutOverrides(item: Item, starts: readonly string[]): Item {
  let rest = item;
  for (const start of starts) rest = withValue(rest, `overrides.${start}`, undefined);
  return rest;
}

function forgetOverrides(link: LinkRow, starts: readonly string[]): LinkRow {
  if (link.base === null || link.prints === null) return link;
  const without = (known: Prints): Prints =>
    Object.fromEntries(
      Object.entries(known).filter(([path]) => !starts.some((start) => path === `overrides.${start}`)),
    );
  return {
    ...link,
    base: withoutOverrides(link.base, starts),
    prints: { crm: without(link.prints.crm), mailbox: without(link.prints.mailbox) },
  };
}

function resolveRemove(
  task: Task,
  domain: Domain,
  view: LinkView,
  intent: IntentRow,
  outcome: ReadOutcome,
  rows: Rows,
): void {
  rows.settled.push(intent.intentId);
  // Leaving the user's scope is how a shared record is removed.
  if (outcome.kind === 'gone' || outcome.kind === 'out') {
    const { intentId, cell, target: was } = intent;
    const context = { at: instantNow(task.ports), intentId, cell, was };
    settleRemoved(rows, domain, view, intent.side, context);
  } else if (outcome.kind === 'present' && outcome.snapshot.version !== intent.expectedVersion) {
    superseded(task, domain, view, intent.side, outcome.snapshot, rows);
  }
}

/** Every path the intent wrote has the target's value. */
function reaches(snapshot: Snapshot, intent: IntentRow, domain: Domain): boolean {
  if (intent.target === null) return false;
  const item = sharedForm(snapshot.item, domain);
  const now = prints(item);
  const wanted = prints(intent.target);
  if (intent.op === 'create') return Object.keys(wanted).every((path) => now[path] === wanted[path]);
  const { target } = intent;
  return intent.paths.every((path) => JSON.stringify(valueAt(item, path)) === JSON.stringify(valueAt(target, path)));
}

function settleAs(
  task: Task,
  domain: Domain,
  view: LinkView,
  intent: IntentRow,
  snapshot: Snapshot,
  rows: Rows,
  op: 'create' | 'update',
): void {
  const target = intent.target;
  if (target === null) return;
  const settled = settleWritten(
    rows,
    domain,
    {
      view,
      write: { side: intent.side, op, target, paths: intent.paths, purpose: 'content' },
      second: undefined,
      otherUnsure: true,
      cell: { id: intent.cell, action: 'merge' },
      losers: [],
      holds: [],
    },
    { written: { id: snapshot.id, version: '' }, readBack: snapshot, kept: false },
    {
      at: instantNow(task.ports),
      epoch: view[intent.side]?.epoch ?? 1,
      intentId: intent.intentId,
      op,
      otherUnsure: true,
    },
  );
  // The item that was there first never got its key: it is looked at once more, and stamped then.
  const other = settled[otherSide(intent.side)];
  if (other !== null && other.presence === 'present' && other.claimedKey !== intent.linkKey) {
    rows.items.push({ ...other, pending: true });
  }
}

/** Somebody edited meanwhile: their version becomes the observation. */
function superseded(task: Task, domain: Domain, view: LinkView, side: Side, snapshot: Snapshot, rows: Rows): void {
  const before: ItemRow | null = view[side];
  const { link } = view;
  const known =
    before === null
      ? undefined
      : { ...before, linkKey: link.linkKey, prints: link.prints?.[side] ?? null, quarantined: false };
  const row = rowOf(domain, side, snapshot, known, link.linkKey, before?.epoch ?? 1, task);
  if (row !== undefined) rows.items.push(row);
}

function note(
  task: Task,
  rows: Rows,
  intent: IntentRow,
  event: string,
  more: Readonly<Record<string, unknown>> = {},
): void {
  rows.journal.push({
    at: instantNow(task.ports),
    kind: intent.kind,
    linkKey: intent.linkKey,
    event,
    side: intent.side,
    detail: { intent: intent.intentId, ...more },
  });
}
