/** What is wrong with a rule, or with how overrides stand in their series. */
import { indexOfOccurrence, nthOccurrence, occurrenceCount } from './expand.ts';
import type { CalendarEvent, LocalDateTime, Override } from './item.ts';
import { limits } from './limits.ts';
import { daySeconds, daysOf, secondsOf } from './local-time.ts';
import type { Pattern, Range, RecurrenceRule, Regeneration, TaskRecurrence } from './recurrence.ts';
import { intervalMax, occurrencesMax } from './recurrence.ts';
import type { Problem, ProblemCode } from './validate.ts';

/** Problems of an event series whose own `when` is right. Overrides are only looked at when the rule is right. */
export function seriesProblems(event: CalendarEvent, rule: RecurrenceRule): readonly Problem[] {
  const found = [...patternProblems(rule.pattern), ...rangeProblems(rule.range)];
  if (found.length > 0) return found;
  if (occurrenceCount(event.when.start, rule) === 0) return [withoutOccurrence()];
  return overrideProblems(event, rule);
}

/** Problems of the rule of a recurring task. */
export function taskRuleProblems({ pattern, range, start }: TaskRecurrence): readonly Problem[] {
  const found = [...patternProblems(pattern), ...rangeProblems(range)];
  if (!isDate(start)) found.push(problem('dateInvalid', 'The date the rule counts from does not exist.'));
  if (found.length > 0) return found;
  if (pattern.kind !== 'regenerating') {
    return occurrenceCount(`${start}T00:00:00`, { pattern, range }) === 0 ? [withoutOccurrence()] : [];
  }
  return range.kind === 'until' && range.date < start ? [withoutOccurrence()] : [];
}

function withoutOccurrence(): Problem {
  return problem('ruleWithoutOccurrence', 'The rule has no occurrence.');
}

function patternProblems(pattern: Pattern | Regeneration): Problem[] {
  const found: Problem[] = [];
  if ('interval' in pattern && !isWhole(pattern.interval, 1, intervalMax)) {
    found.push(problem('intervalOutOfRange', `The interval is not between 1 and ${intervalMax}.`));
  }
  if (pattern.kind === 'weekly' && pattern.days.length === 0) {
    found.push(problem('weekdaysEmpty', 'The weekly rule names no weekday.'));
  }
  if ('day' in pattern && !isWhole(pattern.day, 1, 31)) {
    found.push(problem('dayOutOfRange', 'The day of the month is not between 1 and 31.'));
  }
  if ('month' in pattern && !isWhole(pattern.month, 1, 12)) {
    found.push(problem('monthOutOfRange', 'The month is not between 1 and 12.'));
  }
  return found;
}

function rangeProblems(range: Range): Problem[] {
  switch (range.kind) {
    case 'noEnd':
      return [];
    case 'until':
      return isDate(range.date) ? [] : [problem('dateInvalid', 'The end of the series is no date or out of range.')];
    case 'count':
      if (isWhole(range.count, 1, occurrencesMax)) return [];
      return [problem('countOutOfRange', `The number of occurrences is not between 1 and ${occurrencesMax}.`)];
  }
}

/** The time an occurrence takes, in seconds (`local-time.ts`). */
interface Span {
  readonly start: number;
  readonly end: number;
}

interface Series {
  readonly start: LocalDateTime;
  readonly rule: RecurrenceRule;
  readonly durationSeconds: number;
  readonly overrides: NonNullable<CalendarEvent['overrides']>;
}

function overrideProblems({ when, overrides = {} }: CalendarEvent, rule: RecurrenceRule): readonly Problem[] {
  const durationSeconds = secondsOf(when.end) - secondsOf(when.start);
  const series: Series = { start: when.start, rule, durationSeconds, overrides };
  const found: Problem[] = [];
  for (const [originalStart, override] of Object.entries(overrides)) {
    const path = `overrides.${originalStart}`;
    const n = indexOfOccurrence(when.start, rule, originalStart);
    if (n === undefined) {
      found.push({ code: 'overrideNotInRule', path, message: 'The changed occurrence is not one of the series.' });
    } else if (crossesNeighbour(n, override, series)) {
      const message = 'The occurrence is moved onto or past its neighbour.';
      found.push({ code: 'overrideCrossesNeighbour', path, message });
    }
  }
  return found;
}

/**
 * Exchange refuses an occurrence on the day of its neighbour, beyond it or overlapping it (EWS
 * ErrorOccurrenceCrossingBoundary, ErrorOccurrenceTimeSpanTooBig). Excluded occurrences leave room.
 */
function crossesNeighbour(n: number, override: Override, series: Series): boolean {
  if ('excluded' in override || override.patch.when === undefined) return false;
  const moved = spanOf(override.patch.when.start, override, series);
  const previous = neighbour(n, -1, series);
  const next = neighbour(n, 1, series);
  return (
    (previous !== undefined && (dayOf(moved) <= dayOf(previous) || moved.start < previous.end)) ||
    (next !== undefined && (dayOf(moved) >= dayOf(next) || moved.end > next.start))
  );
}

/** The nearest occurrence in one direction that takes place. */
function neighbour(n: number, step: 1 | -1, series: Series): Span | undefined {
  for (let index = n + step; ; index += step) {
    const start = nthOccurrence(series.start, series.rule, index);
    if (start === undefined) return undefined;
    const override = series.overrides[start];
    if (override === undefined || 'patch' in override) return spanOf(start, override, series);
  }
}

function spanOf(originalStart: LocalDateTime, override: Override | undefined, series: Series): Span {
  const own = override !== undefined && 'patch' in override ? override.patch.when : undefined;
  const start = secondsOf(own?.start ?? originalStart);
  return { start, end: own === undefined ? start + series.durationSeconds : secondsOf(own.end) };
}

function dayOf({ start }: Span): number {
  return Math.floor(start / daySeconds);
}

function problem(code: ProblemCode, message: string): Problem {
  return { code, path: 'recurrence', message };
}

function isWhole(number: number, min: number, max: number): boolean {
  return Number.isInteger(number) && number >= min && number <= max;
}

function isDate(date: string): boolean {
  return !Number.isNaN(daysOf(date)) && date >= limits.firstDate && date <= limits.lastDate;
}
