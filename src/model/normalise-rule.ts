/** The canonical form of recurrence rules: only the members that say something, in one order. */
import type { Pattern, Range, RecurrenceRule, Regeneration, TaskRecurrence } from './recurrence.ts';
import { weekdays } from './recurrence.ts';

/** The rule of an event series. */
export function normaliseRule({ pattern, range }: RecurrenceRule): RecurrenceRule {
  return { pattern: normalisePattern(pattern), range: normaliseRange(range) };
}

/** The rule of a recurring task. */
export function normaliseTaskRule({ pattern, range, start }: TaskRecurrence): TaskRecurrence {
  const canonical = pattern.kind === 'regenerating' ? normaliseRegeneration(pattern) : normalisePattern(pattern);
  return { pattern: canonical, range: normaliseRange(range), start };
}

function normaliseRegeneration({ kind, unit, interval }: Regeneration): Regeneration {
  return { kind, unit, interval };
}

function normalisePattern(pattern: Pattern): Pattern {
  switch (pattern.kind) {
    case 'daily':
      return { kind: 'daily', interval: pattern.interval };
    case 'weekly':
      return weekly(pattern);
    case 'monthly':
      return { kind: 'monthly', interval: pattern.interval, day: pattern.day };
    case 'monthlyByWeekday':
      return { kind: 'monthlyByWeekday', interval: pattern.interval, week: pattern.week, weekday: pattern.weekday };
    case 'yearly':
      return { kind: 'yearly', month: pattern.month, day: pattern.day };
    case 'yearlyByWeekday':
      return { kind: 'yearlyByWeekday', month: pattern.month, week: pattern.week, weekday: pattern.weekday };
  }
}

/** Weekdays in order and once; where a week begins only decides when weeks are left out and several days are chosen. */
function weekly({ interval, days, firstDay }: Extract<Pattern, { kind: 'weekly' }>): Pattern {
  const inOrder = weekdays.filter((day) => days.includes(day));
  const decides = interval > 1 && inOrder.length > 1;
  return { kind: 'weekly', interval, days: inOrder, firstDay: decides ? firstDay : 'monday' };
}

function normaliseRange(range: Range): Range {
  switch (range.kind) {
    case 'noEnd':
      return { kind: 'noEnd' };
    case 'until':
      return { kind: 'until', date: range.date };
    case 'count':
      return { kind: 'count', count: range.count };
  }
}
