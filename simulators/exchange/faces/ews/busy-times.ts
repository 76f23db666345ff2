/** When somebody is busy, in the caller's own time zone: the common ground of free/busy views and suggestions ([MS-OXWAVLS]). */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { itemEntryId } from '../../truth/entry-id.ts';
import { propertyOf, type View } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { event, message } from '../../truth/property-keys.ts';
import { occurrencesBetween, overlaps } from '../../truth/series.ts';
import { ownZone, type Transition, type Zone } from '../../truth/zone.ts';
import { busyStatuses, endOf, startOf } from './fields/calendar-values.ts';
import { readDateTime } from './text.ts';

/** One stretch of time that is not free. */
export interface BusyTime {
  readonly startMs: number;
  readonly endMs: number;
  readonly status: string;
  readonly view: View;
}

export function busyTimes(mailbox: Mailbox, fromMs: number, untilMs: number): readonly BusyTime[] {
  const found: BusyTime[] = [];
  const add = (view: View): void => {
    const [startMs, endMs] = [startOf(view), endOf(view)];
    const status = busyStatuses[propertyOf(view, event.busyStatus) ?? 2] ?? 'Busy';
    if (status !== 'Free' && overlaps({ startMs, endMs }, fromMs, untilMs))
      found.push({ startMs, endMs, status, view });
  };
  for (const item of mailbox.wellKnown('calendar').items.values()) {
    if (item.properties.get(event.start) === undefined) continue;
    if (item.series?.kind !== 'appointment') add({ item, occurrence: undefined });
    else for (const occurrence of occurrencesBetween(item.series, fromMs, untilMs)) add({ item, occurrence });
  }
  return found.sort((left, right) => left.startMs - right.startMs);
}

/** What a reader with rights sees of it; the private ones of others stay without words. */
export function detailsOf({ view }: BusyTime, mailbox: Mailbox, isOwn: boolean) {
  const isPrivate = propertyOf(view, message.isPrivate) ?? false;
  const isHidden = isPrivate && !isOwn;
  const { item, occurrence } = view;
  return {
    id: itemEntryId(mailbox, item.folder.counter, item.counter).toString('hex').toUpperCase(),
    subject: isHidden ? undefined : (propertyOf(view, message.subject) ?? ''),
    location: isHidden ? undefined : (propertyOf(view, event.location) ?? ''),
    isMeeting: ((propertyOf(view, event.stateFlags) ?? 0) & 1) !== 0,
    isRecurring: occurrence !== undefined,
    isException: occurrence?.exception !== undefined,
    isReminderSet: propertyOf(view, message.reminderIsSet) ?? false,
    isPrivate,
  };
}

/** The SerializableTimeZone of a request; UTC without one. */
export function callersZone(element: XmlElement | undefined): Zone {
  const minutes = (one: XmlElement | undefined) => Number(childText(one, 'Bias') ?? 0) * 60_000;
  const base = -minutes(element);
  const standard = child(element, 'StandardTime');
  const daylight = child(element, 'DaylightTime');
  const [toStandard, toDaylight] = [transitionOf(standard), transitionOf(daylight)];
  const rule =
    toStandard === undefined || toDaylight === undefined
      ? undefined
      : { daylightOffsetMs: base - minutes(daylight), toDaylight, toStandard };
  return ownZone('caller', 'caller', base - minutes(standard), rule);
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function transitionOf(element: XmlElement | undefined): Transition | undefined {
  const month = Number(childText(element, 'Month') ?? 0);
  const day = weekdays.indexOf(childText(element, 'DayOfWeek')?.trim() ?? '');
  if (element === undefined || month === 0 || day < 0) return undefined;
  const order = Number(childText(element, 'DayOrder') ?? 1);
  const [hours = 0, minutes = 0, seconds = 0] = (childText(element, 'Time') ?? '').split(':').map(Number);
  const timeMs = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return {
    month,
    weekday: day as Transition['weekday'],
    occurrence: (order === 5 ? -1 : order) as Transition['occurrence'],
    timeMs,
  };
}

/** A time of the request as wall time in the caller's zone, UTC milliseconds of the wall. */
export function wallMsOf(text: string | undefined): number | undefined {
  const moment = readDateTime(text ?? '');
  if (moment === undefined) return undefined;
  return moment.kind === 'wall' ? moment.wallMs : moment.utcMs;
}
