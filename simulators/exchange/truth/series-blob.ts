/**
 * A series and its binary form. What the blob can say of an exception is its times, subject, place, availability, reminder
 * and whether it fills the day; anything else of an exception (its text, its people) stays as it was when a blob is read over it.
 */
import { Properties } from './properties.ts';
import { event, message } from './property-keys.ts';
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
import {
  type AppointmentBlob,
  type ExceptionBlob,
  endTypes,
  frequencies,
  overrides,
  type PatternBlob,
  readAppointmentBlob,
  readPatternBlob,
  writeAppointmentBlob,
  writePatternBlob,
} from './recurrence-blob.ts';
import type { AppointmentSeries, SeriesException } from './series.ts';
import type { Zone } from './zone.ts';

const minuteMs = 60_000;
const dayMinutes = 1440;

/** Days between 1601-01-01 and 1970-01-01. */
const epochDays = 134_774;

/** "Never" as a date. */
const neverDate = 0x5ae980df;

/** Occurrence count of a series without end. */
const neverCount = 10;

const minutesOfDay = (day: number): number => (day + epochDays) * dayMinutes;
const dayOfMinutes = (minutes: number): number => Math.floor(minutes / dayMinutes) - epochDays;
const minutesOfWall = (wallMs: number): number => Math.floor(wallMs / minuteMs) + epochDays * dayMinutes;
const wallOfMinutes = (minutes: number): number => (minutes - epochDays * dayMinutes) * minuteMs;

/** Reads a series; `before` gives what the blob cannot say of exceptions. Undefined for damage and foreign calendars. */
export function readSeries(bytes: Uint8Array, zone: Zone, before?: AppointmentSeries): AppointmentSeries | undefined {
  const blob = readAppointmentBlob(bytes);
  const rule = blob === undefined ? undefined : ruleOf(blob);
  if (blob === undefined || rule === undefined || rule.pattern.kind === 'regenerate') return undefined;
  const exceptions = new Map(
    blob.exceptions.map((one) => exceptionOf(one, before)).map((one) => [one.originalDay, one]),
  );
  const deleted = new Set(blob.deletedDates.map(dayOfMinutes).filter((day) => !exceptions.has(day)));
  return {
    kind: 'appointment',
    rule,
    startOffsetMs: blob.startOffset * minuteMs,
    durationMs: (blob.endOffset - blob.startOffset) * minuteMs,
    zone,
    deleted,
    exceptions,
  };
}

/** Reads the rule of a task; undefined for damage and foreign calendars. */
export function readTaskRule(bytes: Uint8Array): Rule | undefined {
  const blob = readPatternBlob(bytes);
  return blob === undefined ? undefined : ruleOf(blob);
}

/** Writes a series in the form of Outlook 2007 and later. */
export function writeSeries(series: AppointmentSeries): Uint8Array {
  const exceptions = [...series.exceptions.values()].sort((a, b) => a.startWallMs - b.startWallMs);
  const startOffset = series.startOffsetMs / minuteMs;
  const blob: AppointmentBlob = {
    ...patternOf(series.rule),
    deletedDates: ascending([...series.deleted, ...series.exceptions.keys()].map(minutesOfDay)),
    modifiedDates: ascending(exceptions.map((one) => wholeDay(minutesOfWall(one.startWallMs)))),
    readerVersion2: 0x3006,
    writerVersion2: 0x3009,
    startOffset,
    endOffset: startOffset + series.durationMs / minuteMs,
    exceptions: exceptions.map((one) => exceptionBlob(one, startOffset)),
    reserved1: new Uint8Array(0),
    reserved2: new Uint8Array(0),
    trailing: new Uint8Array(0),
  };
  return writeAppointmentBlob(blob);
}

/** Writes the rule of a task. */
export function writeTaskRule(rule: Rule): Uint8Array {
  return writePatternBlob(patternOf(rule));
}

function ascending(values: readonly number[]): readonly number[] {
  return values.toSorted((a, b) => a - b);
}

const wholeDay = (minutes: number): number => minutes - (minutes % dayMinutes);

function exceptionOf(blob: ExceptionBlob, before: AppointmentSeries | undefined): SeriesException {
  const originalDay = dayOfMinutes(blob.originalStart);
  const old = before?.exceptions.get(originalDay);
  const properties = old?.properties.clone() ?? new Properties();
  const put = <T extends string | number | boolean>(key: Parameters<Properties['set']>[0], value: T | undefined) => {
    if (value === undefined) properties.delete(key);
    else properties.set(key, value);
  };
  put(message.subject, blob.subject);
  put(event.location, blob.location);
  put(event.busyStatus, blob.busyStatus);
  put(event.stateFlags, blob.meetingType);
  put(event.allDay, blob.subType === undefined ? undefined : blob.subType !== 0);
  put(message.reminderMinutes, blob.reminderDelta);
  put(message.reminderIsSet, blob.reminderSet === undefined ? undefined : blob.reminderSet !== 0);
  if ((blob.flags & overrides.body) === 0) {
    properties.delete(message.body);
    properties.delete(message.html);
  }
  return {
    originalDay,
    startWallMs: wallOfMinutes(blob.start),
    endWallMs: wallOfMinutes(blob.end),
    properties,
    removed: old?.removed ?? new Set(),
    recipients: old?.recipients,
    attachments: old?.attachments,
  };
}

function exceptionBlob(one: SeriesException, startOffset: number): ExceptionBlob {
  const { properties } = one;
  const number = (value: number | boolean | undefined): number | undefined =>
    value === undefined ? undefined : Number(value);
  const values = {
    subject: properties.get(message.subject),
    meetingType: properties.get(event.stateFlags),
    reminderDelta: properties.get(message.reminderMinutes),
    reminderSet: number(properties.get(message.reminderIsSet)),
    location: properties.get(event.location),
    busyStatus: properties.get(event.busyStatus),
    attachment: one.attachments === undefined ? undefined : Number(one.attachments.length > 0),
    subType: number(properties.get(event.allDay)),
  };
  let flags = properties.has(message.body) || properties.has(message.html) ? overrides.body : 0;
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) flags |= overrides[name as keyof typeof values];
  }
  return {
    start: minutesOfWall(one.startWallMs),
    end: minutesOfWall(one.endWallMs),
    originalStart: minutesOfDay(one.originalDay) + startOffset,
    flags,
    ...values,
    changeHighlight: new Uint8Array(4),
    reserved1: new Uint8Array(0),
    reserved2: new Uint8Array(0),
  };
}

function ruleOf(blob: PatternBlob): Rule | undefined {
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

function patternOf(rule: Rule): PatternBlob {
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
