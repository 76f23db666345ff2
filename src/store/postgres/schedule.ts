/**
 * Table `pair_schedule`: leases, fences, signals. While a lease runs `next_at_ms` is its end, so that an expired lease is
 * found by the same index as any other pair that is due.
 */
import type { Queryable } from '#postgres/database.ts';
import type { Claim, CycleOutcome, Lease, PairId } from '../port.ts';
import { FenceLost } from '../port.ts';
import type { PairColumns } from './pairs.ts';
import { pairColumns, pairOf } from './pairs.ts';

interface ClaimColumns extends PairColumns {
  readonly fence: number;
  readonly attempts: number;
}

function claimOf(row: ClaimColumns, owner: string, untilMs: number): Claim {
  const lease = { pairId: row.pair_id, owner, fence: row.fence, untilMs };
  return { lease, pair: pairOf(row), attempts: row.attempts };
}

/** Rows that another engine is claiming, or committing under, at this moment are passed over. */
export async function claimDue(
  queryable: Queryable,
  owner: string,
  nowMs: number,
  leaseMs: number,
  limit: number,
): Promise<readonly Claim[]> {
  const rows = await queryable.query<ClaimColumns>(
    'schedule.claim',
    `with due as materialized (
       select pair_id, next_at_ms from liaison.pair_schedule
        where enabled and next_at_ms <= $2
        order by next_at_ms, pair_id limit $4
          for no key update skip locked
     ), leased as (
       update liaison.pair_schedule as schedule
          set owner = $1, lease_until_ms = $3, next_at_ms = $3, fence = fence + 1, signalled_at_ms = null
         from due where schedule.pair_id = due.pair_id
       returning schedule.pair_id, schedule.enabled, schedule.fence, schedule.attempts, due.next_at_ms as due_at_ms
     )
     select ${pairColumns}, fence, attempts from leased join liaison.pair using (pair_id) order by due_at_ms, pair_id`,
    [owner, nowMs, nowMs + leaseMs, limit],
  );
  return rows.map((row) => claimOf(row, owner, nowMs + leaseMs));
}

export async function claimPair(
  queryable: Queryable,
  pairId: PairId,
  owner: string,
  nowMs: number,
  leaseMs: number,
): Promise<Claim | undefined> {
  const [row] = await queryable.query<ClaimColumns>(
    'schedule.claimPair',
    `update liaison.pair_schedule as schedule
        set owner = $2, lease_until_ms = $4, next_at_ms = $4, fence = fence + 1, signalled_at_ms = null
       from liaison.pair
      where schedule.pair_id = $1 and pair.pair_id = $1
        and (schedule.owner is null or schedule.owner = $2 or schedule.lease_until_ms <= $3)
     returning ${pairColumns}, fence, attempts`,
    [pairId, owner, nowMs, nowMs + leaseMs],
  );
  return row === undefined ? undefined : claimOf(row, owner, nowMs + leaseMs);
}

/** Who holds leases now. */
export async function leaseOwners(queryable: Queryable, nowMs: number): Promise<readonly string[]> {
  const rows = await queryable.query<{ readonly owner: string }>(
    'schedule.owners',
    'select distinct owner from liaison.pair_schedule where owner is not null and lease_until_ms > $1 order by owner',
    [nowMs],
  );
  return rows.map((row) => row.owner);
}

/** The fence is left to the next claim, which raises it. */
export async function evictOwner(queryable: Queryable, owner: string, nowMs: number): Promise<void> {
  await queryable.query(
    'schedule.evict',
    'update liaison.pair_schedule set owner = null, lease_until_ms = 0, next_at_ms = $2 where owner = $1',
    [owner, nowMs],
  );
}

export async function renewLease(queryable: Queryable, lease: Lease, untilMs: number): Promise<Lease> {
  const rows = await queryable.query(
    'schedule.renew',
    `update liaison.pair_schedule set lease_until_ms = $4, next_at_ms = $4
      where pair_id = $1 and owner = $2 and fence = $3
     returning pair_id`,
    [lease.pairId, lease.owner, lease.fence, untilMs],
  );
  refuseLost(rows, lease);
  return { ...lease, untilMs };
}

/** Like the end of a cycle, but nothing happened. */
export async function releaseLease(queryable: Queryable, lease: Lease, nextAtMs: number): Promise<void> {
  const rows = await queryable.query(
    'schedule.release',
    `update liaison.pair_schedule
        set owner = null, lease_until_ms = 0, next_at_ms = least($4::bigint, signalled_at_ms), signalled_at_ms = null
      where pair_id = $1 and owner = $2 and fence = $3
     returning pair_id`,
    [lease.pairId, lease.owner, lease.fence, nextAtMs],
  );
  refuseLost(rows, lease);
}

/** A signal that came during the cycle takes effect here: the pair is due since that signal. */
export async function finishCycle(
  queryable: Queryable,
  lease: Lease,
  outcome: CycleOutcome,
  nextAtMs: number,
  attempts: number,
): Promise<void> {
  const rows = await queryable.query(
    'schedule.finish',
    `update liaison.pair_schedule
        set owner = null, lease_until_ms = 0, next_at_ms = least($4::bigint, signalled_at_ms), signalled_at_ms = null,
            attempts = $5, last_outcome = $6::json, last_good_at = coalesce($7, last_good_at)
      where pair_id = $1 and owner = $2 and fence = $3
     returning pair_id`,
    [
      lease.pairId,
      lease.owner,
      lease.fence,
      nextAtMs,
      attempts,
      JSON.stringify(outcome),
      outcome.fault === undefined ? outcome.at : null,
    ],
  );
  refuseLost(rows, lease);
}

/**
 * A free pair becomes due; of a leased one the signal is remembered until its cycle is finished, also when the lease has
 * run out, for its owner may finish as long as nobody claimed the pair since. Rows are locked in one order, so that two
 * lists of signals cannot block each other; a signal that changes nothing writes nothing.
 */
export async function signalPairs(queryable: Queryable, pairIds: readonly PairId[], nowMs: number): Promise<void> {
  await queryable.query(
    'schedule.signal',
    `with signalled as materialized (
       select pair_id from liaison.pair_schedule where pair_id = any($1::text[]) order by pair_id for no key update
     )
     update liaison.pair_schedule as schedule
        set next_at_ms = case when owner is null then $2 else next_at_ms end,
            signalled_at_ms = case when owner is null then null else $2 end
       from signalled
      where schedule.pair_id = signalled.pair_id
        and case when owner is null then next_at_ms > $2 else signalled_at_ms is null or signalled_at_ms > $2 end`,
    [pairIds, nowMs],
  );
}

export async function readNextDueMs(queryable: Queryable): Promise<number | undefined> {
  const [row] = await queryable.query<{ next_at_ms: number }>(
    'schedule.nextDue',
    'select next_at_ms from liaison.pair_schedule where enabled order by next_at_ms limit 1',
  );
  return row?.next_at_ms;
}

/**
 * Locks the pair's schedule until the transaction ends, so that nobody can take the pair over in between; a lease that is
 * over throws `FenceLost`.
 */
export async function holdFence(queryable: Queryable, lease: Lease): Promise<void> {
  const rows = await queryable.query(
    'schedule.holdFence',
    `select pair_id from liaison.pair_schedule where pair_id = $1 and owner = $2 and fence = $3 for no key update`,
    [lease.pairId, lease.owner, lease.fence],
  );
  refuseLost(rows, lease);
}

/** The same question without lock, for a batch with nothing to write. */
export async function checkFence(queryable: Queryable, lease: Lease): Promise<void> {
  const rows = await queryable.query(
    'schedule.checkFence',
    `select pair_id from liaison.pair_schedule where pair_id = $1 and owner = $2 and fence = $3`,
    [lease.pairId, lease.owner, lease.fence],
  );
  refuseLost(rows, lease);
}

function refuseLost(rows: readonly object[], lease: Lease): void {
  if (rows.length > 0) return;
  throw new FenceLost(`the lease ${lease.fence} of ${lease.owner} on ${lease.pairId} is over`);
}
