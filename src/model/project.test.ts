import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { itemPairs, items } from '#testing/arbitrary-items.ts';
import type { Fields } from './groups.ts';
import { groups, leafOf, sharedFields } from './groups.ts';
import type { CalendarEvent, Contact, Item, Kind } from './item.ts';
import { normalise } from './normalise.ts';
import { diffPaths, project, valueAt, withValue } from './project.ts';

const zones = fc.constantFrom('iana' as const, 'windows' as const);

const leavesOf: Readonly<Record<string, readonly string[]>> = {
  name: ['given', 'surname', 'suffix'],
  emails: ['1', '2'],
  phones: ['mobile', 'business', 'home'],
  dates: ['due'],
  body: ['text'],
};

/** Sides that hold any part of a kind. */
function fieldsOf(kind: Kind): fc.Arbitrary<Fields> {
  const names = groups[kind].map(({ name }) => name);
  return fc.tuple(fc.subarray(names), fc.subarray(Object.keys(leavesOf))).map(([whole, partly]) => {
    const fields: Record<string, true | readonly string[]> = {};
    for (const name of whole) fields[name] = partly.includes(name) ? leavesOf[name]! : true;
    return fields;
  });
}

const itemsAndFields = items.chain((item) =>
  fc.tuple(fc.constant(item), fieldsOf(item.kind), fieldsOf(item.kind), zones),
);

const visit: CalendarEvent = normalise({
  kind: 'event',
  title: 'Visit',
  when: { start: '2026-03-05T09:00:00', end: '2026-03-05T10:00:00', allDay: false, zone: 'Europe/Stockholm' },
  recurrence: { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'count', count: 5 } },
  overrides: {
    '2026-03-06T09:00:00': { patch: { title: 'Call', reminder: null } },
    '2026-03-07T09:00:00': { excluded: true },
    '2026-03-08T09:00:00': { patch: { body: { text: 'Bring cake', html: '<i>Bring cake</i>' } } },
  },
  showAs: 'free',
  reminder: { minutesBefore: 15 },
  body: { text: 'Bring cake', html: '<b>Bring cake</b>' },
});

test('projecting twice changes nothing more, and a projection is a normal item', () => {
  fc.assert(
    fc.property(itemsAndFields, ([item, fields, , kept]) => {
      const once = project(item, fields, kept);
      assert.deepEqual(project(once, fields, kept), once);
      assert.equal(JSON.stringify(normalise(once)), JSON.stringify(once));
    }),
    { numRuns: 300 },
  );
});

test('projecting before normalising gives the same as after', () => {
  fc.assert(
    fc.property(itemsAndFields, ([item, fields, , kept]) => {
      const untidy = loosened(item);
      assert.deepEqual(normalise(project(untidy, fields, kept)), project(item, fields, kept));
    }),
  );
});

test('what both sides hold is what either holds of the other', () => {
  fc.assert(
    fc.property(itemsAndFields, ([item, one, two, kept]) => {
      const both = project(item, sharedFields(one, two), kept);
      assert.deepEqual(project(project(item, one, kept), two, kept), both);
      assert.deepEqual(project(project(item, two, kept), one, kept), both);
    }),
    { numRuns: 300 },
  );
});

test('a side that holds everything loses nothing', () => {
  fc.assert(
    fc.property(items, (item) => {
      const all = Object.fromEntries(groups[item.kind].map(({ name }) => [name, true as const]));
      assert.deepEqual(project(item, all, 'iana'), item);
    }),
  );
});

test('what a side cannot hold is gone from the item, its overrides and its zone', () => {
  const fields: Fields = { title: true, recurrence: true, overrides: true, body: ['text'] };
  assert.deepEqual(project(visit, fields, 'windows'), {
    kind: 'event',
    title: 'Visit',
    when: { ...visit.when, zone: 'Europe/Berlin' },
    recurrence: visit.recurrence,
    overrides: { '2026-03-06T09:00:00': { patch: { title: 'Call' } }, '2026-03-07T09:00:00': { excluded: true } },
    showAs: 'busy',
    body: { text: 'Bring cake' },
  });
});

test('the time of an occurrence is kept by every side, even when it is that of another occurrence', () => {
  const when = { start: '2026-03-05T00:00:00', end: '2026-03-06T00:00:00', allDay: true };
  const overrides = { '2026-03-06T00:00:00': { patch: { when } } };
  const swapped = normalise({ ...visit, when, overrides });
  assert.deepEqual(project(swapped, { recurrence: true, overrides: true }, 'windows').overrides, overrides);
});

test('a task on a side without progress is not started', () => {
  const task = { kind: 'task', title: 'Call', progress: { status: 'completed', percent: 100 } } as const;
  assert.deepEqual(project(task, { title: true }, 'iana').progress, { status: 'notStarted', percent: 0 });
});

test('no path differs between an item and itself', () => {
  fc.assert(fc.property(items, (item) => assert.deepEqual(diffPaths(item, structuredClone(item)), [])));
});

test('taking every differing path from another item gives that item', () => {
  fc.assert(
    fc.property(itemPairs, ([one, two]) => {
      let result: Item = one;
      for (const path of diffPaths(one, two)) result = withValue(result, path, valueAt(two, path));
      assert.deepEqual(result, two);
      assert.equal(JSON.stringify(normalise(result)), JSON.stringify(two));
    }),
    { numRuns: 300 },
  );
});

test('differing paths are leaves of records, keys of maps and whole units', () => {
  const one: Contact = { kind: 'contact', name: { given: 'Ann', surname: 'Lee' }, emails: { 1: 'a@x', 2: 'b@x' } };
  const two: Contact = { kind: 'contact', name: { given: 'Anne', surname: 'Lee' }, emails: { 2: 'c@x' }, webPage: 'w' };
  assert.deepEqual(diffPaths(one, two), ['name.given', 'emails.1', 'emails.2', 'webPage']);
  assert.deepEqual(diffPaths(undefined, one), ['name.given', 'name.surname', 'emails.1', 'emails.2']);
});

test('a value that was set is found, and setting leaves the old item alone', () => {
  fc.assert(
    fc.property(itemPairs, ([one, two]) => {
      const before = structuredClone(one);
      for (const path of diffPaths(undefined, two)) {
        assert.deepEqual(valueAt(withValue(one, path, valueAt(two, path)), path), valueAt(two, path));
      }
      assert.deepEqual(one, before);
    }),
  );
});

test('clearing every path leaves only what an item cannot be without', () => {
  fc.assert(
    fc.property(items, (item) => {
      let left: Item = item;
      for (const path of diffPaths(undefined, item)) if (path !== 'when') left = withValue(left, path, undefined);
      const required = { contact: ['kind'], event: ['kind', 'when', 'showAs'], task: ['kind', 'progress'] };
      assert.deepEqual(Object.keys(left), required[item.kind]);
    }),
  );
});

test('paths that an item does not have are refused', () => {
  assert.throws(() => withValue(visit, 'emails.1', 'x'), TypeError);
  assert.throws(() => withValue(visit, 'when.start', 'x'), TypeError);
  assert.throws(() => withValue(visit, 'when', undefined), TypeError);
  assert.equal(valueAt(visit, 'attendees.toString'), undefined);
  assert.equal(leafOf('attendees.a.b@x.example'), 'a.b@x.example');
});

/** The item with white space that normalising removes. */
function loosened(item: Item): Item {
  const loosen = (value: unknown, key: string): unknown => {
    if (typeof value === 'string')
      return ['title', 'text', 'given', 'location'].includes(key) ? `${value} \r\n` : value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, loosen(each, name)]));
  };
  return loosen(item, '') as Item;
}
