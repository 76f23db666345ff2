/** Start and end of an event from its two instants: in the zone it was made in, whole days as dates. */
import type { Instant, LocalDateTime, When, ZoneId } from '#model/item.ts';
import { daySeconds, localOf, secondsOf } from '#model/local-time.ts';
import { toLocal } from '#model/zones.ts';

/** An event's times as read. */
export interface EventTimes {
  readonly start: Instant;
  readonly end: Instant;
  readonly allDay: boolean;
  readonly startZone: ZoneId | undefined;
  readonly endZone: ZoneId | undefined;
}

/** The times as the user sees them. */
export function whenOf(times: EventTimes, mailboxZone: ZoneId): When {
  const { start, end, allDay, startZone, endZone } = times;
  const zone = startZone ?? mailboxZone;
  if (!allDay) return { start: toLocal(start, zone), end: toLocal(end, zone), allDay: false, zone };
  const [first, last] =
    midnights(times, zone, endZone ?? zone) ??
    midnights(times, zone, zone) ??
    midnights(times, mailboxZone, mailboxZone) ??
    nearestMidnights(times, zone);
  return { start: first, end: last > first ? last : dayAfter(first), allDay: true };
}

/** Both ends where both are midnights in these zones. */
function midnights(
  { start, end }: EventTimes,
  startZone: ZoneId,
  endZone: ZoneId,
): readonly [LocalDateTime, LocalDateTime] | undefined {
  const first = toLocal(start, startZone);
  const last = toLocal(end, endZone);
  return isMidnight(first) && isMidnight(last) ? [first, last] : undefined;
}

function nearestMidnights({ start, end }: EventTimes, zone: ZoneId): readonly [LocalDateTime, LocalDateTime] {
  return [nearestMidnight(toLocal(start, zone)), nearestMidnight(toLocal(end, zone))];
}

function isMidnight(local: LocalDateTime): boolean {
  return local.endsWith('T00:00:00');
}

function nearestMidnight(local: LocalDateTime): LocalDateTime {
  return localOf(Math.round(secondsOf(local) / daySeconds) * daySeconds);
}

function dayAfter(local: LocalDateTime): LocalDateTime {
  return localOf(secondsOf(local) + daySeconds);
}
