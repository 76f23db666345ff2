/** Times inside recurrence blobs: minutes since 1601-01-01T00:00 on the clock of the series (MS-OXOCAL 2.2.1.44.1). */
import type { LocalDateTime, PlainDate } from '#model/item.ts';
import { dateOf, daySeconds, daysOf, localOf, secondsOf } from '#model/local-time.ts';

export const minutesPerDay = 1440;

/** EndDate of a series that never ends: 4500-12-31T23:59. */
export const neverEnds = 0x5ae9_80df;

const firstDay = daysOf('1601-01-01');

/** Midnight of a date. */
export function minutesOfDate(date: PlainDate): number {
  return (daysOf(date) - firstDay) * minutesPerDay;
}

/** The date a number of minutes falls on. */
export function dateOfMinutes(minutes: number): PlainDate {
  return dateOf(Math.floor(minutes / minutesPerDay) + firstDay);
}

/** A wall-clock time; its seconds are lost. */
export function minutesOfLocal(local: LocalDateTime): number {
  return Math.floor((secondsOf(local) - firstDay * daySeconds) / 60);
}

export function localOfMinutes(minutes: number): LocalDateTime {
  return localOf(minutes * 60 + firstDay * daySeconds);
}
