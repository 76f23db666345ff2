/**
 * The days of a pattern in closed form: how many there are up to a day, and which one is the nth. Everything else about
 * occurrences follows from these two (`expand.ts`), without walking from the start.
 */
import { civilOf, daysInMonth, daysOfCivil, weekdayOf } from './local-time.ts';
import type { Pattern, WeekdayClass, WeekIndex } from './recurrence.ts';
import { weekdays } from './recurrence.ts';

/** The days of a pattern from its start on, as day numbers (`local-time.ts`). */
export interface PatternDays {
  /** How many days of the pattern lie in [start, day]. */
  countThrough(day: number): number;
  /** The nth day, 1 is the first; NaN when the pattern has no days at all. */
  nth(n: number): number;
}

/**
 * The days of a valid pattern on or after `start`. Intervals count from the day, week or month of `start`, whether or not
 * `start` itself belongs to the pattern (RFC 5545 3.3.10; MS-OXOCAL 2.2.1.44.1).
 */
export function patternDays(pattern: Pattern, start: number): PatternDays {
  switch (pattern.kind) {
    case 'daily':
      return dailyDays(start, pattern.interval);
    case 'weekly':
      return weeklyDays(start, pattern);
    case 'monthly':
      return monthDays(start, monthOf(start), pattern.interval, clamped(pattern.day));
    case 'monthlyByWeekday':
      return monthDays(start, monthOf(start), pattern.interval, nthWeekday(pattern.week, pattern.weekday));
    case 'yearly':
      return monthDays(start, monthInYearOf(start, pattern.month), 12, clamped(pattern.day));
    case 'yearlyByWeekday':
      return monthDays(start, monthInYearOf(start, pattern.month), 12, nthWeekday(pattern.week, pattern.weekday));
  }
}

function dailyDays(start: number, interval: number): PatternDays {
  return {
    countThrough: (day) => (day < start ? 0 : Math.floor((day - start) / interval) + 1),
    nth: (n) => start + (n - 1) * interval,
  };
}

function weeklyDays(start: number, { interval, days, firstDay }: Extract<Pattern, { kind: 'weekly' }>): PatternDays {
  const weekBegin = weekdays.indexOf(firstDay);
  const inWeek = (weekday: number) => (weekday - weekBegin + 7) % 7;
  const offsets = days.map((day) => inWeek(weekdays.indexOf(day))).sort((one, two) => one - two);
  const firstWeek = start - inWeek(weekdayOf(start));
  const stride = 7 * interval;
  const upTo = (offset: number) => offsets.filter((each) => each <= offset).length;
  const skipped = upTo(start - firstWeek - 1);
  return {
    countThrough(day) {
      if (day < start) return 0;
      const strides = Math.floor((day - firstWeek) / stride);
      return strides * offsets.length + upTo(day - firstWeek - strides * stride) - skipped;
    },
    nth(n) {
      const index = n - 1 + skipped;
      const strides = Math.floor(index / offsets.length);
      return firstWeek + strides * stride + (offsets[index - strides * offsets.length] ?? Number.NaN);
    },
  };
}

/** The day of a month, month counted from year 0. */
type DayOfMonth = (month: number) => number;

/** One day in every `interval`th month from `firstMonth` on. */
function monthDays(start: number, firstMonth: number, interval: number, dayOf: DayOfMonth): PatternDays {
  const skipped = dayOf(firstMonth) < start ? 1 : 0;
  return {
    countThrough(day) {
      const month = monthOf(day);
      const steps = Math.floor((month - firstMonth) / interval);
      if (day < start || steps < 0) return 0;
      const isAhead = month === firstMonth + steps * interval && dayOf(month) > day;
      return steps + 1 - (isAhead ? 1 : 0) - skipped;
    },
    nth: (n) => dayOf(firstMonth + (n - 1 + skipped) * interval),
  };
}

function monthOf(day: number): number {
  const { year, month } = civilOf(day);
  return year * 12 + month - 1;
}

function monthInYearOf(day: number, month: number): number {
  return civilOf(day).year * 12 + month - 1;
}

/** Day 29, 30 or 31 is the last day of a shorter month (EWS AbsoluteMonthlyRecurrence; RFC 5545 would leave it out). */
function clamped(wanted: number): DayOfMonth {
  return (monthFromZero) => {
    const year = Math.floor(monthFromZero / 12);
    const month = monthFromZero - year * 12 + 1;
    return daysOfCivil(year, month, Math.min(wanted, daysInMonth(year, month)));
  };
}

const positions: Readonly<Record<WeekIndex, number>> = { first: 1, second: 2, third: 3, fourth: 4, last: -1 };

/** The first to fourth or last day of a class in the month; each class occurs at least four times in every month. */
function nthWeekday(week: WeekIndex, weekday: WeekdayClass): DayOfMonth {
  const position = positions[week];
  return (monthFromZero) => {
    const year = Math.floor(monthFromZero / 12);
    const month = monthFromZero - year * 12 + 1;
    const step = position > 0 ? 1 : -1;
    let day = daysOfCivil(year, month, position > 0 ? 1 : daysInMonth(year, month));
    for (let left = Math.abs(position); ; day += step) {
      if (isOfClass(weekdayOf(day), weekday) && --left === 0) return day;
    }
  };
}

function isOfClass(weekday: number, wanted: WeekdayClass): boolean {
  switch (wanted) {
    case 'day':
      return true;
    case 'weekday':
      return weekday < 5;
    case 'weekendDay':
      return weekday >= 5;
    default:
      return weekdays[weekday] === wanted;
  }
}
