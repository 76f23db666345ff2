import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { items } from '#testing/arbitrary-items.ts';
import type { CalendarEvent, Contact, Item, Override, Task } from './item.ts';
import { limits } from './limits.ts';
import type { Pattern, Range } from './recurrence.ts';
import type { ProblemCode } from './validate.ts';
import { problemCodes, problems } from './validate.ts';

const meeting: CalendarEvent = {
  kind: 'event',
  title: 'Review',
  when: { start: '2026-03-05T09:00:00', end: '2026-03-05T10:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
};
const task: Task = { kind: 'task', progress: { status: 'notStarted', percent: 0 } };
const noEnd: Range = { kind: 'noEnd' };
const daily: Pattern = { kind: 'daily', interval: 1 };
const thursdays: Pattern = { kind: 'weekly', interval: 1, days: ['thursday'], firstDay: 'monday' };

function recurring(pattern: Pattern, range: Range = noEnd, overrides: CalendarEvent['overrides'] = {}): CalendarEvent {
  return { ...meeting, recurrence: { pattern, range }, overrides };
}

function timed(start: string, end: string): CalendarEvent {
  return { ...meeting, when: { ...meeting.when, start, end } };
}

function movedTo(start: string, end: string): Override {
  return { patch: { when: { start, end, allDay: false } } };
}

function assertProblem(item: Item, code: ProblemCode, path: string): void {
  const found = problems(item).map((problem) => `${problem.code} ${problem.path}`);
  assert.deepEqual(found, [`${code} ${path}`]);
}

test('what users usually write has no problems', () => {
  fc.assert(
    fc.property(items, (item) => assert.deepEqual(problems(item), [])),
    { numRuns: 500 },
  );
});

test('an event must end after it starts, within five years, at times that exist', () => {
  assertProblem(timed('2026-03-05T10:00:00', '2026-03-05T09:00:00'), 'endBeforeStart', 'when');
  assertProblem(timed('2026-02-30T10:00:00', '2026-03-05T09:00:00'), 'dateInvalid', 'when');
  assertProblem(timed('1500-01-01T10:00:00', '1500-01-01T11:00:00'), 'dateInvalid', 'when');
  assertProblem(timed('2026-03-05T10:00:00', '2031-03-07T10:00:00'), 'durationTooLong', 'when');
  assert.deepEqual(problems(timed('2026-03-05T10:00:00', '2026-03-05T10:00:00')), []);
  assert.deepEqual(problems(timed('2026-03-05T10:00:00', '2031-03-05T10:00:00')), []);
  const day = { start: '2026-03-05T00:00:00', end: '2026-03-05T00:00:00', allDay: true };
  assertProblem({ ...meeting, when: day }, 'endBeforeStart', 'when');
});

test('a timed event needs a zone that is known', () => {
  const { zone: _, ...floating } = meeting.when;
  assertProblem({ ...meeting, when: floating }, 'zoneUnknown', 'when');
  assertProblem({ ...meeting, when: { ...floating, zone: 'Mars/Olympus' } }, 'zoneUnknown', 'when');
});

test('a rule must be within what a mailbox can hold', () => {
  const cases: readonly (readonly [CalendarEvent, ProblemCode])[] = [
    [recurring({ kind: 'daily', interval: 0 }), 'intervalOutOfRange'],
    [recurring({ kind: 'daily', interval: 1000 }), 'intervalOutOfRange'],
    [recurring({ kind: 'monthly', interval: 1.5, day: 1 }), 'intervalOutOfRange'],
    [recurring({ ...thursdays, days: [] }), 'weekdaysEmpty'],
    [recurring({ kind: 'monthly', interval: 1, day: 32 }), 'dayOutOfRange'],
    [recurring({ kind: 'yearly', month: 13, day: 1 }), 'monthOutOfRange'],
    [recurring(daily, { kind: 'count', count: 0 }), 'countOutOfRange'],
    [recurring(daily, { kind: 'count', count: 1000 }), 'countOutOfRange'],
    [recurring(daily, { kind: 'until', date: '2026-02-30' }), 'dateInvalid'],
    [recurring(daily, { kind: 'until', date: '4501-01-01' }), 'dateInvalid'],
    [recurring(daily, { kind: 'until', date: '2026-03-04' }), 'ruleWithoutOccurrence'],
    [recurring({ ...thursdays, days: ['monday'] }, { kind: 'until', date: '2026-03-08' }), 'ruleWithoutOccurrence'],
  ];
  for (const [event, code] of cases) assertProblem(event, code, 'recurrence');
});

test('an override must be an occurrence of its series', () => {
  const overrides = { '2026-03-06T09:00:00': { excluded: true }, '2026-03-12T09:00:00': { excluded: true } } as const;
  assertProblem(recurring(thursdays, noEnd, overrides), 'overrideNotInRule', 'overrides.2026-03-06T09:00:00');
});

test('an occurrence may move up to its neighbours but not onto their day, past them or into them', () => {
  const at = (start: string, end: string, others: CalendarEvent['overrides'] = {}) =>
    recurring(thursdays, noEnd, { '2026-03-12T09:00:00': movedTo(start, end), ...others });
  const path = 'overrides.2026-03-12T09:00:00';
  assert.deepEqual(problems(at('2026-03-06T09:00:00', '2026-03-06T10:00:00')), []);
  assert.deepEqual(problems(at('2026-03-18T09:00:00', '2026-03-19T09:00:00')), []);
  assertProblem(at('2026-03-05T18:00:00', '2026-03-05T19:00:00'), 'overrideCrossesNeighbour', path);
  assertProblem(at('2026-03-19T08:00:00', '2026-03-19T08:30:00'), 'overrideCrossesNeighbour', path);
  assertProblem(at('2026-03-26T09:00:00', '2026-03-26T10:00:00'), 'overrideCrossesNeighbour', path);
  assertProblem(at('2026-03-18T09:00:00', '2026-03-19T09:30:00'), 'overrideCrossesNeighbour', path);
  // Two that overlap each other are both at fault.
  const long = { '2026-03-05T09:00:00': movedTo('2026-03-05T09:00:00', '2026-03-11T12:00:00') };
  const both = problems(at('2026-03-11T09:00:00', '2026-03-11T10:00:00', long)).map((each) => each.path);
  assert.deepEqual(both, [path, 'overrides.2026-03-05T09:00:00']);
  // The first occurrence has no neighbour before it.
  const first = { '2026-03-05T09:00:00': movedTo('2026-01-01T09:00:00', '2026-01-01T10:00:00') };
  assert.deepEqual(problems(recurring(thursdays, noEnd, first)), []);
  // An occurrence that was left out or has itself moved makes room.
  const free = at('2026-03-19T08:00:00', '2026-03-19T08:30:00', { '2026-03-19T09:00:00': { excluded: true } });
  assert.deepEqual(problems(free), []);
  const away = at('2026-03-19T08:00:00', '2026-03-19T08:30:00', {
    '2026-03-19T09:00:00': movedTo('2026-03-20T09:00:00', '2026-03-20T10:00:00'),
  });
  assert.deepEqual(problems(away), []);
});

test('the values of an override are checked like those of an event', () => {
  const key = '2026-03-12T09:00:00';
  const path = `overrides.${key}`;
  const patched = (override: Override) => recurring(thursdays, noEnd, { [key]: override });
  assertProblem(patched({ patch: { title: 'x'.repeat(256) } }), 'textTooLong', path);
  assertProblem(patched({ patch: { reminder: { minutesBefore: -1 } } }), 'reminderOutOfRange', path);
  assertProblem(patched(movedTo('2026-03-12T09:00:00', '2026-03-12T08:00:00')), 'endBeforeStart', path);
});

test('a task is due after it starts, done to a percentage, on a day that exists', () => {
  assertProblem({ ...task, dates: { start: '2026-03-05', due: '2026-03-04' } }, 'endBeforeStart', 'dates.due');
  assertProblem({ ...task, dates: { start: '2026-02-29' } }, 'dateInvalid', 'dates.start');
  assertProblem({ ...task, progress: { status: 'inProgress', percent: 101 } }, 'percentOutOfRange', 'progress');
  assertProblem({ ...task, progress: { status: 'inProgress', percent: Number.NaN } }, 'percentOutOfRange', 'progress');
  const completed: Task['progress'] = { status: 'completed', percent: 100, completed: 'today' };
  assertProblem({ ...task, progress: completed }, 'dateInvalid', 'progress');
  assertProblem({ ...task, reminder: { at: '2026-03-05' } }, 'dateInvalid', 'reminder');
});

test('the rule of a task is checked, regenerating or not', () => {
  const start = '2026-03-05';
  const regenerating = { kind: 'regenerating', unit: 'day', interval: 0 } as const;
  const before: Range = { kind: 'until', date: '2026-03-04' };
  assertProblem(
    { ...task, recurrence: { pattern: regenerating, range: noEnd, start } },
    'intervalOutOfRange',
    'recurrence',
  );
  assertProblem(
    { ...task, recurrence: { pattern: daily, range: before, start } },
    'ruleWithoutOccurrence',
    'recurrence',
  );
  assertProblem({ ...task, recurrence: { pattern: daily, range: noEnd, start: 'x' } }, 'dateInvalid', 'recurrence');
});

test('texts and lists have bounds', () => {
  const contact: Contact = { kind: 'contact' };
  assertProblem({ ...meeting, title: 'x'.repeat(limits.titleCharsMax + 1) }, 'textTooLong', 'title');
  assertProblem({ ...task, body: { text: 'x'.repeat(limits.bodyCharsMax + 1) } }, 'textTooLong', 'body');
  assertProblem({ ...contact, name: { given: 'x'.repeat(300) } }, 'textTooLong', 'name.given');
  assertProblem({ ...contact, addresses: { home: { city: 'x'.repeat(300) } } }, 'textTooLong', 'addresses.home');
  assertProblem({ ...contact, birthday: '2026-02-30' }, 'dateInvalid', 'birthday');
  const many = Array.from({ length: limits.categoriesMax + 1 }, (_, n) => `c${n}`);
  assertProblem({ ...contact, categories: many }, 'listTooLong', 'categories');
  const crowd = Object.fromEntries(many.map((name) => [`${name.repeat(120)}@x`, { role: 'required' as const }]));
  assert.equal(problems({ ...meeting, attendees: crowd }).filter(({ code }) => code === 'textTooLong').length, 91);
});

test('a problem is a known code and one sentence without the value', () => {
  const found = problems({ ...timed('bad', 'worse'), title: 'secret'.repeat(100), reminder: { minutesBefore: -1 } });
  assert.equal(found.length, 3);
  for (const { code, message } of found) {
    assert.ok(problemCodes.includes(code));
    assert.match(message, /^[A-Z].*\.$/);
    assert.doesNotMatch(message, /secret|bad/);
  }
});
