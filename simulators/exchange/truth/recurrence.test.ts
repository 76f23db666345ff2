import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import rrule from 'rrule';
import {
  dayOf,
  type NthDay,
  type NthIndex,
  occurrenceDays,
  type Pattern,
  type Rule,
  type Weekday,
  weekdayOf,
} from './recurrence.ts';
import { type AppointmentSeries, occurrences, occurrencesBetween } from './series.ts';
import { zoneById } from './zone.ts';

const { RRule } = rrule;

const weekday = fc.integer({ min: 0, max: 6 }) as fc.Arbitrary<Weekday>;
const nthDay: fc.Arbitrary<NthDay> = fc.oneof(weekday, fc.constantFrom<NthDay>('day', 'weekday', 'weekendDay'));
const nthIndex = fc.integer({ min: 1, max: 5 }) as fc.Arbitrary<NthIndex>;
const interval = fc.integer({ min: 1, max: 5 });
const month = fc.integer({ min: 1, max: 12 });

const pattern: fc.Arbitrary<Pattern> = fc.oneof(
  fc.record({ kind: fc.constant('daily' as const), interval }),
  fc.record({
    kind: fc.constant('weekly' as const),
    interval,
    days: fc.uniqueArray(weekday, { minLength: 1, maxLength: 4 }),
    firstDayOfWeek: weekday,
  }),
  fc.record({ kind: fc.constant('monthly' as const), interval, dayOfMonth: fc.integer({ min: 1, max: 31 }) }),
  fc.record({ kind: fc.constant('monthlyNth' as const), interval, day: nthDay, index: nthIndex }),
  fc.record({ kind: fc.constant('yearly' as const), month, dayOfMonth: fc.integer({ min: 1, max: 28 }) }),
  fc.record({ kind: fc.constant('yearlyNth' as const), month, day: nthDay, index: nthIndex }),
);

const startDay = fc.integer({ min: dayOf(2000, 1, 1), max: dayOf(2040, 1, 1) });

test('occurrences fall on the days that an independent implementation of recurrence rules gives', () => {
  fc.assert(
    fc.property(pattern, startDay, fc.integer({ min: 1, max: 30 }), (one, day, count) => {
      const rule: Rule = { pattern: one, startDay: day, end: { kind: 'count', count } };
      const expected = new RRule({ ...optionsOf(one), dtstart: new Date(day * 86_400_000), count }).all();
      assert.deepEqual(
        [...occurrenceDays(rule)],
        expected.map((date) => date.getTime() / 86_400_000),
      );
    }),
    { numRuns: 400 },
  );
});

test('the 31st of every month is the last day of short months', () => {
  const rule: Rule = {
    pattern: { kind: 'monthly', interval: 1, dayOfMonth: 31 },
    startDay: dayOf(2023, 12, 31),
    end: { kind: 'count', count: 4 },
  };
  assert.deepEqual(
    [...occurrenceDays(rule)],
    [dayOf(2023, 12, 31), dayOf(2024, 1, 31), dayOf(2024, 2, 29), dayOf(2024, 3, 31)],
  );
});

test('a view of a long series shows the same occurrences as reading the series from its beginning', () => {
  const zone = zoneById('W. Europe Standard Time');
  assert.ok(zone);
  fc.assert(
    fc.property(
      pattern,
      startDay,
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: 1, max: 60 }),
      (one, day, skip, length) => {
        const series: AppointmentSeries = {
          kind: 'appointment',
          rule: { pattern: one, startDay: day, end: { kind: 'none' } },
          startOffsetMs: 9 * 3_600_000,
          durationMs: 3_600_000,
          zone,
          deleted: new Set(),
          exceptions: new Map(),
        };
        const fromMs = (day + skip) * 86_400_000;
        const untilMs = fromMs + length * 86_400_000;
        const expected: number[] = [];
        for (const occurrence of occurrences(series)) {
          if (occurrence.startMs >= untilMs) break;
          if (occurrence.endMs > fromMs) expected.push(occurrence.startMs);
        }
        assert.deepEqual(
          occurrencesBetween(series, fromMs, untilMs).map((occurrence) => occurrence.startMs),
          expected,
        );
      },
    ),
    { numRuns: 200 },
  );
});

const names = [RRule.SU, RRule.MO, RRule.TU, RRule.WE, RRule.TH, RRule.FR, RRule.SA];

function optionsOf(one: Pattern): Partial<ConstructorParameters<typeof RRule>[0]> {
  const day = (index: number) => names[index] ?? RRule.SU;
  switch (one.kind) {
    case 'daily':
      return { freq: RRule.DAILY, interval: one.interval };
    case 'weekly':
      return {
        freq: RRule.WEEKLY,
        interval: one.interval,
        byweekday: one.days.map(day),
        wkst: day(one.firstDayOfWeek),
      };
    case 'monthly':
      return { freq: RRule.MONTHLY, interval: one.interval, ...dayOfMonth(one.dayOfMonth) };
    case 'monthlyNth':
      return { freq: RRule.MONTHLY, interval: one.interval, ...nth(one.day, one.index) };
    case 'yearly':
      return { freq: RRule.YEARLY, bymonth: one.month, bymonthday: one.dayOfMonth };
    case 'yearlyNth':
      return { freq: RRule.YEARLY, bymonth: one.month, ...nth(one.day, one.index) };
    case 'regenerate':
      throw new Error('not a calendar pattern');
  }
}

function dayOfMonth(wanted: number) {
  const days = Array.from({ length: wanted - 27 }, (_, index) => 28 + index);
  return wanted <= 28 ? { bymonthday: wanted } : { bymonthday: days, bysetpos: -1 };
}

function nth(wanted: NthDay, index: NthIndex) {
  const all = [0, 1, 2, 3, 4, 5, 6];
  const days =
    wanted === 'day' ? all : wanted === 'weekday' ? [1, 2, 3, 4, 5] : wanted === 'weekendDay' ? [0, 6] : [wanted];
  return { byweekday: days.map((one) => names[one] ?? RRule.SU), bysetpos: index === 5 ? -1 : index };
}

test('weekdays are counted from Sunday', () => {
  assert.equal(weekdayOf(dayOf(2026, 11, 22)), 0);
  assert.equal(weekdayOf(dayOf(1969, 12, 31)), 3);
});
