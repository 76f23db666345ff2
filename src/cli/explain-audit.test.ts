import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditResult, KindAudit } from '#audit/compare.ts';
import { fault } from '#contract/fault.ts';
import { memoryStore } from '#store/memory/memory-store.ts';
import type { ItemRow, LinkRow, Pair, SyncLevel } from '#store/port.ts';
import { explain } from './explain-audit.ts';

const pairOf = (contact: SyncLevel): Pair => ({
  pairId: 'pair0001',
  crmUser: 'A',
  mailbox: 'a@b',
  enabled: true,
  server: 'main',
  levels: { contact, event: 'full', task: 'full' },
});

const clean: KindAudit = {
  kind: 'contact',
  crm: 1,
  mailbox: 1,
  equal: 0,
  different: [],
  onlyInCrm: [],
  onlyInMailbox: [],
  unreadable: [],
};
const result = (found: Partial<KindAudit>): AuditResult => ({ kinds: [{ ...clean, ...found }], inSync: false });

async function storeWith(
  items: readonly Partial<ItemRow>[],
  links: readonly Partial<LinkRow>[],
  pair = pairOf('full'),
) {
  const store = memoryStore();
  await store.putPairs([pair]);
  const claim = await store.claimPair(pair.pairId, 'test', 0, 1_000);
  assert.ok(claim !== undefined);
  await store.commit(claim.lease, { items: items as readonly ItemRow[], links: links as readonly LinkRow[] });
  return store;
}

const parkedItem: Partial<ItemRow> = {
  ...{ side: 'crm', kind: 'contact', id: 'c1', version: '1', presence: 'present', item: null, linkKey: null },
  ...{ claimedKey: null, epoch: 1, pending: false, matchKeys: [], parked: 'ambiguous' },
};
const setAside: Partial<LinkRow> = {
  ...{ linkKey: 'k', kind: 'contact', origin: 'crm', ids: { crm: 'c2', mailbox: 'm2' }, base: null, prints: null },
  quarantine: {
    fault: fault('item.invalid', 'x'),
    side: 'mailbox',
    since: '2026-01-01T00:00:00Z',
    attempts: 1,
    probeAtMs: 9,
  },
  holds: [],
  ended: null,
};

test('what waits for review or is set aside is explained, and does not count as out of sync', async () => {
  const store = await storeWith([parkedItem], [setAside]);
  const different = [{ crm: 'c2', mailbox: 'm2', linkKey: 'k', paths: ['webPage'] }];
  const answer = await explain(store, pairOf('full'), result({ onlyInCrm: ['c1'], different }));
  assert.equal(answer.inSync, true);
  assert.deepEqual(
    answer.explained.map(({ side, id, reason }) => [side, id, reason]),
    [
      ['crm', 'c2', 'quarantine: item.invalid'],
      ['crm', 'c1', 'review: ambiguous'],
    ],
  );
});

test('a difference is explained by a conflict that waits there, and by no other', async () => {
  const hold = { base: null, crm: 'A', mailbox: 'B', since: '2026-01-01T00:00:00Z' };
  const holds = [
    { path: 'webPage', ...hold },
    { path: 'name', ...hold },
  ];
  const store = await storeWith([], [{ ...setAside, quarantine: null, holds }]);
  const differingAt = (...paths: readonly string[]) =>
    result({ different: [{ crm: 'c2', mailbox: 'm2', linkKey: 'k', paths }] });
  const answer = await explain(store, pairOf('full'), differingAt('webPage', 'name.given'));
  assert.equal(answer.inSync, true);
  assert.equal(answer.explained[0]?.reason, 'conflict: webPage, name');
  assert.equal((await explain(store, pairOf('full'), differingAt('webPage', 'birthday'))).inSync, false);
  assert.equal((await explain(store, pairOf('full'), result({ onlyInCrm: ['c2'] }))).inSync, false);
});

test('one finding that nobody explains is enough to be out of sync', async () => {
  const store = await storeWith([parkedItem], []);
  const answer = await explain(store, pairOf('full'), result({ onlyInCrm: ['c1', 'c9'] }));
  assert.equal(answer.inSync, false);
  assert.equal(answer.explained.length, 1);
});

test('items of the mailbox stay there at level export; those of the CRM must cross', async () => {
  const pair = pairOf('export');
  const store = await storeWith([], [], pair);
  assert.equal((await explain(store, pair, result({ onlyInMailbox: ['m'] }))).inSync, true);
  assert.equal((await explain(store, pair, result({ onlyInCrm: ['c'] }))).inSync, false);
});

test('an audit without findings asks nobody', async () => {
  const answer = await explain(memoryStore(), pairOf('full'), { kinds: [clean], inSync: true });
  assert.deepEqual(answer, { explained: [], inSync: true });
});
