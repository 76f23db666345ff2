/**
 * The state store as a hostile disk: commits that fail, commits of which nobody knows, snapshots that come back, all of it
 * gone. Underneath is the store in memory; beside it a mirror of what is committed, for the checkers, who must look without
 * taking a turn.
 */
import { memoryStore } from '#store/memory/memory-store.ts';
import { emptyPairState, type PairState, writeBatch } from '#store/memory/pair-state.ts';
import {
  type IntentRow,
  type JournalEntry,
  type Lease,
  type Pair,
  type StateBatch,
  type Store,
  StoreUnavailable,
} from '#store/port.ts';
import type { Mishap } from './script.ts';

export interface Ears {
  /** Waits for its turn. */
  turn<T>(label: string, effect: () => Promise<T>): Promise<T>;
  /** Answers at once unless the process that asks is dead. */
  look<T>(effect: () => Promise<T>): Promise<T>;
  mishap(call: 'commit' | 'look'): Mishap | undefined;
  /** Told of every batch right before it becomes true; may refuse nothing, only complain. */
  committing(lease: Lease, batch: StateBatch, state: PairState): void;
  /** True: the process that commits dies here, and will hear nothing. */
  dies(batch: StateBatch, state: PairState, when: 'before' | 'after'): boolean;
}

const snapshotOwner = 'restore';

export class FlakyStore {
  /** Everything the journal ever said, also what was lost later: it was there to be read. */
  readonly journal: JournalEntry[] = [];
  state: PairState = emptyPairState();
  /** `side kind` of brakes a person let go. */
  readonly releases = new Set<string>();
  commits = 0;
  /** Fence number of the latest claim: nothing may be committed under an older one. */
  fence = 0;
  /** For a planted bug: the lease under which everything is committed, whoever asks. */
  anyLease: Lease | undefined;
  /** Every intent ever recorded: a stalled engine may send what it recorded long ago. */
  readonly intents: IntentRow[] = [];
  readonly #pair: Pair;
  #inner: Store = memoryStore();
  #batches: StateBatch[] = [];
  #sequence = 0;

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  async open(): Promise<void> {
    await this.#inner.putPairs([this.#pair]);
  }

  get inner(): Store {
    return this.#inner;
  }

  get kept(): number {
    return this.#batches.length;
  }

  /** The store as one process sees it. */
  seenBy(ears: Ears): Store {
    const inner = (): Store => this.#inner;
    const guarded = new Proxy({} as Store, {
      get: (_, name) => {
        if (name === 'then') return undefined;
        if (name === 'commit') return (lease: Lease, batch: StateBatch) => this.#commit(ears, lease, batch);
        return (...args: readonly unknown[]) =>
          ears.look(async () => {
            if (ears.mishap('look') !== undefined) throw new StoreUnavailable('the store does not answer');
            return await (inner()[name as keyof Store] as (...all: readonly unknown[]) => Promise<unknown>)(...args);
          });
      },
    });
    return guarded;
  }

  /** F21: the last `commits` commits never happened. */
  async rollBack(commits: number): Promise<void> {
    const kept = this.#batches.slice(0, Math.max(0, this.#batches.length - commits));
    this.#inner = memoryStore();
    this.#batches = [];
    this.state = emptyPairState();
    await this.open();
    const claim = await this.#inner.claimPair(this.#pair.pairId, snapshotOwner, 0, 1);
    if (claim === undefined) throw new Error('a fresh store leases to nobody');
    for (const batch of kept) {
      await this.#inner.commit(claim.lease, batch);
      this.#remember(batch);
    }
    await this.#inner.finish(claim.lease, { at: '2026-01-01T00:00:00Z', result: 'quiet', durationMs: 0 }, 0, 0);
  }

  async #commit(ears: Ears, lease: Lease, batch: StateBatch): Promise<void> {
    await ears.turn(`store.commit ${summary(batch)}`, async () => {
      const mishap = ears.mishap('commit');
      if (mishap !== undefined && mishap.arg % 3 !== 1) throw new StoreUnavailable('the commit failed');
      const inner = this.#inner;
      const before = this.state;
      if (ears.dies(batch, before, 'before')) return;
      // What the batch carries is told from what was there before.
      const dies = ears.dies(batch, before, 'after');
      // The store in memory decides at once; the mirror follows before anybody else has a turn.
      const done = inner.commit(this.anyLease ?? lease, batch);
      let failed: unknown;
      await done.catch((error: unknown) => {
        failed = error;
      });
      if (failed !== undefined) throw failed;
      ears.committing(lease, batch, before);
      this.#remember(batch);
      this.commits += 1;
      this.journal.push(...(batch.journal ?? []));
      this.intents.push(...(batch.intents ?? []));
      if (mishap !== undefined && !dies) throw new StoreUnavailable('nobody knows whether the commit happened');
    });
  }

  #remember(batch: StateBatch): void {
    this.#batches.push(batch);
    writeBatch(this.state, batch, () => {
      this.#sequence += 1;
      return this.#sequence;
    });
  }
}

function summary(batch: StateBatch): string {
  const parts: string[] = [];
  for (const [name, rows] of Object.entries(batch)) if (rows.length > 0) parts.push(`${name}=${rows.length}`);
  return parts.join(' ');
}
