import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimNew, journalEntry, pairRow } from '#store/conformance/rows.ts';
import { memoryStore } from '#store/memory/memory-store.ts';
import { forgetOld } from './housekeeping.ts';

const dayMs = 24 * 3_600_000;
const nowMs = Date.parse('2026-06-01T12:00:00Z');
const signal = new AbortController().signal;
const daysAgo = (days: number): string => `${new Date(nowMs - days * dayMs).toISOString().slice(0, 19)}Z`;

test('decisions are forgotten after their time, overruled values only after theirs, however many there are', async () => {
  const store = memoryStore();
  for (const id of ['p1', 'p2']) {
    const lease = await claimNew(store, id);
    const old = Array.from({ length: 1_500 }, () => journalEntry('updated', { at: daysAgo(11) }));
    const journal = [
      journalEntry('conflict', { at: daysAgo(31) }),
      journalEntry('conflict', { at: daysAgo(29) }),
      ...old,
      journalEntry('updated', { at: daysAgo(9) }),
    ];
    await store.commit(lease, { journal });
  }
  await store.putPairs([pairRow('p2', { enabled: false })]);
  const keep = { keepDays: 10, keepOverruledDays: 30 };
  assert.deepEqual(await forgetOld(store, keep, nowMs, signal), { entries: 3_002, tombstones: 0 });
  for (const id of ['p1', 'p2']) {
    const left = (await store.journal(id, { limit: 9 })).map(({ event }) => event);
    assert.deepEqual(left, ['conflict', 'updated']);
  }
});
