import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitUnknown, type Database, openDatabase } from '#postgres/database.ts';
import { testDatabase } from '#testing/postgres.ts';
import { claimNew, feedRow, itemRow, leaseMs } from '../conformance/rows.ts';
import { FenceLost, StoreUnavailable } from '../port.ts';
import { openPostgresStore } from './postgres-store.ts';

test('a database that cannot be reached is unavailable', async () => {
  const database = openDatabase('postgres://nobody@127.0.0.1:1/nothing');
  await assert.rejects(openPostgresStore(database), StoreUnavailable);
  await database.close();
});

test('a batch whose connection is cut is unavailable, and nothing of it stays', async (t) => {
  const { database, url } = await testDatabase(t);
  const store = await openPostgresStore(database);
  const lease = await claimNew(store, 'p1');
  const writer = openDatabase(url, { max: 1, applicationName: 'writer' });
  t.after(() => writer.close());
  const writing = await openPostgresStore(writer);
  await database.transaction(async (holder) => {
    await holder.script('lock table liaison.feed');
    const commit = writing.commit(lease, { items: [itemRow('i1')], feeds: [feedRow()] });
    commit.catch(() => {});
    await waitUntilBlocked(database, 'writer');
    await holder.query(
      'test.cut',
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'writer'`,
    );
    await assert.rejects(commit, StoreUnavailable);
  });
  assert.equal((await store.known('p1', 'mailbox', 'contact', ['i1'])).size, 0);
  await writing.commit(lease, { items: [itemRow('i1')] });
});

test('a batch that takes too long is unavailable', async (t) => {
  const { database, url } = await testDatabase(t);
  const store = await openPostgresStore(database);
  const lease = await claimNew(store, 'p1');
  const hasty = openDatabase(url, { max: 1, statementMsMax: 50 });
  t.after(() => hasty.close());
  const writing = await openPostgresStore(hasty);
  await database.transaction(async (holder) => {
    await holder.script('lock table liaison.feed');
    await assert.rejects(writing.commit(lease, { feeds: [feedRow()] }), StoreUnavailable);
  });
  assert.deepEqual(await store.feeds('p1'), []);
});

test('a commit of which nobody knows whether it happened is unavailable', async (t) => {
  const { database } = await testDatabase(t);
  const store = await openPostgresStore(database);
  const lease = await claimNew(store, 'p1');
  let isCut = false;
  const doubting = await openPostgresStore({
    ...database,
    async transaction(work, options) {
      const value = await database.transaction(work, options);
      if (isCut) throw new CommitUnknown(new Error('cut'));
      return value;
    },
  });
  isCut = true;
  await assert.rejects(doubting.commit(lease, { items: [itemRow('i1')] }), StoreUnavailable);
  assert.equal((await store.known('p1', 'mailbox', 'contact', ['i1'])).size, 1);
});

test('a takeover waits until the batch under way is written', async (t) => {
  const { database, url } = await testDatabase(t);
  const store = await openPostgresStore(database);
  const lease = await claimNew(store, 'p1');
  const writer = openDatabase(url, { applicationName: 'writer' });
  const taker = openDatabase(url, { applicationName: 'taker' });
  t.after(() => writer.close());
  t.after(() => taker.close());
  const writing = await openPostgresStore(writer);
  const taking = await openPostgresStore(taker);
  const { commit, claim } = await database.transaction(async (holder) => {
    await holder.script('lock table liaison.feed');
    const commit = writing.commit(lease, { feeds: [feedRow()] });
    await waitUntilBlocked(database, 'writer');
    const claim = taking.claimPair('p1', 'two', lease.untilMs, leaseMs);
    await waitUntilBlocked(database, 'taker');
    assert.deepEqual(await store.claim('three', lease.untilMs, leaseMs, 10), []);
    return { commit, claim };
  });
  await commit;
  assert.equal((await claim)?.lease.owner, 'two');
  assert.deepEqual(await store.feeds('p1'), [feedRow()]);
  await assert.rejects(store.commit(lease, { items: [itemRow('i1')] }), FenceLost);
});

/** Asks until the program named `program` waits for a lock. */
async function waitUntilBlocked(database: Database, program: string): Promise<void> {
  for (let asked = 0; asked < 10_000; asked += 1) {
    const blocked = await database.query(
      'test.blocked',
      `select pid from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'`,
      [program],
    );
    if (blocked.length > 0) return;
  }
  assert.fail(`${program} was never blocked`);
}
