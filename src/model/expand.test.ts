import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import rrule from 'rrule';
import { patterns, ranges, rules } from '#testing/arbitrary-rules.ts';
import {
  firstOnOrAfter,
  indexOfOccurrence,
  isOccurrence,
  lastOccurrence,
  nthOccurrence,
  occurrenceCount,
  occurrences,
  taskDates,
} from './expand.ts';
import type { LocalDateTime, PlainDate } from './item.ts';
import { daysInMonth, daysOf, localOf, secondsOf } from './local-time.ts';
import type { Pattern, Range, RecurrenceRule, Weekday, WeekdayClass } from './recurrence.ts';
import { weekdays } from './recurrence.ts';

const { RRule } = rrule;
const times = fc.constantFrom('00:00:00', '09:30:00', '23:59:59');

/** Any start, on the pattern or not. */
const anyStarts = fc
  .tuple(patterns, fc.integer({ min: daysOf('1999-12-01'), max: daysOf('2030-12-31') }), times)
  .chain(([pattern, day, time]) => {
    const start = `${localOf(day * 86_400).slice(0, 10)}T${time}`;
    return ranges(start.slice(0, 10)).map((range) => ({ start, rule: { pattern, range } }));
  });

const timedRules = fc.tuple(rules, times).map(([{ rule, start }, time]) => ({ rule, start: `${start}T${time}` }));

test('occurrences are those of an independent implementation', () => {
  fc.assert(
    fc.property(fc.oneof(anyStarts, timedRules), ({ start, rule }) => {
      const expected = peer(start, rule).all((_, count) => count < 40);
      const actual = [...occurrences(start, rule, { max: expected.length === 40 ? 40 : 41 })];
      assert.deepEqual(actual, expected.map(localOfDate));
    }),
    { numRuns: 2500 },
  );
});

test('occurrences in a window are those of an independent implementation', () => {
  const windows = fc.tuple(timedRules, fc.integer({ min: -60, max: 2000 }), fc.integer({ min: 0, max: 400 }));
  fc.assert(
    fc.property(windows, ([{ start, rule }, after, days]) => {
      const from = localOf(secondsOf(start) + after * 86_400);
      const to = localOf(secondsOf(from) + days * 86_400);
      const expected = peer(start, rule).between(dateOfLocal(from), new Date(dateOfLocal(to).getTime() - 1), true);
      assert.deepEqual([...occurrences(start, rule, { from, to, max: 1000 })], expected.map(localOfDate));
    }),
    { numRuns: 500 },
  );
});

test('asking about one occurrence agrees with listing them all', () => {
  fc.assert(
    fc.property(fc.oneof(anyStarts, timedRules), ({ start, rule }) => {
      const listed = [...occurrences(start, rule, { max: 30 })];
      for (const [at, local] of listed.entries()) {
        assert.ok(isOccurrence(start, rule, local));
        assert.equal(indexOfOccurrence(start, rule, local), at + 1);
        assert.equal(nthOccurrence(start, rule, at + 1), local);
        assert.equal(firstOnOrAfter(start, rule, local), local);
        const before = localOf(secondsOf(local) - 1);
        const after = localOf(secondsOf(local) + 1);
        assert.equal(isOccurrence(start, rule, before), false);
        assert.equal(indexOfOccurrence(start, rule, after), undefined);
        assert.equal(firstOnOrAfter(start, rule, before), local);
        if (at + 1 < listed.length) assert.equal(firstOnOrAfter(start, rule, after), listed[at + 1]);
      }
    }),
    { numRuns: 500 },
  );
});

test('the last occurrence and the count end the list', () => {
  fc.assert(
    fc.property(anyStarts, ({ start, rule }) => {
      const count = occurrenceCount(start, rule);
      const last = lastOccurrence(start, rule);
      if (rule.range.kind === 'noEnd') {
        assert.equal(count, Number.POSITIVE_INFINITY);
        assert.equal(last, undefined);
        return;
      }
      const all = [...occurrences(start, rule, { max: 1000 })];
      assert.equal(all.length, count);
      assert.equal(all.at(-1), last);
      assert.equal(nthOccurrence(start, rule, count + 1), undefined);
      assert.equal(nthOccurrence(start, rule, 0), undefined);
    }),
    { numRuns: 500 },
  );
});

const noEnd: Range = { kind: 'noEnd' };

function dates(start: PlainDate, pattern: Pattern, max: number, range: Range = noEnd): readonly PlainDate[] {
  return [...taskDates({ pattern, range, start }, { max })];
}

test('the 31st of a shorter month is its last day', () => {
  assert.deepEqual(dates('2027-12-31', { kind: 'monthly', interval: 1, day: 31 }, 5), [
    '2027-12-31',
    '2028-01-31',
    '2028-02-29',
    '2028-03-31',
    '2028-04-30',
  ]);
  assert.deepEqual(dates('2026-01-30', { kind: 'monthly', interval: 1, day: 30 }, 3), [
    '2026-01-30',
    '2026-02-28',
    '2026-03-30',
  ]);
});

test('the 29th of February is the 28th in other years', () => {
  assert.deepEqual(dates('2024-02-29', { kind: 'yearly', month: 2, day: 29 }, 5), [
    '2024-02-29',
    '2025-02-28',
    '2026-02-28',
    '2027-02-28',
    '2028-02-29',
  ]);
});

test('the last weekday, the first weekend day and the fourth day of a month are found', () => {
  const by = (week: 'first' | 'fourth' | 'last', weekday: WeekdayClass): Pattern => ({
    kind: 'monthlyByWeekday',
    interval: 1,
    week,
    weekday,
  });
  assert.deepEqual(dates('2026-01-01', by('last', 'weekday'), 3), ['2026-01-30', '2026-02-27', '2026-03-31']);
  assert.deepEqual(dates('2026-01-01', by('first', 'weekendDay'), 3), ['2026-01-03', '2026-02-01', '2026-03-01']);
  assert.deepEqual(dates('2026-01-01', by('fourth', 'day'), 2), ['2026-01-04', '2026-02-04']);
  assert.deepEqual(dates('2026-01-01', by('last', 'day'), 2), ['2026-01-31', '2026-02-28']);
});

test('every second week depends on the day a week begins', () => {
  const biweekly = (firstDay: 'monday' | 'sunday'): Pattern => ({
    kind: 'weekly',
    interval: 2,
    days: ['tuesday', 'sunday'],
    firstDay,
  });
  // The example of RFC 5545 3.3.10, 1997-08-05 being a Tuesday.
  assert.deepEqual(dates('1997-08-05', biweekly('monday'), 4), [
    '1997-08-05',
    '1997-08-10',
    '1997-08-19',
    '1997-08-24',
  ]);
  assert.deepEqual(dates('1997-08-05', biweekly('sunday'), 4), [
    '1997-08-05',
    '1997-08-17',
    '1997-08-19',
    '1997-08-31',
  ]);
});

test('a series ends on its last date or after its number of occurrences', () => {
  const daily: Pattern = { kind: 'daily', interval: 2 };
  assert.deepEqual(dates('2026-03-01', daily, 9, { kind: 'until', date: '2026-03-05' }), [
    '2026-03-01',
    '2026-03-03',
    '2026-03-05',
  ]);
  assert.deepEqual(dates('2026-03-01', daily, 9, { kind: 'count', count: 2 }), ['2026-03-01', '2026-03-03']);
  assert.deepEqual(dates('2026-03-01', daily, 9, { kind: 'until', date: '2026-02-28' }), []);
});

test('a regenerating task only knows its own date', () => {
  const recurrence = {
    pattern: { kind: 'regenerating', unit: 'week', interval: 2 },
    range: noEnd,
    start: '2026-03-01',
  } as const;
  assert.deepEqual([...taskDates(recurrence, { max: 5 })], ['2026-03-01']);
  assert.deepEqual([...taskDates(recurrence, { from: '2026-03-02', max: 5 })], []);
});

test('a series without end stops where dates can no longer be written', () => {
  const rule: RecurrenceRule = { pattern: { kind: 'yearly', month: 1, day: 1 }, range: noEnd };
  const late = [...occurrences('9998-01-01T10:00:00', rule, { max: 10 })];
  assert.deepEqual(late, ['9998-01-01T10:00:00', '9999-01-01T10:00:00']);
});

test('texts that are no times are no occurrences', () => {
  const rule: RecurrenceRule = { pattern: { kind: 'daily', interval: 1 }, range: noEnd };
  assert.equal(isOccurrence('2026-03-01T10:00:00', rule, '2026-02-30T10:00:00'), false);
  assert.equal(isOccurrence('2026-03-01T10:00:00', rule, 'x'), false);
  assert.deepEqual([...occurrences('x', rule, { max: 3 })], []);
  assert.deepEqual(dates('2026-03-01', { kind: 'weekly', interval: 1, days: [], firstDay: 'monday' }, 3), []);
});

test('a question far from the start is answered without walking there', () => {
  const rule: RecurrenceRule = { pattern: { kind: 'daily', interval: 1 }, range: noEnd };
  const started = performance.now();
  for (let n = 0; n < 10_000; n++) isOccurrence('1990-01-01T10:00:00', rule, '4490-01-01T10:00:00');
  assert.ok(performance.now() - started < 1000);
});

/** The same rule for `rrule`, in floating time. */
function peer(start: LocalDateTime, { pattern, range }: RecurrenceRule): InstanceType<typeof RRule> {
  return new RRule({
    dtstart: dateOfLocal(start),
    ...peerPattern(pattern),
    ...(range.kind === 'count' ? { count: range.count } : {}),
    ...(range.kind === 'until' ? { until: dateOfLocal(`${range.date}T23:59:59`) } : {}),
  });
}

const peerWeekdays = [RRule.MO, RRule.TU, RRule.WE, RRule.TH, RRule.FR, RRule.SA, RRule.SU];
const position = { first: 1, second: 2, third: 3, fourth: 4, last: -1 } as const;

function peerPattern(pattern: Pattern): ConstructorParameters<typeof RRule>[0] {
  switch (pattern.kind) {
    case 'daily':
      return { freq: RRule.DAILY, interval: pattern.interval };
    case 'weekly':
      return {
        freq: RRule.WEEKLY,
        interval: pattern.interval,
        byweekday: pattern.days.map((day) => peerWeekdays[weekdays.indexOf(day)]!),
        wkst: peerWeekdays[weekdays.indexOf(pattern.firstDay)]!,
      };
    case 'monthly':
      return { freq: RRule.MONTHLY, interval: pattern.interval, ...clamped(pattern.day, 31) };
    case 'yearly':
      return { freq: RRule.YEARLY, bymonth: pattern.month, ...clamped(pattern.day, daysInMonth(2024, pattern.month)) };
    case 'monthlyByWeekday':
      return { freq: RRule.MONTHLY, interval: pattern.interval, ...nth(pattern) };
    case 'yearlyByWeekday':
      return { freq: RRule.YEARLY, bymonth: pattern.month, ...nth(pattern) };
  }
}

/** The last of the days 28 to `day` that the month has; RFC 5545 itself leaves shorter months out. */
function clamped(day: number, longest: number): object {
  const wanted = Math.min(day, longest);
  if (wanted <= 28) return { bymonthday: [wanted] };
  return { bymonthday: [28, 29, 30, 31].filter((each) => each <= wanted), bysetpos: [-1] };
}

function nth({ week, weekday }: { readonly week: keyof typeof position; readonly weekday: WeekdayClass }): object {
  const classes: Readonly<Record<string, readonly number[]>> = {
    day: [0, 1, 2, 3, 4, 5, 6],
    weekday: [0, 1, 2, 3, 4],
    weekendDay: [5, 6],
  };
  const days = classes[weekday] ?? [weekdays.indexOf(weekday as Weekday)];
  return { byweekday: days.map((day) => peerWeekdays[day]!), bysetpos: [position[week]] };
}

function dateOfLocal(local: LocalDateTime): Date {
  return new Date(`${local}Z`);
}

function localOfDate(date: Date): LocalDateTime {
  return date.toISOString().slice(0, 19);
}
