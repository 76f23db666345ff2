/**
 * Rules and the pattern part of their binary form ([MS-OXOCAL] 2.2.1.44.1): six patterns, three ranges, and the regeneration of
 * tasks. Days here count from 1970, minutes in the blob from 1601.
 */
import {
  dateOf,
  dayOf,
  lastDay,
  type NthDay,
  type NthIndex,
  occurrenceDays,
  type Pattern,
  type Rule,
  type Weekday,
  weekdayOf,
} from './recurrence.ts';
import { endTypes, frequencies, type PatternBlob } from './recurrence-blob.ts';

export const dayMinutes = 1440;

/** Days between 1601-01-01 and 1970-01-01. */
export const epochDays = 134_774;

/** "Never" as a date. */
const neverDate = 0x5ae980df;

/** Occurrence count of a series without end. */
const neverCount = 10;

/** Midnight of a day, in minutes of the blob, and back. */
export const minutesOfDay = (day: number): number => (day + epochDays) * dayMinutes;
export const dayOfMinutes = (minutes: number): number => Math.floor(minutes / dayMinutes) - epochDays;

/** The rule of a pattern; undefined for one that the server does not know, such as those of the Hijri calendar. */
export function ruleOf(blob: PatternBlob): Rule | undefined {
  const startDay = dayOfMinutes(blob.startDate);
  const pattern = blob.sliding === 1 ? regenerationOf(blob) : readPattern(blob, startDay);
  if (pattern === undefined || blob.period < 1) return undefined;
  return { pattern, startDay, end: endOf(blob) };
}

function endOf(blob: PatternBlob): Rule['end'] {
  switch (blob.endType) {
    case endTypes.date:
      return blob.endDate >= neverDate ? { kind: 'none' } : { kind: 'date', day: dayOfMinutes(blob.endDate) };
    case endTypes.count:
      return { kind: 'count', count: blob.occurrenceCount };
    default:
      return { kind: 'none' };
  }
}

function readPattern(blob: PatternBlob, startDay: number): Pattern | undefined {
  const { period, specific, patternType, frequency } = blob;
  const [first = 0, second = 0] = specific;
  const isYearly = frequency === frequencies.yearly && period === 12;
  const { month } = dateOf(startDay);
  switch (patternType) {
    case 0:
      return period % dayMinutes === 0 ? { kind: 'daily', interval: period / dayMinutes } : undefined;
    case 1: {
      const days = weekdaysOf(first);
      const firstDayOfWeek = (blob.firstDayOfWeek % 7) as Weekday;
      return days.length === 0 ? undefined : { kind: 'weekly', interval: period, days, firstDayOfWeek };
    }
    case 2:
    case 4: {
      const dayOfMonth = patternType === 4 ? 31 : first;
      if (dayOfMonth < 1 || dayOfMonth > 31) return undefined;
      return isYearly ? { kind: 'yearly', month, dayOfMonth } : { kind: 'monthly', interval: period, dayOfMonth };
    }
    case 3: {
      const day = nthDayOf(first);
      if (day === undefined || second < 1 || second > 5) return undefined;
      const index = second as NthIndex;
      return isYearly ? { kind: 'yearlyNth', month, day, index } : { kind: 'monthlyNth', interval: period, day, index };
    }
    default:
      return undefined;
  }
}

function regenerationOf({ frequency, period }: PatternBlob): Pattern | undefined {
  switch (frequency) {
    case frequencies.daily:
      return { kind: 'regenerate', unit: 'day', interval: Math.max(Math.round(period / dayMinutes), 1) };
    case frequencies.weekly:
      return { kind: 'regenerate', unit: 'week', interval: period };
    case frequencies.monthly:
      return { kind: 'regenerate', unit: 'month', interval: period };
    default:
      return { kind: 'regenerate', unit: 'year', interval: Math.max(Math.round(period / 12), 1) };
  }
}

function weekdaysOf(mask: number): readonly Weekday[] {
  return ([0, 1, 2, 3, 4, 5, 6] as const).filter((day) => (mask & (1 << day)) !== 0);
}

/** Masks of more than one day. */
const dayMasks = { day: 0x7f, weekday: 0x3e, weekendDay: 0x41 } as const;

function nthDayOf(mask: number): NthDay | undefined {
  for (const [name, value] of Object.entries(dayMasks)) if (value === mask) return name as keyof typeof dayMasks;
  const [day, more] = weekdaysOf(mask);
  return more === undefined ? day : undefined;
}

/** The pattern of a rule, without deleted and modified days. */
export function patternOf(rule: Rule): PatternBlob {
  const { frequency, patternType, period, specific, firstDayOfWeek } = shapeOf(rule);
  const startDate = minutesOfDay(rule.startDay);
  const ending = endOfRule(rule);
  return {
    readerVersion: 0x3004,
    writerVersion: 0x3004,
    frequency,
    patternType,
    calendarType: 0,
    firstDateTime: firstDateTime(patternType, frequency, period, rule.startDay, firstDayOfWeek),
    period,
    sliding: rule.pattern.kind === 'regenerate' ? 1 : 0,
    specific,
    ...ending,
    firstDayOfWeek,
    deletedDates: [],
    modifiedDates: [],
    startDate,
  };
}

type Shape = Pick<PatternBlob, 'frequency' | 'patternType' | 'period' | 'specific' | 'firstDayOfWeek'>;

function shapeOf({ pattern, startDay }: Rule): Shape {
  const { daily, weekly, monthly, yearly } = frequencies;
  const shape = (frequency: number, patternType: number, period: number, specific: readonly number[]): Shape => ({
    frequency,
    patternType,
    period,
    specific,
    firstDayOfWeek: pattern.kind === 'weekly' ? pattern.firstDayOfWeek : 0,
  });
  const nth = (day: NthDay, index: NthIndex): readonly number[] => [
    typeof day === 'number' ? 1 << day : dayMasks[day],
    index,
  ];
  switch (pattern.kind) {
    case 'daily':
      return shape(daily, 0, pattern.interval * dayMinutes, []);
    case 'weekly':
      return shape(weekly, 1, pattern.interval, [pattern.days.reduce<number>((mask, day) => mask | (1 << day), 0)]);
    case 'monthly': {
      const isYears = pattern.interval % 12 === 0;
      return shape(isYears ? yearly : monthly, 2, pattern.interval, [pattern.dayOfMonth]);
    }
    case 'monthlyNth': {
      const isYears = pattern.interval % 12 === 0;
      return shape(isYears ? yearly : monthly, 3, pattern.interval, nth(pattern.day, pattern.index));
    }
    case 'yearly':
      return shape(yearly, 2, 12, [pattern.dayOfMonth]);
    case 'yearlyNth':
      return shape(yearly, 3, 12, nth(pattern.day, pattern.index));
    case 'regenerate': {
      const { day } = dateOf(startDay);
      switch (pattern.unit) {
        case 'day':
          return shape(daily, 0, pattern.interval * dayMinutes, []);
        case 'week':
          return shape(weekly, 1, pattern.interval, [1 << weekdayOf(startDay)]);
        case 'month':
          return shape(monthly, 2, pattern.interval, [day]);
        case 'year':
          return shape(yearly, 2, 12 * pattern.interval, [day]);
      }
    }
  }
}

function endOfRule(rule: Rule): Pick<PatternBlob, 'endType' | 'occurrenceCount' | 'endDate'> {
  const { end } = rule;
  if (end.kind === 'none' || (end.kind === 'date' && end.day >= lastDay)) {
    return { endType: endTypes.never, occurrenceCount: neverCount, endDate: neverDate };
  }
  if (rule.pattern.kind === 'regenerate') {
    return end.kind === 'count'
      ? { endType: endTypes.count, occurrenceCount: end.count, endDate: minutesOfDay(rule.startDay) }
      : { endType: endTypes.date, occurrenceCount: neverCount, endDate: minutesOfDay(end.day) };
  }
  let count = 0;
  let last = rule.startDay;
  for (const day of occurrenceDays(rule)) {
    count += 1;
    last = day;
  }
  return end.kind === 'count'
    ? { endType: endTypes.count, occurrenceCount: end.count, endDate: minutesOfDay(last) }
    : { endType: endTypes.date, occurrenceCount: count, endDate: minutesOfDay(end.day) };
}

/** Where the counting of periods begins ([MS-OXOCAL] 2.2.1.44.1, FirstDateTime). */
function firstDateTime(
  patternType: number,
  frequency: number,
  period: number,
  startDay: number,
  firstDayOfWeek: number,
): number {
  const startDate = minutesOfDay(startDay);
  if (patternType === 0) return startDate % period;
  if (frequency === frequencies.weekly) {
    const weekStart = startDay - ((weekdayOf(startDay) - firstDayOfWeek + 7) % 7);
    return minutesOfDay(weekStart) % (period * 7 * dayMinutes);
  }
  const { year, month } = dateOf(startDay);
  const months = ((year - 1601) * 12 + month - 1) % period;
  return minutesOfDay(dayOf(1601, 1 + months, 1));
}
