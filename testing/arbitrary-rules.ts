/** Arbitrary recurrence rules for property tests, with a start that is their first occurrence. All valid. */
import fc from 'fast-check';
import type { PlainDate } from '#model/item.ts';
import { dateOf, daysOf } from '#model/local-time.ts';
import { patternDays } from '#model/pattern-days.ts';
import type { Pattern, Range, RecurrenceRule, Regeneration, TaskRecurrence, WeekdayClass } from '#model/recurrence.ts';
import { weekdays } from '#model/recurrence.ts';

export const plainDates: fc.Arbitrary<PlainDate> = fc
  .integer({ min: daysOf('2001-01-01'), max: daysOf('2036-12-31') })
  .map(dateOf);

const weekdayClasses: readonly WeekdayClass[] = [...weekdays, 'day', 'weekday', 'weekendDay'];
const intervals = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 99 }));
const weekIndexes = fc.constantFrom('first', 'second', 'third', 'fourth', 'last');
const months = fc.integer({ min: 1, max: 12 });
const monthDays = fc.integer({ min: 1, max: 31 });

/** All six patterns. */
export const patterns: fc.Arbitrary<Pattern> = fc.oneof<fc.Arbitrary<Pattern>[]>(
  fc.record({ kind: fc.constant('daily'), interval: intervals }),
  fc.record({
    kind: fc.constant('weekly'),
    interval: intervals,
    days: fc.subarray([...weekdays], { minLength: 1 }),
    firstDay: fc.constantFrom(...weekdays),
  }),
  fc.record({ kind: fc.constant('monthly'), interval: intervals, day: monthDays }),
  fc.record({
    kind: fc.constant('monthlyByWeekday'),
    interval: intervals,
    week: weekIndexes,
    weekday: fc.constantFrom(...weekdayClasses),
  }),
  fc.record({ kind: fc.constant('yearly'), month: months, day: monthDays }),
  fc.record({
    kind: fc.constant('yearlyByWeekday'),
    month: months,
    week: weekIndexes,
    weekday: fc.constantFrom(...weekdayClasses),
  }),
);

/** The three ranges of a series that begins on a date; each holds at least that date. */
export function ranges(start: PlainDate): fc.Arbitrary<Range> {
  return fc.oneof<fc.Arbitrary<Range>[]>(
    fc.constant({ kind: 'noEnd' }),
    fc.integer({ min: 0, max: 800 }).map((days) => ({ kind: 'until', date: dateOf(daysOf(start) + days) })),
    fc.integer({ min: 1, max: 60 }).map((count) => ({ kind: 'count', count })),
  );
}

/** A rule with the date of its first occurrence. */
export const rules: fc.Arbitrary<{ readonly rule: RecurrenceRule; readonly start: PlainDate }> = fc
  .tuple(patterns, plainDates)
  .chain(([pattern, near]) => {
    const start = dateOf(patternDays(pattern, daysOf(near)).nth(1));
    return ranges(start).map((range) => ({ rule: { pattern, range }, start }));
  });

const regenerations: fc.Arbitrary<Regeneration> = fc.record({
  kind: fc.constant('regenerating'),
  unit: fc.constantFrom('day', 'week', 'month', 'year'),
  interval: fc.integer({ min: 1, max: 99 }),
});

/** Rules of tasks, the regenerating ones among them. */
export const taskRecurrences: fc.Arbitrary<TaskRecurrence> = fc.oneof(
  rules.map(({ rule, start }) => ({ ...rule, start })),
  fc
    .tuple(regenerations, plainDates)
    .chain(([pattern, start]) => ranges(start).map((range) => ({ pattern, range, start }))),
);
