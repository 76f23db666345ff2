/** `sync --dry-run` must not write anything anywhere: not on a side, not in the database. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Connector } from '#contract/connector.ts';
import { defaultCadence } from '#dispatch/back-off.ts';
import { runPair } from '#dispatch/run-pair.ts';
import { defaultPolicy } from '#engine/policy.ts';
import { defaultTunables } from '#engine/task.ts';
import type { Contact, Task } from '#model/item.ts';
import { systemPorts } from '#ports/system-ports.ts';
import type { Database } from '#postgres/database.ts';
import type { Pair } from '#store/port.ts';
import { openPostgresStore } from '#store/postgres/postgres-store.ts';
import { MapSide } from '#testing/map-side.ts';
import { testDatabase } from '#testing/postgres.ts';
import type { Liaison } from './liaison.ts';
import { rehearse, rolledBack } from './rehearsal.ts';

const pair: Pair = {
  pairId: 'dryrun01',
  crmUser: 'ADA',
  mailbox: 'ada@example.test',
  enabled: true,
  server: 'main',
  levels: { contact: 'full', event: 'full', task: 'full' },
};

const contact = (given: string): Contact => ({
  kind: 'contact',
  name: { given, surname: 'Archer' },
  emails: { '1': `${given.toLowerCase()}@example.test` },
});
const task = (title: string): Task => ({ kind: 'task', title, progress: { status: 'notStarted', percent: 0 } });

/** A side whose every write is a failure of the test. */
function untouchable(connector: Connector): Connector {
  const never = (call: string) => async (): Promise<never> => {
    throw new Error(`the rehearsal called ${call}`);
  };
  return { ...connector, create: never('create'), update: never('update'), remove: never('remove') };
}

async function scene(t: TestContext) {
  const { database } = await testDatabase(t);
  const ports = systemPorts();
  const store = await openPostgresStore(database);
  await store.putPairs([pair]);
  const crm = new MapSide({ name: 'c', writesReturnItem: false });
  const mailbox = new MapSide({ name: 'm', writesReturnItem: false });
  const runOptions = {
    store,
    policy: () => defaultPolicy,
    cadence: defaultCadence,
    tunables: defaultTunables,
    ports,
    open: async (_: Pair, side: 'crm' | 'mailbox') => {
      const connector = (side === 'crm' ? crm : mailbox).connector();
      return { ok: true as const, value: connector };
    },
  };
  // What a rehearsal uses of an open Liaison.
  const liaison = {
    database,
    runOptions,
    open: async (one: Pair, side: 'crm' | 'mailbox') => {
      const reply = await runOptions.open(one, side);
      return { ok: true as const, value: untouchable(reply.value) };
    },
  } as unknown as Liaison;
  const realPass = async () => {
    const claim = await store.claimPair(pair.pairId, 'test', ports.clock.now(), defaultTunables.leaseMs);
    assert.ok(claim !== undefined);
    return await runPair(claim, runOptions);
  };
  return { database, store, crm, mailbox, liaison, ports, realPass };
}

/** Every row of every table of the state, as text. */
async function everything(database: Database): Promise<string> {
  const tables = await database.query<{ name: string }>(
    'test.tables',
    `select table_name as name from information_schema.tables
      where table_schema = 'liaison' and table_type = 'BASE TABLE' order by 1`,
  );
  assert.ok(tables.length > 5);
  const contents: string[] = [];
  for (const { name } of tables) {
    const rows = await database.query<{ row: string }>(
      `test.${name}`,
      `select t::text as row from liaison.${name} t order by 1`,
    );
    contents.push(name, ...rows.map(({ row }) => row));
  }
  return contents.join('\n');
}

test('a dry run of a first sync says what would be made on each side, and writes nothing anywhere', async (t) => {
  const { database, crm, mailbox, liaison, ports } = await scene(t);
  for (const name of ['Ann', 'Bob']) crm.add(contact(name));
  for (const name of ['Bob', 'Cid', 'Dee']) mailbox.add(contact(name));
  mailbox.add(task('call'));
  const before = await everything(database);
  const rehearsal = await rehearse(liaison, pair, ports);
  assert.ok(rehearsal !== undefined);
  const creates = rehearsal.writes.filter(({ op }) => op === 'create').map(({ side, kind }) => `${side} ${kind}`);
  assert.deepEqual(creates.sort(), ['crm contact', 'crm contact', 'crm task', 'mailbox contact']);
  assert.deepEqual(rehearsal.pass.troubles, []);
  assert.equal(await everything(database), before);
  assert.deepEqual([crm.writes, mailbox.writes], [[], []]);
});

test('a dry run says exactly what the pass after it then does', async (t) => {
  const { crm, mailbox, liaison, ports, realPass } = await scene(t);
  const ids = ['Ann', 'Bob', 'Cid', 'Dee'].map((name) => crm.add(contact(name)));
  mailbox.add(contact('Eve'));
  await realPass();
  await realPass();
  const [ann, bob] = ids as [string, string];
  crm.edit<Contact>(ann, (item) => ({ ...item, webPage: 'https://ann.test' }));
  crm.delete(bob);
  const eve = [...mailbox.items].find(([, stored]) => (stored.item as Contact).name?.given === 'Eve')?.[0] ?? '';
  mailbox.edit<Contact>(eve, (item) => ({ ...item, birthday: '1980-02-03' }));
  mailbox.add(contact('Fay'));
  crm.writes.length = 0;
  mailbox.writes.length = 0;
  const rehearsal = await rehearse(liaison, pair, ports);
  assert.ok(rehearsal !== undefined);
  assert.deepEqual([crm.writes, mailbox.writes], [[], []]);
  const planned = (side: 'crm' | 'mailbox'): readonly string[] =>
    rehearsal.writes
      .filter((write) => write.side === side)
      .map(({ op }) => (op === 'mark' ? 'update' : op))
      .sort();
  const updated = rehearsal.writes.filter(({ op }) => op === 'update').map(({ paths }) => paths.join());
  assert.deepEqual(updated.sort(), ['birthday', 'webPage']);
  await realPass();
  const done = (writes: readonly string[]): readonly string[] =>
    writes.map((write) => write.split(' ')[0] ?? '').sort();
  assert.deepEqual(planned('crm'), done(crm.writes));
  assert.deepEqual(planned('mailbox'), done(mailbox.writes));
});

test('a dry run is refused while another process works on the pair', async (t) => {
  const { store, liaison, ports } = await scene(t);
  const claim = await store.claimPair(pair.pairId, 'somebody', ports.clock.now(), 60_000);
  assert.ok(claim !== undefined);
  assert.equal(await rehearse(liaison, pair, ports), undefined);
});

test('whatever happens inside, a rolled back database is as before', async (t) => {
  const { database } = await testDatabase(t);
  await database.script('create table kept (value integer); insert into kept values (1)');
  const answer = await rolledBack(database, async (inside) => {
    await Promise.all([
      inside.transaction((q) => q.script('insert into kept values (2)')),
      inside.query('test.insert', 'insert into kept values (3)'),
    ]);
    await assert.rejects(inside.transaction((q) => q.script('insert into nowhere values (1)')));
    const [row] = await inside.query<{ count: number }>('test.count', 'select count(*) from kept');
    return row?.count;
  });
  assert.equal(answer, 3);
  await assert.rejects(
    rolledBack(database, async (inside) => {
      await inside.script('delete from kept');
      throw new Error('a defect');
    }),
    /a defect/,
  );
  const rows = await database.query<{ value: number }>('test.rows', 'select value from kept');
  assert.deepEqual(rows, [{ value: 1 }]);
});
