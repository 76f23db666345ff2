/**
 * What must be done now and then while Liaison serves: the CRM's change feed forgets what every reader has passed, the
 * journal what is too old, the links their tombstones. Everything in bounded steps beside the passes; nothing depends on it.
 */
import type { Ports } from '#ports/ports.ts';
import type { Database } from '#postgres/database.ts';
import type { PairId, PairStatus, Retention, Store } from '#store/port.ts';
import type { Config } from './config-schema.ts';

const dayMs = 24 * 3_600_000;
const everyMs = dayMs;
/** Not in the first minutes, which belong to the mailboxes. */
const firstMs = 10 * 60_000;
/** A deleted item may come back from the recoverable folder for so long, and be known again by its key. */
const tombstoneKeepMs = 90 * dayMs;

const pagePairs = 500;
const pageRows = 1_000;
/** Steps per pair and day; what is left waits for the next day. */
const stepsMax = 100;

/** Runs until `signal` aborts. A failure is logged and tried again the next day. */
export async function keepHouse(
  crm: Database,
  store: Store,
  journal: Config['journal'],
  ports: Ports,
  signal: AbortSignal,
): Promise<void> {
  await ports.timer.sleep(firstMs, signal);
  while (!signal.aborted) {
    await logged(ports, 'housekeeping.trimmed', () => trimChanges(crm));
    await logged(ports, 'housekeeping.forgotten', () => forgetOld(store, journal, ports.clock.now(), signal));
    await ports.timer.sleep(everyMs, signal);
  }
}

async function logged(ports: Ports, event: string, work: () => Promise<object>): Promise<void> {
  try {
    ports.log({ level: 'info', event, ...(await work()) });
  } catch (error) {
    ports.log({ level: 'warn', event: 'housekeeping.failed', reason: (error as Error).name });
  }
}

async function trimChanges(crm: Database): Promise<{ readonly rows: number }> {
  const [row] = await crm.query<{ readonly forgotten: number }>(
    'housekeeping.trim',
    'select crm.trim_change() as forgotten',
    [],
  );
  return { rows: row?.forgotten ?? 0 };
}

export interface Forgotten {
  readonly entries: number;
  readonly tombstones: number;
}

/** One round over all users. */
export async function forgetOld(
  store: Store,
  { keepDays, keepOverruledDays }: Config['journal'],
  nowMs: number,
  signal: AbortSignal,
): Promise<Forgotten> {
  const retention: Retention = {
    ordinaryBefore: instantOf(nowMs - keepDays * dayMs),
    overruledBefore: instantOf(nowMs - keepOverruledDays * dayMs),
  };
  const endedBefore = instantOf(nowMs - tombstoneKeepMs);
  let entries = 0;
  let tombstones = 0;
  let after: string | null = null;
  for (;;) {
    const page: readonly PairStatus[] = await store.pairs(after, pagePairs);
    for (const { pair } of page) {
      if (signal.aborted) return { entries, tombstones };
      entries += await trimPair(store, pair.pairId, retention);
      tombstones += await retirePair(store, pair.pairId, endedBefore);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pagePairs) return { entries, tombstones };
    after = last.pair.mailbox;
  }
}

async function trimPair(store: Store, pairId: PairId, retention: Retention): Promise<number> {
  let forgotten = 0;
  let after: number | null = 0;
  for (let step = 0; step < stepsMax && after !== null; step += 1) {
    const trimmed = await store.trimJournal(pairId, retention, after, pageRows);
    forgotten += trimmed.forgotten;
    after = trimmed.next;
  }
  return forgotten;
}

async function retirePair(store: Store, pairId: PairId, endedBefore: string): Promise<number> {
  let retired = 0;
  for (let step = 0; step < stepsMax; step += 1) {
    const count = await store.retireTombstones(pairId, endedBefore, pageRows);
    retired += count;
    if (count < pageRows) break;
  }
  return retired;
}

function instantOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
