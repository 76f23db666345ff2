/**
 * Recurrence rules as Exchange knows them ([MS-OXOCAL] 2.2.1.44.1: six patterns, three ranges; [MS-OXOTASK] adds
 * regeneration) and their expansion. All dates are plain local dates, counted as days since 1970-01-01: a rule has no time
 * zone, the item that carries it has one.
 */

/** 0 Sunday … 6 Saturday. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** What "the nth" counts: one weekday, any day, Monday to Friday, or Saturday and Sunday. */
export type NthDay = Weekday | 'day' | 'weekday' | 'weekendDay';

/** 1 to 4, or 5 for the last. */
export type NthIndex = 1 | 2 | 3 | 4 | 5;

export type Pattern =
  | { readonly kind: 'daily'; readonly interval: number }
  | {
      readonly kind: 'weekly';
      readonly interval: number;
      readonly days: readonly Weekday[];
      readonly firstDayOfWeek: Weekday;
    }
  | { readonly kind: 'monthly'; readonly interval: number; readonly dayOfMonth: number }
  | { readonly kind: 'monthlyNth'; readonly interval: number; readonly day: NthDay; readonly index: NthIndex }
  | { readonly kind: 'yearly'; readonly month: number; readonly dayOfMonth: number }
  | { readonly kind: 'yearlyNth'; readonly month: number; readonly day: NthDay; readonly index: NthIndex }
  | { readonly kind: 'regenerate'; readonly unit: 'day' | 'week' | 'month' | 'year'; readonly interval: number };

export interface Rule {
  readonly pattern: Pattern;
  /** Day of the first occurrence (for a rule that was aligned) or the earliest day it may have. */
  readonly startDay: number;
  readonly end:
    | { readonly kind: 'none' }
    /** Last day that may carry an occurrence, inclusive. */
    | { readonly kind: 'date'; readonly day: number }
    | { readonly kind: 'count'; readonly count: number };
}

/** Recurrences end with the last day a store can express, 4500-08-31. */
export const lastDay = Math.floor(Date.UTC(4500, 7, 31) / 86_400_000);

/** A rule is never stepped further than this many periods, so that a rule without any match ends. */
const periodsMax = 1_000_000;

export interface CalendarDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** Days since 1970-01-01 of a proleptic Gregorian date. */
export function dayOf(year: number, month: number, day: number): number {
  return Math.floor(Date.UTC(year, month - 1, day) / 86_400_000);
}

/** The date of a day number. */
export function dateOf(day: number): CalendarDate {
  const date = new Date(day * 86_400_000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

export function weekdayOf(day: number): Weekday {
  return (((day % 7) + 11) % 7) as Weekday;
}

/** Occurrence days in order, ended by the rule's range, by 4500, or by the caller who stops reading. */
export function* occurrenceDays(rule: Rule): Generator<number> {
  let count = 0;
  const countMax = rule.end.kind === 'count' ? rule.end.count : Number.POSITIVE_INFINITY;
  const dayMax = rule.end.kind === 'date' ? Math.min(rule.end.day, lastDay) : lastDay;
  if (countMax <= 0) return;
  for (const day of candidates(rule.pattern, rule.startDay)) {
    if (day > dayMax) return;
    if (day < rule.startDay) continue;
    yield day;
    count += 1;
    if (count >= countMax) return;
  }
}

/** The first occurrence day on or after `day`, or undefined when the range ends before. */
export function firstDayFrom(rule: Rule, day: number): number | undefined {
  for (const one of occurrenceDays(rule)) if (one >= day) return one;
  return undefined;
}

/** Whether the rule produces this very day. */
export function occursOn(rule: Rule, day: number): boolean {
  return firstDayFrom(rule, day) === day;
}

/** The next day after a completed instance of a regenerating task. */
export function regeneratedDay(pattern: Extract<Pattern, { kind: 'regenerate' }>, completedDay: number): number {
  const { year, month, day } = dateOf(completedDay);
  switch (pattern.unit) {
    case 'day':
      return completedDay + pattern.interval;
    case 'week':
      return completedDay + 7 * pattern.interval;
    case 'month':
      return monthDay(year, month + pattern.interval, day);
    case 'year':
      return monthDay(year + pattern.interval, month, day);
  }
}

/** Ascending days that match the pattern, beginning at or before `startDay`. */
function* candidates(pattern: Pattern, startDay: number): Generator<number> {
  switch (pattern.kind) {
    case 'daily':
      for (let day = startDay, n = 0; n < periodsMax; day += pattern.interval, n += 1) yield day;
      return;
    case 'weekly':
      yield* weeks(pattern, startDay);
      return;
    case 'monthly':
    case 'monthlyNth': {
      const { year, month } = dateOf(startDay);
      for (let n = 0; n < periodsMax; n += 1) yield inMonth(pattern, year, month + n * pattern.interval);
      return;
    }
    case 'yearly':
    case 'yearlyNth': {
      const { year } = dateOf(startDay);
      for (let n = 0; n < periodsMax; n += 1) yield inMonth(pattern, year + n, pattern.month);
      return;
    }
    case 'regenerate':
      yield startDay;
      return;
  }
}

function* weeks(pattern: Extract<Pattern, { kind: 'weekly' }>, startDay: number): Generator<number> {
  const offsets = pattern.days.map((day) => (day - pattern.firstDayOfWeek + 7) % 7).sort((a, b) => a - b);
  const weekStart = startDay - ((weekdayOf(startDay) - pattern.firstDayOfWeek + 7) % 7);
  for (let n = 0; n < periodsMax; n += 1) {
    for (const offset of offsets) yield weekStart + n * 7 * pattern.interval + offset;
  }
}

function inMonth(
  pattern: Extract<Pattern, { kind: 'monthly' | 'monthlyNth' | 'yearly' | 'yearlyNth' }>,
  year: number,
  month: number,
): number {
  return pattern.kind === 'monthly' || pattern.kind === 'yearly'
    ? monthDay(year, month, pattern.dayOfMonth)
    : nthDay(year, month, pattern.day, pattern.index);
}

/** The day of a month; a day past the month's end becomes its last day. `month` may run past 12. */
function monthDay(year: number, month: number, day: number): number {
  const first = dayOf(year, month, 1);
  const length = dayOf(year, month + 1, 1) - first;
  return first + Math.min(day, length) - 1;
}

function nthDay(year: number, month: number, wanted: NthDay, index: NthIndex): number {
  const first = dayOf(year, month, 1);
  const next = dayOf(year, month + 1, 1);
  if (index === 5) {
    for (let day = next - 1; ; day -= 1) if (isDay(day, wanted)) return day;
  }
  let seen = 0;
  for (let day = first; ; day += 1) {
    if (isDay(day, wanted)) seen += 1;
    if (seen === index) return day;
  }
}

function isDay(day: number, wanted: NthDay): boolean {
  const weekday = weekdayOf(day);
  switch (wanted) {
    case 'day':
      return true;
    case 'weekday':
      return weekday >= 1 && weekday <= 5;
    case 'weekendDay':
      return weekday === 0 || weekday === 6;
    default:
      return weekday === wanted;
  }
}
