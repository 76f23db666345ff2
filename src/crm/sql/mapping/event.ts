/** An appointment: an activity shown in the calendar, and back. Pure. */
import type { Path } from '#model/groups.ts';
import type { CalendarEvent, Importance, LocalDateTime, Override, ShowAs } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { type ExceptionRow, exceptionRowOf, overrideOf } from './exception.ts';
import { attendeesOf, type ParticipantRow } from './participant.ts';
import { columnsAt, keysAt, type Places, withColumns } from './places.ts';
import { type RepeatRow, repeatRowOf, ruleOf } from './repeat.ts';
import { meaningOf, priorities, sensitivities, showAsTexts, textOf } from './values.ts';

/** Columns of `crm.activity` that an appointment uses. */
export interface EventRow {
  readonly description: string | null;
  readonly meeting_location: string | null;
  readonly planned_start: string;
  readonly planned_completion: string;
  readonly time_zone: string | null;
  readonly all_day: boolean;
  readonly show_as: string | null;
  readonly alarm: boolean;
  readonly alarm_minutes: number | null;
  readonly priority: string | null;
  readonly sensitivity: string | null;
  readonly categories: readonly string[];
  readonly comments: string | null;
}

export interface EventRecord {
  readonly row: EventRow;
  readonly repeat: RepeatRow | null;
  readonly exceptions: readonly ExceptionRow[];
  readonly participants: readonly ParticipantRow[];
}

/** What an update writes besides participants (`participant.ts`). */
export interface EventChanges {
  readonly row?: EventRow;
  /** Null removes the rule and every exception. */
  readonly repeat?: RepeatRow | null;
  readonly exceptions: readonly ExceptionRow[];
  /** Original starts of exceptions to remove. */
  readonly removedExceptions: readonly LocalDateTime[];
}

export const eventPlaces: Places = {
  title: ['activity.description'],
  location: ['activity.meeting_location'],
  when: ['activity.planned_start', 'activity.planned_completion', 'activity.time_zone', 'activity.all_day'],
  recurrence: [
    'activity_repeat.frequency',
    'activity_repeat.every',
    'activity_repeat.weekdays',
    'activity_repeat.first_weekday',
    'activity_repeat.day_of_month',
    'activity_repeat.week',
    'activity_repeat.weekday',
    'activity_repeat.month',
    'activity_repeat.until_date',
    'activity_repeat.occurrences',
  ],
  'overrides.*': [
    'activity_exception.original_start',
    'activity_exception.excluded',
    'activity_exception.changed',
    'activity_exception.description',
    'activity_exception.meeting_location',
    'activity_exception.planned_start',
    'activity_exception.planned_completion',
    'activity_exception.all_day',
    'activity_exception.show_as',
    'activity_exception.alarm_minutes',
    'activity_exception.comments',
  ],
  showAs: ['activity.show_as'],
  reminder: ['activity.alarm', 'activity.alarm_minutes'],
  importance: ['activity.priority'],
  sensitivity: ['activity.sensitivity'],
  categories: ['activity.categories'],
  'attendees.*': [
    'activity_employee.address',
    'activity_employee.name',
    'activity_employee.role',
    'activity_contact.address',
    'activity_contact.name',
    'activity_contact.role',
    'activity_other.address',
    'activity_other.name',
    'activity_other.role',
  ],
  body: ['activity.comments'],
};

/** The normalised event a record says. */
export function eventOf({ row, repeat, exceptions, participants }: EventRecord): CalendarEvent {
  const recurrence = repeat === null ? undefined : ruleOf(repeat);
  const importance = meaningOf(priorities, row.priority, undefined);
  const sensitivity = meaningOf(sensitivities, row.sensitivity, undefined);
  return normalise<CalendarEvent>({
    kind: 'event',
    ...(row.description === null ? {} : { title: row.description }),
    ...(row.meeting_location === null ? {} : { location: row.meeting_location }),
    when: {
      start: row.planned_start,
      end: row.planned_completion,
      allDay: row.all_day,
      ...(row.time_zone === null || row.all_day ? {} : { zone: row.time_zone }),
    },
    ...(recurrence === undefined ? {} : { recurrence, overrides: overridesOf(exceptions) }),
    showAs: meaningOf<ShowAs>(showAsTexts, row.show_as, 'busy'),
    ...(row.alarm && row.alarm_minutes !== null ? { reminder: { minutesBefore: row.alarm_minutes } } : {}),
    ...(importance === undefined ? {} : { importance }),
    ...(sensitivity === undefined ? {} : { sensitivity }),
    categories: row.categories,
    attendees: attendeesOf(participants),
    ...(row.comments === null ? {} : { body: { text: row.comments } }),
  });
}

/** The record for an event without its participants; texts that mean the same as the stored ones stay as they are. */
export function eventRecordOf(event: CalendarEvent, stored?: EventRow): Omit<EventRecord, 'participants'> {
  const { when, reminder, recurrence } = event;
  return {
    row: {
      description: event.title ?? null,
      meeting_location: event.location ?? null,
      planned_start: when.start,
      planned_completion: when.end,
      time_zone: when.zone ?? null,
      all_day: when.allDay,
      show_as: textOf<ShowAs>(showAsTexts, event.showAs, stored?.show_as, 'busy'),
      alarm: reminder !== undefined,
      alarm_minutes: reminder?.minutesBefore ?? null,
      priority: textOf<Importance | undefined>(priorities, event.importance, stored?.priority, undefined),
      sensitivity: textOf(sensitivities, event.sensitivity, stored?.sensitivity, undefined),
      categories: event.categories ?? [],
      comments: event.body?.text ?? null,
    },
    repeat: recurrence === undefined ? null : repeatRowOf(recurrence),
    exceptions: Object.entries(event.overrides ?? {}).map(([start, override]) => exceptionRowOf(start, override)),
  };
}

/** What brings `current` to `target` at `paths`, and nothing else. */
export function eventChanges(current: EventRecord, target: CalendarEvent, paths: readonly Path[]): EventChanges {
  const wanted = eventRecordOf(target, current.row);
  const row = withColumns(current.row, wanted.row, columnsAt(eventPlaces, 'activity', paths));
  const stored = byStart(current.exceptions, current.row.all_day);
  const exceptions = byStart(wanted.exceptions, false);
  const starts = [...keysAt('overrides', paths, stored, exceptions)];
  return {
    ...(row === undefined ? {} : { row }),
    ...(paths.includes('recurrence') ? { repeat: wanted.repeat } : {}),
    exceptions: starts.filter((start) => Object.hasOwn(exceptions, start)).map((start) => exceptions[start]!),
    // As stored, which for a day-long series may be any time of the day.
    removedExceptions: starts
      .map((start) => (Object.hasOwn(stored, start) ? stored[start]!.original_start : start))
      .filter((start) => !Object.hasOwn(exceptions, start)),
  };
}

function overridesOf(rows: readonly ExceptionRow[]): { readonly [originalStart: LocalDateTime]: Override } {
  return Object.fromEntries(rows.map((row) => [row.original_start, overrideOf(row)]));
}

/** By canonical original start: midnight in a day-long series. */
function byStart(rows: readonly ExceptionRow[], allDay: boolean): Readonly<Record<string, ExceptionRow>> {
  return Object.fromEntries(
    rows.map((row) => [allDay ? `${row.original_start.slice(0, 10)}T00:00:00` : row.original_start, row]),
  );
}
