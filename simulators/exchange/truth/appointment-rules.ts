/**
 * What the server itself does to an appointment when it is saved: wall times become instants in the right zone, all-day
 * events snap to midnights, a series begins at its first match, occurrences stay between their neighbours, and the
 * properties that Outlook keeps beside each other stay consistent ([MS-OXOCAL] 2.2.1).
 */
import type { Draft } from './draft.ts';
import { globalObjectIdOf, newGlobalObjectId } from './global-object-id.ts';
import type { Mailbox } from './mailbox.ts';
import { event, message } from './property-keys.ts';
import { firstDayFrom, type Rule } from './recurrence.ts';
import { type AppointmentSeries, neighbours, type SeriesException } from './series.ts';
import { utc, utcOf, wallOf, type Zone } from './zone.ts';
import { zoneBlob, zoneOfBlob } from './zone-blob.ts';
import { zoneOfSeries } from './zone-struct.ts';

/** A time as a client wrote it: with an offset (an instant) or without (a wall time), in milliseconds. */
export type Moment =
  | { readonly kind: 'instant'; readonly utcMs: number }
  | { readonly kind: 'wall'; readonly wallMs: number };

/** What a write says about time; absent means "as it was". */
export interface AppointmentTimes {
  readonly start?: Moment | undefined;
  readonly end?: Moment | undefined;
  readonly startZone?: Zone | undefined;
  readonly endZone?: Zone | undefined;
  readonly allDay?: boolean | undefined;
  readonly rule?: Rule | 'remove' | undefined;
  /** Zone of the request, for wall times without a zone of their own. */
  readonly requestZone?: Zone | undefined;
}

export type AppointmentFault =
  | 'endBeforeStart'
  | 'tooLong'
  | 'crossesNeighbour'
  | 'overlapsNeighbour'
  | 'noOccurrence'
  | 'recurrenceOnOccurrence';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Appointments longer than this many milliseconds are refused (five years). */
export const durationMsMax = 1827 * dayMs;

/** Times of a reminder that was never set ("no time"), 4501-01-01 in the store. */
export const noTimeMs = Date.UTC(4501, 0, 1);

/** Completes an appointment, series or occurrence before it is saved; answers why it may not be saved. */
export function completeAppointment(
  draft: Draft,
  times: AppointmentTimes,
  mailbox: Mailbox,
): AppointmentFault | undefined {
  if (draft.occurrence !== undefined) return completeOccurrence(draft, times);
  const span = placeInTime(draft, times, mailbox.nowMs);
  if (span.endMs < span.startMs) return 'endBeforeStart';
  if (span.endMs - span.startMs > durationMsMax) return 'tooLong';
  if (draft.isNew) setDefaults(draft, mailbox);
  const fault = placeSeries(draft, times, span);
  if (fault !== undefined) return fault;
  setDependent(draft);
  return undefined;
}

/** The zones of an appointment, by its definitions or by the older forms of a zone; UTC when it has none. */
export function zonesOf(read: (key: typeof event.zoneStart) => Uint8Array | undefined): { start: Zone; end: Zone } {
  const start =
    zoneFrom(read(event.zoneStart)) ??
    zoneOfSeries(read(event.zoneStruct), read(event.zoneRecur), undefined, utc) ??
    utc;
  return { start, end: zoneFrom(read(event.zoneEnd)) ?? start };
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly zone: Zone;
}

function zoneFrom(blob: Uint8Array | undefined): Zone | undefined {
  return blob === undefined ? undefined : zoneOfBlob(blob);
}

function placeInTime(draft: Draft, times: AppointmentTimes, nowMs: number): Span {
  const lived =
    draft.get(event.zoneStart) === undefined && draft.series?.kind === 'appointment' ? draft.series.zone : undefined;
  const old = lived === undefined ? zonesOf((key) => draft.get(key)) : { start: lived, end: lived };
  const isOld = lived !== undefined || draft.get(event.zoneStart) !== undefined;
  const startZone = times.startZone ?? (isOld ? old.start : (times.requestZone ?? utc));
  const endZone = times.endZone ?? times.startZone ?? (isOld ? old.end : startZone);
  const nextHalfHour = Math.ceil(nowMs / (30 * minuteMs)) * 30 * minuteMs;
  const oldStart = draft.get(event.start) ?? nextHalfHour;
  const oldEnd = draft.get(event.end) ?? (times.start === undefined ? oldStart + 30 * minuteMs : undefined);
  let startMs = resolve(times.start, times, startZone) ?? rezoned(oldStart, old.start, startZone, isOld);
  let endMs =
    resolve(times.end, times, endZone) ??
    (oldEnd === undefined ? startMs + 30 * minuteMs : rezoned(oldEnd, old.end, endZone, isOld));
  const allDay = times.allDay ?? draft.get(event.allDay) ?? false;
  if (allDay) ({ startMs, endMs } = snapped(startMs, endMs, startZone));
  draft.set(event.start, startMs);
  draft.set(event.end, endMs);
  draft.set(event.allDay, allDay);
  draft.set(event.zoneStart, zoneBlob(startZone));
  draft.set(event.zoneEnd, zoneBlob(endZone));
  draft.set(event.zoneDescription, startZone === utc ? 'UTC' : startZone.name);
  return { startMs, endMs, zone: startZone };
}

/** A new zone without a new time keeps the wall time. */
function rezoned(utcMs: number, from: Zone, to: Zone, isOld: boolean): number {
  return isOld && from !== to ? utcOf(to, wallOf(from, utcMs)) : utcMs;
}

/** Wall times are read in the zone written with them, else in the request's, else in the item's. */
function resolve(moment: Moment | undefined, times: AppointmentTimes, zone: Zone): number | undefined {
  if (moment === undefined) return undefined;
  if (moment.kind === 'instant') return moment.utcMs;
  const explicit = times.startZone ?? times.endZone;
  return utcOf(explicit === undefined ? (times.requestZone ?? zone) : zone, moment.wallMs);
}

/** Outward to midnights of the zone; an event of no length gets one day. */
function snapped(startMs: number, endMs: number, zone: Zone): { startMs: number; endMs: number } {
  const startDay = Math.floor(wallOf(zone, startMs) / dayMs);
  const endDay = Math.max(Math.ceil(wallOf(zone, endMs) / dayMs), startDay + 1);
  return endMs < startMs
    ? { startMs, endMs }
    : { startMs: utcOf(zone, startDay * dayMs), endMs: utcOf(zone, endDay * dayMs) };
}

function setDefaults(draft: Draft, mailbox: Mailbox): void {
  const fallback = <T extends number | boolean>(key: Parameters<Draft['get']>[0], value: T): void => {
    if (draft.get(key) === undefined) draft.set(key, value);
  };
  fallback(event.busyStatus, draft.get(event.allDay) === true ? 0 : 2);
  fallback(message.reminderIsSet, true);
  fallback(message.reminderMinutes, 15);
  fallback(event.sequence, 0);
  fallback(event.responseStatus, 1);
  fallback(event.responseRequested, true);
  if (draft.get(event.globalObjectId) === undefined) {
    draft.set(event.globalObjectId, newGlobalObjectId(mailbox.nowMs, mailbox.random));
  }
  draft.set(event.cleanGlobalObjectId, draft.get(event.globalObjectId) ?? globalObjectIdOf(''));
}

function placeSeries(draft: Draft, times: AppointmentTimes, span: Span): AppointmentFault | undefined {
  const old = draft.series?.kind === 'appointment' ? draft.series : undefined;
  if (times.rule === 'remove') {
    if (old !== undefined) draft.series = undefined;
    return undefined;
  }
  const rule = times.rule ?? old?.rule;
  if (rule === undefined) return undefined;
  const startDay = Math.floor(wallOf(span.zone, span.startMs) / dayMs);
  const wantedDay = times.rule === undefined ? startDay : Math.max(times.rule.startDay, 0);
  const firstDay = firstDayFrom({ ...rule, startDay: wantedDay }, wantedDay);
  if (firstDay === undefined) return 'noOccurrence';
  const startOffsetMs = wallOf(span.zone, span.startMs) - startDay * dayMs;
  const durationMs = wallOf(span.zone, span.endMs) - wallOf(span.zone, span.startMs);
  const secondDay = firstDayFrom({ ...rule, startDay: firstDay }, firstDay + 1);
  if (secondDay !== undefined && durationMs > (secondDay - firstDay) * dayMs) return 'overlapsNeighbour';
  const series: AppointmentSeries = {
    kind: 'appointment',
    rule: { ...rule, startDay: firstDay },
    startOffsetMs,
    durationMs,
    zone: span.zone,
    deleted: times.rule === undefined ? (old?.deleted ?? new Set()) : new Set(),
    exceptions: times.rule === undefined ? (old?.exceptions ?? new Map()) : new Map(),
  };
  if (!sameSeries(old, series)) draft.series = series;
  draft.set(event.start, utcOf(span.zone, firstDay * dayMs + startOffsetMs));
  draft.set(event.end, utcOf(span.zone, firstDay * dayMs + startOffsetMs + durationMs));
  return undefined;
}

function sameSeries(old: AppointmentSeries | undefined, now: AppointmentSeries): boolean {
  return (
    old !== undefined &&
    old.rule.startDay === now.rule.startDay &&
    old.rule.pattern === now.rule.pattern &&
    old.rule.end === now.rule.end &&
    old.startOffsetMs === now.startOffsetMs &&
    old.durationMs === now.durationMs &&
    old.zone === now.zone &&
    old.exceptions === now.exceptions &&
    old.deleted === now.deleted
  );
}

/** Properties that follow from others. */
function setDependent(draft: Draft): void {
  const startMs = draft.get(event.start) ?? 0;
  const endMs = draft.get(event.end) ?? 0;
  draft.set(message.commonStart, startMs);
  draft.set(message.commonEnd, endMs);
  draft.set(event.durationMinutes, Math.round((endMs - startMs) / minuteMs));
  draft.set(event.recurring, draft.series !== undefined);
  const isMeeting = draft.recipients.length > 0;
  const flags = draft.get(event.stateFlags) ?? 0;
  draft.set(event.stateFlags, isMeeting ? flags | 1 : flags & ~1);
  if (draft.get(message.reminderIsSet) === true) {
    draft.set(message.reminderTime, startMs);
    draft.set(message.reminderSignalTime, startMs - (draft.get(message.reminderMinutes) ?? 0) * minuteMs);
  } else if (draft.get(message.reminderSignalTime) !== undefined) {
    draft.set(message.reminderSignalTime, noTimeMs);
  }
}

function completeOccurrence(draft: Draft, times: AppointmentTimes): AppointmentFault | undefined {
  const { occurrence } = draft;
  const { series } = draft;
  if (occurrence === undefined || series?.kind !== 'appointment') return 'noOccurrence';
  if (times.rule !== undefined) return 'recurrenceOnOccurrence';
  const { zone } = series;
  let startMs = resolve(times.start, times, times.startZone ?? zone) ?? occurrence.startMs;
  let endMs = resolve(times.end, times, times.endZone ?? times.startZone ?? zone);
  endMs ??= times.start === undefined ? occurrence.endMs : startMs + (occurrence.endMs - occurrence.startMs);
  const allDay = times.allDay ?? draft.get(event.allDay) ?? false;
  if (times.allDay !== undefined) draft.set(event.allDay, allDay);
  if (allDay) ({ startMs, endMs } = snapped(startMs, endMs, zone));
  if (endMs < startMs) return 'endBeforeStart';
  const { before, after } = neighbours(series, occurrence.day);
  if ((before && startMs <= before.startMs) || (after && startMs >= after.startMs)) return 'crossesNeighbour';
  if ((before && startMs < before.endMs) || (after && endMs > after.startMs)) return 'overlapsNeighbour';
  const moved = startMs !== occurrence.startMs || endMs !== occurrence.endMs;
  if (!moved && draft.touched.size === 0) return undefined;
  draft.series = withException(draft, series, {
    originalDay: occurrence.day,
    startWallMs: wallOf(zone, startMs),
    endWallMs: wallOf(zone, endMs),
  });
  return undefined;
}

function withException(
  draft: Draft,
  series: AppointmentSeries,
  times: Pick<SeriesException, 'originalDay' | 'startWallMs' | 'endWallMs'>,
): AppointmentSeries {
  const { properties, removed, recipients, attachments } = draft.content;
  const exceptions = new Map(series.exceptions);
  exceptions.set(times.originalDay, { ...times, properties, removed, recipients, attachments });
  return { ...series, exceptions };
}
