/** The words of the port about leases, fences and signals. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { CycleOutcome, Lease, Store } from '../port.ts';
import { FenceLost } from '../port.ts';
import { claimNew, claimNow, instant, itemRow, leaseMs, pairRow, refusal, startMs } from './rows.ts';

const quiet: CycleOutcome = { at: instant, result: 'quiet', durationMs: 12 };

/** Far beyond every moment of these tests. */
const laterMs = startMs + 86_400_000;

export function scheduleConformance(open: (t: TestContext) => Promise<Store>): void {
  leaseConformance(open);
  orderConformance(open);
  signalConformance(open);
}

function leaseConformance(open: (t: TestContext) => Promise<Store>): void {
  test('a mailbox is worked on by one engine at a time', async (t) => {
    const store = await open(t);
    await store.putPairs([pairRow('p1')]);
    const [claim] = await store.claim('one', startMs, leaseMs, 10);
    assert.equal(claim?.lease.untilMs, startMs + leaseMs);
    assert.deepEqual(await store.claim('two', startMs + leaseMs - 1, leaseMs, 10), []);
    assert.equal(await store.claimPair('p1', 'two', startMs + leaseMs - 1, leaseMs), undefined);
    assert.equal((await store.findPair('LOGIN-p1'))?.owner, 'one');
    assert.equal((await store.findPair('LOGIN-p1'))?.leaseUntilMs, startMs + leaseMs);
  });

  test('a mailbox whose engine died is taken over when the lease has run out', async (t) => {
    const store = await open(t);
    const first = await claimNew(store, 'p1');
    const [second] = await store.claim('two', startMs + leaseMs, leaseMs, 10);
    assert.equal(second?.lease.owner, 'two');
    assert.ok(second.lease.fence > first.fence);
    const third = await store.claimPair('p1', 'three', startMs + 2 * leaseMs, leaseMs);
    assert.ok(third!.lease.fence > second.lease.fence);
  });

  test('the mailboxes of an engine known to be dead are due at once, and its own lease is worthless', async (t) => {
    const store = await open(t);
    const dead = await claimNew(store, 'p1');
    assert.deepEqual(await store.owners(startMs), ['one']);
    assert.deepEqual(await store.owners(startMs + leaseMs), []);
    await store.evict('two', startMs);
    assert.deepEqual(await store.claim('three', startMs, leaseMs, 10), []);
    await store.evict('one', startMs);
    assert.deepEqual(await store.owners(startMs), []);
    await assertPowerless(store, dead);
    const [claim] = await store.claim('three', startMs, leaseMs, 10);
    assert.ok(claim!.lease.fence > dead.fence);
    await assertPowerless(store, dead);
  });

  test('a lease given back unused books nothing, and a signal that came meanwhile counts', async (t) => {
    const store = await open(t);
    const first = await claimNew(store, 'p1');
    await store.release(first, startMs + 5_000);
    assert.equal((await store.findPair('LOGIN-p1'))?.lastOutcome, null);
    assert.equal((await store.findPair('LOGIN-p1'))?.nextAtMs, startMs + 5_000);
    await assertPowerless(store, first);
    const { lease: second } = await claimNow(store, 'p1', 'one', startMs + 1);
    await store.signal(['p1'], startMs + 2);
    await store.release(second, startMs + 9_000);
    assert.equal((await store.findPair('LOGIN-p1'))?.nextAtMs, startMs + 2);
    await assert.rejects(store.release(second, startMs), FenceLost);
  });

  test('an engine that lost its lease can change nothing', async (t) => {
    const store = await open(t);
    const lost = await claimNew(store, 'p1');
    const { lease: held } = await claimNow(store, 'p1', 'two', startMs + leaseMs);
    await assertPowerless(store, lost);
    await store.commit(held, { items: [itemRow('i1')] });
    assert.equal((await store.findPair('LOGIN-p1'))?.owner, 'two');
  });

  test('an engine that took the lease anew leaves its own older one worthless', async (t) => {
    const store = await open(t);
    const older = await claimNew(store, 'p1');
    const { lease: newer } = await claimNow(store, 'p1', 'one', startMs + 1);
    assert.ok(newer.fence > older.fence);
    await assertPowerless(store, older);
    await store.commit(newer, { items: [itemRow('i1')] });
  });

  test('a lease is worthless once its cycle was finished', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.finish(lease, quiet, laterMs, 0);
    await assertPowerless(store, lease);
    const status = await store.findPair('LOGIN-p1');
    assert.deepEqual([status?.owner, status?.leaseUntilMs, status?.nextAtMs], [null, 0, laterMs]);
  });

  test('a lease with a made-up owner or fence number is worthless', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await assertPowerless(store, { ...lease, owner: 'two' });
    await assertPowerless(store, { ...lease, fence: lease.fence + 1 });
    await assertPowerless(store, { ...lease, pairId: 'nobody00' });
  });

  test('a lease that is renewed in time holds on', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const renewed = await store.renew(lease, startMs + 3 * leaseMs);
    assert.deepEqual(renewed, { ...lease, untilMs: startMs + 3 * leaseMs });
    assert.deepEqual(await store.claim('two', startMs + 2 * leaseMs, leaseMs, 10), []);
    assert.equal(await store.claimPair('p1', 'two', startMs + 2 * leaseMs, leaseMs), undefined);
    await store.commit(lease, { items: [itemRow('i1')] });
    assert.equal((await store.claim('two', startMs + 3 * leaseMs, leaseMs, 10)).length, 1);
  });

  test('a late engine may still finish while nobody has taken over', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, { items: [itemRow('i1')] });
    await store.finish(lease, quiet, laterMs, 0);
    assert.equal(await store.nextDueMs(), laterMs);
  });

  test('many engines that reach for the same mailboxes at once never share one', async (t) => {
    const store = await open(t);
    const pairIds = Array.from({ length: 30 }, (_, index) => `p${index}`);
    await store.putPairs(pairIds.map((pairId) => pairRow(pairId)));
    const claimed: string[] = [];
    for (let round = 0; round < 10 && claimed.length < pairIds.length; round += 1) {
      const engines = Array.from({ length: 6 }, (_, index) => store.claim(`e${index}`, startMs, leaseMs, 2));
      claimed.push(...(await Promise.all(engines)).flat().map((claim) => claim.pair.pairId));
    }
    assert.deepEqual(claimed.sort(), pairIds.sort());
  });

  test('of many engines that want one mailbox now, one gets it', async (t) => {
    const store = await open(t);
    await store.putPairs([pairRow('p1')]);
    const claims = await Promise.all(
      Array.from({ length: 6 }, (_, index) => store.claimPair('p1', `e${index}`, startMs, leaseMs)),
    );
    assert.equal(claims.filter((claim) => claim !== undefined).length, 1);
  });

  test('a batch that races with a takeover is written whole or not at all', async (t) => {
    const store = await open(t);
    let lease = await claimNew(store, 'p1', 'e0');
    for (let round = 1; round <= 10; round += 1) {
      const items = Array.from({ length: 40 }, (_, index) => itemRow(`r${round}-${index}`));
      const [commit, claim] = await Promise.allSettled([
        store.commit(lease, { items }),
        store.claimPair('p1', `e${round}`, startMs + round * leaseMs, leaseMs),
      ]);
      if (commit.status === 'rejected') assert.ok(commit.reason instanceof FenceLost, String(commit.reason));
      const ids = items.map((item) => item.id);
      const written = (await store.known('p1', 'mailbox', 'contact', ids)).size;
      assert.equal(written, commit.status === 'fulfilled' ? items.length : 0);
      assert.ok(claim.status === 'fulfilled' && claim.value !== undefined);
      lease = claim.value.lease;
    }
  });
}

function orderConformance(open: (t: TestContext) => Promise<Store>): void {
  test('a new mailbox is due at once, and the one that waits longest comes first', async (t) => {
    const store = await open(t);
    for (const [pairId, nextAtMs] of [
      ['p1', 300],
      ['p2', 100],
      ['p3', 200],
      ['p4', 5000],
    ] as const) {
      const lease = await claimNew(store, pairId);
      await store.finish(lease, quiet, startMs + nextAtMs, 0);
    }
    await store.putPairs([pairRow('p5')]);
    const first = await store.claim('one', startMs + 1000, leaseMs, 3);
    const second = await store.claim('one', startMs + 1000, leaseMs, 3);
    const order = (claims: typeof first) => claims.map((claim) => claim.pair.pairId);
    assert.deepEqual([order(first), order(second)], [['p5', 'p2', 'p3'], ['p1']]);
    assert.equal(await store.nextDueMs(), startMs + 5000);
  });

  test('a mailbox that is switched off is not started, unless a person asks for it', async (t) => {
    const store = await open(t);
    await store.putPairs([pairRow('p1', { enabled: false })]);
    assert.deepEqual(await store.claim('one', laterMs, leaseMs, 10), []);
    assert.equal(await store.nextDueMs(), undefined);
    assert.equal((await claimNow(store, 'p1', 'one')).pair.enabled, false);
    await store.putPairs([pairRow('p1')]);
    assert.notEqual(await store.nextDueMs(), undefined);
  });

  test('a mailbox that is not due can be started by hand', async (t) => {
    const store = await open(t);
    await store.finish(await claimNew(store, 'p1'), quiet, laterMs, 0);
    assert.deepEqual(await store.claim('one', startMs, leaseMs, 10), []);
    assert.equal((await store.claimPair('p1', 'one', startMs, leaseMs))?.pair.pairId, 'p1');
    assert.equal(await store.claimPair('nobody00', 'one', startMs, leaseMs), undefined);
  });

  test('a mailbox whose engine is at work is due again when the lease runs out', async (t) => {
    const store = await open(t);
    await claimNew(store, 'p1');
    assert.equal(await store.nextDueMs(), startMs + leaseMs);
  });

  test('failures in a row, the last outcome and the last good cycle are remembered', async (t) => {
    const store = await open(t);
    const failed: CycleOutcome = { at: '2026-03-05T10:00:00Z', result: 'failed', durationMs: 5, fault: refusal };
    await store.finish(await claimNew(store, 'p1'), quiet, startMs, 0);
    const second = await claimNow(store, 'p1', 'one');
    assert.equal(second.attempts, 0);
    await store.finish(second.lease, failed, startMs, 3);
    const [third] = await store.claim('one', startMs, leaseMs, 1);
    assert.equal(third?.attempts, 3);
    const status = await store.findPair('LOGIN-p1');
    assert.deepEqual([status?.attempts, status?.lastOutcome, status?.lastGoodAt], [3, failed, instant]);
  });
}

function signalConformance(open: (t: TestContext) => Promise<Store>): void {
  test('a signal makes a waiting mailbox due at once and never later than it was', async (t) => {
    const store = await open(t);
    await store.finish(await claimNew(store, 'p1'), quiet, laterMs, 0);
    await store.signal(['p1', 'nobody00'], startMs + 10);
    assert.equal(await store.nextDueMs(), startMs + 10);
    await store.signal(['p1'], startMs + 20);
    assert.equal(await store.nextDueMs(), startMs + 10);
    assert.equal((await store.claim('one', startMs + 10, leaseMs, 1)).length, 1);
  });

  test('a signal during a cycle starts another one right after it', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.signal(['p1'], startMs + 10);
    await store.signal(['p1'], startMs + 20);
    assert.deepEqual(await store.claim('two', startMs + 30, leaseMs, 1), []);
    await store.finish(lease, quiet, laterMs, 0);
    assert.equal((await store.claim('two', startMs + 30, leaseMs, 1)).length, 1);
  });

  test('a signal is served by the next cycle, once', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.signal(['p1'], startMs + 10);
    await store.finish(lease, quiet, laterMs, 0);
    const { lease: second } = await claimNow(store, 'p1', 'one', startMs + 20);
    await store.finish(second, quiet, laterMs, 0);
    assert.equal(await store.nextDueMs(), laterMs);
  });

  test('a signal that came before another engine took over is served by that engine’s cycle', async (t) => {
    const store = await open(t);
    for (const pairId of ['p1', 'p2']) {
      await claimNew(store, pairId);
      await store.signal([pairId], startMs + 10);
    }
    const { lease: byHand } = await claimNow(store, 'p1', 'two', startMs + leaseMs);
    const [byClock] = await store.claim('two', startMs + leaseMs, leaseMs, 2);
    await store.finish(byHand, quiet, laterMs, 0);
    await store.finish(byClock!.lease, quiet, laterMs, 0);
    assert.equal(await store.nextDueMs(), laterMs);
  });

  test('a signal does not postpone a cycle that was to come even sooner', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.signal(['p1'], startMs + 500);
    await store.finish(lease, quiet, startMs + 100, 0);
    assert.equal(await store.nextDueMs(), startMs + 100);
  });

  test('a signal that arrives while the engine is late is not lost', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const lateMs = startMs + leaseMs + 10;
    await store.signal(['p1'], lateMs);
    await store.finish(lease, quiet, laterMs, 0);
    assert.equal((await store.claim('two', lateMs, leaseMs, 1)).length, 1);
  });

  test('signals and finishing cycles at the same moment lose nothing', async (t) => {
    const store = await open(t);
    await store.putPairs([pairRow('p1')]);
    for (let round = 0; round < 20; round += 1) {
      const { lease } = await claimNow(store, 'p1', 'one', startMs + round);
      await Promise.all([store.signal(['p1'], startMs + round), store.finish(lease, quiet, laterMs, 0)]);
      assert.equal(await store.nextDueMs(), startMs + round);
    }
  });

  test('signals to many mailboxes in any order do not block each other', async (t) => {
    const store = await open(t);
    const pairIds = Array.from({ length: 20 }, (_, index) => `p${index}`);
    await store.putPairs(pairIds.map((pairId) => pairRow(pairId)));
    for (const claim of await store.claim('one', startMs, leaseMs, 20)) {
      await store.finish(claim.lease, quiet, laterMs, 0);
    }
    const orders = [pairIds, pairIds.toReversed(), pairIds.toSorted()];
    await Promise.all(orders.map((order, index) => store.signal(order, startMs + 3 - index)));
    assert.equal((await store.claim('one', startMs + 1, leaseMs, 100)).length, 20);
  });
}

/** Every guarded call throws `FenceLost` and leaves the pair as it was. */
async function assertPowerless(store: Store, lease: Lease): Promise<void> {
  const before = await store.findPair('LOGIN-p1');
  await assert.rejects(store.commit(lease, { items: [itemRow('forbidden')] }), FenceLost);
  await assert.rejects(store.commit(lease, {}), FenceLost);
  await assert.rejects(store.renew(lease, laterMs), FenceLost);
  await assert.rejects(store.finish(lease, quiet, laterMs, 7), FenceLost);
  assert.deepEqual(await store.findPair('LOGIN-p1'), before);
  assert.equal((await store.known('p1', 'mailbox', 'contact', ['forbidden'])).size, 0);
}
