/**
 * A pass that changes nothing: what would it do? The real engine runs against the real sides and the real state, but
 *
 * - its state lives in one database transaction that is always rolled back, so that nothing is remembered;
 * - its connectors answer every write themselves and remember what was asked.
 *
 * What must hold: no write ever reaches a side, and no row of the database changes (a test compares them all). The pair's
 * schedule row stays locked while the rehearsal runs, so no other process starts a pass over the pair meanwhile.
 */
import type { Ports } from '#ports/ports.ts';
import type { Database, Queryable } from '#postgres/database.ts';
import type { JournalEntry, LinkView, Pair, Side, Store } from '#store/port.ts';
import { postgresStore } from '#store/postgres/postgres-store.ts';
import { type Liaison, onePass, type Pass } from './liaison.ts';
import { type PlannedWrite, rehearsalConnector } from './rehearsal-connector.ts';

export interface Rehearsal {
  readonly pass: Pass;
  /** In the order in which they would happen. */
  readonly writes: readonly PlannedWrite[];
  /** What the engine noted while deciding. */
  readonly journal: readonly JournalEntry[];
  /** Links it would set aside, in the order in which they came up; at most `setAsideMax`. */
  readonly setAside: readonly LinkView[];
}

const setAsideMax = 1_000;

/** Undefined when another process works on the pair. */
export async function rehearse(liaison: Liaison, pair: Pair, ports: Ports): Promise<Rehearsal | undefined> {
  return await rolledBack(liaison.database, async (database) => {
    const journal: JournalEntry[] = [];
    const store = overheard(postgresStore(database), journal);
    const { tunables } = liaison.runOptions;
    const claim = await store.claimPair(pair.pairId, 'rehearsal', ports.clock.now(), tunables.leaseMs);
    if (claim === undefined) return undefined;
    const writes: PlannedWrite[] = [];
    const pass = await onePass(claim, {
      ...liaison.runOptions,
      store,
      ports,
      async open(opened, side: Side, visit) {
        const reply = await liaison.open(opened, side, visit);
        return reply.ok
          ? { ok: true, value: rehearsalConnector(reply.value, side, (write) => writes.push(write)) }
          : reply;
      },
    });
    if (pass === undefined) return undefined;
    const aside = new Set(journal.flatMap(({ event, linkKey }) => (event === 'quarantined' && linkKey) || []));
    const setAside = await store.links(pair.pairId, [...aside].slice(0, setAsideMax));
    return { pass, writes, journal, setAside };
  });
}

function overheard(store: Store, journal: JournalEntry[]): Store {
  return {
    ...store,
    async commit(lease, batch) {
      await store.commit(lease, batch);
      journal.push(...(batch.journal ?? []));
    },
  };
}

class RolledBack<T> extends Error {
  readonly value: T;
  constructor(value: T) {
    super('The rehearsal is over.');
    this.value = value;
  }
}

/** Runs `work` on a database all of whose changes are undone when it ends, however it ends. */
export async function rolledBack<T>(database: Database, work: (database: Database) => Promise<T>): Promise<T> {
  try {
    return await database.transaction(async (queryable): Promise<never> => {
      throw new RolledBack(await work(insideOf(queryable)));
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.value as T;
    throw error;
  }
}

/** A database within one transaction of another: its transactions are savepoints, one after the other. */
function insideOf(queryable: Queryable): Database {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
  return {
    query: (name, text, values) => inTurn(() => queryable.query(name, text, values)),
    script: (text) => inTurn(() => queryable.script(text)),
    transaction: (work) =>
      inTurn(async () => {
        await queryable.script('savepoint rehearsal');
        try {
          const value = await work(queryable);
          await queryable.script('release savepoint rehearsal');
          return value;
        } catch (error) {
          await queryable.script('rollback to savepoint rehearsal');
          throw error;
        }
      }),
    close: async () => {},
  };
}
