import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '#contract/fault.ts';
import type { CalendarEvent, Contact, Item, Task } from '#model/item.ts';
import { memoryStore } from '#store/memory/memory-store.ts';
import { engineWorld, type World } from '#testing/engine-world.ts';

const ada: Contact = { kind: 'contact', name: { given: 'Ada', surname: 'Byron' }, emails: { '1': 'ada@example.test' } };
const carl: Contact = { kind: 'contact', name: { given: 'Carl', surname: 'Gauss' }, phones: { mobile: '+49 551 39' } };
const lunch: CalendarEvent = {
  kind: 'event',
  title: 'Lunch',
  when: { start: '2026-03-05T12:00:00', end: '2026-03-05T13:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
};
const call: Task = { kind: 'task', title: 'Call back', progress: { status: 'notStarted', percent: 0 } };

function contacts(world: World): readonly [readonly Item[], readonly Item[]] {
  return [world.crm.all('contact'), world.mailbox.all('contact')];
}

/** The only item of a kind on this side. */
function only(side: World['crm']): string {
  const ids = [...side.items.keys()];
  assert.equal(ids.length, 1);
  return ids[0] as string;
}

test('what exists on one side only appears on the other, for all three kinds and both ways', async () => {
  const world = await engineWorld();
  world.crm.add(ada);
  world.mailbox.add(carl);
  world.mailbox.add(lunch);
  world.crm.add(call);
  await world.settle();
  for (const kind of ['contact', 'event', 'task'] as const) {
    assert.deepEqual(sorted(world.crm.all(kind)), sorted(world.mailbox.all(kind)));
  }
  assert.equal(world.crm.all('contact').length, 2);
  assert.equal(world.crm.items.size, 4);
});

test('when nothing changes, nothing is written on either side', async () => {
  const world = await engineWorld();
  for (let count = 0; count < 20; count += 1) world.crm.add({ ...ada, emails: { '1': `ada${count}@example.test` } });
  await world.settle();
  const before = [world.crm.writes.length, world.mailbox.writes.length];
  await world.pass();
  await world.pass();
  assert.deepEqual([world.crm.writes.length, world.mailbox.writes.length], before);
});

test('a person known on both sides is linked, not doubled, and blanks are filled from the other side', async () => {
  const world = await engineWorld();
  world.crm.add({ ...ada, organization: { company: 'Analytical Engines' } });
  world.mailbox.add({ ...ada, phones: { mobile: '+44 1' } });
  await world.settle();
  const expected = { ...ada, organization: { company: 'Analytical Engines' }, phones: { mobile: '+44 1' } };
  for (const side of contacts(world)) {
    assert.equal(side.length, 1);
    assert.deepEqual(side[0], { ...(side[0] as Contact), ...expected });
  }
  assert.equal((await world.tally('contact'))?.paired, 1);
});

test('a change on either side reaches the other, and only what was changed is written', async () => {
  const world = await engineWorld();
  world.crm.add(ada);
  await world.settle();
  world.mailbox.edit<Contact>(only(world.mailbox), (item) => ({ ...item, webPage: 'https://ada.example.test' }));
  world.crm.edit<Contact>(only(world.crm), (item) => ({ ...item, phones: { business: '+44 2' } }));
  await world.settle();
  for (const [item] of contacts(world)) {
    assert.equal((item as Contact).webPage, 'https://ada.example.test');
    assert.deepEqual((item as Contact).phones, { business: '+44 2' });
  }
});

test('when both sides change the same field, the CRM wins and the overruled value is in the journal', async () => {
  const world = await engineWorld();
  world.crm.add(ada);
  await world.settle();
  world.crm.edit<Contact>(only(world.crm), (item) => ({ ...item, webPage: 'https://crm.example.test' }));
  world.mailbox.edit<Contact>(only(world.mailbox), (item) => ({ ...item, webPage: 'https://outlook.example.test' }));
  await world.settle();
  for (const [item] of contacts(world)) assert.equal((item as Contact).webPage, 'https://crm.example.test');
  const [entry] = await world.store.journal(world.pair.pairId, { event: 'conflict', limit: 10 });
  assert.match(JSON.stringify(entry?.detail), /outlook\.example\.test/);
});

test('a deleted item is deleted on the other side, and stays deleted', async () => {
  const world = await engineWorld();
  world.crm.add(ada);
  world.crm.add(carl);
  await world.settle();
  const id = [...world.mailbox.items].find(([, stored]) => (stored.item as Contact).name?.given === 'Ada')?.[0];
  world.mailbox.delete(id as string);
  await world.settle();
  const [crm, mailbox] = contacts(world);
  assert.equal(crm.length, 1);
  assert.equal(mailbox.length, 1);
  assert.equal((crm[0] as Contact).name?.given, 'Carl');
});

test('an item deleted on one side and edited on the other comes back with the edit', async () => {
  const world = await engineWorld();
  world.crm.add(ada);
  await world.settle();
  world.mailbox.delete(only(world.mailbox));
  world.crm.edit<Contact>(only(world.crm), (item) => ({ ...item, webPage: 'https://edited.example.test' }));
  await world.settle();
  for (const side of contacts(world)) {
    assert.equal(side.length, 1);
    assert.equal((side[0] as Contact).webPage, 'https://edited.example.test');
  }
});

test('a create whose answer was lost is found by its key and not repeated', async () => {
  const world = await engineWorld();
  world.crm.add(ada);
  let lost = 0;
  world.mailbox.mishap = (name) => (name === 'create' && lost++ === 0 ? { kind: 'loseReply' } : undefined);
  const first = await world.pass();
  assert.equal(first.troubles.length, 1);
  await world.settle();
  assert.equal(world.mailbox.all('contact').length, 1);
  assert.equal((await world.tally('contact'))?.paired, 1);
});

test('a create whose request was lost is sent again after the settle time, with one item in the end', async () => {
  const world = await engineWorld({ mailbox: { settleMs: 5_000 } });
  world.crm.add(ada);
  let lost = 0;
  world.mailbox.mishap = (name) => (name === 'create' && lost++ === 0 ? { kind: 'loseRequest' } : undefined);
  await world.pass();
  const early = await world.pass();
  assert.notEqual(early.waitUntilMs, undefined);
  assert.equal(world.mailbox.all('contact').length, 0);
  await world.settle(12);
  assert.equal(world.mailbox.all('contact').length, 1);
});

test('updates and removals whose answers were lost are settled by looking at the item', async () => {
  const world = await engineWorld();
  world.crm.add(ada);
  world.crm.add(carl);
  await world.settle();
  const [adaId, carlId] = [...world.crm.items.keys()] as [string, string];
  world.crm.edit<Contact>(adaId, (item) => ({ ...item, webPage: 'https://x.example.test' }));
  world.crm.delete(carlId);
  const lost = new Set<string>();
  world.mailbox.mishap = (name) => {
    if ((name !== 'update' && name !== 'remove') || lost.has(name)) return undefined;
    lost.add(name);
    return { kind: 'loseReply' };
  };
  await world.pass();
  await world.settle();
  assert.deepEqual(sorted(world.crm.all('contact')), sorted(world.mailbox.all('contact')));
  assert.equal(world.mailbox.all('contact').length, 1);
  assert.equal(world.mailbox.writes.filter((write) => write.startsWith('update')).length, 1);
});

test('a lost change position leads to a full listing without a single write', async () => {
  const world = await engineWorld();
  for (let count = 0; count < 10; count += 1) world.crm.add({ ...ada, emails: { '1': `a${count}@example.test` } });
  await world.settle();
  const before = world.crm.writes.length + world.mailbox.writes.length;
  world.mailbox.loseCursors();
  world.crm.loseCursors();
  await world.settle();
  assert.equal(world.crm.writes.length + world.mailbox.writes.length, before);
});

test('a lost state store leads to the same links again: no double, no deletion', async () => {
  const world = await engineWorld();
  for (let count = 0; count < 10; count += 1) {
    world.crm.add({ ...ada, emails: { '1': 'shared@example.test' }, webPage: `https://${count}.example.test` });
  }
  world.mailbox.add(lunch);
  await world.settle();
  const before = [world.crm.items.size, world.mailbox.items.size];
  world.store = memoryStore();
  await world.store.putPairs([world.pair]);
  await world.settle();
  assert.deepEqual([world.crm.items.size, world.mailbox.items.size], before);
  assert.equal((await world.tally('contact'))?.paired, 10);
});

test('an item that vanished without a word is confirmed by a direct read before it counts as deleted', async () => {
  const world = await engineWorld();
  for (let count = 0; count < 8; count += 1) world.crm.add({ ...ada, emails: { '1': `a${count}@example.test` } });
  await world.settle();
  world.mailbox.forget([...world.mailbox.items.keys()][0] as string);
  await world.settle();
  assert.equal(world.crm.items.size, 8, 'no listing, no conclusion');
  world.mailbox.loseCursors();
  await world.settle();
  assert.equal(world.crm.items.size, 7);
});

test('an empty mailbox after a lost position deletes nothing until a person says so', async () => {
  const world = await engineWorld();
  for (let count = 0; count < 8; count += 1) world.crm.add({ ...ada, emails: { '1': `a${count}@example.test` } });
  await world.settle();
  for (const id of [...world.mailbox.items.keys()]) world.mailbox.forget(id);
  world.mailbox.loseCursors();
  await world.settle();
  assert.equal(world.crm.items.size, 8);
  const [held] = await world.store.brakes(world.pair.pairId);
  assert.equal(held?.state, 'held');
  assert.equal(await world.store.releaseBrake(world.pair.pairId, 'crm', 'contact', held?.plan ?? ''), true);
  await world.settle();
  assert.equal(world.crm.items.size, 0);
});

test('a mass deletion stops and asks, while other changes go on', async () => {
  const world = await engineWorld();
  for (let count = 0; count < 60; count += 1) world.crm.add({ ...ada, emails: { '1': `a${count}@example.test` } });
  await world.settle();
  const ids = [...world.mailbox.items.keys()];
  for (const id of ids.slice(0, 40)) world.mailbox.delete(id);
  world.mailbox.edit<Contact>(ids[50] as string, (item) => ({ ...item, webPage: 'https://still.example.test' }));
  await world.settle();
  assert.equal(world.crm.items.size, 60);
  assert.equal(world.crm.all('contact').filter((item) => (item as Contact).webPage !== undefined).length, 1);
});

test('one record that is refused is set aside, the others go on, and it is tried again when it changes', async () => {
  const world = await engineWorld();
  world.crm.add(ada);
  const sick = world.crm.add(carl);
  world.mailbox.mishap = (name) =>
    name === 'create' && world.mailbox.items.size > 0
      ? { kind: 'refuse', fault: fault('item.tooLarge', 'too long', { path: 'body' }) }
      : undefined;
  await world.settle();
  assert.equal(world.mailbox.items.size, 1);
  assert.equal((await world.store.quarantined(world.pair.pairId, 10)).length, 1);
  world.mailbox.mishap = () => undefined;
  await world.settle();
  assert.equal(world.mailbox.items.size, 1, 'not tried again while nothing changed');
  for (const id of world.crm.items.keys())
    world.crm.edit<Contact>(id, (item) => ({ ...item, webPage: 'https://n.example.test' }));
  await world.settle();
  assert.equal(world.mailbox.items.size, 2);
  assert.ok(sick);
});

test('an unreadable item is neither deleted on the other side nor does it stop the others', async () => {
  const world = await engineWorld();
  world.crm.add(ada);
  world.crm.add(carl);
  await world.settle();
  const [first, second] = [...world.mailbox.items.keys()] as [string, string];
  for (const id of [first, second]) {
    world.mailbox.edit<Contact>(id, (item) => ({ ...item, webPage: 'https://e.example.test' }));
  }
  world.mailbox.mishap = (name, id) =>
    name === 'readItem' && id === first ? { kind: 'refuse', fault: fault('item.unreadable', 'corrupt') } : undefined;
  await world.settle();
  const pages = world.crm.all('contact').map((item) => (item as Contact).webPage);
  assert.equal(pages.filter((page) => page !== undefined).length, 1);
  assert.equal(world.crm.items.size, 2);
});

test('an item that moves to a new id keeps its link: nothing is deleted, nothing doubled', async () => {
  const world = await engineWorld();
  world.crm.add(ada);
  await world.settle();
  world.mailbox.move(only(world.mailbox));
  await world.settle();
  assert.equal(world.crm.items.size, 1);
  assert.equal(world.mailbox.items.size, 1);
  assert.equal((await world.tally('contact'))?.paired, 1);
});

test("a user's copy of an item becomes an item of its own with a key of its own", async () => {
  const world = await engineWorld();
  world.mailbox.add(ada);
  await world.settle();
  world.mailbox.copy(only(world.mailbox));
  await world.settle();
  assert.equal(world.crm.items.size, 2);
  assert.equal(world.mailbox.items.size, 2);
  const keys = [...world.mailbox.items.values()].map((stored) => stored.linkKey);
  assert.equal(new Set(keys).size, 2);
});

test('an item taken off the sync list leaves the mailbox; lost access leaves the copy alone', async () => {
  const world = await engineWorld();
  const first = world.crm.add(ada);
  const second = world.crm.add(carl);
  await world.settle();
  world.crm.release(first, 'unlisted');
  world.crm.release(second, 'access');
  await world.settle();
  assert.equal(world.mailbox.items.size, 1);
  assert.equal((world.mailbox.all('contact')[0] as Contact).name?.given, 'Carl');
});

test('an item that left the user’s reach while the position was lost is not taken for deleted', async () => {
  for (const [reason, left] of [
    ['access', 1],
    ['unlisted', 0],
  ] as const) {
    const world = await engineWorld();
    world.crm.add(ada);
    world.crm.add(carl);
    await world.settle();
    const [first] = world.crm.items.keys();
    world.crm.loseCursors();
    world.crm.release(first as string, reason);
    await world.settle();
    assert.equal(world.mailbox.all('contact').length, 1 + left, reason);
  }
});

test("the server's own rewriting is never taken for an edit", async () => {
  const world = await engineWorld({
    mailbox: {
      writesReturnItem: false,
      rewrite: (item) => (item.kind === 'contact' ? { ...item, webPage: `${(item as Contact).webPage ?? ''}/` } : item),
    },
  });
  world.crm.add({ ...ada, webPage: 'https://x.example.test' });
  await world.settle();
  assert.equal((world.crm.all('contact')[0] as Contact).webPage, 'https://x.example.test');
  world.crm.edit<Contact>(only(world.crm), (item) => ({ ...item, phones: { home: '1' } }));
  await world.settle();
  assert.equal((world.crm.all('contact')[0] as Contact).webPage, 'https://x.example.test');
  assert.deepEqual((world.mailbox.all('contact')[0] as Contact).phones, { home: '1' });
});

test('a series whose writing was cut off half-way is completed, and its occurrences are not lost on the other side', async () => {
  const world = await engineWorld();
  const series: CalendarEvent = {
    ...lunch,
    recurrence: {
      pattern: { kind: 'daily', interval: 1 },
      range: { kind: 'count', count: 5 },
    },
    overrides: { '2026-03-06T12:00:00': { excluded: true }, '2026-03-07T12:00:00': { patch: { title: 'Picnic' } } },
  };
  world.crm.add(series);
  let cut = 0;
  world.mailbox.mishap = (name) => {
    if (name !== 'create' || cut++ > 0) return undefined;
    return { kind: 'loseReply' };
  };
  await world.pass();
  const id = only(world.mailbox);
  world.mailbox.edit<CalendarEvent>(id, ({ overrides: _none, ...master }) => master);
  await world.settle();
  for (const side of [world.crm, world.mailbox]) {
    const [item] = side.all('event');
    assert.deepEqual((item as CalendarEvent).overrides, series.overrides);
  }
});

test('a rule whose rewriting was cut off before its occurrences were put back does not lose them', async () => {
  const world = await engineWorld();
  const series: CalendarEvent = {
    ...lunch,
    recurrence: { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'count', count: 5 } },
    overrides: { '2026-03-07T12:00:00': { patch: { title: 'Picnic' } } },
  };
  world.crm.add(series);
  await world.settle();
  world.crm.edit<CalendarEvent>(only(world.crm), (item) => ({
    ...item,
    recurrence: { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'count', count: 9 } },
  }));
  let cut = 0;
  world.mailbox.mishap = (name) => (name === 'update' && cut++ === 0 ? { kind: 'loseReply' } : undefined);
  await world.pass();
  world.mailbox.edit<CalendarEvent>(only(world.mailbox), ({ overrides: _none, ...master }) => master);
  await world.settle();
  for (const side of [world.crm, world.mailbox]) {
    const [item] = side.all('event') as CalendarEvent[];
    assert.deepEqual(item?.overrides, series.overrides);
    assert.deepEqual(item?.recurrence?.range, { kind: 'count', count: 9 });
  }
});

test('a value that the other side accepts but does not take is put back where it came from, and stays in the journal', async () => {
  const title = "The organizer's title";
  const world = await engineWorld({
    mailbox: { writesReturnItem: false, rewrite: (item) => (item.kind === 'event' ? { ...item, title } : item) },
  });
  world.mailbox.add({ ...lunch, title });
  await world.settle();
  world.crm.edit<CalendarEvent>(only(world.crm), (item) => ({ ...item, title: 'Mine', location: 'Room 5' }));
  await world.settle();
  for (const side of [world.crm, world.mailbox]) {
    assert.equal((side.all('event')[0] as CalendarEvent).title, title);
    assert.equal((side.all('event')[0] as CalendarEvent).location, 'Room 5');
  }
  const [entry] = await world.store.journal(world.pair.pairId, { event: 'conflict', limit: 10 });
  assert.match(JSON.stringify(entry?.detail), /"value":"Mine"/);
  world.crm.edit<CalendarEvent>(only(world.crm), (item) => ({ ...item, title: 'Mine again' }));
  world.mailbox.edit<CalendarEvent>(only(world.mailbox), (item) => ({ ...item, location: 'Room 6' }));
  await world.settle();
  for (const side of [world.crm, world.mailbox]) {
    assert.equal((side.all('event')[0] as CalendarEvent).title, title);
    assert.equal((side.all('event')[0] as CalendarEvent).location, 'Room 6');
  }
});

test("a colleague's meeting comes to the CRM once, through its organizer, and the attendee's copy is linked to that", async () => {
  const world = await engineWorld();
  const organizer = { ...world.pair, pairId: 'bobbobbo', crmUser: 'BOB', mailbox: 'bob@example.test' };
  await world.store.putPairs([organizer]);
  const meeting = { organizing: false, organizer: 'bob@example.test' } as const;
  world.mailbox.add({ ...lunch, meeting });
  world.mailbox.add({ ...lunch, title: 'Customer visit', meeting: { ...meeting, organizer: 'somebody@else.test' } });
  await world.settle();
  assert.deepEqual(
    world.crm.all('event').map((item) => (item as CalendarEvent).title),
    ['Customer visit'],
  );
  world.crm.add(lunch);
  await world.settle();
  assert.equal(world.crm.all('event').length, 2);
  assert.equal(world.mailbox.all('event').length, 2);
  assert.equal((await world.tally('event'))?.paired, 2);
});

test('what the server decides about a new record comes back: the day of a completion, the first day of a rule', async () => {
  const rule = { pattern: { kind: 'weekly', interval: 1, days: ['friday'], firstDay: 'monday' } } as const;
  const world = await engineWorld({
    mailbox: {
      writesReturnItem: false,
      rewrite: (item) => {
        if (item.kind === 'task') return { ...item, progress: { ...item.progress, completed: '2026-03-02' } };
        if (item.kind !== 'event') return item;
        const when = { ...item.when, start: '2026-03-06T12:00:00', end: '2026-03-06T13:00:00' };
        return { ...item, when };
      },
    },
  });
  world.crm.add({ ...call, progress: { status: 'completed', percent: 100 } });
  world.crm.add({ ...lunch, recurrence: { ...rule, range: { kind: 'count', count: 3 } } });
  await world.settle();
  assert.deepEqual(world.crm.all('task'), world.mailbox.all('task'));
  assert.deepEqual(world.crm.all('event'), world.mailbox.all('event'));
  assert.equal((world.crm.all('event')[0] as CalendarEvent).when.start, '2026-03-06T12:00:00');
});

test('fields that one side cannot hold are kept on the other', async () => {
  const world = await engineWorld({ crm: { fields: { contact: { name: ['given', 'surname'], emails: ['1'] } } } });
  world.mailbox.add({
    ...ada,
    name: { given: 'Ada', surname: 'Byron', nickname: 'Countess' },
    webPage: 'https://w.example.test',
  });
  await world.settle();
  world.crm.edit<Contact>(only(world.crm), (item) => ({ ...item, name: { given: 'Augusta', surname: 'Byron' } }));
  await world.settle();
  assert.deepEqual((world.mailbox.all('contact')[0] as Contact).name, {
    given: 'Augusta',
    surname: 'Byron',
    nickname: 'Countess',
  });
  assert.equal((world.mailbox.all('contact')[0] as Contact).webPage, 'https://w.example.test');
});

test('a one-way kind is never written on the protected side', async () => {
  const world = await engineWorld({ level: 'export' });
  world.crm.add(ada);
  world.mailbox.add(carl);
  await world.settle();
  world.mailbox.edit<Contact>(
    [...world.mailbox.items].find(([, stored]) => (stored.item as Contact).name?.given === 'Ada')?.[0] as string,
    (item) => ({ ...item, webPage: 'https://m.example.test' }),
  );
  await world.settle();
  assert.deepEqual(
    world.crm.writes.filter((write) => !write.startsWith('update')),
    [],
  );
  assert.equal(world.crm.items.size, 1);
  assert.equal((world.crm.all('contact')[0] as Contact).webPage, undefined);
});

function sorted(items: readonly Item[]): readonly string[] {
  return items.map((item) => JSON.stringify(item, Object.keys(flatten(item)).sort())).sort();
}

function flatten(item: Item): Record<string, true> {
  const keys: Record<string, true> = {};
  JSON.stringify(item, (key, value) => {
    keys[key] = true;
    return value;
  });
  return keys;
}
