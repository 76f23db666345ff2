/** The canonical form of an event's time. */
import type { LocalDateTime, When } from './item.ts';
import { dateOf, daysOf } from './local-time.ts';

const midnight = 'T00:00:00';
const utcNames: ReadonlySet<string> = new Set(['UTC', 'Etc/GMT', 'GMT', 'Etc/UCT', 'UCT', 'Etc/Zulu', 'Zulu']);

/**
 * All-day: both ends snap outward to midnight, as Exchange does it, and the zone goes. Timed: only the many names of UTC
 * become `Etc/UTC`. A time that is no time stays as it is for `validate.ts` to report.
 */
export function normaliseWhen({ start, end, allDay, zone }: When): When {
  if (allDay) return { start: midnightBefore(start), end: midnightAfter(end), allDay };
  if (zone === undefined) return { start, end, allDay };
  return { start, end, allDay, zone: utcNames.has(zone) ? 'Etc/UTC' : zone };
}

/** Midnight at the beginning of the day of a wall-clock time. */
export function midnightBefore(local: LocalDateTime): LocalDateTime {
  if (local.endsWith(midnight)) return local;
  const date = local.slice(0, 10);
  return Number.isNaN(daysOf(date)) ? local : date + midnight;
}

function midnightAfter(local: LocalDateTime): LocalDateTime {
  if (local.endsWith(midnight)) return local;
  const days = daysOf(local.slice(0, 10));
  return Number.isNaN(days) ? local : dateOf(days + 1) + midnight;
}
