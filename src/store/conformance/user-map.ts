/** The words of the port about the user map. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Store } from '../port.ts';
import { FenceLost } from '../port.ts';
import {
  ann,
  brakeRow,
  claimNew,
  claimNow,
  feedRow,
  instant,
  intentRow,
  itemRow,
  journalEntry,
  linkedItems,
  linkRow,
  locationRow,
  pairRow,
  startMs,
} from './rows.ts';

export function userMapConformance(open: (t: TestContext) => Promise<Store>): void {
  test('a pair that is added is found by mailbox, in any case, and by CRM login', async (t) => {
    const store = await open(t);
    const pair = pairRow('p1', { zone: 'Europe/Berlin' });
    await store.putPairs([pair, pairRow('p2')]);
    for (const name of ['p1@example.com', 'P1@Example.COM', 'LOGIN-p1']) {
      assert.deepEqual((await store.findPair(name))?.pair, pair);
    }
    assert.equal('zone' in (await store.findPair('LOGIN-p2'))!.pair, false);
    assert.equal(await store.findPair('login-p1'), undefined);
    assert.equal(await store.findPair('p3@example.com'), undefined);
  });

  test('the map is listed in order of mailbox address, page by page', async (t) => {
    const store = await open(t);
    await store.putPairs(['p3', 'p1', 'p4', 'p2'].map((pairId) => pairRow(pairId)));
    const first = await store.pairs(null, 3);
    const rest = await store.pairs(first.at(-1)!.pair.mailbox, 3);
    assert.deepEqual(
      [first, rest].map((page) => page.map((status) => status.pair.pairId)),
      [['p1', 'p2', 'p3'], ['p4']],
    );
  });

  test('a new pair has no history', async (t) => {
    const store = await open(t);
    await store.putPairs([pairRow('p1')]);
    const { nextAtMs, ...status } = (await store.findPair('LOGIN-p1'))!;
    assert.ok(nextAtMs <= startMs);
    assert.deepEqual(status, {
      pair: pairRow('p1'),
      attempts: 0,
      owner: null,
      leaseUntilMs: 0,
      lastOutcome: null,
      lastGoodAt: null,
    });
  });

  test('changing a pair keeps its schedule, its lease and its state', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, { items: [itemRow('i1')] });
    const before = await store.findPair('LOGIN-p1');
    const changed = pairRow('p1', { mailbox: 'renamed@example.com', server: 'other', enabled: false });
    await store.putPairs([changed]);
    assert.deepEqual(await store.findPair('renamed@example.com'), { ...before, pair: changed });
    assert.equal(await store.findPair('p1@example.com'), undefined);
    await store.commit(lease, { items: [itemRow('i2')] });
    assert.equal((await store.known('p1', 'mailbox', 'contact', ['i1', 'i2'])).size, 2);
  });

  test('the same pair given twice is taken as given last', async (t) => {
    const store = await open(t);
    await store.putPairs([pairRow('p1', { server: 'first' }), pairRow('p1', { server: 'last' })]);
    assert.equal((await store.findPair('LOGIN-p1'))?.pair.server, 'last');
    assert.equal((await store.pairs(null, 10)).length, 1);
  });

  test('a mailbox or a CRM login cannot belong to two pairs, and a refused list changes nothing', async (t) => {
    const store = await open(t);
    await store.putPairs([pairRow('p1')]);
    const lists = [
      [pairRow('p2'), pairRow('p3', { mailbox: 'p1@example.com' })],
      [pairRow('p2'), pairRow('p3', { crmUser: 'LOGIN-p1' })],
      [pairRow('p2'), pairRow('p3', { crmUser: 'LOGIN-p2' })],
    ];
    for (const list of lists) await assert.rejects(store.putPairs(list), /belongs to another pair/);
    assert.deepEqual(
      (await store.pairs(null, 10)).map((status) => status.pair),
      [pairRow('p1')],
    );
  });

  test('two users can swap their mailboxes in one change', async (t) => {
    const store = await open(t);
    await store.putPairs([pairRow('p1'), pairRow('p2')]);
    await store.putPairs([pairRow('p1', { mailbox: 'p2@example.com' }), pairRow('p2', { mailbox: 'p1@example.com' })]);
    assert.equal((await store.findPair('p2@example.com'))?.pair.pairId, 'p1');
    assert.equal((await store.findPair('p1@example.com'))?.pair.pairId, 'p2');
  });

  test('a pair that is dropped leaves nothing of itself', async (t) => {
    const store = await open(t);
    const other = await claimNew(store, 'p2');
    const lease = await claimNew(store, 'p1');
    const everything = {
      feeds: [feedRow()],
      items: [...linkedItems('k1'), itemRow('i1', { pending: true, matchKeys: ['m'], parked: 'ambiguous', item: ann })],
      links: [linkRow('k1'), linkRow('k2', { quarantine: { ...quarantineOf('k2') } })],
      intents: [intentRow('n1', 'k1')],
      journal: [journalEntry('created', { linkKey: 'k1' })],
      brakes: [brakeRow()],
    };
    for (const each of [lease, other]) await store.commit(each, everything);
    await store.dropPair('p1');
    assert.equal(await store.findPair('LOGIN-p1'), undefined);
    await assert.rejects(store.commit(lease, { items: [itemRow('late')] }), FenceLost);
    await assert.rejects(store.finish(lease, { at: instant, result: 'quiet', durationMs: 1 }, startMs, 0), FenceLost);

    await store.putPairs([pairRow('p1')]);
    const { lease: fresh } = await claimNow(store, 'p1', 'two');
    assert.deepEqual(await sizes(store, 'p1'), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(await sizes(store, 'p2'), [1, 3, 2, 1, 1, 1, 1, 1, 1, 1]);
    await store.commit(fresh, everything);
    assert.deepEqual(await sizes(store, 'p1'), await sizes(store, 'p2'));
  });

  test('where a mailbox was found is kept with its pair, and goes with it', async (t) => {
    const store = await open(t);
    await store.putPairs([pairRow('p1'), pairRow('p2')]);
    assert.equal(await store.location('p1'), undefined);
    await store.putLocation('p1', locationRow());
    assert.deepEqual(await store.location('p1'), locationRow());
    const doubted = locationRow({ checkedAtMs: startMs + 5, isDoubted: true });
    await store.putLocation('p1', doubted);
    assert.deepEqual(await store.location('p1'), doubted);
    assert.equal(await store.location('p2'), undefined);
    await store.putPairs([pairRow('p1', { server: 'other' })]);
    assert.deepEqual(await store.location('p1'), doubted);
    await store.dropPair('p1');
    await store.putLocation('p1', doubted);
    await store.putPairs([pairRow('p1')]);
    assert.equal(await store.location('p1'), undefined);
  });

  test('dropping a pair that does not exist is no trouble', async (t) => {
    const store = await open(t);
    await store.dropPair('p1');
    assert.deepEqual(await store.pairs(null, 10), []);
  });
}

function quarantineOf(linkKey: string) {
  const fault = { code: 'item.invalid', message: linkKey } as const;
  return { fault, side: 'mailbox', since: instant, attempts: 1, probeAtMs: startMs } as const;
}

/** How many rows every question about a pair answers. */
async function sizes(store: Store, pairId: string): Promise<readonly number[]> {
  const known = [
    await store.known(pairId, 'mailbox', 'contact', ['i1', 'mailbox-k1']),
    await store.known(pairId, 'crm', 'contact', ['crm-k1']),
  ];
  const waiting = await store.waiting(pairId);
  return [
    (await store.feeds(pairId)).length,
    known.reduce((sum, map) => sum + map.size, 0),
    (await store.links(pairId, ['k1', 'k2'])).length,
    (await store.intents(pairId, null, 10)).length,
    (await store.brakes(pairId)).length,
    (await store.journal(pairId, { limit: 10 })).length,
    (await store.withMatchKeys(pairId, 'contact', 'mailbox', ['m'], 10)).length,
    (await store.quarantined(pairId, 10)).length,
    (await store.review(pairId, 10)).length,
    waiting.reduce((sum, one) => sum + one.activeLinks, 0) / 2,
  ];
}
