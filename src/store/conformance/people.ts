/** The words of the port about what people see and decide: brakes, totals, journal, quarantine, the review list. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { type Fault, fault } from '#contract/fault.ts';
import type { StateBatch, Store } from '../port.ts';
import {
  brakeRow,
  claimNew,
  feedRow,
  instant,
  itemRow,
  journalEntry,
  linkedItems,
  linkRow,
  pairRow,
  refusal,
  startMs,
} from './rows.ts';

export function peopleConformance(open: (t: TestContext) => Promise<Store>): void {
  test('a person releases exactly the plan that was shown', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const held = brakeRow({ plan: 'plan-1' });
    const others = [
      brakeRow({ side: 'crm', plan: 'plan-1' }),
      brakeRow({ kind: 'task', plan: 'plan-1' }),
      brakeRow({ work: 'overwrites', plan: 'plan-2' }),
    ];
    await store.commit(lease, { brakes: [held, ...others] });
    assert.equal(await store.releaseBrake('p1', 'mailbox', 'contact', 'plan-0'), false);
    assert.equal(await store.releaseBrake('nobody00', 'mailbox', 'contact', 'plan-1'), false);
    assert.equal(await store.releaseBrake('p1', 'mailbox', 'contact', 'plan-1'), true);
    assert.equal(await store.releaseBrake('p1', 'mailbox', 'contact', 'plan-1'), false);
    const states = (await store.brakes('p1')).map(({ side, kind, work, state }) => [side, kind, work, state]);
    assert.deepEqual(states, [
      ['crm', 'contact', 'removals', 'held'],
      ['mailbox', 'contact', 'overwrites', 'held'],
      ['mailbox', 'contact', 'removals', 'released'],
      ['mailbox', 'task', 'removals', 'held'],
    ]);
  });

  test('a plan that has changed since is not released', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, { brakes: [brakeRow({ plan: 'plan-1' })] });
    await store.commit(lease, { brakes: [brakeRow({ plan: 'plan-2' })] });
    assert.equal(await store.releaseBrake('p1', 'mailbox', 'contact', 'plan-1'), false);
    await store.commit(lease, { brakes: [brakeRow({ plan: 'plan-2', state: 'cleared' })] });
    assert.equal(await store.releaseBrake('p1', 'mailbox', 'contact', 'plan-2'), false);
    assert.deepEqual(await store.brakes('p1'), [brakeRow({ plan: 'plan-2', state: 'cleared' })]);
  });

  test('mailboxes with a held brake are counted, up to what is asked for, without the one that asks', async (t) => {
    const store = await open(t);
    for (const pairId of ['p1', 'p2', 'p3']) {
      const lease = await claimNew(store, pairId);
      await store.commit(lease, { brakes: [brakeRow({ plan: 'a' }), brakeRow({ kind: 'task', plan: 'b' })] });
    }
    assert.equal(await store.brakedPairs('p1', 10), 2);
    assert.equal(await store.brakedPairs('p1', 1), 1);
    await store.releaseBrake('p2', 'mailbox', 'contact', 'a');
    assert.equal(await store.brakedPairs('p1', 10), 2);
    await store.releaseBrake('p2', 'mailbox', 'task', 'b');
    assert.equal(await store.brakedPairs('p1', 10), 1);
    const waiting = (await store.waiting('p2')).map(({ heldBrakes }) => heldBrakes);
    assert.deepEqual(
      [waiting, (await store.waiting('p3')).map(({ heldBrakes }) => heldBrakes)],
      [
        [0, 0, 0],
        [1, 0, 1],
      ],
    );
  });

  test('conflicts that wait for a person are listed with all values, those of ended links are not', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const holds = [{ path: 'name', base: null, crm: { given: 'A' }, mailbox: { given: 'B' }, since: instant }];
    const links = [linkRow('k1'), linkRow('k2', { holds }), linkRow('k3', { holds })];
    const ended = linkRow('k4', { holds, ended: { reason: 'removed', at: instant } });
    await store.commit(lease, { links: [...links, ended] });
    assert.deepEqual(await store.held('p1', 10), links.slice(1));
    assert.deepEqual(await store.held('p1', 1), links.slice(1, 2));
    await store.commit(lease, { links: [linkRow('k2')] });
    assert.deepEqual(await store.held('p1', 10), links.slice(2));
  });

  test('totals per kind count links, reviews and journal entries', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const none = { paired: 0, quarantined: 0, review: 0, held: 0, events: {} };
    const empty = (['contact', 'event', 'task'] as const).map((kind) => ({ kind, ...none }));
    assert.deepEqual(await store.tallies('p1'), empty);
    const quarantine = { fault: refusal, side: 'mailbox', since: instant, attempts: 1, probeAtMs: startMs } as const;
    await store.commit(lease, {
      links: [
        linkRow('k1'),
        linkRow('k2', { quarantine }),
        linkRow('k3', { ids: { crm: 'c', mailbox: null } }),
        linkRow('k4', { quarantine, ended: { reason: 'removed', at: instant } }),
        linkRow('k5', { kind: 'task', holds: [{ path: 'title', base: null, crm: 'A', mailbox: 'B', since: instant }] }),
      ],
      items: [
        itemRow('parked', { parked: 'ambiguous' }),
        itemRow('linked', { parked: 'ambiguous', linkKey: 'k1' }),
        itemRow('sick', { parked: 'item.unreadable', presence: 'unreadable', side: 'crm' }),
      ],
      journal: [
        journalEntry('created'),
        journalEntry('created'),
        journalEntry('created', { side: 'crm' }),
        journalEntry('matched', { side: null }),
        journalEntry('created', { kind: 'event' }),
      ],
    });
    assert.deepEqual(await store.tallies('p1'), [
      {
        kind: 'contact',
        paired: 2,
        quarantined: 1,
        review: 3,
        held: 0,
        events: { 'created.mailbox': 2, 'created.crm': 1, matched: 1 },
      },
      { kind: 'event', ...none, events: { 'created.mailbox': 1 } },
      { kind: 'task', ...none, paired: 1, held: 1 },
    ]);
  });

  test('what a person asks for is remembered once, until exactly that is answered', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    for (const decision of [7, 3, 7]) await store.ask('p1', { kind: 'undo', decision });
    await store.ask('nobody00', { kind: 'undo', decision: 1 });
    const asked = await store.requests('p1', 9);
    assert.deepEqual(
      asked.map(({ request }) => request),
      [
        { kind: 'undo', decision: 7 },
        { kind: 'undo', decision: 3 },
      ],
    );
    assert.deepEqual(await store.requests('p1', 1), asked.slice(0, 1));
    assert.deepEqual(await store.requests('nobody00', 9), []);
    await store.commit(lease, { answered: asked.slice(0, 1).map(({ number }) => number) });
    assert.deepEqual(await store.requests('p1', 9), asked.slice(1));
    await store.ask('p1', { kind: 'undo', decision: 7 });
    await store.commit(lease, { answered: asked.slice(0, 1).map(({ number }) => number) });
    assert.equal((await store.requests('p1', 9)).length, 2, 'asked anew');
  });

  test('many users are told about at once, each in the same words as alone', async (t) => {
    const store = await open(t);
    const quarantine = { fault: refusal, side: 'mailbox', since: instant, attempts: 1, probeAtMs: startMs } as const;
    const lease = await claimNew(store, 'p1');
    await store.commit(lease, {
      feeds: [feedRow(), feedRow({ side: 'crm' })],
      links: [linkRow('k1', { quarantine }), linkRow('k2', { base: null }), linkRow('k3', { kind: 'task' })],
      items: [...linkedItems('k1', { pending: true }), itemRow('new', { pending: true, linkKey: null })],
      journal: [journalEntry('created')],
      brakes: [brakeRow({ plan: 'plan-1' })],
    });
    await store.putPairs([pairRow('p2')]);
    const details = await store.details(['p2', 'nobody00', 'p1', 'p1']);
    assert.deepEqual([...details.keys()].sort(), ['p1', 'p2']);
    for (const pairId of ['p1', 'p2']) {
      assert.deepEqual(details.get(pairId), {
        feeds: await store.feeds(pairId),
        waiting: await store.waiting(pairId),
        tallies: await store.tallies(pairId),
        brakes: await store.brakes(pairId),
      });
    }
    assert.deepEqual(await store.details([]), new Map());
  });

  test('users with trouble are found among all, and counted by its sort', async (t) => {
    const store = await open(t);
    const troubled = { overdueBeforeMs: startMs };
    const none = { users: 0, disabled: 0, failing: 0, overdue: 0, initial: 0, held: 0, setAside: 0 };
    assert.deepEqual(await store.summary(troubled), none);
    const ids = ['failed', 'fine', 'held', 'late', 'off', 'sick', 'slow'];
    const quarantine = { fault: refusal, side: 'mailbox', since: instant, attempts: 1, probeAtMs: startMs } as const;
    const batches: Readonly<Record<string, StateBatch>> = {
      held: { brakes: [brakeRow()] },
      fine: { brakes: [brakeRow({ state: 'released' })], links: [linkRow('k1')] },
      sick: { links: [linkRow('k1', { quarantine })] },
    };
    const faults: Readonly<Record<string, Fault>> = {
      failed: fault('server.timeout', 'x'),
      off: fault('server.timeout', 'x'),
      slow: fault('budget.exhausted', 'x'),
    };
    for (const id of ids) {
      const lease = await claimNew(store, id);
      await store.commit(lease, batches[id] ?? {});
      const trouble = faults[id];
      const outcome = { at: instant, durationMs: 1, ...(trouble === undefined ? {} : { fault: trouble }) };
      const result = trouble === undefined ? 'quiet' : 'failed';
      await store.finish(lease, { ...outcome, result }, id === 'late' ? startMs - 1 : startMs, 0);
    }
    await store.putPairs([pairRow('off', { enabled: false }), pairRow('young')]);
    const names = async (after: string | null, limit: number): Promise<readonly string[]> =>
      (await store.pairs(after, limit, troubled)).map(({ pair }) => pair.pairId);
    assert.deepEqual(await names(null, 10), ['failed', 'held', 'late', 'sick', 'slow']);
    assert.deepEqual(await names('held@example.com', 2), ['late', 'sick']);
    const counts = { users: 8, disabled: 1, failing: 1, overdue: 1, initial: 3, held: 1, setAside: 1 };
    assert.deepEqual(await store.summary(troubled), counts);
  });

  test('the journal is read in the order it was written, page by page and filtered', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const events = ['matched', 'created', 'updated', 'created', 'ended', 'removed'];
    const entries = events.map((event, index) => journalEntry(event, { linkKey: `k${index % 2}`, detail: { index } }));
    await store.commit(lease, { journal: entries.slice(0, 4) });
    await store.commit(lease, { journal: entries.slice(4) });

    const first = await store.journal('p1', { limit: 4 });
    const rest = await store.journal('p1', { after: first.at(-1)!.sequence, limit: 4 });
    const all = [...first, ...rest];
    assert.deepEqual(
      all.map(({ sequence: _, ...entry }) => entry),
      entries,
    );
    assert.ok(all.every((row, index) => index === 0 || row.sequence > all[index - 1]!.sequence));
    assert.deepEqual(await store.journal('p1', { after: all.at(-1)!.sequence, limit: 4 }), []);

    const indexes = async (query: object) =>
      (await store.journal('p1', { limit: 10, ...query })).map((row) => row.detail.index);
    assert.deepEqual(await indexes({ linkKey: 'k1' }), [1, 3, 5]);
    assert.deepEqual(await indexes({ event: 'created' }), [1, 3]);
    assert.deepEqual(await indexes({ event: 'created', linkKey: 'k0' }), []);
    assert.deepEqual(await indexes({ linkKey: 'k0', after: all[0]!.sequence, limit: 1 }), [2]);
  });

  test('links that are set aside are listed with their reason', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const quarantine = { fault: refusal, side: 'mailbox', since: instant, attempts: 3, probeAtMs: startMs } as const;
    const aside = ['k1', 'k2', 'k3'].map((key) =>
      linkRow(key, { quarantine, kind: key === 'k2' ? 'task' : 'contact' }),
    );
    const ended = linkRow('k5', { quarantine, ended: { reason: 'removed', at: instant } });
    await store.commit(lease, { links: [...aside.toReversed(), linkRow('k4'), ended] });
    assert.deepEqual(await store.quarantined('p1', 10), aside);
    assert.deepEqual(await store.quarantined('p1', 2), aside.slice(0, 2));
  });

  test('items that are left alone are listed with their reason, paired or not', async (t) => {
    const store = await open(t);
    const lease = await claimNew(store, 'p1');
    const parked = [
      itemRow('a', { side: 'crm', parked: 'ambiguous' }),
      itemRow('a', { side: 'crm', kind: 'task', parked: 'ambiguous' }),
      itemRow('a', { parked: 'ambiguous' }),
      itemRow('b', { parked: 'item.unreadable', presence: 'unreadable' }),
      itemRow('linked', { parked: 'item.unreadable', presence: 'unreadable', linkKey: 'k1' }),
      itemRow('a', { kind: 'task', parked: 'ambiguous' }),
    ];
    await store.commit(lease, {
      items: [...parked.toReversed(), itemRow('free')],
    });
    assert.deepEqual(await store.review('p1', 10), parked);
    assert.deepEqual(await store.review('p1', 1), parked.slice(0, 1));
  });
}
