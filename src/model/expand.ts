/**
 * Which occurrences a series has: original local starts, on plain local dates. Zones come in only afterwards, when a start
 * becomes an instant: an occurrence in a gap of the clock is kept and shifted, as Exchange does it.
 *
 * `start` is the event's own start; rules are taken as valid (`validate.ts`). Every function answers in closed form.
 */
import type { LocalDateTime, PlainDate } from './item.ts';
import { daySeconds, daysOf, localOf, secondsOf } from './local-time.ts';
import type { PatternDays } from './pattern-days.ts';
import { patternDays } from './pattern-days.ts';
import type { Range, RecurrenceRule, TaskRecurrence } from './recurrence.ts';

/** Occurrences with `from` <= start < `to`, at most `max` of them. */
export interface OccurrenceWindow {
  readonly from?: LocalDateTime;
  readonly to?: LocalDateTime;
  readonly max: number;
}

/** The original starts of a series in order. */
export function* occurrences(
  start: LocalDateTime,
  rule: RecurrenceRule,
  { from, to, max }: OccurrenceWindow,
): Generator<LocalDateTime, void, undefined> {
  const series = seriesOf(start, rule);
  const first = from === undefined ? 1 : countBefore(series, secondsOf(from)) + 1;
  const end = to === undefined ? Number.POSITIVE_INFINITY : secondsOf(to);
  for (let n = first; n < first + max; n++) {
    const seconds = secondsOfNth(series, n);
    if (seconds === undefined || seconds >= end) return;
    yield localOf(seconds);
  }
}

/** The dates of a recurring task, `from` <= date < `to`. A regenerating rule only knows its first date. */
export function* taskDates(
  { pattern, range, start }: TaskRecurrence,
  { from, to, max }: { readonly from?: PlainDate; readonly to?: PlainDate; readonly max: number },
): Generator<PlainDate, void, undefined> {
  if (pattern.kind === 'regenerating') {
    if (max > 0 && (from === undefined || from <= start) && (to === undefined || start < to)) yield start;
    return;
  }
  const midnight = 'T00:00:00';
  const window = {
    ...(from === undefined ? {} : { from: from + midnight }),
    ...(to === undefined ? {} : { to: to + midnight }),
    max,
  };
  for (const local of occurrences(start + midnight, { pattern, range }, window)) yield local.slice(0, 10);
}

/** `local` is an original start of the series. */
export function isOccurrence(start: LocalDateTime, rule: RecurrenceRule, local: LocalDateTime): boolean {
  return indexOfOccurrence(start, rule, local) !== undefined;
}

/** The nth original start, 1 is the first; undefined beyond the range. */
export function nthOccurrence(start: LocalDateTime, rule: RecurrenceRule, n: number): LocalDateTime | undefined {
  return localOrNone(secondsOfNth(seriesOf(start, rule), n));
}

/**
 * The place of an original start in the pattern, 1 is the first; excluded and moved occurrences count (EWS
 * InstanceIndex). Undefined when it is no occurrence.
 */
export function indexOfOccurrence(
  start: LocalDateTime,
  rule: RecurrenceRule,
  local: LocalDateTime,
): number | undefined {
  const series = seriesOf(start, rule);
  const seconds = secondsOf(local);
  const n = countBefore(series, seconds) + 1;
  return secondsOfNth(series, n) === seconds ? n : undefined;
}

/** The first original start at or after `local`. */
export function firstOnOrAfter(
  start: LocalDateTime,
  rule: RecurrenceRule,
  local: LocalDateTime,
): LocalDateTime | undefined {
  const series = seriesOf(start, rule);
  return localOrNone(secondsOfNth(series, countBefore(series, secondsOf(local)) + 1));
}

/** The last original start; undefined when the series has no end or no occurrence at all. */
export function lastOccurrence(start: LocalDateTime, rule: RecurrenceRule): LocalDateTime | undefined {
  const series = seriesOf(start, rule);
  return Number.isFinite(series.count) ? localOrNone(secondsOfNth(series, series.count)) : undefined;
}

/** How many occurrences the series has; Infinity without end. */
export function occurrenceCount(start: LocalDateTime, rule: RecurrenceRule): number {
  return seriesOf(start, rule).count;
}

interface Series {
  readonly days: PatternDays;
  /** Seconds after midnight at which every occurrence starts. */
  readonly timeOfDay: number;
  readonly count: number;
}

/** Occurrences beyond year 9999 cannot be written as text. */
const dayMax = daysOf('9999-12-31');

function seriesOf(start: LocalDateTime, { pattern, range }: RecurrenceRule): Series {
  const seconds = secondsOf(start);
  const startDay = Math.floor(seconds / daySeconds);
  const days = patternDays(pattern, startDay);
  const hasDays = !Number.isNaN(days.nth(1));
  return { days, timeOfDay: seconds - startDay * daySeconds, count: hasDays ? countOf(range, days) : 0 };
}

function countOf(range: Range, days: PatternDays): number {
  switch (range.kind) {
    case 'noEnd':
      return Number.POSITIVE_INFINITY;
    case 'until':
      return days.countThrough(daysOf(range.date));
    case 'count':
      return range.count;
  }
}

/** How many occurrences start before a wall-clock time, in seconds; 0 when the range is empty. */
function countBefore({ days, timeOfDay, count }: Series, seconds: number): number {
  // The last day whose occurrence would start before then.
  const day = Math.ceil((seconds - timeOfDay) / daySeconds) - 1;
  return count === 0 ? 0 : days.countThrough(day);
}

function secondsOfNth({ days, timeOfDay, count }: Series, n: number): number | undefined {
  if (!(n >= 1 && n <= count)) return undefined;
  const day = days.nth(n);
  return day <= dayMax ? day * daySeconds + timeOfDay : undefined;
}

function localOrNone(seconds: number | undefined): LocalDateTime | undefined {
  return seconds === undefined ? undefined : localOf(seconds);
}
