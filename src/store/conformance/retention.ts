/** The words of the port about what is forgotten in time. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Store } from '../port.ts';
import { claimNew, feedRow, instant, intentRow, itemRow, journalEntry, linkRow, startMs } from './rows.ts';

const early = '2026-01-01T00:00:00Z';
const middle = '2026-02-01T00:00:00Z';
const late = '2026-03-01T00:00:00Z';

export function retentionConformance(open: (t: TestContext) => Promise<Store>): void {
  test('old journal entries are forgotten page by page; values that somebody lost stay longer', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const entry = (event: string, at: string) => journalEntry(event, { at });
    await store.commit(lease, {
      journal: [
        ...[entry('created', early), entry('conflict', early), entry('removed', middle), entry('updated', middle)],
        ...[entry('created', late), entry('conflict', late)],
      ],
    });
    const retention = { ordinaryBefore: late, overruledBefore: middle };
    const first = await store.trimJournal('p1', retention, 0, 3);
    assert.deepEqual([first.forgotten, typeof first.next], [2, 'number']);
    assert.deepEqual(await store.trimJournal('p1', retention, first.next ?? 0, 3), { forgotten: 1, next: null });
    const left = (await store.journal('p1', { limit: 9 })).map(({ event, at }) => `${event} ${at}`);
    assert.deepEqual(left, [`removed ${middle}`, `created ${late}`, `conflict ${late}`]);
    assert.deepEqual(await store.trimJournal('p1', retention, 0, 3), { forgotten: 0, next: null });
    assert.deepEqual(await store.trimJournal('nobody00', retention, 0, 3), { forgotten: 0, next: null });
  });

  test('a tombstone is retired only when it is old, both feeds have passed it, and nothing refers to it', async (t) => {
    const store = await open(t);
    const ended = (at: string) => ({ base: null, prints: null, ended: { reason: 'same/gone', at } });
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, {
      feeds: [
        ...[feedRow({ listed: true, verified: true }), feedRow({ side: 'crm', listed: true, verified: true })],
        ...[
          feedRow({ kind: 'task', listed: true, verified: true }),
          feedRow({ side: 'crm', kind: 'task', listed: true }),
        ],
      ],
      links: [
        linkRow('k-old', ended(early)),
        linkRow('k-older', ended(early)),
        linkRow('k-young', ended(late)),
        linkRow('k-alive'),
        linkRow('k-task', { kind: 'task', ...ended(early) }),
        linkRow('k-left', { ...ended(early), ids: { crm: null, mailbox: 'left' } }),
        linkRow('k-open', ended(early)),
      ],
      items: [itemRow('left', { linkKey: null, parked: 'linkEnded' })],
      intents: [intentRow('n1', 'k-open')],
    });
    assert.equal(await store.retireTombstones('p1', middle, 9), 0, 'the pair is being worked on');
    const fault = { code: 'server.timeout', message: 'x' } as const;
    await store.finish(lease, { at: late, result: 'failed', durationMs: 1, fault }, startMs, 1);
    assert.equal(await store.retireTombstones('p1', middle, 9), 0, 'no cycle was good since');
    const again = await store.claimPair('p1', 'one', startMs, 1_000);
    assert.ok(again !== undefined);
    await store.finish(again.lease, { at: instant, result: 'quiet', durationMs: 1 }, startMs, 0);
    assert.equal(await store.retireTombstones('p1', middle, 1), 1);
    assert.equal(await store.retireTombstones('p1', middle, 9), 1);
    assert.equal(await store.retireTombstones('p1', middle, 9), 0);
    const left = (await store.allLinks('p1', null, 9)).map(({ link }) => link.linkKey);
    assert.deepEqual(left, ['k-alive', 'k-left', 'k-open', 'k-task', 'k-young']);
  });
}
