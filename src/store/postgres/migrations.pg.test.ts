import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Database } from '#postgres/database.ts';
import { MigrationRefused, migrate } from '#postgres/migrate.ts';
import { testDatabase } from '#testing/postgres.ts';
import { claimNew, claimNow, feedRow, instant, linkedItems, linkRow, startMs } from '../conformance/rows.ts';
import { openPostgresStore } from './postgres-store.ts';

async function appliedMigrations(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ name: string }>('test', 'select name from liaison.migration order by number');
  return rows.map((row) => row.name);
}

test('an empty database is made ready', async (t) => {
  const { database } = await testDatabase(t);
  const store = await openPostgresStore(database);
  assert.deepEqual(await store.pairs(null, 10), []);
  const files = await readdir(new URL('./migrations/', import.meta.url));
  assert.deepEqual(await appliedMigrations(database), files.sort());
});

test('opening again changes nothing and finds everything', async (t) => {
  const { database } = await testDatabase(t);
  const store = await openPostgresStore(database);
  const lease = await claimNew(store, 'p1');
  await store.commit(lease, { items: linkedItems('k1'), links: [linkRow('k1')] });
  const before = [await store.pairs(null, 10), await store.links('p1', ['k1']), await appliedMigrations(database)];
  const again = await openPostgresStore(database);
  const after = [await again.pairs(null, 10), await again.links('p1', ['k1']), await appliedMigrations(database)];
  assert.deepEqual(after, before);
  await again.commit(lease, { feeds: [feedRow()] });
});

test('programs that start at once make the database ready once', async (t) => {
  const { database } = await testDatabase(t);
  const stores = await Promise.all([1, 2, 3].map(() => openPostgresStore(database)));
  for (const store of stores) assert.deepEqual(await store.pairs(null, 10), []);
});

test('a database of a newer program is refused', async (t) => {
  const { database } = await testDatabase(t);
  await openPostgresStore(database);
  await database.script(`insert into liaison.migration (number, name, checksum) values (9999, '9999-later.sql', 'x')`);
  await assert.rejects(openPostgresStore(database), MigrationRefused);
});

test('what an older program left behind is taken over: feeds, and undoings that were asked for', async (t) => {
  const { database } = await testDatabase(t);
  const older = await mkdtemp(join(tmpdir(), 'liaison-migrations-'));
  t.after(() => rm(older, { recursive: true, force: true }));
  const folder = new URL('./migrations/', import.meta.url);
  for (const name of await readdir(folder)) if (name < '0004') await copyFile(new URL(name, folder), join(older, name));
  await migrate(database, { schema: 'liaison', folder: older });
  await database.script(
    `insert into liaison.pair (pair_id, crm_user, mailbox, server, levels) values ('p1', 'P1', 'p1@example.com', 'main', '{}');
     insert into liaison.undo values ('p1', 12), ('p1', 7);
     insert into liaison.feed values ('p1', 'crm', 'contact', 3, 'c3', true, true)`,
  );
  const store = await openPostgresStore(database);
  const asked = (await store.requests('p1', 9)).map(({ request }) => request);
  assert.deepEqual(
    asked,
    [7, 12].map((decision) => ({ kind: 'undo', decision })),
  );
  await store.ask('p1', { kind: 'undo', decision: 7 });
  assert.equal((await store.requests('p1', 9)).length, 2, 'asking twice is asking once');
  const seen = { epoch: 3, cursor: 'c3', listed: true, verified: true, mapping: '', mappedEpoch: 1 };
  assert.deepEqual(await store.feeds('p1'), [feedRow({ side: 'crm', ...seen })]);
});

test('every table is keyed by pair first, so that the state partitions by mailbox', async (t) => {
  const { database } = await testDatabase(t);
  await openPostgresStore(database);
  const keys = await database.query<{ name: string; first: string }>(
    'test',
    `select table_class.relname as name, attribute.attname as first
       from pg_class as table_class left join pg_constraint as key on key.conrelid = table_class.oid and key.contype = 'p'
       left join pg_attribute as attribute on attribute.attrelid = key.conrelid and attribute.attnum = key.conkey[1]
      where table_class.relnamespace = 'liaison'::regnamespace and table_class.relkind = 'r'
        and table_class.relname <> 'migration'`,
  );
  assert.equal(keys.length, 10);
  assert.deepEqual([...new Set(keys.map((key) => key.first))], ['pair_id']);
});

test('identifiers are ordered byte by byte whatever the language of the database', async (t) => {
  const { database } = await testDatabase(t);
  await openPostgresStore(database);
  const columns = await database.query<{ name: string; collation: string }>(
    'test',
    `select table_class.relname || '.' || attribute.attname as name, pg_collation.collname as collation
       from pg_index join pg_class as table_class on table_class.oid = indrelid
       join pg_attribute as attribute on attribute.attrelid = indrelid and attribute.attnum = any(indkey)
       join pg_collation on pg_collation.oid = attribute.attcollation
      where table_class.relnamespace = 'liaison'::regnamespace and table_class.relname <> 'migration'`,
  );
  assert.ok(columns.length > 20);
  assert.deepEqual(
    columns.filter((column) => column.collation !== 'C'),
    [],
  );
});

test('a cycle with nothing to do writes no row but the schedule’s', async (t) => {
  const { database } = await testDatabase(t);
  const store = await openPostgresStore(database);
  const lease = await claimNew(store, 'p1');
  await store.commit(lease, { items: linkedItems('k1'), links: [linkRow('k1')], feeds: [feedRow()] });
  await store.finish(lease, { at: instant, result: 'changed', durationMs: 1 }, startMs, 0);
  const before = await rowVersions(database);

  const { lease: idle } = await claimNow(store, 'p1', 'two');
  await store.commit(idle, {
    feeds: await store.feeds('p1'),
    seen: [{ side: 'crm', kind: 'contact', id: 'crm-k1', epoch: 1 }],
    settled: ['none'],
  });
  await store.commit(idle, {});
  await store.waiting('p1');
  await store.finish(idle, { at: instant, result: 'quiet', durationMs: 1 }, startMs, 0);
  assert.deepEqual(await rowVersions(database), before);
});

/** Place and writing transaction of every row outside the schedule: both change with any write. */
async function rowVersions(database: Database): Promise<readonly object[]> {
  const tables = ['pair', 'location', 'feed', 'item', 'link', 'intent', 'journal', 'brake'];
  const selects = tables.map((table) => `select '${table}' as table, ctid::text, xmin::text from liaison.${table}`);
  return database.query('test.rowVersions', `${selects.join(' union all ')} order by 1, 2`);
}
