/**
 * Random calls as plain data, so that the same calls can be made to two stores and shrunk to the few that matter. The
 * worlds are tiny (two pairs, five ids, four links): what can collide does.
 */
import fc from 'fast-check';
import type { Kind } from '#model/item.ts';
import type {
  Brake,
  CycleOutcome,
  Feed,
  IntentRow,
  ItemRow,
  JournalEntry,
  Lease,
  LinkRow,
  LocationRow,
  Pair,
  PairId,
  Side,
  StateBatch,
  Store,
} from '../port.ts';
import { feedRow, instant, intentRow, journalEntry, linkRow, locationRow, pairRow, refusal, startMs } from './rows.ts';

export type Call =
  | { readonly kind: 'putPairs'; readonly pairs: readonly Pair[] }
  | { readonly kind: 'dropPair'; readonly pairId: PairId }
  | { readonly kind: 'putLocation'; readonly pairId: PairId; readonly row: LocationRow }
  | {
      readonly kind: 'claim';
      readonly owner: string;
      readonly nowMs: number;
      readonly leaseMs: number;
      readonly limit: number;
    }
  | {
      readonly kind: 'claimPair';
      readonly pairId: PairId;
      readonly owner: string;
      readonly nowMs: number;
      readonly leaseMs: number;
    }
  | { readonly kind: 'renew'; readonly pairId: PairId; readonly age: number; readonly untilMs: number }
  | {
      readonly kind: 'finish';
      readonly pairId: PairId;
      readonly age: number;
      readonly outcome: CycleOutcome;
      readonly nextAtMs: number;
      readonly attempts: number;
    }
  | { readonly kind: 'signal'; readonly pairIds: readonly PairId[]; readonly nowMs: number }
  | { readonly kind: 'commit'; readonly pairId: PairId; readonly age: number; readonly batch: StateBatch }
  | {
      readonly kind: 'releaseBrake';
      readonly pairId: PairId;
      readonly side: Side;
      readonly itemKind: Kind;
      readonly plan: string;
    };

export const pairIds: readonly PairId[] = ['p1', 'p2'];
export const itemKinds: readonly Kind[] = ['contact', 'task'];
export const ids: readonly string[] = ['A', 'a', 'é', '\ufffd', '😀'];
export const linkKeys: readonly string[] = ['k1', 'k2', 'k3', 'k4'];
export const matchKeys: readonly string[] = ['m', 'm,1', '"m"'];
export const callMs: readonly number[] = [0, 10, 20, 30, 40].map((offset) => startMs + offset);

const pairId = fc.constantFrom(...pairIds);
const owner = fc.constantFrom('one', 'two');
const side = fc.constantFrom<Side>('crm', 'mailbox');
const kind = fc.constantFrom(...itemKinds);
const id = fc.constantFrom(...ids);
const linkKey = fc.constantFrom(...linkKeys);
const moment = fc.constantFrom(...callMs);
const epoch = fc.integer({ min: 1, max: 3 });
const text = fc.string({ unit: 'binary', maxLength: 8 });
/** How many leases of the pair were handed out after the one that is used: 0 is the latest. */
const age = fc.constantFrom(0, 0, 0, 0, 1);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const few = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 });

const contact = text.map((given) => ({ kind: 'contact', name: { given } }) as const);

const item: fc.Arbitrary<ItemRow> = fc
  .record({
    side,
    kind,
    id,
    version: text.map((version) => version.replaceAll('\0', '')),
    presence: fc.constantFrom('present', 'present', 'gone', 'out', 'unreadable'),
    evidence: fc.option(fc.constantFrom('tombstone', 'absence'), { nil: undefined }),
    item: maybe(contact),
    facts: maybe(fc.constant({ modifiedAt: instant, owned: false })),
    linkKey: fc.constantFrom(null, null, null, ...linkKeys),
    claimedKey: maybe(linkKey),
    epoch,
    pending: fc.boolean(),
    matchKeys: fc.subarray([...matchKeys]),
    parked: fc.constantFrom(null, null, 'ambiguous'),
  })
  .map(({ evidence, ...row }) => (evidence === undefined ? row : { ...row, evidence }));

const link: fc.Arbitrary<LinkRow> = fc
  .record({
    linkKey,
    kind,
    crm: maybe(id),
    mailbox: maybe(id),
    base: maybe(contact),
    prints: fc.boolean(),
    probeAtMs: maybe(moment),
    held: fc.boolean(),
    make: maybe(contact),
    ended: fc.constantFrom(false, false, true),
  })
  .map((row) => {
    const plain = linkRow(row.linkKey, { kind: row.kind, ids: { crm: row.crm, mailbox: row.mailbox }, base: row.base });
    const quarantine = { fault: refusal, side: 'crm', since: instant, attempts: 1 } as const;
    return {
      ...plain,
      prints: row.prints ? plain.prints : null,
      quarantine: row.probeAtMs === null ? null : { ...quarantine, probeAtMs: row.probeAtMs },
      holds: row.held ? [{ path: 'name', base: null, crm: row.base, mailbox: null, since: instant }] : [],
      ended: row.ended ? { reason: 'removed', at: instant } : null,
      ...(row.make !== null && { make: row.make }),
    };
  });

const feed: fc.Arbitrary<Feed> = fc
  .record({ side, kind, epoch, cursor: maybe(id), listed: fc.boolean() })
  .map((row) => feedRow(row));

const intentId = fc.constantFrom('n1', 'n2', 'n3');

const intent: fc.Arbitrary<IntentRow> = fc
  .record({ intentId, linkKey, attempts: epoch, target: maybe(contact) })
  .map((row) => intentRow(row.intentId, row.linkKey, row));

const entry: fc.Arbitrary<JournalEntry> = fc
  .record({ event: fc.constantFrom('created', 'ended'), kind, side: maybe(side), linkKey: maybe(linkKey), text })
  .map((row) =>
    journalEntry(row.event, { kind: row.kind, side: row.side, linkKey: row.linkKey, detail: { text: row.text } }),
  );

const brake: fc.Arbitrary<Brake> = fc.record({
  side,
  kind,
  work: fc.constantFrom('removals', 'overwrites'),
  count: epoch,
  links: epoch,
  plan: fc.constantFrom('plan-1', 'plan-2'),
  sample: fc.subarray([...linkKeys]),
  since: fc.constant(instant),
  state: fc.constantFrom('held', 'held', 'released', 'cleared'),
});

const batch: fc.Arbitrary<StateBatch> = fc.record(
  {
    feeds: fc.array(feed, { maxLength: 1 }),
    items: few(item),
    seen: few(fc.record({ side, kind, id, epoch })),
    forget: fc.array(fc.record({ side, kind, id }), { maxLength: 1 }),
    links: few(link),
    intents: fc.array(intent, { maxLength: 2 }),
    settled: few(intentId),
    journal: few(entry),
    brakes: fc.array(brake, { maxLength: 1 }),
  },
  { requiredKeys: [] },
);

const pair: fc.Arbitrary<Pair> = fc
  .record({ pairId, mailbox: pairId, enabled: fc.constantFrom(true, true, false), zone: maybe(fc.constant('Etc/UTC')) })
  .map(({ zone, mailbox, ...row }) =>
    pairRow(row.pairId, { ...row, mailbox: `${mailbox}@example.com`, ...(zone === null ? {} : { zone }) }),
  );

const outcome: fc.Arbitrary<CycleOutcome> = fc.constantFrom<CycleOutcome>(
  { at: '2026-03-05T09:00:01Z', result: 'changed', durationMs: 3 },
  { at: '2026-03-05T09:00:02Z', result: 'failed', durationMs: 4, fault: refusal },
);

const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('putPairs' as const), pairs: few(pair) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('dropPair' as const), pairId }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('putLocation' as const),
      pairId,
      row: fc.record({ checkedAtMs: moment, isDoubted: fc.boolean() }).map(locationRow),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      owner,
      nowMs: moment,
      leaseMs: fc.constant(15),
      limit: epoch,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('claimPair' as const),
      pairId,
      owner,
      nowMs: moment,
      leaseMs: fc.constant(15),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew' as const), pairId, age, untilMs: moment }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('finish' as const),
      pairId,
      age,
      outcome,
      nextAtMs: moment,
      attempts: epoch,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('signal' as const), pairIds: few(pairId), nowMs: moment }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('commit' as const), pairId, age, batch }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('releaseBrake' as const),
      pairId,
      side,
      itemKind: kind,
      plan: fc.constantFrom('plan-1', 'plan-2'),
    }),
  },
);

/** Calls on a store that already has both pairs, leased to `one` at the first moment. */
export const calls: fc.Arbitrary<readonly Call[]> = fc.array(call, { maxLength: 30 }).map((rest): readonly Call[] => [
  { kind: 'putPairs', pairs: pairIds.map((each) => pairRow(each)) },
  { kind: 'claim', owner: 'one', nowMs: startMs, leaseMs: 15, limit: 2 },
  // Plain objects: fast-check makes some without prototype, and JSON knows no such thing.
  ...structuredClone(rest),
]);

/** Makes one call; `leases` holds all leases ever handed out, the latest last. */
export async function make(store: Store, call: Call, leases: readonly Lease[]): Promise<unknown> {
  switch (call.kind) {
    case 'putPairs':
      return store.putPairs(call.pairs);
    case 'dropPair':
      return store.dropPair(call.pairId);
    case 'putLocation':
      return store.putLocation(call.pairId, call.row);
    case 'claim':
      return store.claim(call.owner, call.nowMs, call.leaseMs, call.limit);
    case 'claimPair':
      return store.claimPair(call.pairId, call.owner, call.nowMs, call.leaseMs);
    case 'renew':
      return store.renew(leaseOf(leases, call), call.untilMs);
    case 'finish':
      return store.finish(leaseOf(leases, call), call.outcome, call.nextAtMs, call.attempts);
    case 'signal':
      return store.signal(call.pairIds, call.nowMs);
    case 'commit':
      return store.commit(leaseOf(leases, call), call.batch);
    case 'releaseBrake':
      return store.releaseBrake(call.pairId, call.side, call.itemKind, call.plan);
  }
}

function leaseOf(leases: readonly Lease[], call: { readonly pairId: PairId; readonly age: number }): Lease {
  const own = leases.filter((lease) => lease.pairId === call.pairId);
  return own.at(-1 - call.age) ?? { pairId: call.pairId, owner: 'nobody', fence: 0, untilMs: 0 };
}
