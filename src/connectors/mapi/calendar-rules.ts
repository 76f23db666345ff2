/**
 * What must agree on an appointment, whoever writes it: the properties Outlook and the old server-side calendar library keep
 * in step on every save (MS-OXOCAL 2.2.1, 3.1.4). Pure; the faces write what comes out.
 */
import { firstOnOrAfter, lastOccurrence } from '#model/expand.ts';
import { groupOf, type Path } from '#model/groups.ts';
import type { CalendarEvent, Instant, LocalDateTime, ZoneId } from '#model/item.ts';
import { localOf, secondsOf } from '#model/local-time.ts';
import type { Pattern } from '#model/recurrence.ts';
import { toInstant, toLocal } from '#model/zones.ts';

export interface AppointmentFacts {
  /** Of the appointment or the first occurrence. Also CommonStart and CommonEnd. */
  readonly start: Instant;
  readonly end: Instant;
  /** ClipStart and ClipEnd: the span all occurrences lie in. */
  readonly clipStart: Instant;
  readonly clipEnd: Instant;
  readonly durationMinutes: number;
  /** PidLidRecurring; false must be said too, or Outlook's views leave the item out. */
  readonly isRecurring: boolean;
  /** PidLidRecurrenceType. */
  readonly recurrenceType: number;
  readonly stateFlags: number;
  readonly responseStatus: number;
  readonly iconIndex: number;
}

/** ClipEnd of a series without end. */
const clipEndWithoutEnd: Instant = '4500-08-31T23:59:00Z';

/** `zone`: of the event, or for whole days the one whose midnights count. */
export function appointmentFacts(event: CalendarEvent, zone: ZoneId): AppointmentFacts {
  const { when, recurrence } = event;
  const start = toInstant(when.start, zone);
  const end = toInstant(when.end, zone);
  const stateFlags = stateFlagsOf(event);
  const isRecurring = recurrence !== undefined;
  return {
    start,
    end,
    clipStart: isRecurring ? toInstant(`${when.start.slice(0, 10)}T00:00:00`, zone) : start,
    clipEnd: isRecurring ? clipEndOf(event, zone) : end,
    durationMinutes: Math.floor((secondsOf(when.end) - secondsOf(when.start)) / 60),
    isRecurring,
    recurrenceType: recurrence === undefined ? 0 : recurrenceTypes[recurrence.pattern.kind],
    stateFlags,
    responseStatus: responseStatusOf(event),
    iconIndex: iconIndexOf(isRecurring, (stateFlags & states.meeting) !== 0),
  };
}

function clipEndOf({ when, recurrence }: CalendarEvent, zone: ZoneId): Instant {
  const last = recurrence && lastOccurrence(when.start, recurrence);
  if (last === undefined) return clipEndWithoutEnd;
  const end = toInstant(localOf(secondsOf(last) + secondsOf(when.end) - secondsOf(when.start)), zone);
  return end < clipEndWithoutEnd ? end : clipEndWithoutEnd;
}

const recurrenceTypes: Readonly<Record<Pattern['kind'], number>> = {
  daily: 1,
  weekly: 2,
  monthly: 3,
  monthlyByWeekday: 3,
  yearly: 4,
  yearlyByWeekday: 4,
};

/** PidLidAppointmentStateFlags. */
export const states = { meeting: 1, received: 2, cancelled: 4 } as const;

/** An event is a meeting when it has attendees or a server calls it one. */
function stateFlagsOf({ attendees, meeting }: CalendarEvent): number {
  if (meeting === undefined) return attendees === undefined ? 0 : states.meeting;
  const received = meeting.organizing ? 0 : states.received;
  return states.meeting | received | (meeting.cancelled === true ? states.cancelled : 0);
}

export const responses = { none: 0, organized: 1, tentative: 2, accepted: 3, declined: 4, notResponded: 5 } as const;

/** PidLidResponseStatus. */
function responseStatusOf(event: CalendarEvent): number {
  const { meeting } = event;
  if (meeting === undefined || meeting.organizing) {
    return stateFlagsOf(event) === 0 ? responses.none : responses.organized;
  }
  return meeting.myResponse === undefined ? responses.notResponded : responses[meeting.myResponse];
}

function iconIndexOf(isRecurring: boolean, isMeeting: boolean): number {
  return 0x400 + (isRecurring ? 1 : 0) + (isMeeting ? 2 : 0);
}

export interface ReminderTimes {
  /** PidLidReminderTime: the start it rings for. */
  readonly time: Instant;
  /** PidLidReminderSignalTime: when it rings. */
  readonly signal: Instant;
}

/** When a reminder rings: of a series for the next occurrence that takes place, for its first when all are over. */
export function reminderTimes(event: CalendarEvent, zone: ZoneId, now: Instant): ReminderTimes | undefined {
  const { reminder, when } = event;
  if (reminder === undefined) return undefined;
  const time = toInstant(nextStart(event, toLocal(now, zone)) ?? when.start, zone);
  const signal = localOf(secondsOf(time.slice(0, 19)) - reminder.minutesBefore * 60);
  return { time, signal: `${signal}Z` };
}

/** Occurrences looked at; of more excluded ones in a row the first counts. */
const lookAheadMax = 100;

function nextStart({ when, recurrence, overrides }: CalendarEvent, now: LocalDateTime): LocalDateTime | undefined {
  if (recurrence === undefined) return undefined;
  let from = now;
  for (let looked = 0; looked < lookAheadMax; looked += 1) {
    const original = firstOnOrAfter(when.start, recurrence, from);
    if (original === undefined) return undefined;
    const override = overrides?.[original];
    if (override === undefined) return original;
    if ('patch' in override) return override.patch.when?.start ?? original;
    from = localOf(secondsOf(original) + 1);
  }
  return undefined;
}

/** A change attendees must answer again (MS-OXOCAL 3.1.4.7): the sequence number goes up by one. */
export function isSignificantChange(paths: readonly Path[]): boolean {
  return paths.some((path) => significantGroups.has(groupOf(path)));
}

const significantGroups: ReadonlySet<string> = new Set(['when', 'recurrence', 'overrides', 'location']);

/**
 * What stays the user's own on a meeting somebody else organizes; the organizer's next update overwrites the rest. Of an
 * occurrence only what is the user's own as well.
 */
const ownGroups: ReadonlySet<string> = new Set(['showAs', 'reminder', 'sensitivity', 'categories', 'body']);

/** Whether this mailbox may change the group of the event. */
export function mayChange({ meeting }: CalendarEvent, group: string): boolean {
  return meeting === undefined || meeting.organizing || ownGroups.has(group);
}
