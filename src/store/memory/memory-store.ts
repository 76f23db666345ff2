/**
 * The store in memory: the simulation's, and the plainest statement of what the port means. Every call does its work
 * before it returns its promise, so a run with the same calls is the same run.
 */
import { sameJson } from '#model/same-json.ts';
import { byCodePoint } from '#model/text.ts';
import {
  type Brake,
  type Claim,
  type Lease,
  type LocationRow,
  type Pair,
  type PairId,
  type Store,
  subjectOf,
} from '../port.ts';
import { deepFreeze } from './deep-freeze.ts';
import { isTroubled, summaryOf } from './overview.ts';
import type { PairState } from './pair-state.ts';
import { emptyPairState, writeBatch } from './pair-state.ts';
import * as views from './pair-views.ts';
import { retireTombstones, trimJournal } from './retention.ts';
import type { PairRecord } from './schedule.ts';
import {
  claimOf,
  currentRecord,
  dueRecords,
  evicted,
  finished,
  heldByOther,
  leased,
  newRecord,
  ownersOf,
  released,
  signalled,
  statusOf,
} from './schedule.ts';

const noState: PairState = emptyPairState();

/** A new, empty store; what it hands out is frozen. */
export function memoryStore(): Store {
  const records = new Map<PairId, PairRecord>();
  const locations = new Map<PairId, LocationRow>();
  let sequence = 0;
  const nextSequence = () => {
    sequence += 1;
    return sequence;
  };
  const stateOf = (pairId: PairId) => records.get(pairId)?.state ?? noState;
  const take = (record: PairRecord, owner: string, untilMs: number): Claim => {
    const held = leased(record, owner, untilMs);
    records.set(record.pair.pairId, held);
    return claimOf(held, owner);
  };

  return {
    async putPairs(pairs) {
      putPairs(records, pairs);
    },
    async pairs(after, limit, troubled) {
      return [...records.values()]
        .filter((record) => troubled === undefined || isTroubled(record, troubled))
        .filter((record) => after === null || byCodePoint(record.pair.mailbox, after) > 0)
        .sort((one, two) => byCodePoint(one.pair.mailbox, two.pair.mailbox))
        .slice(0, limit)
        .map(statusOf);
    },
    async findPair(name) {
      const all = [...records.values()];
      const found =
        all.find(({ pair }) => pair.mailbox === name.toLowerCase()) ?? all.find(({ pair }) => pair.crmUser === name);
      return found === undefined ? undefined : statusOf(found);
    },
    async dropPair(pairId) {
      records.delete(pairId);
      locations.delete(pairId);
    },
    location: async (pairId) => locations.get(pairId),
    async putLocation(pairId, row) {
      if (records.has(pairId)) locations.set(pairId, deepFreeze(row));
    },

    async claim(owner, nowMs, leaseMs, limit) {
      return dueRecords(records.values(), nowMs, limit).map((record) => take(record, owner, nowMs + leaseMs));
    },
    async claimPair(pairId, owner, nowMs, leaseMs) {
      const record = records.get(pairId);
      if (record === undefined || heldByOther(record, owner, nowMs)) return undefined;
      return take(record, owner, nowMs + leaseMs);
    },
    async owners(nowMs) {
      return ownersOf(records.values(), nowMs);
    },
    async evict(owner, nowMs) {
      for (const [pairId, record] of records) if (record.owner === owner) records.set(pairId, evicted(record, nowMs));
    },
    async renew(lease, untilMs): Promise<Lease> {
      const record = currentRecord(records, lease);
      records.set(lease.pairId, { ...record, leaseUntilMs: untilMs, nextAtMs: untilMs });
      return { ...lease, untilMs };
    },
    async release(lease, nextAtMs) {
      const record = currentRecord(records, lease);
      records.set(lease.pairId, released(record, nextAtMs));
    },
    async finish(lease, outcome, nextAtMs, attempts) {
      const record = currentRecord(records, lease);
      records.set(lease.pairId, finished(record, deepFreeze(outcome), nextAtMs, attempts));
    },
    async signal(pairIds, nowMs) {
      for (const pairId of pairIds) {
        const record = records.get(pairId);
        if (record !== undefined) records.set(pairId, signalled(record, nowMs));
      }
    },
    async nextDueMs() {
      const due = [...records.values()].filter(({ pair }) => pair.enabled).map(({ nextAtMs }) => nextAtMs);
      return due.length === 0 ? undefined : due.reduce((one, two) => Math.min(one, two));
    },

    async commit(lease, batch) {
      writeBatch(currentRecord(records, lease).state, batch, nextSequence);
    },
    feeds: async (pairId) => views.feeds(stateOf(pairId)),
    waiting: async (pairId) => views.waiting(stateOf(pairId)),
    known: async (pairId, ...query) => views.known(stateOf(pairId), ...query),
    links: async (pairId, keys) => views.links(stateOf(pairId), keys),
    pendingLinks: async (pairId, ...query) => views.pendingLinks(stateOf(pairId), ...query),
    unlinked: async (pairId, ...query) => views.unlinked(stateOf(pairId), ...query),
    withMatchKeys: async (pairId, ...query) => views.withMatchKeys(stateOf(pairId), ...query),
    notSeen: async (pairId, ...query) => views.notSeen(stateOf(pairId), ...query),
    intents: async (pairId, ...query) => views.intents(stateOf(pairId), ...query),
    brakes: async (pairId) => views.brakes(stateOf(pairId)),
    async brakedPairs(except, limit) {
      const others = [...records.values()].filter(({ pair }) => pair.pairId !== except);
      const held = others.filter(({ state }) => [...state.brakes.values()].some((brake) => brake.state === 'held'));
      return Math.min(held.length, limit);
    },
    async releaseBrake(pairId, side, kind, plan) {
      const { brakes } = stateOf(pairId);
      const held = [...brakes].filter(
        ([, brake]) => brake.side === side && brake.kind === kind && brake.plan === plan && brake.state === 'held',
      );
      for (const [key, brake] of held) brakes.set(key, Object.freeze<Brake>({ ...brake, state: 'released' }));
      return held.length > 0;
    },

    async ask(pairId, request) {
      const asked = records.get(pairId)?.state.requests;
      const subject = `${request.kind} ${subjectOf(request)}`;
      if (asked === undefined || sameJson(asked.get(subject)?.request, request)) return;
      asked.set(subject, deepFreeze({ number: nextSequence(), request }));
    },
    requests: async (pairId, limit) => views.requests(stateOf(pairId), limit),

    async details(pairIds) {
      const known = [...new Set(pairIds)].filter((pairId) => records.has(pairId));
      return new Map(known.map((pairId) => [pairId, views.details(stateOf(pairId))]));
    },
    summary: async (troubled) => summaryOf([...records.values()], troubled),
    allLinks: async (pairId, ...query) => views.allLinks(stateOf(pairId), ...query),
    tallies: async (pairId) => views.tallies(stateOf(pairId)),
    journal: async (pairId, query) => views.journal(stateOf(pairId), query),
    quarantined: async (pairId, limit) => views.quarantined(stateOf(pairId), limit),
    review: async (pairId, limit) => views.review(stateOf(pairId), limit),
    held: async (pairId, limit) => views.held(stateOf(pairId), limit),

    trimJournal: async (pairId, ...query) => trimJournal(stateOf(pairId), ...query),
    retireTombstones: async (pairId, ...query) => retireTombstones(records.get(pairId), ...query),

    async close() {},
  };
}

/** All or none: the map stays one to one. */
function putPairs(records: Map<PairId, PairRecord>, pairs: readonly Pair[]): void {
  const after = new Map([...records.values()].map(({ pair }) => [pair.pairId, pair]));
  for (const pair of pairs) after.set(pair.pairId, pair);
  refuseTwice([...after.values()].map((pair) => pair.crmUser));
  refuseTwice([...after.values()].map((pair) => pair.mailbox));
  for (const pair of pairs) {
    const record = records.get(pair.pairId);
    deepFreeze(pair);
    records.set(pair.pairId, record === undefined ? newRecord(pair, emptyPairState()) : { ...record, pair });
  }
}

function refuseTwice(names: readonly string[]): void {
  const taken = new Set<string>();
  for (const name of names) {
    if (taken.has(name)) throw new Error(`${name} belongs to another pair`);
    taken.add(name);
  }
}
