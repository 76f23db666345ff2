import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Item } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import { problems } from '#model/validate.ts';
import { type TestCrm, testCrm } from '#testing/sql-crm.ts';
import { seededRandom } from '../exchange/people/seeded-random.ts';
import { editRandomly } from './edit-randomly.ts';
import { seedEmployee } from './seed-employee.ts';

const today = 20_500;
const size = { contacts: 30, appointments: 30, series: 10, tasks: 30, zone: 'Europe/Berlin', today };

test('a seeded employee has as many contacts, appointments and tasks as asked, and every one is valid', async (t) => {
  const crm = await testCrm(t);
  await seedEmployee(crm.database, { ...size, login: 'ada', email: 'ada@crm.example', random: seededRandom(1) });
  const counts = [];
  for (const items of await itemsOf(crm, 'ada')) {
    counts.push(items.length);
    for (const item of items) assert.deepEqual(problems(item), [], JSON.stringify(item));
  }
  assert.deepEqual(counts, [30, 40, 30]);
});

test('the same seed gives the same data', async (t) => {
  const crm = await testCrm(t);
  for (const login of ['ada', 'bob']) {
    await seedEmployee(crm.database, { ...size, login, email: `${login}@crm.example`, random: seededRandom(2) });
  }
  const [contacts, , tasks] = await itemsOf(crm, 'ada');
  const [others, , otherTasks] = await itemsOf(crm, 'bob');
  assert.deepEqual(others, contacts);
  assert.deepEqual(otherTasks, tasks);
});

test('hundreds of people’s edits of every sort keep every item valid', async (t) => {
  const crm = await testCrm(t);
  const random = seededRandom(3);
  const { employeeId } = await seedEmployee(crm.database, { ...size, login: 'ada', email: 'ada@crm.example', random });
  const done = new Set<string>();
  for (let edits = 0; edits < 300; edits += 1) {
    done.add((await editRandomly(crm.database, employeeId, random, { today })).kind);
  }
  assert.ok(done.size >= 7, [...done].join());
  for (const items of await itemsOf(crm, 'ada')) {
    for (const item of items) assert.deepEqual(problems(item), [], JSON.stringify(item));
  }
});

/** The employee's items by kind, as the adapter shows them. */
async function itemsOf(crm: TestCrm, login: string): Promise<readonly (readonly Item[])[]> {
  const connector = crm.connector(login);
  const lists: Item[][] = [];
  for (const kind of kinds) {
    const page = await connector.changes(kind, null);
    assert.ok(page.ok);
    const reply = await connector.read(
      kind,
      page.value.changes.map((change) => change.id),
    );
    assert.ok(reply.ok);
    lists.push(reply.value.map((outcome) => (outcome as { readonly snapshot: { readonly item: Item } }).snapshot.item));
  }
  return lists;
}
