import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStore } from '#store/memory/memory-store.ts';
import { virtualPorts } from '#testing/virtual-ports.ts';
import { putUsers } from './put-users.ts';
import type { User } from './user-file.ts';

const levels = { contact: 'full', event: 'full', task: 'full' } as const;
const user = (crmUser: string, mailbox: string, more: Partial<User> = {}): User => ({
  crmUser,
  mailbox,
  enabled: true,
  server: 'main',
  levels,
  ...more,
});

test('importing the same file twice changes nothing the second time', async () => {
  const store = memoryStore();
  const { random } = virtualPorts();
  const users = [user('A', 'a@x'), user('B', 'b@x', { zone: 'Europe/Paris' })];
  assert.deepEqual(await putUsers(store, users, random), { added: 2, changed: 0, unchanged: 0, refused: [] });
  const before = await store.pairs(null, 10);
  assert.deepEqual(await putUsers(store, users, random), { added: 0, changed: 0, unchanged: 2, refused: [] });
  assert.deepEqual(await store.pairs(null, 10), before);
});

test('a changed line changes the user and keeps the pairs made so far', async () => {
  const store = memoryStore();
  const { random } = virtualPorts();
  await putUsers(store, [user('A', 'a@x')], random);
  const before = (await store.findPair('a@x'))?.pair.pairId;
  const done = await putUsers(store, [user('A2', 'a@x', { levels: { ...levels, task: 'none' } })], random);
  assert.equal(done.changed, 1);
  const after = (await store.findPair('a@x'))?.pair;
  assert.equal(after?.pairId, before);
  assert.equal(after?.crmUser, 'A2');
  assert.equal(after?.levels.task, 'none');
});

test('a login that belongs to another mailbox is refused and nothing is imported, unless bad ones are to be skipped', async () => {
  const store = memoryStore();
  const { random } = virtualPorts();
  await putUsers(store, [user('A', 'a@x')], random);
  const users = [user('C', 'c@x'), user('A', 'other@x')];
  const refused = await putUsers(store, users, random);
  assert.equal(refused.refused[0]?.message, 'the CRM login A already goes with a@x; remove that user first');
  assert.equal(await store.findPair('c@x'), undefined);
  const skipped = await putUsers(store, users, random, true);
  assert.equal(skipped.added, 1);
  assert.notEqual(await store.findPair('c@x'), undefined);
  assert.equal(await store.findPair('other@x'), undefined);
});

test('a pair id is never given to two users, neither by a file nor by chance', async () => {
  const store = memoryStore();
  const { random } = virtualPorts();
  await putUsers(store, [user('A', 'a@x', { pairId: 'aaaaaaaa' })], random);
  const stolen = await putUsers(store, [user('B', 'b@x', { pairId: 'aaaaaaaa' })], random);
  assert.equal(stolen.refused[0]?.message, 'the pair id aaaaaaaa of b@x belongs to a@x; leave it empty');
  const other = await putUsers(store, [user('A', 'a@x', { pairId: 'bbbbbbbb' })], random);
  assert.match(other.refused[0]?.message ?? '', /a@x has the pair id aaaaaaaa already/);
  // Chance that gives the id in use first, then another one.
  let draws = 0;
  const bytes = (count: number): Uint8Array => new Uint8Array(count).fill(draws++ === 0 ? 10 : 11);
  await putUsers(store, [user('C', 'c@x')], { fraction: () => 0, bytes });
  assert.equal((await store.findPair('c@x'))?.pair.pairId, 'bbbbbbbb');
  assert.equal((await store.findPair('a@x'))?.pair.pairId, 'aaaaaaaa');
});

test('two users may exchange nothing but a login that became free in the same file', async () => {
  const store = memoryStore();
  const { random } = virtualPorts();
  await putUsers(store, [user('A', 'a@x')], random);
  const done = await putUsers(store, [user('A2', 'a@x'), user('A', 'b@x')], random);
  assert.deepEqual([done.added, done.changed, done.refused.length], [1, 1, 0]);
  assert.equal((await store.findPair('A'))?.pair.mailbox, 'b@x');
});
