/**
 * What a RecurrencePattern means, both ways. A pattern beyond the model's six (Hijri months, several weekdays of a month)
 * is answered with undefined and then refused, never approximated.
 */
import { nthOccurrence, occurrenceCount } from '#model/expand.ts';
import type { PlainDate } from '#model/item.ts';
import { civilOf, dateOf, daysOf, daysOfCivil } from '#model/local-time.ts';
import { patternDays } from '#model/pattern-days.ts';
import type { Pattern, Range, RecurrenceRule, Regeneration, TaskRecurrence } from '#model/recurrence.ts';
import { dateOfMinutes, minutesOfDate, minutesPerDay, neverEnds } from './blob-time.ts';
import { endTypes, frequencies, patternTypes, type RecurrencePattern } from './recurrence-pattern.ts';
import { classOfMask, daysOfMask, firstDayNumber, firstDayOfNumber, maskOfClass, maskOfDays } from './weekday-mask.ts';

/** Calendars whose months are those of the Gregorian one, whatever their years are called. */
const gregorianCalendars: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 12]);

const nthNames = ['first', 'second', 'third', 'fourth', 'last'] as const;

/** The rule; its `start` is the first occurrence, for a regenerating rule the date it counts from. */
export function ruleOfPattern(blob: RecurrencePattern): TaskRecurrence | undefined {
  const range = rangeOf(blob);
  const pattern = blob.sliding === 1 ? regenerationOf(blob) : patternOf(blob);
  const first = dateOfMinutes(blob.startDate);
  if (range === undefined || pattern === undefined || Number.isNaN(daysOf(first))) return undefined;
  if (pattern.kind === 'regenerating') return { pattern, range, start: first };
  const day = patternDays(pattern, phaseStart(blob, pattern)).nth(1);
  return Number.isNaN(day) ? undefined : { pattern, range, start: dateOf(day) };
}

function patternOf(blob: RecurrencePattern): Pattern | undefined {
  const { frequency, patternType, period, specific } = blob;
  const [one = 0, two = 0] = specific;
  if (period < 1) return undefined;
  switch (patternType) {
    case patternTypes.day:
      return period % minutesPerDay === 0 ? { kind: 'daily', interval: period / minutesPerDay } : undefined;
    case patternTypes.week: {
      const days = daysOfMask(one);
      if (days.length === 0) return undefined;
      // "Every weekday" has the frequency of days and the pattern of weeks.
      return { kind: 'weekly', interval: period, days, firstDay: firstDayOfNumber(blob.firstDayOfWeek) };
    }
    case patternTypes.month:
    case patternTypes.monthEnd: {
      const day = patternType === patternTypes.monthEnd ? 31 : one;
      if (!isGregorian(blob) || day < 1 || day > 31) return undefined;
      if (frequency === frequencies.yearly && period === 12) return { kind: 'yearly', month: monthOf(blob), day };
      return { kind: 'monthly', interval: period, day };
    }
    case patternTypes.monthNth: {
      const weekday = classOfMask(one);
      const week = nthNames[two - 1];
      if (!isGregorian(blob) || weekday === undefined || week === undefined) return undefined;
      if (frequency === frequencies.yearly && period === 12) {
        return { kind: 'yearlyByWeekday', month: monthOf(blob), week, weekday };
      }
      return { kind: 'monthlyByWeekday', interval: period, week, weekday };
    }
    default:
      return undefined;
  }
}

function isGregorian({ calendarType }: RecurrencePattern): boolean {
  return gregorianCalendars.has(calendarType);
}

/** MS-OXOTASK: the next task is made when this one is completed; the frequency is the unit. */
function regenerationOf({ frequency, patternType, period }: RecurrencePattern): Regeneration | undefined {
  const of = (unit: Regeneration['unit'], interval: number): Regeneration | undefined =>
    Number.isInteger(interval) && interval >= 1 ? { kind: 'regenerating', unit, interval } : undefined;
  switch (frequency) {
    case frequencies.daily:
      return of('day', period / minutesPerDay);
    case frequencies.weekly:
      return of('week', patternType === patternTypes.day ? period / (7 * minutesPerDay) : period);
    case frequencies.monthly:
      return of('month', period);
    case frequencies.yearly:
      return of('year', period / 12);
    default:
      return undefined;
  }
}

function rangeOf({ endType, endDate, occurrenceCount: count }: RecurrencePattern): Range | undefined {
  switch (endType) {
    case endTypes.never:
    case endTypes.neverToo:
      return { kind: 'noEnd' };
    case endTypes.afterCount:
      return count >= 1 ? { kind: 'count', count } : undefined;
    case endTypes.byDate: {
      if (endDate === neverEnds) return { kind: 'noEnd' };
      const date = dateOfMinutes(endDate);
      return Number.isNaN(daysOf(date)) ? undefined : { kind: 'until', date };
    }
    default:
      return undefined;
  }
}

/** Months from 1601-01 to the month of a day. */
function monthsTo(day: number): number {
  const { year, month } = civilOf(day);
  return (year - 1601) * 12 + month - 1;
}

function firstOfMonth(monthsFrom1601: number): number {
  return daysOfCivil(1601 + Math.floor(monthsFrom1601 / 12), (monthsFrom1601 % 12) + 1, 1);
}

/** FirstDateTime of a yearly pattern lies in the month of the rule. */
function monthOf({ firstDateTime }: RecurrencePattern): number {
  return (monthsTo(dayOf(firstDateTime)) % 12) + 1;
}

function dayOf(minutes: number): number {
  return daysOf(dateOfMinutes(minutes));
}

const daysToWeekStart = (day: number, firstDayOfWeek: number): number => {
  // 1601-01-01 was a Monday, day 1 of a week that begins on Sunday.
  const weekday = (day - dayOf(0) + 1) % 7;
  return (weekday - firstDayOfWeek + 7) % 7;
};

/**
 * The day from which the pattern is counted: StartDate, moved on to the phase that FirstDateTime tells where the two
 * disagree. Writers compute one from the other, so they mostly agree.
 */
function phaseStart(blob: RecurrencePattern, pattern: Pattern): number {
  const start = dayOf(blob.startDate);
  const computed = firstDateTimeOf(blob, start);
  switch (pattern.kind) {
    case 'daily':
      return start + mod(blob.firstDateTime - computed, blob.period) / minutesPerDay;
    case 'weekly': {
      const weeks = mod(blob.firstDateTime - computed, blob.period * 7 * minutesPerDay) / (7 * minutesPerDay);
      return weeks === 0 || !Number.isInteger(weeks)
        ? start
        : start - daysToWeekStart(start, blob.firstDayOfWeek) + weeks * 7;
    }
    default: {
      const months = mod(monthsTo(dayOf(blob.firstDateTime)) - monthsTo(dayOf(computed)), blob.period);
      return months === 0 ? start : firstOfMonth(monthsTo(start) + months);
    }
  }
}

/** FirstDateTime for a pattern whose first day is `start` (MS-OXOCAL 2.2.1.44.1). */
function firstDateTimeOf(
  { patternType, period, firstDayOfWeek }: Pick<RecurrencePattern, 'patternType' | 'period' | 'firstDayOfWeek'>,
  start: number,
): number {
  const minutes = minutesOfDate(dateOf(start));
  switch (patternType) {
    case patternTypes.day:
      return minutes % period;
    case patternTypes.week:
      return (minutes - daysToWeekStart(start, firstDayOfWeek) * minutesPerDay) % (period * 7 * minutesPerDay);
    default:
      return minutesOfDate(dateOf(firstOfMonth(monthsTo(start) % period)));
  }
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** The dates of the exceptions, both ascending (`RecurrencePattern`). */
export interface ExceptionDates {
  readonly deleted: readonly number[];
  readonly modified: readonly number[];
}

const noDates: ExceptionDates = { deleted: [], modified: [] };

/** Occurrences noted for a series without end. */
const countWithoutEnd = 10;

/** The structure of a rule; undefined when a period is beyond its field. */
export function patternOfRule(rule: TaskRecurrence, dates: ExceptionDates = noDates): RecurrencePattern | undefined {
  const { pattern, range } = rule;
  const start = firstDateOf(rule);
  if (start === undefined) return undefined;
  const shape = pattern.kind === 'regenerating' ? regenerationShape(pattern, start) : shapeOf(pattern);
  const day = daysOf(start);
  const firstDayOfWeek = pattern.kind === 'weekly' ? firstDayNumber(pattern.firstDay) : 0;
  return {
    ...shape,
    calendarType: 0,
    firstDateTime: firstDateTimeOf({ ...shape, firstDayOfWeek }, day),
    sliding: pattern.kind === 'regenerating' ? 1 : 0,
    ...ending(rule, range, start),
    firstDayOfWeek,
    deleted: dates.deleted,
    modified: dates.modified,
    startDate: minutesOfDate(start),
  };
}

function firstDateOf({ pattern, start }: TaskRecurrence): PlainDate | undefined {
  if (pattern.kind === 'regenerating') return start;
  return nthOccurrence(`${start}T00:00:00`, { pattern, range: { kind: 'noEnd' } }, 1)?.slice(0, 10);
}

type Shape = Pick<RecurrencePattern, 'frequency' | 'patternType' | 'period' | 'specific'>;

function shapeOf(pattern: Pattern): Shape {
  switch (pattern.kind) {
    case 'daily':
      return shape(frequencies.daily, patternTypes.day, pattern.interval * minutesPerDay);
    case 'weekly':
      return shape(frequencies.weekly, patternTypes.week, pattern.interval, maskOfDays(pattern.days));
    case 'monthly':
      return shape(frequencies.monthly, patternTypes.month, pattern.interval, pattern.day);
    case 'yearly':
      return shape(frequencies.yearly, patternTypes.month, 12, pattern.day);
    case 'monthlyByWeekday':
    case 'yearlyByWeekday': {
      const nth = nthNames.indexOf(pattern.week) + 1;
      const mask = maskOfClass(pattern.weekday);
      return pattern.kind === 'monthlyByWeekday'
        ? shape(frequencies.monthly, patternTypes.monthNth, pattern.interval, mask, nth)
        : shape(frequencies.yearly, patternTypes.monthNth, 12, mask, nth);
    }
  }
}

function regenerationShape({ unit, interval }: Regeneration, start: PlainDate): Shape {
  const { day } = civilOf(daysOf(start));
  switch (unit) {
    case 'day':
      return shape(frequencies.daily, patternTypes.day, interval * minutesPerDay);
    case 'week':
      return shape(frequencies.weekly, patternTypes.day, interval * 7 * minutesPerDay);
    case 'month':
      return shape(frequencies.monthly, patternTypes.month, interval, day);
    case 'year':
      return shape(frequencies.yearly, patternTypes.month, interval * 12, day);
  }
}

function shape(frequency: number, patternType: number, period: number, ...specific: readonly number[]): Shape {
  return { frequency, patternType, period, specific };
}

function ending(
  { pattern }: TaskRecurrence,
  range: Range,
  start: PlainDate,
): Pick<RecurrencePattern, 'endType' | 'occurrenceCount' | 'endDate'> {
  const rule: RecurrenceRule | undefined = pattern.kind === 'regenerating' ? undefined : { pattern, range };
  const local = `${start}T00:00:00`;
  switch (range.kind) {
    case 'noEnd':
      return { endType: endTypes.never, occurrenceCount: countWithoutEnd, endDate: neverEnds };
    case 'until': {
      const count = rule === undefined ? countWithoutEnd : occurrenceCount(local, rule);
      return { endType: endTypes.byDate, occurrenceCount: count, endDate: minutesOfDate(range.date) };
    }
    case 'count': {
      const last = rule && nthOccurrence(local, rule, range.count)?.slice(0, 10);
      return {
        endType: endTypes.afterCount,
        occurrenceCount: range.count,
        endDate: last === undefined ? neverEnds : Math.min(neverEnds, minutesOfDate(last)),
      };
    }
  }
}
