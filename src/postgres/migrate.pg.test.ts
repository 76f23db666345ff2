import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { testDatabase } from '#testing/postgres.ts';
import { MigrationRefused, migrate } from './migrate.ts';

const first = 'create table sample.one (id integer); insert into sample.one values (1);';
const second = 'create table sample.two (id integer);';

test('files are applied once and in order, and later ones when they come', async (t) => {
  const { database } = await testDatabase(t);
  const folder = await folderWith(t, { '0001-one.sql': first });
  const options = { schema: 'sample', folder };
  assert.deepEqual(await migrate(database, options), ['0001-one.sql']);
  assert.deepEqual(await migrate(database, options), []);
  await writeFile(join(folder, '0002-two.sql'), second);
  assert.deepEqual(await migrate(database, options), ['0002-two.sql']);
  assert.deepEqual(await database.query('test.one', 'select id from sample.one'), [{ id: 1 }]);
});

test('programs that start at once apply every file exactly once', async (t) => {
  const { database } = await testDatabase(t);
  const folder = await folderWith(t, { '0001-one.sql': first, '0002-two.sql': second });
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(database, { schema: 'sample', folder })));
  assert.deepEqual(applied.flat().sort(), ['0001-one.sql', '0002-two.sql']);
  assert.deepEqual(await database.query('test.one', 'select id from sample.one'), [{ id: 1 }]);
});

test('a file that fails leaves nothing of itself behind', async (t) => {
  const { database } = await testDatabase(t);
  const folder = await folderWith(t, { '0001-one.sql': first, '0002-two.sql': `${second} select 1/0;` });
  await assert.rejects(migrate(database, { schema: 'sample', folder }), /division by zero/);
  assert.deepEqual(await database.query('test.names', 'select name from sample.migration'), [{ name: '0001-one.sql' }]);
  assert.deepEqual(await database.query('test.two', "select to_regclass('sample.two') as two"), [{ two: null }]);
});

test('a file changed after it was applied is refused', async (t) => {
  const { database } = await testDatabase(t);
  const folder = await folderWith(t, { '0001-one.sql': first });
  await migrate(database, { schema: 'sample', folder });
  await writeFile(join(folder, '0001-one.sql'), `${first}\n-- changed`);
  await assert.rejects(migrate(database, { schema: 'sample', folder }), refused('changed'));
});

test('data of a newer program is refused by an older one', async (t) => {
  const { database } = await testDatabase(t);
  const folder = await folderWith(t, { '0001-one.sql': first, '0002-two.sql': second });
  await migrate(database, { schema: 'sample', folder });
  await rm(join(folder, '0002-two.sql'));
  await assert.rejects(migrate(database, { schema: 'sample', folder }), refused('newer'));
});

test('a gap in the numbers is refused before anything is applied', async (t) => {
  const { database } = await testDatabase(t);
  const folder = await folderWith(t, { '0001-one.sql': first, '0003-two.sql': second });
  await assert.rejects(migrate(database, { schema: 'sample', folder }), refused('files'));
  assert.deepEqual(await database.query('test.none', "select to_regclass('sample.one') as one"), [{ one: null }]);
});

function refused(trouble: string): (error: unknown) => boolean {
  return (error) => error instanceof MigrationRefused && error.trouble === trouble;
}

async function folderWith(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-migrate-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}
