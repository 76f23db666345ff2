import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Properties } from './properties.ts';
import { event, message } from './property-keys.ts';
import { dateOf, dayOf, occurrenceDays, type Pattern, type Rule, type Weekday } from './recurrence.ts';
import type { AppointmentSeries, SeriesException } from './series.ts';
import { readSeries, readTaskRule, writeSeries, writeTaskRule } from './series-blob.ts';
import { utc } from './zone.ts';

const dayMs = 86_400_000;
const weekday = fc.integer({ min: 0, max: 6 }) as fc.Arbitrary<Weekday>;
const nth = fc.record({
  day: fc.oneof(weekday, fc.constantFrom('day' as const, 'weekday' as const, 'weekendDay' as const)),
  index: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const, 5 as const),
});

/** Patterns as a rule that starts on `startDay` can have them. */
function patterns(startDay: number): fc.Arbitrary<Pattern> {
  const { month } = dateOf(startDay);
  const interval = fc.integer({ min: 1, max: 11 });
  const dayOfMonth = fc.integer({ min: 1, max: 31 });
  return fc.oneof(
    interval.map((one): Pattern => ({ kind: 'daily', interval: one })),
    fc.record({ interval, days: fc.uniqueArray(weekday, { minLength: 1, maxLength: 7 }), first: weekday }).map(
      ({ interval: weeks, days, first }): Pattern => ({
        kind: 'weekly',
        interval: weeks,
        days: days.toSorted((a, b) => a - b),
        firstDayOfWeek: first,
      }),
    ),
    fc.record({ interval, dayOfMonth }).map((one): Pattern => ({ kind: 'monthly', ...one })),
    fc.record({ interval, nth }).map((one): Pattern => ({ kind: 'monthlyNth', interval: one.interval, ...one.nth })),
    dayOfMonth.map((day): Pattern => ({ kind: 'yearly', month, dayOfMonth: day })),
    nth.map((one): Pattern => ({ kind: 'yearlyNth', month, ...one })),
  );
}

const rules = fc.integer({ min: dayOf(1990, 1, 1), max: dayOf(2060, 1, 1) }).chain((startDay) =>
  fc.record({
    pattern: patterns(startDay),
    startDay: fc.constant(startDay),
    end: fc.oneof(
      fc.constant({ kind: 'none' as const }),
      fc.integer({ min: 1, max: 60 }).map((count) => ({ kind: 'count' as const, count })),
      fc.integer({ min: 0, max: 2000 }).map((days) => ({ kind: 'date' as const, day: startDay + days })),
    ),
  }),
);

function seriesOf(rule: Rule, startMinute: number, minutes: number, subject: string): AppointmentSeries {
  const days: number[] = [];
  for (const day of occurrenceDays(rule)) if (days.push(day) === 3) break;
  const [first, second] = days;
  const exceptions = new Map<number, SeriesException>();
  if (second !== undefined) {
    const properties = new Properties();
    properties.set(message.subject, subject);
    properties.set(event.allDay, false);
    const startWallMs = second * dayMs + (startMinute + 5) * 60_000;
    const endWallMs = startWallMs + minutes * 60_000;
    exceptions.set(second, { originalDay: second, startWallMs, endWallMs, properties, removed: new Set() });
  }
  return {
    kind: 'appointment',
    rule,
    startOffsetMs: startMinute * 60_000,
    durationMs: minutes * 60_000,
    zone: utc,
    deleted: new Set(first === undefined ? [] : [first]),
    exceptions,
  };
}

/** What counts, as plain data. */
function plain(series: AppointmentSeries | undefined) {
  if (series === undefined) return undefined;
  const exceptions = [...series.exceptions.values()].map((one) => ({
    day: one.originalDay,
    start: one.startWallMs,
    end: one.endWallMs,
    values: [...one.properties.entries()].map(([, value]) => value),
  }));
  return JSON.stringify({ ...series, zone: undefined, deleted: [...series.deleted], exceptions });
}

test('28: every series that Exchange can hold is the same after it was bytes', () => {
  fc.assert(
    fc.property(rules, fc.nat(1200), fc.nat(3000), fc.string({ maxLength: 40 }), (rule, startMinute, minutes, text) => {
      const series = seriesOf(rule, startMinute, minutes, text.toWellFormed());
      const read = readSeries(writeSeries(series), utc);
      assert.deepEqual(JSON.parse(plain(read) ?? ''), JSON.parse(plain(series) ?? ''));
      assert.ok(read);
      assert.deepEqual(writeSeries(read), writeSeries(series));
    }),
    { numRuns: 200 },
  );
});

test('44: so is every rule of a task, with the days counted from its completion', () => {
  const unit = fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const);
  fc.assert(
    fc.property(
      unit,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 7300, max: 30_000 }),
      (one, interval, startDay) => {
        const rule: Rule = { pattern: { kind: 'regenerate', unit: one, interval }, startDay, end: { kind: 'none' } };
        assert.deepEqual(readTaskRule(writeTaskRule(rule)), rule);
      },
    ),
    { numRuns: 100 },
  );
});
