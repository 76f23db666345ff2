/** The words of the port about what the engine asks: known ids, links, waiting work, matching, absences. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { prints } from '#model/fingerprint.ts';
import type { ItemRow, LinkView, Store } from '../port.ts';
import { ann, claimNew, instant, intentRow, itemRow, leaseMs, linkedItems, linkRow, refusal, startMs } from './rows.ts';

/** Reads all pages of a question, three rows at a time. */
async function allPages<T>(
  ask: (after: string | null, limit: number) => Promise<readonly T[]>,
  key: (row: T) => string,
): Promise<readonly string[]> {
  const keys: string[] = [];
  for (;;) {
    const page = await ask(keys.at(-1) ?? null, 3);
    assert.ok(page.length <= 3);
    keys.push(...page.map(key));
    if (page.length < 3) return keys;
  }
}

const idOf = (row: ItemRow) => row.id;
const keyOf = (view: LinkView) => view.link.linkKey;

/** In the order of their code points. */
const oddIds = [' ', '1', '10', '2', 'A', 'Z', '_', 'a', 'b', 'é', '\ufffd', '😀'];

export function queryConformance(open: (t: TestContext) => Promise<Store>): void {
  linkConformance(open);
  pendingConformance(open);
  itemConformance(open);
}

function linkConformance(open: (t: TestContext) => Promise<Store>): void {
  test('what is known of an id names its link, that side’s prints and whether the link is set aside', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const quarantine = { fault: refusal, side: 'crm', since: instant, attempts: 1, probeAtMs: startMs } as const;
    await store.commit(lease, {
      items: [
        ...linkedItems('k1', { epoch: 4, pending: true }),
        ...linkedItems('k2', { presence: 'out' }),
        itemRow('free', { version: 'v7' }),
        itemRow('lost', { linkKey: 'k-unknown' }),
      ],
      links: [linkRow('k1'), linkRow('k2', { prints: null, quarantine })],
    });
    const mailbox = await store.known('p1', 'mailbox', 'contact', [
      'mailbox-k1',
      'mailbox-k2',
      'free',
      'lost',
      'none',
      'crm-k1',
    ]);
    const plain = {
      version: 'v1',
      presence: 'present',
      epoch: 1,
      pending: false,
      linkKey: null,
      prints: null,
      quarantined: false,
    };
    assert.deepEqual(Object.fromEntries(mailbox), {
      'mailbox-k1': {
        ...plain,
        epoch: 4,
        pending: true,
        linkKey: 'k1',
        prints: { ...prints(ann), name: 'mailboxprint' },
      },
      'mailbox-k2': { ...plain, presence: 'out', linkKey: 'k2', quarantined: true },
      free: { ...plain, version: 'v7' },
      lost: { ...plain, linkKey: 'k-unknown' },
    });
    const crm = await store.known('p1', 'crm', 'contact', ['crm-k1', 'free', 'crm-k1']);
    assert.deepEqual(
      [...crm].map(([id, row]) => [id, row.prints]),
      [['crm-k1', prints(ann)]],
    );
    assert.equal((await store.known('p1', 'mailbox', 'task', ['mailbox-k1'])).size, 0);
    assert.equal((await store.known('p1', 'mailbox', 'contact', [])).size, 0);
  });

  test('links are read with both items, in order of their keys, unknown keys left out', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const items = [...linkedItems('k2'), ...linkedItems('k1')];
    const links = [linkRow('k2'), linkRow('k1'), linkRow('k3')];
    await store.commit(lease, { items, links });
    assert.deepEqual(await store.links('p1', ['k2', 'none', 'k3', 'k1', 'k2']), [
      { link: links[1], crm: items[2], mailbox: items[3] },
      { link: links[0], crm: items[0], mailbox: items[1] },
      { link: links[2], crm: null, mailbox: null },
    ]);
    assert.deepEqual(await store.links('p1', []), []);
  });

  test('an item belongs to a link when each names the other', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, {
      items: [
        itemRow('crm-k1', { side: 'crm', linkKey: 'k2', pending: true }),
        itemRow('copy', { linkKey: 'k1', pending: true }),
        itemRow('mailbox-k1', { kind: 'task', linkKey: 'k1', pending: true }),
      ],
      links: [linkRow('k1')],
    });
    assert.deepEqual(await store.links('p1', ['k1']), [{ link: linkRow('k1'), crm: null, mailbox: null }]);
    assert.deepEqual(await store.pendingLinks('p1', 'contact', startMs, null, 10), []);
  });
}

function pendingConformance(open: (t: TestContext) => Promise<Store>): void {
  test('a link waits for a decision when one of its items changed or nothing was agreed on yet', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const [crmItem] = linkedItems('k-crm', { pending: true });
    const [, mailboxItem] = linkedItems('k-mailbox', { pending: true, presence: 'gone' });
    await store.commit(lease, {
      items: [crmItem!, mailboxItem!, ...linkedItems('k-both', { pending: true }), ...linkedItems('k-settled')],
      links: [
        ...['k-crm', 'k-mailbox', 'k-both', 'k-settled'].map((key) => linkRow(key)),
        linkRow('k-new', { base: null, prints: null }),
        linkRow('k-ended', { base: null, ended: { reason: 'removed', at: instant } }),
        linkRow('k-task', { base: null, kind: 'task' }),
      ],
    });
    const pending = await store.pendingLinks('p1', 'contact', startMs, null, 10);
    assert.deepEqual(pending.map(keyOf), ['k-both', 'k-crm', 'k-mailbox', 'k-new']);
    assert.deepEqual(pending[1], { link: linkRow('k-crm'), crm: crmItem, mailbox: null });
    assert.deepEqual((await store.pendingLinks('p1', 'task', startMs, null, 10)).map(keyOf), ['k-task']);
    assert.deepEqual(await store.pendingLinks('p1', 'event', startMs, null, 10), []);
  });

  test('a link with an unsettled write waits until the write is settled', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, {
      items: linkedItems('k1', { pending: true }),
      links: [linkRow('k1'), linkRow('k2', { base: null })],
      intents: [intentRow('n1', 'k1'), intentRow('n2', 'k2')],
    });
    assert.deepEqual(await store.pendingLinks('p1', 'contact', startMs, null, 10), []);
    assert.equal((await store.waiting('p1'))[0]?.pendingLinks, 0);
    await store.commit(lease, { settled: ['n1', 'n2'] });
    assert.deepEqual((await store.pendingLinks('p1', 'contact', startMs, null, 10)).map(keyOf), ['k1', 'k2']);
    assert.equal((await store.waiting('p1'))[0]?.pendingLinks, 2);
  });

  test('a link that was set aside comes back when the time of its next try has come', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const quarantine = {
      fault: refusal,
      side: 'mailbox',
      since: instant,
      attempts: 2,
      probeAtMs: startMs + leaseMs,
    } as const;
    await store.commit(lease, {
      items: [...linkedItems('k1', { pending: true }), ...linkedItems('k2')],
      links: [linkRow('k1', { quarantine }), linkRow('k2', { quarantine }), linkRow('k3', { quarantine, base: null })],
    });
    assert.deepEqual(await store.pendingLinks('p1', 'contact', startMs + leaseMs - 1, null, 10), []);
    const due = await store.pendingLinks('p1', 'contact', startMs + leaseMs, null, 10);
    assert.deepEqual(due.map(keyOf), ['k1', 'k3']);
    assert.deepEqual(due[0]?.link.quarantine, quarantine);
    await store.commit(lease, { links: [linkRow('k4', { base: null })] });
    const [contacts] = await store.waiting('p1');
    assert.deepEqual([contacts?.pendingLinks, contacts?.setAside], [3, 2]);
  });

  test('waiting links are read page by page, each once', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, {
      items: oddIds.slice(0, 6).flatMap((key) => linkedItems(key, { pending: true })),
      links: oddIds.toReversed().map((key, index) => linkRow(key, index < 6 ? { base: null } : {})),
    });
    const keys = await allPages((after, limit) => store.pendingLinks('p1', 'contact', startMs, after, limit), keyOf);
    assert.deepEqual(keys, oddIds);
  });

  test('the summary of waiting work counts each kind by itself and is all zero when nothing waits', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const none = { pendingLinks: 0, setAside: 0, unlinked: 0, unreadable: 0, heldBrakes: 0, activeLinks: 0 };
    const nothing = { ...none, leaving: { crm: 0, mailbox: 0 } };
    assert.deepEqual(await store.waiting('p1'), [
      { kind: 'contact', ...nothing },
      { kind: 'event', ...nothing },
      { kind: 'task', ...nothing },
    ]);
    const [crmGone] = linkedItems('k1', { pending: true, presence: 'gone' });
    const [, mailboxOut] = linkedItems('k2', { pending: true, presence: 'out' });
    await store.commit(lease, {
      items: [
        crmGone!,
        mailboxOut!,
        ...linkedItems('k3', { presence: 'gone' }),
        itemRow('new-1', { pending: true }),
        itemRow('new-2', { pending: true, side: 'crm' }),
        itemRow('parked', { pending: true, parked: 'ambiguous' }),
        itemRow('sick', { pending: true, presence: 'unreadable' }),
        itemRow('quiet'),
        itemRow('task-1', { kind: 'task', pending: true }),
      ],
      links: [
        ...['k1', 'k2', 'k3'].map((key) => linkRow(key)),
        linkRow('k4', { ended: { reason: 'removed', at: instant } }),
        linkRow('k5', { kind: 'event', base: null }),
      ],
    });
    assert.deepEqual(await store.waiting('p1'), [
      {
        ...nothing,
        kind: 'contact',
        pendingLinks: 2,
        unlinked: 2,
        leaving: { crm: 1, mailbox: 1 },
        unreadable: 1,
        heldBrakes: 0,
        activeLinks: 3,
      },
      { kind: 'event', ...nothing, pendingLinks: 1, activeLinks: 1 },
      { kind: 'task', ...nothing, unlinked: 1 },
    ]);
  });

  test('unsettled writes are read page by page', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, { intents: oddIds.toReversed().map((id) => intentRow(id, `k-${id}`)) });
    const ids = await allPages(
      (after, limit) => store.intents('p1', after, limit),
      (intent) => intent.intentId,
    );
    assert.deepEqual(ids, oddIds);
  });
}

function itemConformance(open: (t: TestContext) => Promise<Store>): void {
  test('new items without partner are offered until they are linked, parked or gone', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const fresh = oddIds.map((id) => itemRow(id, { pending: true, item: ann, matchKeys: ['m'] }));
    await store.commit(lease, {
      items: [
        ...fresh.toReversed(),
        itemRow('linked', { pending: true, linkKey: 'k1' }),
        itemRow('parked', { pending: true, parked: 'ambiguous' }),
        itemRow('settled'),
        itemRow('gone', { pending: true, presence: 'gone' }),
        itemRow('out', { pending: true, presence: 'out' }),
        itemRow('sick', { pending: true, presence: 'unreadable' }),
        itemRow('other side', { pending: true, side: 'crm' }),
        itemRow('other kind', { pending: true, kind: 'event' }),
      ],
    });
    const ids = await allPages((after, limit) => store.unlinked('p1', 'contact', 'mailbox', after, limit), idOf);
    assert.deepEqual(ids, oddIds);
    assert.deepEqual(await store.unlinked('p1', 'contact', 'mailbox', null, 100), fresh);
  });

  test('partners are found by any of their match keys, also when they are parked', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const quoted = 'mail:"a,b"{c}\\@example.com';
    const matching = [
      itemRow('1', { matchKeys: ['mail:a', 'phone:1'] }),
      itemRow('2', { matchKeys: [quoted], parked: 'ambiguous', pending: true, item: ann }),
      itemRow('3', { matchKeys: ['phone:1', 'x'] }),
    ];
    await store.commit(lease, {
      items: [
        ...matching.toReversed(),
        itemRow('linked', { matchKeys: ['mail:a'], linkKey: 'k1' }),
        itemRow('gone', { matchKeys: ['mail:a'], presence: 'gone' }),
        itemRow('other side', { matchKeys: ['mail:a'], side: 'crm' }),
        itemRow('other kind', { matchKeys: ['mail:a'], kind: 'task' }),
        itemRow('no keys'),
        itemRow('case', { matchKeys: ['MAIL:A'] }),
      ],
    });
    const find = (keys: readonly string[], limit: number) =>
      store.withMatchKeys('p1', 'contact', 'mailbox', keys, limit);
    assert.deepEqual(await find(['mail:a', 'phone:1', quoted], 10), matching);
    assert.deepEqual((await find(['mail:a', 'phone:1', quoted], 2)).map(idOf), ['1', '2']);
    assert.deepEqual((await find(['phone:1'], 10)).map(idOf), ['1', '3']);
    assert.deepEqual(await find(['mail:', 'nobody', ''], 10), []);
    assert.deepEqual(await find([], 10), []);
    await store.commit(lease, { items: [itemRow('1', { matchKeys: ['mail:b'] })] });
    assert.deepEqual((await find(['phone:1', 'mail:b'], 10)).map(idOf), ['1', '3']);
    assert.deepEqual((await find(['mail:a'], 10)).map(idOf), []);
  });

  test('after a full listing the items it did not show are found', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const missing = oddIds.map((id, index) =>
      itemRow(id, { epoch: 1, linkKey: `k-${id}`, presence: index === 0 ? 'unreadable' : 'present' }),
    );
    await store.commit(lease, {
      items: [
        ...missing,
        itemRow('seen', { epoch: 2 }),
        itemRow('seen later', { epoch: 3 }),
        itemRow('gone', { presence: 'gone' }),
        itemRow('out', { presence: 'out' }),
        itemRow('other side', { side: 'crm' }),
        itemRow('other kind', { kind: 'event' }),
      ],
    });
    const ask = (after: string | null, limit: number) => store.notSeen('p1', 'mailbox', 'contact', 2, after, limit);
    assert.deepEqual(await allPages(ask, idOf), oddIds);
    assert.deepEqual(await ask(null, 100), missing);
    assert.deepEqual(await store.notSeen('p1', 'mailbox', 'contact', 1, null, 10), []);
  });
}
