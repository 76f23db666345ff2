import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase, withDatabase } from '#testing/postgres.ts';
import { CommitUnknown, databaseTrouble, openDatabase, sqlState } from './database.ts';

test('values arrive as plain JSON: counters as numbers, dates and times as ISO text', async (t) => {
  const { database } = await testDatabase(t);
  const rows = await database.query<Record<string, unknown>>(
    'test.values',
    `select 9007199254740991::int8 as counter, date '2026-03-05' as day, timestamp '2026-03-05 09:00:00' as local,
            timestamptz '2026-03-05 09:00:00+02' as instant, '{"a":1}'::jsonb as json, array['x','y'] as list`,
  );
  assert.deepEqual(
    { ...rows[0] },
    {
      counter: 9007199254740991,
      day: '2026-03-05',
      local: '2026-03-05T09:00:00',
      instant: '2026-03-05T07:00:00Z',
      json: { a: 1 },
      list: ['x', 'y'],
    },
  );
});

test('a counter beyond what a number can hold is a defect, never a rounded value', async (t) => {
  const { database } = await testDatabase(t);
  await assert.rejects(database.query('test.big', 'select 9007199254740993::int8 as big'), RangeError);
});

test('a transaction that fails changes nothing', async (t) => {
  const { database } = await testDatabase(t);
  await database.script('create table note (id integer primary key)');
  const failure = new Error('changed my mind');
  await assert.rejects(
    database.transaction(async (queryable) => {
      await queryable.query('test.insert', 'insert into note values ($1)', [1]);
      throw failure;
    }),
    failure,
  );
  assert.deepEqual(await database.query('test.all', 'select id from note'), []);
});

test('a transaction whose failed statement was overlooked is reported, not taken as committed', async (t) => {
  const { database } = await testDatabase(t);
  await database.script('create table note (id integer primary key)');
  await assert.rejects(
    database.transaction(async (queryable) => {
      await queryable.query('test.insert', 'insert into note values ($1)', [1]);
      await queryable.query('test.wrong', 'select 1/0').catch(() => {});
    }),
    /rolled back/,
  );
  assert.deepEqual(await database.query('test.all', 'select id from note'), []);
});

test('a constraint that is only checked at commit is a certain refusal', async (t) => {
  const { database } = await testDatabase(t);
  await database.script('create table note (id integer unique deferrable initially deferred)');
  const attempt = database.transaction(async (queryable) => {
    await queryable.query('test.insert', 'insert into note values (1), (1)');
  });
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.equal(databaseTrouble(error), 'constraint');
  assert.equal(sqlState(error), '23505');
});

test('a connection lost during the commit is reported as unknown', async (t) => {
  const { database } = await testDatabase(t);
  // The commit itself waits in a deferred trigger until the connection has been ended from outside.
  await database.script(`
    create table note (id integer);
    create function wait() returns trigger language plpgsql as $$ begin perform pg_sleep(30); return null; end $$;
    create constraint trigger slow after insert on note deferrable initially deferred for each row execute function wait();
  `);
  const outcome = database
    .transaction(async (queryable) => {
      await queryable.query('test.insert', 'insert into note values (1)');
    })
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  for (;;) {
    const ended = await database.query(
      'test.end',
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query = 'commit' and state = 'active'`,
    );
    if (ended.length > 0) break;
  }
  const error = await outcome;
  assert.ok(error instanceof CommitUnknown);
  assert.equal(databaseTrouble(error), 'commitUnknown');
});

test('a connection lost before the commit is certain: nothing was changed', async (t) => {
  const { database } = await testDatabase(t);
  await database.script('create table note (id integer)');
  const outcome = database.transaction(async (queryable) => {
    await queryable.query('test.insert', 'insert into note values (1)');
    const [row] = await queryable.query<{ pid: number }>('test.pid', 'select pg_backend_pid() as pid');
    await database.query('test.end', 'select pg_terminate_backend($1)', [row!.pid]);
    await queryable.query('test.insert', 'insert into note values (1)');
  });
  const error = await outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.equal(databaseTrouble(error), 'connection');
  assert.deepEqual(await database.query('test.all', 'select id from note'), []);
});

test('each trouble of the server is told apart', async (t) => {
  const { url, database } = await testDatabase(t);
  const troubleOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'none',
      (error: unknown) => databaseTrouble(error),
    );
  assert.equal(await troubleOf(database.query('test.value', "select 'x'::integer")), 'value');
  assert.equal(await troubleOf(database.query('test.unknown', 'select nothing')), 'other');
  const impatient = openDatabase(url, { statementMsMax: 20, max: 1 });
  assert.equal(await troubleOf(impatient.query('test.slow', 'select pg_sleep(20)')), 'timeout');
  await impatient.close();
  const nowhere = openDatabase('postgresql://nobody@/none?host=/nonexistent', { max: 1 });
  assert.equal(await troubleOf(nowhere.query('test.one', 'select 1')), 'connection');
  await nowhere.close();
  const wrong = openDatabase(withDatabase(url, 'no_such_database'), { max: 1 });
  assert.equal(await troubleOf(wrong.query('test.one', 'select 1')), 'other');
  await wrong.close();
});
