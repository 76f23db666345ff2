import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CalendarEvent, Contact, Item, Task } from '#model/item.ts';
import { engineWorld, type World, type WorldOptions } from '#testing/engine-world.ts';
import type { KindPolicy, Policy } from '../policy.ts';

const ann: Contact = { kind: 'contact', name: { given: 'Ann', surname: 'Ash' }, webPage: 'https://ash.example/' };
const lunch: CalendarEvent = {
  kind: 'event',
  title: 'Lunch',
  when: { start: '2026-03-02T12:00:00', end: '2026-03-02T13:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
};
const weekly: CalendarEvent = {
  ...lunch,
  recurrence: {
    pattern: { kind: 'weekly', interval: 1, days: ['monday'], firstDay: 'monday' },
    range: { kind: 'count', count: 4 },
  },
};

/** A world in which both sides hold the item, paired and quiet. */
async function paired(
  item: Item,
  policy: Partial<Policy>,
  more: Omit<WorldOptions, 'policy'> = {},
): Promise<{ readonly world: World; readonly crm: string; readonly mailbox: string }> {
  const world = await engineWorld({ policy, ...more });
  const crm = world.crm.add(item);
  await world.settle();
  const [mailbox] = [...world.mailbox.items.keys()];
  return { world, crm, mailbox: mailbox as string };
}

function of<T extends Item>(world: World, side: 'crm' | 'mailbox', id: string): T {
  return world[side].items.get(id)?.item as T;
}

const withPage =
  (webPage: string) =>
  (item: Contact): Contact => ({ ...item, webPage });

async function journalled(world: World, event: string): Promise<readonly unknown[]> {
  const rows = await world.store.journal(world.pair.pairId, { event, limit: 100 });
  return rows.map((row) => row.detail);
}

test('a rule for one group overrules the rule of its kind, and that one the rule of all', async () => {
  const kinds = { contact: { conflict: 'mailboxWins', groups: { webPage: 'crmWins' } } satisfies KindPolicy };
  const { world, crm, mailbox } = await paired(ann, { conflict: 'crmWins', kinds });
  world.crm.edit<Contact>(crm, (item) => ({ ...item, webPage: 'https://crm.example/', birthday: '1980-01-01' }));
  world.mailbox.edit<Contact>(mailbox, (item) => ({ ...item, webPage: 'https://m.example/', birthday: '1980-02-02' }));
  await world.settle();
  for (const [side, id] of [['crm', crm] as const, ['mailbox', mailbox] as const]) {
    assert.equal(of<Contact>(world, side, id).webPage, 'https://crm.example/');
    assert.equal(of<Contact>(world, side, id).birthday, '1980-02-02');
  }
});

test('the newer of two changes wins by the stamps of both sides, and the fallback decides when they are too close', async () => {
  const { world, crm, mailbox } = await paired(ann, {
    conflict: 'newestWins',
    undecided: 'crmWins',
    newestSkewMs: 60_000,
  });
  const clash = async (crmAt: string | undefined, mailboxAt: string | undefined): Promise<string | undefined> => {
    const stamp = (at: string | undefined) => (at === undefined ? {} : { modifiedAt: at });
    world.crm.facts.set(crm, stamp(crmAt));
    world.mailbox.facts.set(mailbox, stamp(mailboxAt));
    world.crm.edit<Contact>(crm, withPage(`https://crm.example/${world.ports.clock.now()}`));
    world.mailbox.edit<Contact>(mailbox, withPage(`https://m.example/${world.ports.clock.now()}`));
    await world.settle();
    assert.equal(of<Contact>(world, 'crm', crm).webPage, of<Contact>(world, 'mailbox', mailbox).webPage);
    return of<Contact>(world, 'crm', crm).webPage?.slice(0, 10);
  };
  assert.equal(await clash('2026-01-01T10:00:00Z', '2026-01-01T10:05:00Z'), 'https://m.');
  assert.equal(await clash('2026-01-01T10:05:00Z', '2026-01-01T10:00:00Z'), 'https://cr');
  assert.equal(await clash('2026-01-01T10:00:00Z', '2026-01-01T10:00:40Z'), 'https://cr');
  assert.equal(await clash(undefined, '2026-01-01T10:05:00Z'), 'https://cr');
  const rules = (await journalled(world, 'conflict')).map(
    (detail) => (detail as { overruled: { rule: string }[] }).overruled[0]?.rule,
  );
  assert.deepEqual(rules, ['newestWins', 'newestWins', 'newestWins.undecided', 'newestWins.undecided']);
});

test('a record that the user owns follows the mailbox, a shared one follows the CRM', async () => {
  const { world, crm, mailbox } = await paired(ann, { conflict: 'owner' });
  for (const [owned, winner] of [
    [true, 'https://m.example/'],
    [false, 'https://crm.example/'],
  ] as const) {
    world.crm.facts.set(crm, { owned });
    world.crm.edit<Contact>(crm, withPage('https://crm.example/'));
    world.mailbox.edit<Contact>(mailbox, withPage('https://m.example/'));
    await world.settle();
    assert.equal(of<Contact>(world, 'crm', crm).webPage, winner);
    assert.equal(of<Contact>(world, 'mailbox', mailbox).webPage, winner);
    world.crm.edit<Contact>(crm, withPage('https://between.example/'));
    await world.settle();
  }
});

test('of a meeting that somebody else organizes, the mailbox has the organizer’s word', async () => {
  const { world, crm, mailbox } = await paired(lunch, { conflict: 'organizerWins', undecided: 'crmWins' });
  world.mailbox.edit<CalendarEvent>(mailbox, (item) => ({
    ...item,
    location: 'Garden',
    meeting: { organizing: false, organizer: 'boss@elsewhere.example' },
  }));
  world.crm.edit<CalendarEvent>(crm, (item) => ({ ...item, location: 'Hall' }));
  await world.settle();
  assert.equal(of<CalendarEvent>(world, 'crm', crm).location, 'Garden');
  assert.equal(of<CalendarEvent>(world, 'mailbox', mailbox).location, 'Garden');
});

test('a held conflict leaves each side its value, lets the rest of the item go on, and asks once', async () => {
  const { world, crm, mailbox } = await paired(ann, { conflict: 'hold' });
  world.crm.edit<Contact>(crm, (item) => ({ ...item, webPage: 'https://crm.example/', birthday: '1980-01-01' }));
  world.mailbox.edit<Contact>(mailbox, withPage('https://m.example/'));
  await world.settle();
  assert.equal(of<Contact>(world, 'crm', crm).webPage, 'https://crm.example/');
  assert.equal(of<Contact>(world, 'mailbox', mailbox).webPage, 'https://m.example/');
  assert.equal(of<Contact>(world, 'mailbox', mailbox).birthday, '1980-01-01');
  const [link] = await world.store.held(world.pair.pairId, 10);
  assert.deepEqual(
    link?.holds.map(({ since: _, ...held }) => held),
    [{ path: 'webPage', base: 'https://ash.example/', crm: 'https://crm.example/', mailbox: 'https://m.example/' }],
  );
  world.mailbox.edit<Contact>(mailbox, (item) => ({ ...item, anniversary: '2001-05-05' }));
  await world.settle();
  assert.equal(of<Contact>(world, 'crm', crm).anniversary, '2001-05-05');
  assert.equal(of<Contact>(world, 'mailbox', mailbox).webPage, 'https://m.example/');
  assert.equal((await journalled(world, 'held')).length, 1);

  world.mailbox.edit<Contact>(mailbox, withPage('https://settled.example/'));
  await world.settle();
  assert.equal(of<Contact>(world, 'crm', crm).webPage, 'https://settled.example/');
  assert.deepEqual(await world.store.held(world.pair.pairId, 10), []);
});

test('the times, the rule and the occurrences of a series are held together, and nothing of them is lost', async () => {
  const { world, crm, mailbox } = await paired(weekly, { kinds: { event: { conflict: 'hold' } } });
  const daily = { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'count', count: 4 } } as const;
  world.crm.edit<CalendarEvent>(crm, (item) => ({ ...item, recurrence: daily }));
  world.mailbox.edit<CalendarEvent>(mailbox, (item) => ({
    ...item,
    recurrence: { ...weekly.recurrence!, range: { kind: 'count', count: 9 } },
    overrides: { '2026-03-09T12:00:00': { excluded: true } },
  }));
  await world.settle();
  assert.deepEqual(of<CalendarEvent>(world, 'crm', crm).recurrence, daily);
  assert.deepEqual(Object.keys(of<CalendarEvent>(world, 'mailbox', mailbox).overrides ?? {}), ['2026-03-09T12:00:00']);
  const [link] = await world.store.held(world.pair.pairId, 10);
  assert.deepEqual(link?.holds.map((hold) => hold.path).sort(), ['overrides.2026-03-09T12:00:00', 'recurrence']);
});

test('two versions of a contact become two contacts on both sides where the policy keeps both', async () => {
  const { world, crm, mailbox } = await paired(ann, { kinds: { contact: { conflict: 'keepBoth' } } });
  world.crm.edit<Contact>(crm, withPage('https://crm.example/'));
  world.mailbox.edit<Contact>(mailbox, withPage('https://m.example/'));
  await world.settle();
  for (const side of ['crm', 'mailbox'] as const) {
    const pages = [...world[side].items.values()].map(({ item }) => (item as Contact).webPage).sort();
    assert.deepEqual(pages, ['https://crm.example/', 'https://m.example/']);
  }
  const keys = [...world.crm.items.values(), ...world.mailbox.items.values()].map((stored) => stored.linkKey);
  assert.equal(new Set(keys).size, 2);
  assert.equal((await journalled(world, 'keptBoth')).length, 1);
});

test('an edit against a deletion can wait for a person, and neither side changes meanwhile', async () => {
  const { world, crm, mailbox } = await paired(ann, { editAgainstDelete: 'hold' });
  world.mailbox.delete(mailbox);
  world.crm.edit<Contact>(crm, withPage('https://crm.example/'));
  const before = world.crm.writes.length + world.mailbox.writes.length;
  await world.settle();
  assert.equal(world.crm.writes.length + world.mailbox.writes.length, before);
  const [link] = await world.store.held(world.pair.pairId, 10);
  assert.equal(link?.holds[0]?.path, '');
  assert.equal((await journalled(world, 'held')).length, 1);
});

test('a group that only goes to the mailbox never changes the CRM, and the CRM’s next value overrules an edit there', async () => {
  const kinds = { contact: { directions: { webPage: 'toMailbox' } } } as const;
  const { world, crm, mailbox } = await paired(ann, { conflict: 'mailboxWins', kinds });
  assert.equal(of<Contact>(world, 'mailbox', mailbox).webPage, ann.webPage);
  world.mailbox.edit<Contact>(mailbox, withPage('https://mine.example/'));
  await world.settle();
  assert.equal(of<Contact>(world, 'crm', crm).webPage, ann.webPage);
  assert.equal(of<Contact>(world, 'mailbox', mailbox).webPage, 'https://mine.example/');
  world.crm.edit<Contact>(crm, withPage('https://new.example/'));
  await world.settle();
  assert.equal(of<Contact>(world, 'mailbox', mailbox).webPage, 'https://new.example/');
  assert.match(JSON.stringify(await journalled(world, 'conflict')), /mine\.example/);
});

test('a group that goes the other way is left out of what is made there, and one that is off is left alone', async () => {
  const kinds = { contact: { directions: { webPage: 'toCrm', birthday: 'off' } } } as const;
  const { world, crm, mailbox } = await paired({ ...ann, birthday: '1980-01-01' }, { kinds });
  assert.equal(of<Contact>(world, 'mailbox', mailbox).webPage, undefined);
  assert.equal(of<Contact>(world, 'mailbox', mailbox).birthday, undefined);
  world.mailbox.edit<Contact>(mailbox, (item) => ({ ...item, birthday: '1999-09-09', webPage: 'https://m.example/' }));
  await world.settle();
  assert.equal(of<Contact>(world, 'crm', crm).webPage, 'https://m.example/');
  assert.equal(of<Contact>(world, 'crm', crm).birthday, '1980-01-01');
});

test('what vanishes from the mailbox long after its end was archived, and its CRM record stays', async () => {
  // The virtual clock stands at the start of 2026; the world's events are in March.
  const policy = { archiveDays: { event: 30, task: 30 } };
  const old = { start: '2025-06-02T12:00:00', end: '2025-06-02T13:00:00', allDay: false, zone: 'Europe/Berlin' };
  const { world, crm, mailbox } = await paired({ ...lunch, when: old }, policy);
  world.mailbox.delete(mailbox);
  await world.settle();
  assert.ok(world.crm.items.has(crm));
  const recent = await paired(lunch, policy);
  recent.world.mailbox.delete(recent.mailbox);
  await recent.world.settle();
  assert.ok(!recent.world.crm.items.has(recent.crm));
});

test('history before the agreed day is not paired, and what is paired stays so when it becomes history', async () => {
  const world = await engineWorld({ policy: { pastDays: { event: 30, task: 30 } } });
  const done: Task = {
    kind: 'task',
    title: 'Filed',
    progress: { status: 'completed', percent: 100, completed: '2020-01-01' },
  };
  world.crm.add(done);
  const soon = world.crm.add({ kind: 'task', title: 'Call', progress: { status: 'notStarted', percent: 0 } });
  await world.settle();
  assert.deepEqual(
    [...world.mailbox.items.values()].map(({ item }) => (item as Task).title),
    ['Call'],
  );
  world.crm.edit<Task>(soon, (item) => ({ ...item, title: 'Called', dates: { due: '2020-01-01' } }));
  await world.settle();
  assert.deepEqual(
    [...world.mailbox.items.values()].map(({ item }) => (item as Task).title),
    ['Called'],
  );
});
