import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CalendarEvent, Item } from '#model/item.ts';
import { engineWorld, type World } from '#testing/engine-world.ts';
import type { Policy } from '../policy.ts';

const mondays: CalendarEvent = {
  kind: 'event',
  title: 'Lunch',
  location: 'Hall',
  when: { start: '2026-03-02T12:00:00', end: '2026-03-02T13:00:00', allDay: false, zone: 'Europe/Berlin' },
  recurrence: {
    pattern: { kind: 'weekly', interval: 1, days: ['monday'], firstDay: 'monday' },
    range: { kind: 'count', count: 6 },
  },
  showAs: 'busy',
};

/** The CRM moves the series to Tuesdays; the mailbox has changed one Monday, moved another and left out a third. */
async function orphaned(policy: Partial<Policy>, level: 'full' | 'export' = 'full'): Promise<World> {
  const world = await engineWorld({ policy, level });
  const crm = world.crm.add(mondays);
  await world.settle();
  const mailbox = [...world.mailbox.items.keys()][0] as string;
  world.crm.edit<CalendarEvent>(crm, (item) => ({
    ...item,
    when: { ...item.when, start: '2026-03-03T12:00:00', end: '2026-03-03T14:00:00' },
    recurrence: {
      pattern: { kind: 'weekly', interval: 1, days: ['tuesday'], firstDay: 'monday' },
      range: { kind: 'count', count: 6 },
    },
  }));
  world.mailbox.edit<CalendarEvent>(mailbox, (item) => ({
    ...item,
    overrides: {
      '2026-03-09T12:00:00': { patch: { title: 'Lunch with Ada', location: null } },
      '2026-03-16T12:00:00': {
        patch: { when: { start: '2026-03-18T18:00:00', end: '2026-03-18T19:30:00', allDay: false } },
      },
      '2026-03-23T12:00:00': { excluded: true },
    },
  }));
  return world;
}

async function calm(world: World): Promise<void> {
  await world.settle(20);
  // What is only to be made is written by the pass after the one that stored it.
  await world.settle(20);
}

const singles = (items: readonly Item[]) =>
  (items as readonly CalendarEvent[])
    .filter(({ recurrence }) => recurrence === undefined)
    .map(({ title, location, when: { start, end, zone } }) => [title, location, start, end, zone])
    .sort();

const expected = [
  ['Lunch with Ada', undefined, '2026-03-09T12:00:00', '2026-03-09T13:00:00', 'Europe/Berlin'],
  ['Lunch', 'Hall', '2026-03-18T18:00:00', '2026-03-18T19:30:00', 'Europe/Berlin'],
];

async function journalled(world: World, event: string): Promise<number> {
  return (await world.store.journal(world.pair.pairId, { event, limit: 99 })).length;
}

test('changed occurrences that lose their series become events of their own on both sides, those left out do not', async () => {
  const world = await orphaned({ orphans: 'keepSingle' });
  await calm(world);
  for (const side of [world.crm, world.mailbox]) {
    assert.deepEqual(singles(side.all('event')), expected);
    assert.equal(side.items.size, 3);
  }
  assert.equal(await journalled(world, 'singled'), 2);
  assert.equal(await journalled(world, 'orphaned'), 1);
  const before = world.crm.writes.length + world.mailbox.writes.length;
  await world.pass();
  assert.equal(world.crm.writes.length + world.mailbox.writes.length, before);
  assert.equal((await world.tally('event'))?.paired, 3);
});

test('they are dropped into the journal unless the policy keeps them, and where a kind crosses one way only', async () => {
  for (const world of [await orphaned({}), await orphaned({ orphans: 'keepSingle' }, 'export')]) {
    await calm(world);
    for (const side of [world.crm, world.mailbox]) assert.deepEqual(singles(side.all('event')), []);
    assert.equal(await journalled(world, 'singled'), 0);
  }
});

test('whatever is lost or refused on the way, each becomes one event', async () => {
  for (const [side, call] of [
    ['mailbox', 'update'],
    ['mailbox', 'create'],
    ['crm', 'create'],
  ] as const) {
    for (const kind of ['loseRequest', 'loseReply', 'refuse'] as const) {
      const world = await orphaned({ orphans: 'keepSingle' });
      let lost = 0;
      const fault = { code: 'item.conflict', message: 'changed meanwhile' } as const;
      const mishap = kind === 'refuse' ? { kind, fault } : { kind };
      world[side].mishap = (name) => (name === call && lost++ === 0 ? mishap : undefined);
      await calm(world);
      assert.ok(lost > 0);
      for (const one of [world.crm, world.mailbox]) {
        assert.deepEqual(singles(one.all('event')), expected, `${side} ${call} ${kind}`);
      }
    }
  }
});
