import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { events, items, series } from '#testing/arbitrary-items.ts';
import { groups } from './groups.ts';
import type { CalendarEvent, Contact, Item, Task } from './item.ts';
import { normalise } from './normalise.ts';

/** Any code units at all: controls, lone surrogates, combining marks, line ends. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('\r', '\n', ' ', '\t', 'a', '\u0301', '\u0000', '\ud800', 'İ', '\u0323', '\u00a0'),
  }),
);

const meeting: CalendarEvent = {
  kind: 'event',
  title: 'Review',
  when: { start: '2026-03-05T09:00:00', end: '2026-03-05T10:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
};

const weekly: CalendarEvent = {
  ...meeting,
  recurrence: {
    pattern: { kind: 'weekly', interval: 1, days: ['thursday'], firstDay: 'monday' },
    range: { kind: 'noEnd' },
  },
};

test('normalising twice changes nothing more, whatever the texts hold', () => {
  const untidy = fc.tuple(items, fc.array(anyText, { minLength: 8, maxLength: 8 })).map(([item, texts]) => {
    let at = 0;
    return spoil(item, () => texts[at++ % texts.length]!);
  });
  fc.assert(
    fc.property(untidy, (item) => {
      const once = normalise(item);
      assert.deepEqual(normalise(once), once);
      assert.equal(JSON.stringify(normalise(once)), JSON.stringify(once));
      assert.ok(JSON.stringify(once).isWellFormed());
    }),
    { numRuns: 300 },
  );
});

test('a normal item stays as it is', () => {
  fc.assert(fc.property(items, (item) => assert.deepEqual(normalise(item), item)));
});

test('blanks, line ends, decomposed letters, key order and absent members make no difference', () => {
  fc.assert(
    fc.property(items, (item) => {
      assert.equal(JSON.stringify(normalise(disguised(item))), JSON.stringify(item));
    }),
  );
});

test('the keys of an item follow the order of its groups', () => {
  fc.assert(
    fc.property(items, (item) => {
      const order = ['kind', ...groups[item.kind].map(({ name }) => name)];
      const keys = Object.keys(normalise(disguised(item)));
      assert.deepEqual(
        keys,
        order.filter((name) => keys.includes(name)),
      );
    }),
  );
});

test('texts lose what XML cannot carry and nothing a reader sees', () => {
  const contact: Contact = {
    kind: 'contact',
    name: { given: ' Jose\u0301\u0000 ', surname: '', nickname: 'two\r\nlines' },
    organization: { company: ' \n ' },
    addresses: { home: { street: ' 1 High St  \r\n\r\nBack door\n', city: '' }, other: { city: ' ' } },
    relations: { children: ['', ' Ann '], spouse: '\ud800' },
    body: { text: '\n\n  indented  \r\nnext\rlast\u000b\t\n\n' },
  };
  assert.deepEqual(normalise(contact), {
    kind: 'contact',
    name: { given: 'José', nickname: 'two lines' },
    addresses: { home: { street: '1 High St\n\nBack door' } },
    relations: { children: ['Ann'] },
    body: { text: '  indented\nnext\nlast' },
  });
});

test('categories are kept once, in the first spelling, in a fixed order', () => {
  const { categories } = normalise({ ...meeting, categories: ['red ', '🙂', 'Key', 'RED', '\uff21', '', 'key'] });
  assert.deepEqual(categories, ['Key', 'red', '\uff21', '🙂']);
});

test('attendees are known by their address in lower case, and the organizer is none of them', () => {
  const normal = normalise({
    ...meeting,
    attendees: {
      'Zoe@Example.com': { role: 'optional', name: ' ' },
      ' ann@example.com ': { role: 'required', name: 'Ann' },
      'ANN@example.com': { role: 'resource' },
      'Boss@Example.com': { role: 'required' },
    },
    responses: { 'ANN@example.com': 'accepted' },
    meeting: { organizing: false, organizer: ' boss@example.COM' },
  });
  assert.deepEqual(normal.attendees, {
    'ann@example.com': { name: 'Ann', role: 'required' },
    'zoe@example.com': { role: 'optional' },
  });
  assert.deepEqual(normal.responses, { 'ann@example.com': 'accepted' });
  assert.deepEqual(normal.meeting, { organizing: false, organizer: 'boss@example.com' });
});

test('an all-day event covers whole days and has no zone', () => {
  const when = { start: '2026-03-05T08:00:00', end: '2026-03-05T17:00:00', allDay: true, zone: 'Europe/Berlin' };
  assert.deepEqual(normalise({ ...meeting, when }).when, {
    start: '2026-03-05T00:00:00',
    end: '2026-03-06T00:00:00',
    allDay: true,
  });
});

test('a weekly rule names its days in order and the first day of the week only where it matters', () => {
  const pattern = { kind: 'weekly', interval: 1, days: ['sunday', 'monday', 'sunday'], firstDay: 'sunday' } as const;
  const range = { kind: 'noEnd' } as const;
  const daysOnly = normalise({ ...weekly, recurrence: { pattern, range } }).recurrence?.pattern;
  assert.deepEqual(daysOnly, { kind: 'weekly', interval: 1, days: ['monday', 'sunday'], firstDay: 'monday' });
  const biweekly = normalise({ ...weekly, recurrence: { pattern: { ...pattern, interval: 2 }, range } });
  assert.deepEqual(biweekly.recurrence?.pattern, { ...pattern, interval: 2, days: ['monday', 'sunday'] });
});

test('status, percentage and completion day of a task agree', () => {
  const task = (progress: Task['progress']) => normalise<Task>({ kind: 'task', progress }).progress;
  assert.deepEqual(task({ status: 'notStarted', percent: 30, completed: '2026-01-01' }), {
    status: 'notStarted',
    percent: 0,
  });
  assert.deepEqual(task({ status: 'completed', percent: 30, completed: '2026-01-01' }), {
    status: 'completed',
    percent: 100,
    completed: '2026-01-01',
  });
  assert.deepEqual(task({ status: 'waiting', percent: 33.4, completed: '2026-01-01' }), {
    status: 'waiting',
    percent: 33,
  });
});

test('a body that is only HTML gets the text its reader would see', () => {
  const html =
    '<html><body><p>Dear <b>Ann</b>,</p><p>see <a href="https://x.example">here</a><img src="y"></p></body></html>';
  assert.deepEqual(normalise({ ...meeting, body: { text: '', html } }).body, { text: 'Dear Ann,\n\nsee here', html });
  assert.equal(normalise({ ...meeting, body: { text: ' ', html: '<p> </p>' } }).body, undefined);
});

test('an override says only what differs from its series', () => {
  const hour = (date: string, from: string, to: string) => ({
    start: `${date}T${from}`,
    end: `${date}T${to}`,
    allDay: false,
  });
  const normal = normalise({
    ...weekly,
    location: 'Room 1',
    overrides: {
      '2026-03-26T09:00:00': { patch: { title: '', location: 'Room 1' } },
      '2026-03-19T09:00:00': { patch: { when: hour('2026-03-19', '11:00:00', '12:00:00'), showAs: 'busy' } },
      '2026-03-12T09:00:00': {
        patch: {
          title: ' Review',
          when: hour('2026-03-12', '09:00:00', '10:00:00'),
          reminder: null,
          body: { text: '' },
        },
      },
      '2026-03-05T09:00:00': { excluded: true },
    },
  });
  assert.deepEqual(Object.entries(normal.overrides!), [
    ['2026-03-05T09:00:00', { excluded: true }],
    ['2026-03-19T09:00:00', { patch: { when: hour('2026-03-19', '11:00:00', '12:00:00') } }],
    ['2026-03-26T09:00:00', { patch: { title: null } }],
  ]);
});

test('an occurrence made longer, shorter or all-day differs from its series', () => {
  const [thursday, friday] = ['2026-03-12T00:00:00', '2026-03-13T00:00:00'];
  for (const when of [
    { start: '2026-03-12T09:00:00', end: '2026-03-12T09:30:00', allDay: false },
    { start: '2026-03-12T09:00:00', end: '2026-03-12T11:00:00', allDay: false },
  ]) {
    const overrides = { '2026-03-12T09:00:00': { patch: { when } } };
    assert.deepEqual(normalise({ ...weekly, overrides }).overrides, overrides);
  }
  const midnight = { ...weekly.when, start: '2026-03-05T00:00:00', end: '2026-03-06T00:00:00' };
  const overrides = { [thursday]: { patch: { when: { start: thursday, end: friday, allDay: true } } } };
  assert.deepEqual(normalise({ ...weekly, when: midnight, overrides }).overrides, overrides);
});

test('the occurrences of an all-day series are known by their date', () => {
  const when = { start: '2026-03-05T00:00:00', end: '2026-03-06T00:00:00', allDay: true };
  const overrides = { '2026-03-12T08:00:00': { excluded: true } } as const;
  assert.deepEqual(Object.keys(normalise({ ...weekly, when, overrides }).overrides!), ['2026-03-12T00:00:00']);
});

test('an override of a date that is not in the rule is kept for the engine to decide', () => {
  const overrides = { '2026-03-06T09:00:00': { excluded: true } } as const;
  assert.deepEqual(normalise({ ...weekly, overrides }).overrides, overrides);
});

test('overrides without a rule mean nothing', () => {
  fc.assert(
    fc.property(series, (event) => {
      const { recurrence: _, ...rest } = event;
      assert.equal('overrides' in normalise(rest), false);
    }),
  );
});

test('an address that is a property of every object is an address like any other', () => {
  const attendees = JSON.parse('{"__proto__":{"role":"required"},"constructor":{"role":"optional"}}');
  const normal = normalise({ ...meeting, attendees });
  assert.deepEqual(Object.keys(normal.attendees!), ['__proto__', 'constructor']);
  assert.equal(JSON.stringify(normalise(normal)), JSON.stringify(normal));
});

test('an address stays the same key when lower case needs its marks in another order', () => {
  const once = normalise({ ...meeting, attendees: { 'I\u0307\u0331@example.com': { role: 'required' } } });
  assert.deepEqual(Object.keys(once.attendees!), ['i\u0331\u0307@example.com']);
  assert.deepEqual(normalise(once), once);
});

test('very long runs of blanks are trimmed in no time', () => {
  const text = `a${' '.repeat(500_000)}b${' \n'.repeat(200_000)}c`;
  const started = performance.now();
  normalise({ ...meeting, title: text, body: { text } });
  assert.ok(performance.now() - started < 2000);
});

test('the many names of UTC are one zone', () => {
  fc.assert(
    fc.property(events, fc.constantFrom('UTC', 'GMT', 'Etc/UTC', 'Etc/GMT', 'Zulu'), (event, zone) => {
      fc.pre(!event.when.allDay);
      assert.equal(normalise({ ...event, when: { ...event.when, zone } }).when.zone, 'Etc/UTC');
    }),
  );
});

const textKeys = new Set([
  'title',
  'location',
  'given',
  'surname',
  'company',
  'street',
  'city',
  'text',
  'spouse',
  'name',
]);

/** The item with other texts in the places of texts, categories and attendees. */
function spoil<T>(value: T, next: () => string, key = ''): T {
  if (typeof value === 'string') return (textKeys.has(key) || key === 'listed' ? next() : value) as T;
  if (Array.isArray(value)) return value.map((each) => spoil(each, next, 'listed')) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]): [string, unknown] => {
    if (name === 'days') return [name, each];
    return [key === 'attendees' ? next() : name, spoil(each, next, name)];
  });
  return Object.fromEntries(entries) as T;
}

/** The same item in other words. */
function disguised(item: Item): Item {
  const texts = new Set(['title', 'location', 'webPage', 'company', 'given', 'city', 'manager', 'text']);
  const disguise = (value: unknown, key: string): unknown => {
    if (typeof value === 'string')
      return texts.has(key) ? `${value.normalize('NFD').replaceAll('\n', ' \r\n')}\u0007\r\n ` : value;
    if (Array.isArray(value)) return key === 'categories' ? [...value, ...value.map((each) => ` ${each}`)] : value;
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, each]): [string, unknown] => [name, disguise(each, name)]);
    if (!['overrides', 'attendees', 'responses'].includes(key)) entries.push(['absent', undefined]);
    return Object.fromEntries(entries.reverse());
  };
  return disguise(item, '') as Item;
}
