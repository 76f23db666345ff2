/** The words of the port about writing: batches, feeds and their epochs, intents, what comes back. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { CalendarEvent } from '#model/item.ts';
import type { Brake, Feed, IntentRow, ItemRow, JournalEntry, LinkRow, StateBatch, Store } from '../port.ts';
import { FenceLost } from '../port.ts';
import {
  ann,
  brakeRow,
  claimNew,
  feedRow,
  instant,
  intentRow,
  itemRow,
  journalEntry,
  linkRow,
  pairRow,
  refusal,
  startMs,
} from './rows.ts';

/** Characters that a careless store mangles: quotes, separators, controls, emoji, right-to-left, text that looks like an escape. */
const oddText = `"quoted", {braces} \\u0041 \\ tab\t line\n NULL null ' -- é 😀 א \u007f \u2028 end`;

const meeting: CalendarEvent = {
  kind: 'event',
  title: oddText,
  when: { start: '2026-03-05T09:00:00', end: '2026-03-05T10:00:00', allDay: false, zone: 'Europe/Berlin' },
  recurrence: {
    pattern: { kind: 'weekly', interval: 1, days: ['thursday'], firstDay: 'monday' },
    range: { kind: 'count', count: 5 },
  },
  overrides: { '2026-03-12T09:00:00': { patch: { title: null, body: { text: 'moved' } } } },
  showAs: 'busy',
  categories: [oddText, 'b'],
};

export function commitConformance(open: (t: TestContext) => Promise<Store>): void {
  fidelityConformance(open);
  batchConformance(open);
  refusalConformance(open);
}

function fidelityConformance(open: (t: TestContext) => Promise<Store>): void {
  test('every kind of row comes back exactly as it was written', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const quarantine = {
      fault: refusal,
      side: 'crm',
      since: instant,
      attempts: 4,
      probeAtMs: startMs + 0.5e12,
    } as const;
    const items: readonly ItemRow[] = [
      itemRow('full', {
        kind: 'event',
        version: oddText,
        presence: 'gone',
        evidence: 'absence',
        outReason: 'window',
        item: meeting,
        linkKey: 'k-full',
        claimedKey: 'other key',
        epoch: 9,
        pending: true,
        matchKeys: [oddText, 'two', ''],
        parked: 'ambiguous',
      }),
      itemRow('plain', { side: 'crm', kind: 'event', linkKey: 'k-full' }),
    ];
    const links: readonly LinkRow[] = [
      linkRow('k-full', {
        kind: 'event',
        origin: 'match',
        ids: { crm: 'plain', mailbox: 'full' },
        base: meeting,
        quarantine,
      }),
      linkRow('k-new', { kind: 'event', ids: { crm: null, mailbox: null }, base: null, prints: null }),
      linkRow('k-old', { kind: 'event', ended: { reason: 'removed', at: instant } }),
    ];
    const feeds: readonly Feed[] = [
      feedRow({
        side: 'crm',
        kind: 'task',
        cursor: null,
        epoch: 3,
        listed: true,
        verified: true,
        mapping: '2.other',
        mappedEpoch: 3,
      }),
      feedRow({ cursor: oddText }),
    ];
    const intents: readonly IntentRow[] = [
      intentRow('n1', 'k-full', { target: meeting, firstSentAtMs: startMs, attempts: 2, state: 'sent' }),
      intentRow('n2', 'k-new', { op: 'create', remoteId: null, expectedVersion: null, target: null, paths: [] }),
    ];
    const brakes: readonly Brake[] = [brakeRow({ side: 'crm', sample: [] }), brakeRow({ work: 'overwrites' })];
    const journal: readonly JournalEntry[] = [
      journalEntry('conflict', {
        kind: 'event',
        linkKey: 'k-full',
        detail: { lost: [oddText], count: 1, nested: { a: null } },
      }),
      journalEntry('noted', { side: null }),
    ];
    await store.commit(lease, { items, links, feeds, intents, brakes, journal });

    const views = await store.links('p1', ['k-full', 'k-new', 'k-old']);
    assert.deepEqual(views, [
      { link: links[0], crm: items[1], mailbox: items[0] },
      { link: links[1], crm: null, mailbox: null },
      { link: links[2], crm: null, mailbox: null },
    ]);
    assert.deepEqual(await store.feeds('p1'), feeds);
    assert.deepEqual(await store.intents('p1', null, 10), intents);
    assert.deepEqual(await store.brakes('p1'), brakes);
    const rows = await store.journal('p1', { limit: 10 });
    assert.deepEqual(
      rows.map(({ sequence: _, ...entry }) => entry),
      journal,
    );
  });

  test('what an item holds comes back unchanged even where a database text could not hold it', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const item = { ...ann, body: { text: 'nul \u0000, lone surrogate \ud800, escape \\u0000' } };
    await store.commit(lease, {
      items: [itemRow('i1', { item, parked: 'ambiguous' })],
      journal: [journalEntry('conflict', { detail: { lost: item } })],
    });
    assert.deepEqual((await store.review('p1', 1))[0]?.item, item);
    assert.deepEqual((await store.journal('p1', { limit: 1 }))[0]?.detail, { lost: item });
  });

  test('identifiers are told apart by case and accent, and may be 512 bytes long', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const ids = [
      'AAMkAD=',
      'aamkad=',
      'ä',
      'a\u0308',
      ' a',
      'a ',
      `${'x'.repeat(511)}1`,
      `${'x'.repeat(511)}2`,
      oddText,
    ];
    await store.commit(lease, { items: ids.map((id, index) => itemRow(id, { version: `v${index}` })) });
    const known = await store.known('p1', 'mailbox', 'contact', ids);
    assert.deepEqual(
      [...known].map(([id, { version }]) => [id, version]).sort(),
      ids.map((id, i) => [id, `v${i}`]).sort(),
    );
  });

  test('what was handed over cannot be changed from outside', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const body = { text: 'mine' };
    const item = itemRow('i1', { parked: 'ambiguous', item: { ...ann, body } });
    await store.commit(lease, { items: [item] });
    attempt(() => Object.assign(body, { text: 'changed by the writer' }));
    const [row] = await store.review('p1', 1);
    attempt(() => Object.assign(row!.item!.body!, { text: 'changed by a reader' }));
    assert.equal((await store.review('p1', 1))[0]?.item?.body?.text, 'mine');
  });
}

function batchConformance(open: (t: TestContext) => Promise<Store>): void {
  test('rows replace the stored ones whole', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const fullItem = itemRow('crm-k1', {
      side: 'crm',
      linkKey: 'k1',
      evidence: 'tombstone',
      outReason: 'moved',
      matchKeys: ['m'],
      parked: 'x',
      item: ann,
      claimedKey: 'c',
      pending: true,
    });
    const quarantine = { fault: refusal, side: 'crm', since: instant, attempts: 1, probeAtMs: startMs } as const;
    await store.commit(lease, {
      items: [fullItem],
      links: [linkRow('k1', { quarantine, ended: { reason: 'removed', at: instant } })],
      feeds: [feedRow({ listed: true, verified: true })],
      intents: [intentRow('n1', 'k1', { state: 'sent', firstSentAtMs: startMs })],
      brakes: [brakeRow({ sample: ['a', 'b'] })],
    });
    const bare = {
      items: [itemRow('crm-k1', { side: 'crm', version: 'v2', linkKey: 'k1' })],
      links: [linkRow('k1', { base: null, prints: null })],
      feeds: [feedRow({ epoch: 2, cursor: null })],
      intents: [intentRow('n1', 'k1', { remoteId: null, expectedVersion: null, target: null, paths: [] })],
      brakes: [brakeRow({ count: 1, plan: 'plan-2', sample: [], state: 'cleared' })],
    };
    await store.commit(lease, bare);
    assert.deepEqual(await store.links('p1', ['k1']), [{ link: bare.links[0], crm: bare.items[0], mailbox: null }]);
    assert.deepEqual(await store.feeds('p1'), bare.feeds);
    assert.deepEqual(await store.intents('p1', null, 10), bare.intents);
    assert.deepEqual(await store.brakes('p1'), bare.brakes);
  });

  test('an item seen again only moves to the new epoch', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const row = itemRow('i1', { parked: 'ambiguous', item: ann, matchKeys: ['m'], pending: true });
    await store.commit(lease, { items: [row, itemRow('i2', { parked: 'ambiguous' })] });
    const seen = ['i1', 'unknown'].map((id) => ({ side: 'mailbox', kind: 'contact', id, epoch: 2 }) as const);
    await store.commit(lease, { seen: [...seen, { ...seen[0]!, kind: 'task' }, { ...seen[0]!, side: 'crm' }] });
    assert.deepEqual(await store.review('p1', 10), [{ ...row, epoch: 2 }, itemRow('i2', { parked: 'ambiguous' })]);
    assert.equal((await store.known('p1', 'mailbox', 'contact', ['unknown'])).size, 0);
  });

  test('a forgotten item is forgotten alone', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, { items: [itemRow('i1'), itemRow('i2'), itemRow('i1', { side: 'crm' })] });
    await store.commit(lease, {
      forget: [
        { side: 'mailbox', kind: 'contact', id: 'i1' },
        { side: 'mailbox', kind: 'task', id: 'i2' },
        { side: 'mailbox', kind: 'contact', id: 'unknown' },
      ],
    });
    assert.deepEqual([...(await store.known('p1', 'mailbox', 'contact', ['i1', 'i2'])).keys()], ['i2']);
    assert.equal((await store.known('p1', 'crm', 'contact', ['i1'])).size, 1);
  });

  test('within one batch forgetting and settling come first, and seeing comes last', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, { items: [itemRow('i1')], intents: [intentRow('n1', 'k1')] });
    await store.commit(lease, {
      seen: [{ side: 'mailbox', kind: 'contact', id: 'i1', epoch: 5 }],
      items: [itemRow('i1', { version: 'v2' })],
      forget: [{ side: 'mailbox', kind: 'contact', id: 'i1' }],
      intents: [intentRow('n2', 'k1')],
      settled: ['n1', 'unknown'],
    });
    const known = (await store.known('p1', 'mailbox', 'contact', ['i1'])).get('i1');
    assert.deepEqual([known?.version, known?.epoch], ['v2', 5]);
    assert.deepEqual(
      (await store.intents('p1', null, 10)).map((intent) => intent.intentId),
      ['n2'],
    );
  });

  test('of two rows with one key in a batch the last one counts', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, {
      items: [itemRow('i1'), itemRow('i1', { version: 'v2' })],
      seen: [1, 2].map((epoch) => ({ side: 'mailbox', kind: 'contact', id: 'i1', epoch })),
      links: [linkRow('k1'), linkRow('k1', { origin: 'match' })],
      feeds: [feedRow(), feedRow({ cursor: 'c2' })],
      intents: [intentRow('n1', 'k1'), intentRow('n1', 'k1', { attempts: 2 })],
      brakes: [brakeRow(), brakeRow({ count: 2 })],
    });
    const known = (await store.known('p1', 'mailbox', 'contact', ['i1'])).get('i1');
    assert.deepEqual([known?.version, known?.epoch], ['v2', 2]);
    assert.equal((await store.links('p1', ['k1']))[0]?.link.origin, 'match');
    assert.deepEqual(
      (await store.feeds('p1')).map((feed) => feed.cursor),
      ['c2'],
    );
    assert.deepEqual(
      (await store.intents('p1', null, 10)).map((intent) => intent.attempts),
      [2],
    );
    assert.deepEqual(
      (await store.brakes('p1')).map((brake) => brake.count),
      [2],
    );
  });

  test('an empty batch is nothing', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, {});
    await store.commit(lease, { items: [], links: [], feeds: [], settled: [], journal: [] });
    assert.deepEqual(await store.feeds('p1'), []);
  });

  test('a thousand items are one batch like any other', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const ids = Array.from({ length: 1000 }, (_, index) => `i${index}`);
    await store.commit(lease, { items: ids.map((id) => itemRow(id, { item: ann })) });
    assert.equal((await store.known('p1', 'mailbox', 'contact', ids)).size, 1000);
  });
}

function refusalConformance(open: (t: TestContext) => Promise<Store>): void {
  test('a batch with one refused row leaves nothing of the others', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, { intents: [intentRow('n1', 'k1')], feeds: [feedRow({ epoch: 2 })] });
    const others: StateBatch = {
      items: [itemRow('i1')],
      links: [linkRow('k2')],
      feeds: [feedRow({ epoch: 2, cursor: 'c9' })],
      settled: ['n1'],
      journal: [journalEntry('created')],
      brakes: [brakeRow()],
    };
    const secondIntents = [intentRow('n2', 'k2'), intentRow('n3', 'k2')];
    await assert.rejects(store.commit(lease, { ...others, intents: secondIntents }), isDefect);
    await assert.rejects(store.commit(lease, { ...others, feeds: [feedRow({ epoch: 1 })] }), FenceLost);
    assert.equal((await store.known('p1', 'mailbox', 'contact', ['i1'])).size, 0);
    assert.deepEqual(await store.links('p1', ['k2']), []);
    assert.deepEqual(await store.feeds('p1'), [feedRow({ epoch: 2 })]);
    assert.deepEqual(
      (await store.intents('p1', null, 10)).map((intent) => intent.intentId),
      ['n1'],
    );
    assert.deepEqual(await store.journal('p1', { limit: 10 }), []);
    assert.deepEqual(await store.brakes('p1'), []);
  });

  test('a link never has two unsettled writes', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, { intents: [intentRow('n1', 'k1')] });
    await assert.rejects(store.commit(lease, { intents: [intentRow('n2', 'k1')] }), isDefect);
    await store.commit(lease, { intents: [intentRow('n1', 'k1', { state: 'sent' }), intentRow('n2', 'k2')] });
    await store.commit(lease, { settled: ['n1', 'n2'] });
    assert.deepEqual(await store.intents('p1', null, 10), []);
    await store.commit(lease, { intents: [intentRow('n3', 'k1')] });
    assert.equal((await store.intents('p1', null, 10)).length, 1);
  });

  test('a page of an older listing is refused', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, { feeds: [feedRow({ epoch: 3, cursor: 'new' }), feedRow({ kind: 'task', epoch: 1 })] });
    const late = store.commit(lease, { feeds: [feedRow({ epoch: 2, cursor: 'old' })], items: [itemRow('i1')] });
    await assert.rejects(late, FenceLost);
    await store.commit(lease, { feeds: [feedRow({ epoch: 3, cursor: 'next' }), feedRow({ side: 'crm', epoch: 1 })] });
    const cursors = (await store.feeds('p1')).map((feed) => [feed.side, feed.kind, feed.cursor]);
    assert.deepEqual(cursors, [
      ['crm', 'contact', 'c1'],
      ['mailbox', 'contact', 'next'],
      ['mailbox', 'task', 'c1'],
    ]);
    assert.equal((await store.known('p1', 'mailbox', 'contact', ['i1'])).size, 0);
  });

  test('two mailboxes never see each other’s rows', async (t) => {
    const store = await open(t);
    await store.putPairs([pairRow('p1'), pairRow('p2')]);
    const rows = (version: string): StateBatch => ({
      feeds: [feedRow({ cursor: version })],
      items: [itemRow('i1', { version, matchKeys: ['m'], pending: true })],
      links: [linkRow('k1', { base: null, ids: { crm: version, mailbox: null } })],
      intents: [intentRow('n1', 'k9', { cell: version })],
      journal: [journalEntry(version)],
      brakes: [brakeRow({ plan: version })],
    });
    for (const claim of await store.claim('one', startMs, 1000, 2)) {
      await store.commit(claim.lease, rows(claim.pair.pairId));
      if (claim.pair.pairId === 'p1') continue;
      const forget = [{ side: 'mailbox', kind: 'contact', id: 'i1' }] as const;
      await store.commit(claim.lease, { settled: ['n1'], intents: [intentRow('n2', 'k1')], forget });
    }
    assert.equal(await store.releaseBrake('p1', 'mailbox', 'contact', 'p2'), false);
    assert.deepEqual(
      (await store.feeds('p1')).map((feed) => feed.cursor),
      ['p1'],
    );
    assert.deepEqual(
      (await store.withMatchKeys('p1', 'contact', 'mailbox', ['m'], 9)).map((item) => item.version),
      ['p1'],
    );
    assert.deepEqual(await store.withMatchKeys('p2', 'contact', 'mailbox', ['m'], 9), []);
    assert.deepEqual(
      (await store.pendingLinks('p1', 'contact', startMs, null, 9)).map((view) => view.link.ids.crm),
      ['p1'],
    );
    assert.deepEqual(
      (await store.intents('p1', null, 9)).map((intent) => intent.cell),
      ['p1'],
    );
    assert.deepEqual(
      (await store.journal('p1', { limit: 9 })).map((entry) => entry.event),
      ['p1'],
    );
    assert.deepEqual(
      (await store.brakes('p1')).map((brake) => brake.plan),
      ['p1'],
    );
    assert.deepEqual(
      (await store.waiting('p2')).map((waiting) => waiting.unlinked),
      [0, 0, 0],
    );
  });
}

/** A mistake of the caller, not trouble it could expect. */
function isDefect(error: unknown): boolean {
  return error instanceof Error && error.name !== 'FenceLost' && error.name !== 'StoreUnavailable';
}

/** Frozen values refuse with an exception, copies let it happen. */
function attempt(change: () => void): void {
  try {
    change();
  } catch (error) {
    assert.ok(error instanceof TypeError);
  }
}
