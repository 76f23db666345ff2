/**
 * A recurring appointment: one rule in the appointment's own time zone, and what was done to single occurrences.
 * Occurrences are computed, never stored; an exception is kept under the day the rule gave it ([MS-OXOCAL] 2.2.1.44.2), and
 * that day names it for ever, whatever time it was moved to.
 */
import type { Attachment, Recipient } from './item.ts';
import type { Properties } from './properties.ts';
import { lastDay, occurrenceDays, type Rule } from './recurrence.ts';
import { utcOf, type Zone } from './zone.ts';

const dayMs = 86_400_000;

export interface AppointmentSeries {
  readonly kind: 'appointment';
  readonly rule: Rule;
  /** Wall time of the first moment after local midnight. */
  readonly startOffsetMs: number;
  readonly durationMs: number;
  readonly zone: Zone;
  /** Days taken out by the user. */
  readonly deleted: ReadonlySet<number>;
  readonly exceptions: ReadonlyMap<number, SeriesException>;
}

/** A recurring task has one living instance; only the rule is kept. */
export interface TaskSeries {
  readonly kind: 'task';
  readonly rule: Rule;
}

export type Series = AppointmentSeries | TaskSeries;

/** What differs from the series; wall times in the series' zone, in milliseconds counted as if UTC. */
export interface SeriesException {
  readonly originalDay: number;
  readonly startWallMs: number;
  readonly endWallMs: number;
  /** Only the properties that differ from the master. */
  readonly properties: Properties;
  /** Properties of the master that this occurrence does not have. */
  readonly removed: ReadonlySet<unknown>;
  readonly recipients?: readonly Recipient[] | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
}

/** One occurrence in time. */
export interface Occurrence {
  readonly day: number;
  /** UTC milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  /** Where the rule put it, UTC milliseconds. */
  readonly originalStartMs: number;
  readonly exception: SeriesException | undefined;
}

/** The occurrence that the rule puts on `day`; the caller has checked that it exists and is not deleted. */
export function occurrenceOn(series: AppointmentSeries, day: number): Occurrence {
  const originalStartMs = utcOf(series.zone, day * dayMs + series.startOffsetMs);
  const exception = series.exceptions.get(day);
  if (exception === undefined) {
    const endMs = utcOf(series.zone, day * dayMs + series.startOffsetMs + series.durationMs);
    return { day, startMs: originalStartMs, endMs, originalStartMs, exception };
  }
  return {
    day,
    startMs: utcOf(series.zone, exception.startWallMs),
    endMs: utcOf(series.zone, exception.endWallMs),
    originalStartMs,
    exception,
  };
}

/** Occurrences not deleted, in the rule's order. The caller stops reading an endless series. */
export function* occurrences(series: AppointmentSeries): Generator<Occurrence> {
  for (const day of occurrenceDays(series.rule)) {
    if (!series.deleted.has(day)) yield occurrenceOn(series, day);
  }
}

/** Occurrences that end after `fromMs` and start before `untilMs` (UTC), by start. Moved ones are found where they now are. */
export function occurrencesBetween(series: AppointmentSeries, fromMs: number, untilMs: number): readonly Occurrence[] {
  const found: Occurrence[] = [];
  const untilDay = Math.ceil((untilMs + dayMs) / dayMs);
  const fromDay = Math.floor((fromMs - series.durationMs) / dayMs) - 2;
  for (const day of daysBetween(series.rule, fromDay, untilDay)) {
    if (!series.deleted.has(day) && !series.exceptions.has(day)) found.push(occurrenceOn(series, day));
  }
  for (const day of series.exceptions.keys()) found.push(occurrenceOn(series, day));
  return found
    .filter((one) => overlaps(one, fromMs, untilMs))
    .sort((left, right) => left.startMs - right.startMs || left.day - right.day);
}

/** Half-open overlap: an item that ends at the beginning or starts at the end is outside, unless it has no length. */
export function overlaps(span: { startMs: number; endMs: number }, fromMs: number, untilMs: number): boolean {
  if (span.startMs === span.endMs) return span.startMs >= fromMs && span.startMs < untilMs;
  return span.endMs > fromMs && span.startMs < untilMs;
}

/** The first occurrence that is not deleted; undefined when all are. */
export function firstOccurrence(series: AppointmentSeries): Occurrence | undefined {
  for (const one of occurrences(series)) return one;
  return undefined;
}

/** The last occurrence that is not deleted; undefined for an endless series or when all are deleted. */
export function lastOccurrence(series: AppointmentSeries): Occurrence | undefined {
  if (series.rule.end.kind === 'none') return undefined;
  let last: number | undefined;
  for (const day of occurrenceDays(series.rule)) if (!series.deleted.has(day)) last = day;
  return last === undefined ? undefined : occurrenceOn(series, last);
}

/** The day with a 1-based index in the rule, deleted days counted too; undefined when out of range. */
export function dayOfIndex(rule: Rule, index: number): number | undefined {
  let at = 0;
  for (const day of occurrenceDays(rule)) {
    at += 1;
    if (at === index) return day;
  }
  return undefined;
}

/** The days the rule gives just before and after `day`, deleted ones left out. */
export function neighbours(
  series: AppointmentSeries,
  day: number,
): { before: Occurrence | undefined; after: Occurrence | undefined } {
  let before: number | undefined;
  for (const one of occurrenceDays(series.rule)) {
    if (series.deleted.has(one)) continue;
    if (one > day) return { before: at(before), after: occurrenceOn(series, one) };
    if (one < day) before = one;
  }
  return { before: at(before), after: undefined };

  function at(found: number | undefined): Occurrence | undefined {
    return found === undefined ? undefined : occurrenceOn(series, found);
  }
}

function* daysBetween(rule: Rule, fromDay: number, untilDay: number): Generator<number> {
  // An endless or long rule without a count may begin near the window: alignment is kept by stepping whole periods.
  const skipTo = rule.end.kind === 'count' ? undefined : alignedStart(rule, fromDay);
  const from = skipTo === undefined ? rule : { ...rule, startDay: skipTo };
  for (const day of occurrenceDays(from)) {
    if (day > untilDay || day > lastDay) return;
    if (day >= fromDay) yield day;
  }
}

/** A later start day in phase with the rule and safely before `day`; undefined when skipping is not worth it. */
function alignedStart(rule: Rule, day: number): number | undefined {
  const { pattern } = rule;
  if (pattern.kind !== 'daily' && pattern.kind !== 'weekly') return undefined;
  const periodDays = pattern.kind === 'daily' ? pattern.interval : 7 * pattern.interval;
  const periods = Math.floor((day - rule.startDay) / periodDays) - 1;
  return periods > 0 ? rule.startDay + periods * periodDays : undefined;
}
