/**
 * Start and end of an event.
 *
 * Timed events are written as wall-clock time with its offset, which is the same instant to every server whatever zone it
 * assumes, beside the zone that keeps a series at its hour. All-day events are written as midnights without offset in the
 * mailbox's zone: a server that snaps to days in any zone then finds the same dates.
 */
import type { Instant, LocalDateTime, When, ZoneId } from '#model/item.ts';
import { daySeconds, localOf, secondsOf } from '#model/local-time.ts';
import { offsetMinutesAt, toInstant, toLocal } from '#model/zones.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';
import { present, setField } from './field.ts';
import type { MappingContext } from './mapping.ts';
import { zoneElement } from './time-zone.ts';

/**
 * The original start of an occurrence as the key of its override: the wall-clock time of the series on the day nearest to
 * the instant. Servers and we may disagree by an hour about a day on which the clocks change, never about the day.
 */
export function originalStartOf(instant: Instant, series: When, zone: ZoneId): LocalDateTime {
  const first = secondsOf(series.start);
  const timeOfDay = first - Math.floor(first / daySeconds) * daySeconds;
  const days = Math.round((secondsOf(toLocal(instant, zone)) - timeOfDay) / daySeconds);
  return localOf(days * daySeconds + timeOfDay);
}

/** `t:Start` and `t:End`. */
export function startElement(when: When, context: MappingContext): Markup {
  return xml`<t:Start>${wireTime(when.start, when, context)}</t:Start>`;
}

/** See `startElement`. */
export function endElement(when: When, context: MappingContext): Markup {
  return xml`<t:End>${wireTime(when.end, when, context)}</t:End>`;
}

/** `t:StartTimeZone` and `t:EndTimeZone`; nothing when the server shall not be told zones. */
export function zoneElements(
  when: When,
  context: MappingContext,
): { readonly start: Markup; readonly end: Markup } | undefined {
  if (context.omitZones === true) return undefined;
  const zone = when.zone ?? context.mailboxZone;
  const year = Number(when.start.slice(0, 4));
  return {
    start: zoneElement('StartTimeZone', zone, year, context.serverKnowsZones),
    end: zoneElement('EndTimeZone', zone, year, context.serverKnowsZones),
  };
}

/** The changes that bring an event to these times. The zones go first: setting a zone alone moves the times. */
export function whenChanges(when: When, context: MappingContext): readonly Markup[] {
  const zones = zoneElements(when, context);
  return present(
    zones && setField('CalendarItem', 'calendar:StartTimeZone', zones.start),
    zones && setField('CalendarItem', 'calendar:EndTimeZone', zones.end),
    setField('CalendarItem', 'calendar:IsAllDayEvent', allDayElement(when)),
    setField('CalendarItem', 'calendar:Start', startElement(when, context)),
    setField('CalendarItem', 'calendar:End', endElement(when, context)),
  );
}

/**
 * The changes that bring one occurrence of a series to its own times. An occurrence takes no zones, so every time carries
 * its offset: of the series' zone, or for whole days of the mailbox's.
 */
export function occurrenceTimeChanges(
  own: Omit<When, 'zone'>,
  series: When,
  context: MappingContext,
): readonly Markup[] {
  const zone = series.zone ?? context.mailboxZone;
  return [
    setField('CalendarItem', 'calendar:IsAllDayEvent', allDayElement(own)),
    setField('CalendarItem', 'calendar:Start', xml`<t:Start>${withOffset(own.start, zone)}</t:Start>`),
    setField('CalendarItem', 'calendar:End', xml`<t:End>${withOffset(own.end, zone)}</t:End>`),
  ];
}

/** `t:IsAllDayEvent`. */
export function allDayElement({ allDay }: Pick<When, 'allDay'>): Markup {
  return xml`<t:IsAllDayEvent>${allDay}</t:IsAllDayEvent>`;
}

function wireTime(local: LocalDateTime, { allDay, zone }: When, { mailboxZone, omitZones }: MappingContext): string {
  if (omitZones === true) return toInstant(local, zone ?? mailboxZone);
  return allDay ? local : withOffset(local, zone ?? mailboxZone);
}

/** The wall-clock time as it exists (a time in a gap moves forward) with its offset. */
function withOffset(local: LocalDateTime, zone: ZoneId): string {
  const instant = toInstant(local, zone);
  const minutes = offsetMinutesAt(instant, zone);
  // Before zones had whole minutes no offset can say it.
  if (!Number.isInteger(minutes)) return instant;
  const size = Math.abs(minutes);
  const offset = `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
  return `${localOf(secondsOf(instant.slice(0, 19)) + minutes * 60)}${offset}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
