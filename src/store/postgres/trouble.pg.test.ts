import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitUnknown, type Database, openDatabase } from '#postgres/database.ts';
import { testDatabase } from '#testing/postgres.ts';
import { claimNew, feedRow, itemRow } from '../conformance/rows.ts';
import { StoreUnavailable } from '../port.ts';
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
    await waitUntilBlocked(database);
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

/** Asks until the program named `writer` waits for a lock. */
async function waitUntilBlocked(database: Database): Promise<void> {
  for (let asked = 0; asked < 10_000; asked += 1) {
    const blocked = await database.query(
      'test.blocked',
      `select pid from pg_stat_activity where application_name = 'writer' and wait_event_type = 'Lock'`,
    );
    if (blocked.length > 0) return;
  }
  assert.fail('the writer was never blocked');
}
