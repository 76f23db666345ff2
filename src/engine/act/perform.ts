/** One batch of writes of one side and one operation: intent, call, read-back, settlement. See `act.ts` for the order. */
import type { Snapshot, WriteOutcome, Written } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import { prints } from '#model/fingerprint.ts';
import { groupOf, type Path } from '#model/groups.ts';
import type { Item } from '#model/item.ts';
import { valueAt } from '#model/project.ts';
import { type IntentRow, type ItemRow, type JournalEntry, type LinkView, otherSide, type Side } from '#store/port.ts';
import { rowOf } from '../observe/observe.ts';
import { readAll } from '../observe/read-all.ts';
import type { Cell } from '../plan/cells.ts';
import type { Write } from '../plan/decide.ts';
import { type Domain, instantNow, sharedForm, type Task, type Trouble } from '../task.ts';
import type { Errand } from './act.ts';
import { noteHolds, noteLosers } from './notes.ts';
import { concernsItem, isConflict, quarantineOf } from './quarantine.ts';
import { emptyRows, type Rows, settleRemoved, settleWritten } from './settle.ts';
import { singleLinks } from './singles.ts';

export interface Performed {
  readonly applied: number;
  readonly conflicts: number;
  /** What must follow: the second half of a merge, or the stamping of a key. */
  readonly next: readonly Errand[];
  readonly trouble: Trouble;
}

type Op = IntentRow['op'];
type Outcome = WriteOutcome<Written | null>;

export async function performBatch(
  task: Task,
  domain: Domain,
  side: Side,
  op: Op,
  errands: readonly Errand[],
): Promise<Performed> {
  const intents = errands.map((errand) => intentOf(task, domain, errand));
  const overruled = { journal: [] as JournalEntry[] };
  for (const { view, losers } of errands) {
    noteLosers(overruled, domain, view.link.linkKey, losers, instantNow(task.ports));
  }
  const made = errands.map(({ view, singles = [] }) => ({ linkKey: view.link.linkKey, singles }));
  const { links, journal } = await singleLinks(task, made);
  overruled.journal.push(...journal);
  task.ports.crashPoint?.('act.intent.beforeCommit');
  await task.store.commit(task.lease, { intents, links, ...overruled });
  task.ports.crashPoint?.('act.intent.afterCommit');
  const outcomes = await send(task, domain, side, op, errands);
  task.ports.crashPoint?.('act.afterSend');
  const { found: readBack, fault: unread } = await readBackOf(task, domain, side, op, errands, outcomes);
  task.ports.crashPoint?.('act.afterReadBack');

  const rows = emptyRows();
  const next: Errand[] = [];
  const stale: Errand[] = [];
  let applied = 0;
  let trouble: Trouble;
  for (const [index, errand] of errands.entries()) {
    const intent = intents[index] as IntentRow;
    const outcome = outcomes[index] ?? unanswered;
    if (outcome.kind === 'unknown') {
      // The intent stays: recovery finds out what became of it.
      trouble ??= { side, kind: domain.kind, fault: outcome.fault };
      continue;
    }
    rows.settled.push(intent.intentId);
    if (outcome.kind === 'applied') {
      applied += 1;
      next.push(...settle(task, domain, rows, errand, intent, outcome.value, readBack));
    } else if (errand.write.purpose === 'stamp') {
      // Nobody's data depends on a stamp; the next write of this item carries it.
      if (!concernsItem(outcome.fault)) trouble ??= { side, kind: domain.kind, fault: outcome.fault };
    } else if (isConflict(outcome.fault)) {
      stale.push(errand);
    } else if (concernsItem(outcome.fault)) {
      setAside(task, domain, rows, errand.view, side, outcome.fault);
    } else {
      trouble ??= { side, kind: domain.kind, fault: outcome.fault };
    }
  }
  const looked = await lookAgain(task, domain, side, stale, rows);
  const { conflicts } = looked;
  // A side that asks to be left alone while it is read is left alone with the next write too (I17).
  const silent = unread ?? looked.fault;
  if (silent !== undefined) trouble ??= { side, kind: domain.kind, fault: silent };
  await task.store.commit(task.lease, rows);
  task.ports.crashPoint?.('act.settle.afterCommit');
  return { applied, conflicts, next, trouble };
}

const unanswered: Outcome = {
  kind: 'unknown',
  fault: fault('server.garbled', 'the side did not answer for this record'),
};

function intentOf(task: Task, domain: Domain, errand: Errand): IntentRow {
  const { view, write, cell } = errand;
  return {
    intentId: `${view.link.linkKey}.${write.side}.${task.lease.fence}.${task.ports.clock.now()}`,
    linkKey: view.link.linkKey,
    kind: domain.kind,
    side: write.side,
    op: write.op,
    state: 'sent',
    remoteId: view.link.ids[write.side],
    expectedVersion: view[write.side]?.version ?? null,
    // For a removal: what will be lost with the item, should its answer be lost as well.
    target: write.op === 'remove' ? (view[write.side]?.item ?? null) : write.target,
    paths: write.paths,
    firstSentAtMs: task.ports.clock.now(),
    attempts: 1,
    cell: cell.id,
  };
}

async function send(
  task: Task,
  domain: Domain,
  side: Side,
  op: Op,
  errands: readonly Errand[],
): Promise<readonly Outcome[]> {
  const connector = task.connectors[side];
  switch (op) {
    case 'create':
      return await connector.create(
        domain.kind,
        errands.map(({ view, write }) => ({ linkKey: view.link.linkKey, item: write.target as Item })),
      );
    case 'update':
      return await connector.update(
        domain.kind,
        errands.map(({ view, write }) => {
          const row = view[side] as ItemRow;
          const { linkKey } = view.link;
          const update = { id: row.id, version: row.version, target: write.target as Item, paths: write.paths };
          return row.claimedKey === linkKey ? update : { ...update, linkKey };
        }),
      );
    case 'remove':
      return await connector.remove(
        domain.kind,
        errands.map(({ view }) => {
          const row = view[side] as ItemRow;
          return { id: row.id, version: row.version };
        }),
      );
  }
}

/** What the side made of our values, by id; empty when its answers already said so, or when it cannot be read now. */
async function readBackOf(
  task: Task,
  domain: Domain,
  side: Side,
  op: Op,
  errands: readonly Errand[],
  outcomes: readonly Outcome[],
): Promise<{ readonly found: ReadonlyMap<string, Snapshot>; readonly fault: Fault | undefined }> {
  const found = new Map<string, Snapshot>();
  const connector = task.connectors[side];
  if (op === 'remove' || connector.capabilities.writesReturnItem) return { found, fault: undefined };
  const ids: string[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const content = errands[index]?.write.purpose === 'content';
    if (content && outcome.kind === 'applied' && outcome.value !== null) ids.push(outcome.value.id);
  }
  for (let start = 0; start < ids.length; start += connector.capabilities.batch.read) {
    const reply = await connector.read(domain.kind, ids.slice(start, start + connector.capabilities.batch.read));
    if (!reply.ok) return { found, fault: reply.fault };
    for (const one of reply.value) if (one.kind === 'present') found.set(one.snapshot.id, one.snapshot);
  }
  return { found, fault: undefined };
}

/** Records one applied write; answers what must follow it. */
function settle(
  task: Task,
  domain: Domain,
  rows: Rows,
  errand: Errand,
  intent: IntentRow,
  written: Written | null,
  readBack: ReadonlyMap<string, Snapshot>,
): readonly Errand[] {
  const at = instantNow(task.ports);
  const { view, write, cell, second } = errand;
  const { side } = write;
  if (written === null) {
    settleRemoved(rows, domain, view, side, { at, intentId: intent.intentId, cell: intent.cell, was: intent.target });
    return [];
  }
  if (write.purpose === 'stamp') {
    const row = view[side] as ItemRow;
    rows.items.push({ ...row, version: written.version, claimedKey: view.link.linkKey });
    return [];
  }
  const found = readBack.get(written.id);
  const kept = found === undefined ? [] : keptPaths(domain, errand, found);
  if (found !== undefined && kept.length > 0) noteKept(task, domain, rows, errand, found, kept);
  const link = noteHolds(rows, view.link, errand.holds, at);
  const now = settleWritten(
    rows,
    domain,
    { ...errand, view: { ...view, link } },
    { written, readBack: found, kept: kept.length > 0 },
    {
      at,
      epoch: view[side]?.epoch ?? 1,
      intentId: intent.intentId,
      op: write.op === 'create' ? 'create' : 'update',
      otherUnsure: errand.otherUnsure,
    },
  );
  if (second !== undefined) {
    return [
      {
        ...errand,
        view: now,
        write: second,
        second: undefined,
        losers: [],
        holds: [...now.link.holds],
        singles: [],
        otherUnsure: kept.length > 0,
      },
    ];
  }
  return stampsFor(now, cell);
}

/**
 * Paths that were to be written but still show what they showed before: the side accepted the write and kept its own value
 * (the organizer's part of somebody else's meeting, the next instance of a completed recurring task). Its value wins: it is
 * left pending, as if somebody had put it back, and crosses like any edit. Where the side showed its own rewriting of the
 * base before, nothing can be concluded from seeing it again.
 */
function keptPaths(domain: Domain, { view, write }: Errand, found: Snapshot): readonly Path[] {
  if (write.op !== 'update' || write.target === null) return [];
  const row = view[write.side];
  const before = row !== null && row.item !== null ? prints(row.item) : view.link.prints?.[write.side];
  if (before === undefined) return [];
  const base = view.link.base === null ? before : prints(view.link.base);
  const now = prints(sharedForm(found.item, domain));
  const wanted = prints(write.target);
  return write.paths.filter((path) => {
    const print = path in now || path in wanted ? path : groupOf(path);
    return now[print] === before[print] && before[print] === base[print] && now[print] !== wanted[print];
  });
}

/** The value that did not pass stays in the journal. */
function noteKept(
  task: Task,
  domain: Domain,
  rows: Rows,
  { view, write }: Errand,
  found: Snapshot,
  paths: readonly Path[],
): void {
  const target = write.target as Item;
  const stored = sharedForm(found.item, domain);
  const overruled = paths.map((path) => ({
    path,
    side: otherSide(write.side),
    value: valueAt(target, path) ?? null,
    kept: valueAt(stored, path) ?? null,
    rule: 'keptByServer',
  }));
  rows.journal.push({
    at: instantNow(task.ports),
    kind: domain.kind,
    linkKey: view.link.linkKey,
    event: 'conflict',
    side: null,
    detail: { overruled },
  });
}

/** Both items carry the link's key in the end, so that links can be found again even if all local state is lost. */
export function stampsFor(view: LinkView, cell: Cell): readonly Errand[] {
  const errands: Errand[] = [];
  for (const side of ['mailbox', 'crm'] as const) {
    const row = view[side];
    if (row === null || row.pending || row.presence !== 'present' || row.claimedKey === view.link.linkKey) continue;
    const write: Write = { side, op: 'update', target: view.link.base, paths: [], purpose: 'stamp' };
    errands.push({ view, write, second: undefined, otherUnsure: false, cell, losers: [], holds: [] });
  }
  return errands;
}

function setAside(task: Task, domain: Domain, rows: Rows, view: LinkView, side: Side, trouble: Fault): void {
  rows.links.push({ ...view.link, quarantine: quarantineOf(task, view.link, side, trouble) });
  rows.journal.push({
    at: instantNow(task.ports),
    kind: domain.kind,
    linkKey: view.link.linkKey,
    event: 'quarantined',
    side,
    detail: { code: trouble.code, message: trouble.message, path: trouble.path, source: trouble.source },
  });
}

/** Reads the items that were not as we knew them; what is found becomes their observation. */
async function lookAgain(
  task: Task,
  domain: Domain,
  side: Side,
  stale: readonly Errand[],
  rows: Rows,
): Promise<{ readonly conflicts: number; readonly fault: Fault | undefined }> {
  const ids = stale.flatMap(({ view }) => view.link.ids[side] ?? []);
  if (ids.length === 0) return { conflicts: 0, fault: undefined };
  const reply = await readAll(task, domain, side, ids);
  if (!reply.ok) return { conflicts: 0, fault: reply.fault };
  let found = 0;
  for (const outcome of reply.outcomes) {
    if (outcome.kind !== 'present') continue;
    const errand = stale.find(({ view }) => view.link.ids[side] === outcome.snapshot.id);
    const before = errand?.view[side];
    if (errand === undefined || before === null || before === undefined) continue;
    const { link } = errand.view;
    const known = {
      version: before.version,
      presence: before.presence,
      epoch: before.epoch,
      pending: true,
      linkKey: link.linkKey,
      prints: link.prints?.[side] ?? null,
      quarantined: false,
    } as const;
    const row = rowOf(domain, side, outcome.snapshot, known, link.linkKey, before.epoch, task);
    if (row === undefined) continue;
    rows.items.push(row);
    if (row.version !== before.version) found += 1;
  }
  return { conflicts: found, fault: undefined };
}
