/**
 * When each pair is worked on, and by whom: leases with a growing fence number. While a lease runs, `nextAtMs` is its end,
 * so that an expired lease is found like any other pair that is due.
 */
import { byCodePoint } from '#model/text.ts';
import type { Claim, CycleOutcome, Lease, Pair, PairStatus } from '../port.ts';
import { FenceLost } from '../port.ts';
import type { PairState } from './pair-state.ts';

/** One pair with its schedule and its state. Replaced whole, except for the state. */
export interface PairRecord {
  readonly pair: Pair;
  readonly nextAtMs: number;
  readonly owner: string | null;
  readonly leaseUntilMs: number;
  readonly fence: number;
  /** The first signal since the running cycle was claimed. */
  readonly signalledAtMs: number | null;
  readonly attempts: number;
  readonly lastOutcome: CycleOutcome | null;
  readonly lastGoodAt: CycleOutcome['at'] | null;
  readonly state: PairState;
}

export function newRecord(pair: Pair, state: PairState): PairRecord {
  return {
    pair,
    nextAtMs: 0,
    owner: null,
    leaseUntilMs: 0,
    fence: 0,
    signalledAtMs: null,
    attempts: 0,
    lastOutcome: null,
    lastGoodAt: null,
    state,
  };
}

export function statusOf(record: PairRecord): PairStatus {
  const { pair, nextAtMs, attempts, owner, leaseUntilMs, lastOutcome, lastGoodAt } = record;
  return { pair, nextAtMs, attempts, owner, leaseUntilMs, lastOutcome, lastGoodAt };
}

/** Due and enabled pairs, the longest waiting first. */
export function dueRecords(records: Iterable<PairRecord>, nowMs: number, limit: number): readonly PairRecord[] {
  return [...records]
    .filter((record) => record.pair.enabled && record.nextAtMs <= nowMs)
    .sort((one, two) => one.nextAtMs - two.nextAtMs || byCodePoint(one.pair.pairId, two.pair.pairId))
    .slice(0, limit);
}

/** Somebody else's lease that has not run out. */
export function heldByOther(record: PairRecord, owner: string, nowMs: number): boolean {
  return record.owner !== null && record.owner !== owner && record.leaseUntilMs > nowMs;
}

export function leased(record: PairRecord, owner: string, untilMs: number): PairRecord {
  const fence = record.fence + 1;
  return { ...record, owner, fence, leaseUntilMs: untilMs, nextAtMs: untilMs, signalledAtMs: null };
}

export function ownersOf(records: Iterable<PairRecord>, nowMs: number): readonly string[] {
  const owners = new Set<string>();
  for (const { owner, leaseUntilMs } of records) if (owner !== null && leaseUntilMs > nowMs) owners.add(owner);
  return [...owners].sort(byCodePoint);
}

export function evicted(record: PairRecord, nowMs: number): PairRecord {
  return { ...record, owner: null, leaseUntilMs: 0, nextAtMs: nowMs };
}

export function claimOf(record: PairRecord, owner: string): Claim {
  const lease: Lease = { pairId: record.pair.pairId, owner, fence: record.fence, untilMs: record.leaseUntilMs };
  return { lease, pair: record.pair, attempts: record.attempts };
}

/** Throws `FenceLost` unless this lease is the pair's latest and was not ended. */
export function currentRecord(records: ReadonlyMap<string, PairRecord>, lease: Lease): PairRecord {
  const record = records.get(lease.pairId);
  if (record === undefined || record.owner !== lease.owner || record.fence !== lease.fence) {
    throw new FenceLost(`the lease ${lease.fence} of ${lease.owner} on ${lease.pairId} is over`);
  }
  return record;
}

export function released(record: PairRecord, nextAtMs: number): PairRecord {
  return {
    ...record,
    owner: null,
    leaseUntilMs: 0,
    nextAtMs: Math.min(nextAtMs, record.signalledAtMs ?? nextAtMs),
    signalledAtMs: null,
  };
}

export function finished(record: PairRecord, outcome: CycleOutcome, nextAtMs: number, attempts: number): PairRecord {
  return {
    ...released(record, nextAtMs),
    attempts,
    lastOutcome: outcome,
    lastGoodAt: outcome.fault === undefined ? outcome.at : record.lastGoodAt,
  };
}

/**
 * A free pair becomes due; of a leased one the signal is remembered until its cycle is finished, also when the lease has
 * run out, for its owner may finish as long as nobody claimed the pair since.
 */
export function signalled(record: PairRecord, nowMs: number): PairRecord {
  if (record.owner === null) return { ...record, nextAtMs: Math.min(record.nextAtMs, nowMs) };
  return { ...record, signalledAtMs: Math.min(record.signalledAtMs ?? nowMs, nowMs) };
}
