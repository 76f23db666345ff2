/**
 * A canonical series and its PidLidAppointmentRecur, both ways. The blob says everything about a series on its own clock but
 * the texts of changed occurrences' bodies, which live in hidden attachments; of them it only says which there are.
 */
import type { CalendarEvent, EventReminder, LocalDateTime, Override, OverridePatch } from '#model/item.ts';
import { secondsOf } from '#model/local-time.ts';
import type { RecurrenceRule } from '#model/recurrence.ts';
import type { AppointmentRecurrence } from './appointment-recurrence.ts';
import { localOfMinutes, minutesOfDate, minutesOfLocal, minutesPerDay } from './blob-time.ts';
import { busyStatusOf, showAsOfBusyStatus } from './busy-status.ts';
import { type ExceptionInfo, exceptionText, overrideFlags } from './exception-info.ts';
import { patternOfRule, ruleOfPattern } from './recurrence-rule.ts';

/** What a blob says, in wall-clock times of the series; not yet normalised. */
export interface BlobSeries {
  readonly start: LocalDateTime;
  readonly end: LocalDateTime;
  readonly recurrence: RecurrenceRule;
  readonly overrides: { readonly [originalStart: LocalDateTime]: Override };
}

/** What an occurrence inherits where the blob says nothing. */
export interface SeriesValues {
  readonly allDay: boolean;
  readonly reminder?: EventReminder | undefined;
}

/** Undefined: a rule beyond the model. */
export function seriesOfBlob(blob: AppointmentRecurrence, series: SeriesValues): BlobSeries | undefined {
  const rule = ruleOfPattern(blob.pattern);
  if (rule === undefined || rule.pattern.kind === 'regenerating') return undefined;
  const first = minutesOfDate(rule.start);
  const overrides: Record<LocalDateTime, Override> = {};
  for (const day of blob.pattern.deleted) overrides[originalStart(day, blob)] = { excluded: true };
  for (const exception of blob.exceptions) {
    overrides[originalStart(exception.originalStart, blob)] = { patch: patchOf(exception, series) };
  }
  return {
    start: localOfMinutes(first + blob.startTimeOffset),
    end: localOfMinutes(first + blob.endTimeOffset),
    recurrence: { pattern: rule.pattern, range: rule.range },
    overrides,
  };
}

/** Original starts of the occurrences that have a text of their own. */
export function occurrencesWithBody(blob: AppointmentRecurrence): readonly LocalDateTime[] {
  return blob.exceptions
    .filter(({ flags }) => (flags & overrideFlags.body) !== 0)
    .map((one) => originalStart(one.originalStart, blob));
}

/** The occurrence's place on the clock of the series, whatever time of day the blob has for it. */
function originalStart(minutes: number, { startTimeOffset }: AppointmentRecurrence): LocalDateTime {
  return localOfMinutes(dayOf(minutes) + startTimeOffset);
}

function dayOf(minutes: number): number {
  return minutes - (minutes % minutesPerDay);
}

function patchOf({ start, end, subject, location, numbers }: ExceptionInfo, series: SeriesValues): OverridePatch {
  const { reminderDelta, reminderSet, busyStatus, subType } = numbers;
  const hasReminder = reminderSet === undefined ? series.reminder !== undefined : reminderSet !== 0;
  const minutesBefore = reminderDelta ?? series.reminder?.minutesBefore ?? 0;
  const allDay = subType === undefined ? series.allDay : subType !== 0;
  return {
    ...(subject && { title: subject.wide === '' ? null : subject.wide }),
    ...(location && { location: location.wide === '' ? null : location.wide }),
    when: { start: localOfMinutes(start), end: localOfMinutes(Math.max(start, end)), allDay },
    ...(busyStatus !== undefined && { showAs: showAsOfBusyStatus(busyStatus) }),
    ...((reminderDelta !== undefined || reminderSet !== undefined) && {
      reminder: hasReminder ? { minutesBefore } : null,
    }),
  };
}

/** Outlook 2007. */
const readerVersion = 0x3006;
const writerVersion = 0x3009;

/** What of an exception is not ours to say, and stays. */
const foreignFlags = overrideFlags.meetingType | overrideFlags.attachment | overrideFlags.color;

/**
 * The blob of a valid, normalised series. `stored` is the blob it replaces: what it has about an occurrence beyond the model
 * is kept, and an occurrence that only differs in such things stays. Undefined: times with seconds, or no series. Which
 * occurrences have a text of their own is what the event says, or with `keepsBodies` what is stored.
 */
export function blobOfSeries(
  event: CalendarEvent,
  stored?: AppointmentRecurrence,
  keepsBodies = false,
): AppointmentRecurrence | undefined {
  const { when, recurrence, overrides = {} } = event;
  if (recurrence === undefined || secondsOf(when.start) % 60 !== 0 || secondsOf(when.end) % 60 !== 0) return undefined;
  const start = minutesOfLocal(when.start);
  const length = minutesOfLocal(when.end) - start;
  const deleted: number[] = [];
  const exceptions: ExceptionInfo[] = [];
  const old = new Map(stored?.exceptions.map((one) => [dayOf(one.originalStart), one]));
  const kept = foreignFlags | (keepsBodies ? overrideFlags.body : 0);
  for (const [key, override] of Object.entries(overrides)) {
    const original = minutesOfLocal(key);
    deleted.push(dayOf(original));
    if ('patch' in override)
      exceptions.push(exceptionOf(original, length, override.patch, event, old.get(dayOf(original)), kept));
    old.delete(dayOf(original));
  }
  for (const [day, foreign] of foreignOnly(old, stored, event, kept)) {
    deleted.push(day);
    exceptions.push(foreign);
  }
  const ascending = (one: number, two: number) => one - two;
  const pattern = patternOfRule(
    { ...recurrence, start: when.start.slice(0, 10) },
    { deleted: deleted.sort(ascending), modified: exceptions.map((one) => dayOf(one.start)).sort(ascending) },
  );
  if (pattern === undefined) return undefined;
  const none = Buffer.alloc(0);
  return {
    pattern,
    readerVersion,
    writerVersion,
    startTimeOffset: start % minutesPerDay,
    endTimeOffset: (start % minutesPerDay) + length,
    exceptions: exceptions.sort((one, two) => one.start - two.start),
    reserved1: stored?.reserved1 ?? none,
    reserved2: stored?.reserved2 ?? none,
    trailing: none,
  };
}

/** Stored exceptions the model sees no difference in, as long as series and rule are where they were. */
function foreignOnly(
  old: ReadonlyMap<number, ExceptionInfo>,
  stored: AppointmentRecurrence | undefined,
  { when, recurrence }: CalendarEvent,
  kept: number,
): readonly (readonly [number, ExceptionInfo])[] {
  if (stored === undefined || recurrence === undefined) return [];
  const start = minutesOfLocal(when.start);
  const length = minutesOfLocal(when.end) - start;
  const isSame =
    stored.startTimeOffset === start % minutesPerDay && stored.endTimeOffset === (start % minutesPerDay) + length;
  const seen = overrideFlags.subject | overrideFlags.location | overrideFlags.busyStatus | overrideFlags.subType;
  const reminded = overrideFlags.reminderDelta | overrideFlags.reminderSet;
  return [...old].filter(([, one]) => {
    const unmoved = one.start === one.originalStart && one.end - one.start === length;
    return isSame && unmoved && (one.flags & (seen | reminded)) === 0 && (one.flags & kept) !== 0;
  });
}

function exceptionOf(
  original: number,
  length: number,
  { title, location, when, showAs, reminder, body }: OverridePatch,
  series: CalendarEvent,
  old: ExceptionInfo | undefined,
  kept: number,
): ExceptionInfo {
  const numbers: { -readonly [name in keyof ExceptionInfo['numbers']]: number } = {};
  let flags = (old?.flags ?? 0) & kept;
  if (body !== undefined) flags |= overrideFlags.body;
  const set = (name: keyof typeof numbers, value: number) => {
    flags |= overrideFlags[name];
    numbers[name] = value;
  };
  for (const name of ['meetingType', 'attachment', 'color'] as const) {
    const number = old?.numbers[name];
    if (number !== undefined) set(name, number);
  }
  if (title !== undefined) flags |= overrideFlags.subject;
  if (location !== undefined) flags |= overrideFlags.location;
  if (showAs !== undefined) set('busyStatus', busyStatusOf(showAs));
  if (reminder === null) set('reminderSet', 0);
  else if (reminder !== undefined) {
    set('reminderDelta', reminder.minutesBefore);
    if (series.reminder === undefined) set('reminderSet', 1);
  }
  if (when !== undefined && when.allDay !== series.when.allDay) set('subType', when.allDay ? 1 : 0);
  const none = Buffer.alloc(0);
  return {
    start: when === undefined ? original : minutesOfLocal(when.start),
    end: when === undefined ? original + length : minutesOfLocal(when.end),
    originalStart: original,
    flags,
    ...(title !== undefined && { subject: exceptionText(title ?? '') }),
    ...(location !== undefined && { location: exceptionText(location ?? '') }),
    numbers,
    ...(old?.changeHighlight !== undefined && { changeHighlight: old.changeHighlight }),
    reservedBefore: old?.reservedBefore ?? none,
    reservedAfter: old?.reservedAfter ?? none,
  };
}
