import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estateSchema } from './estate.ts';
import { furnish } from './furnish.ts';
import { seededRandom } from './people/seeded-random.ts';
import { writeSnapshot } from './truth/snapshot.ts';

const dayMs = 86_400_000;
const seed = { contacts: 8, appointments: 8, series: 4, tasks: 8 };
const estate = estateSchema.parse({
  mailboxes: ['ada', 'ben', 'cleo'].map((name) => ({ address: `${name}@example.test`, password: 'x', seed })),
});

function organisation() {
  let nowMs = Date.UTC(2026, 2, 1);
  const { truth } = furnish(estate, {
    clock: { now: () => nowMs },
    timer: { sleep: () => Promise.resolve() },
    random: seededRandom(Math.trunc(performance.now())),
    log: () => {},
  });
  const wait = (ms: number): void => {
    nowMs += ms;
  };
  return { truth, wait };
}

test('a mailbox is made when it is first looked at, and holds what it would have held from the start', () => {
  const early = organisation();
  assert.equal([...early.truth.opened()].length, 0);
  for (const mailbox of early.truth.mailboxes) mailbox.counter;
  const late = organisation();
  late.wait(40 * dayMs);
  for (const name of ['cleo', 'ada', 'ben']) late.truth.mailbox(`${name}@example.test`);
  assert.deepEqual([...writeSnapshot(late.truth)], [...writeSnapshot(early.truth)]);
});

test('finding out who has a mailbox makes none', () => {
  const { truth } = organisation();
  assert.deepEqual(
    Array.from(truth.descriptions(), (one) => one.address),
    ['ada@example.test', 'ben@example.test', 'cleo@example.test'],
  );
  assert.equal([...truth.opened()].length, 0);
});
