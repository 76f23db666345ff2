/** Two stores that are given the same calls answer the same; and no answer breaks a law of the port. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Claim, Lease, Side, Store } from '../port.ts';
import { sides } from '../port.ts';
import type { Call } from './random-calls.ts';
import { callMs, calls, ids, itemKinds, linkKeys, make, matchKeys, pairIds } from './random-calls.ts';

/** Registers the comparison with `node:test` under `name`; both stores must be empty when they are opened. */
export function storeEquivalence(
  name: string,
  open: (t: TestContext) => Promise<Store>,
  openReference: (t: TestContext) => Promise<Store>,
  runs: number,
): void {
  describe(name, () => {
    test('the same calls get the same answers and leave the same state', async (t) => {
      const property = fc.asyncProperty(calls, async (made) => {
        await compare(await open(t), await openReference(t), made);
      });
      await fc.assert(property, { numRuns: runs });
    });
  });
}

async function compare(store: Store, reference: Store, made: readonly Call[]): Promise<void> {
  const leases: Lease[] = [];
  const ended = new Set<Lease>();
  for (const call of made) {
    const expected = await answerOf(() => make(reference, call, leases));
    const actual = await answerOf(() => make(store, call, leases));
    assert.deepEqual(actual, expected);
    if (call.kind === 'finish' && expected.error === undefined) {
      for (const lease of leases) if (lease.pairId === call.pairId) ended.add(lease);
    }
    if (call.kind === 'renew' && expected.error === undefined) leases.push(expected.value as Lease);
    if (call.kind === 'dropPair') for (const lease of leases) if (lease.pairId === call.pairId) ended.add(lease);
    if (call.kind === 'claim' || call.kind === 'claimPair') {
      const claims = [(expected.value ?? []) as Claim | readonly Claim[]].flat();
      for (const claim of claims) {
        assertFree(leases, ended, claim.lease, call.nowMs);
        leases.push(claim.lease);
      }
    }
  }
  for (const pairId of pairIds) assert.deepEqual(await stateOf(store, pairId), await stateOf(reference, pairId));
  assert.deepEqual(await store.pairs(null, 10), await reference.pairs(null, 10));
  assert.equal(await store.nextDueMs(), await reference.nextDueMs());
}

/** Invariant of the schedule: nobody gets a pair while another owner's lease is running, and fences only grow. */
function assertFree(leases: readonly Lease[], ended: ReadonlySet<Lease>, lease: Lease, nowMs: number): void {
  const last = leases.findLast((each) => each.pairId === lease.pairId && !ended.has(each));
  if (last === undefined) return;
  assert.ok(last.owner === lease.owner || last.untilMs <= nowMs, 'two owners hold one pair');
  assert.ok(lease.fence > last.fence, 'the fence did not grow');
}

interface Answer {
  readonly value?: unknown;
  readonly error?: string;
}

async function answerOf(work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { value: await work() };
  } catch (error) {
    assert.ok(error instanceof Error);
    return { error: error.name === 'FenceLost' ? 'FenceLost' : 'defect' };
  }
}

/** The answers to every question about a pair. Sequence numbers may have gaps, so only the journal's order counts. */
async function stateOf(store: Store, pairId: string): Promise<object> {
  const journal = await store.journal(pairId, { limit: 1000 });
  const middle = journal[Math.floor(journal.length / 2)];
  const withoutSequence = async (query: object) =>
    (await store.journal(pairId, { limit: 1000, ...query })).map(({ sequence: _, ...entry }) => entry);
  return {
    location: await store.location(pairId),
    feeds: await store.feeds(pairId),
    waiting: await store.waiting(pairId),
    links: await store.links(pairId, linkKeys),
    allLinks: [await store.allLinks(pairId, null, 2), await store.allLinks(pairId, 'k1', 10)],
    intents: [await store.intents(pairId, null, 2), await store.intents(pairId, 'n1', 10)],
    brakes: await store.brakes(pairId),
    braked: await store.brakedPairs(pairId, 5),
    tallies: await store.tallies(pairId),
    quarantined: await store.quarantined(pairId, 3),
    review: await store.review(pairId, 5),
    held: await store.held(pairId, 5),
    journal: await Promise.all(
      [{}, { linkKey: 'k1' }, { event: 'ended' }, { after: middle?.sequence ?? 0 }].map(withoutSequence),
    ),
    byKind: await Promise.all(itemKinds.map((kind) => kindState(store, pairId, kind))),
  };
}

async function kindState(store: Store, pairId: string, kind: (typeof itemKinds)[number]): Promise<object> {
  const bySide = async (side: Side) => ({
    known: new Map([...(await store.known(pairId, side, kind, ids))].sort()),
    unlinked: [await store.unlinked(pairId, kind, side, null, 2), await store.unlinked(pairId, kind, side, 'a', 9)],
    matching: await store.withMatchKeys(pairId, kind, side, matchKeys.slice(1), 2),
    notSeen: [await store.notSeen(pairId, side, kind, 2, null, 2), await store.notSeen(pairId, side, kind, 3, 'A', 9)],
  });
  return {
    pending: [
      await store.pendingLinks(pairId, kind, callMs[1]!, null, 2),
      await store.pendingLinks(pairId, kind, callMs[4]!, 'k1', 9),
    ],
    sides: await Promise.all(sides.map(bySide)),
  };
}
