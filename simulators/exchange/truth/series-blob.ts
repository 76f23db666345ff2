/**
 * A series and its binary form. What the blob can say of an exception is its times, subject, place, availability, reminder
 * and whether it fills the day; anything else of an exception (its text, its people) stays as it was when a blob is read over it.
 */
import { Properties } from './properties.ts';
import { event, message } from './property-keys.ts';
import type { Rule } from './recurrence.ts';
import {
  type AppointmentBlob,
  type ExceptionBlob,
  overrides,
  readAppointmentBlob,
  readPatternBlob,
  writeAppointmentBlob,
  writePatternBlob,
} from './recurrence-blob.ts';
import { dayMinutes, dayOfMinutes, epochDays, minutesOfDay, patternOf, ruleOf } from './rule-blob.ts';
import type { AppointmentSeries, SeriesException } from './series.ts';
import type { Zone } from './zone.ts';

const minuteMs = 60_000;

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
