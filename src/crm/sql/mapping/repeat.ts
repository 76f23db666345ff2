/** Rules of repeating activities, in the six patterns and three ranges of `recurrence.ts` and back. Pure. */
import type {
  Pattern,
  Range,
  RecurrenceRule,
  Regeneration,
  TaskRecurrence,
  Weekday,
  WeekdayClass,
  WeekIndex,
} from '#model/recurrence.ts';

/** Columns of `crm.activity_repeat`. */
export interface RepeatRow {
  readonly frequency: string;
  readonly every: number;
  readonly weekdays: readonly string[];
  readonly first_weekday: string;
  readonly day_of_month: number | null;
  readonly week: string | null;
  readonly weekday: string | null;
  readonly month: number | null;
  readonly unit: string | null;
  readonly until_date: string | null;
  readonly occurrences: number | null;
  readonly start_date: string | null;
}

/** The rule of an appointment; undefined for a regenerating one, which only a to-do can have. */
export function ruleOf(row: RepeatRow): RecurrenceRule | undefined {
  const pattern = patternOf(row);
  return pattern.kind === 'regenerating' ? undefined : { pattern, range: rangeOf(row) };
}

/** The rule of a to-do; `start` when the row has no start of its own. Undefined without any start. */
export function taskRecurrenceOf(row: RepeatRow, start: string | null): TaskRecurrence | undefined {
  const from = row.start_date ?? start;
  return from === null ? undefined : { pattern: patternOf(row), range: rangeOf(row), start: from };
}

export function repeatRowOf(rule: RecurrenceRule | TaskRecurrence): RepeatRow {
  const { range } = rule;
  return {
    ...nothing,
    ...patternColumns(rule.pattern),
    until_date: range.kind === 'until' ? range.date : null,
    occurrences: range.kind === 'count' ? range.count : null,
    start_date: 'start' in rule ? rule.start : null,
  };
}

const nothing: RepeatRow = {
  frequency: 'Daily',
  every: 1,
  weekdays: [],
  first_weekday: 'Monday',
  day_of_month: null,
  week: null,
  weekday: null,
  month: null,
  unit: null,
  until_date: null,
  occurrences: null,
  start_date: null,
};

function patternOf(row: RepeatRow): Pattern | Regeneration {
  const interval = row.every;
  switch (row.frequency) {
    case 'Daily':
      return { kind: 'daily', interval };
    case 'Weekly':
      return {
        kind: 'weekly',
        interval,
        days: row.weekdays.map((day) => small(day) as Weekday),
        firstDay: small(row.first_weekday) as Weekday,
      };
    case 'Monthly':
      return { kind: 'monthly', interval, day: row.day_of_month! };
    case 'Monthly by Weekday':
      return { kind: 'monthlyByWeekday', interval, ...weekdayOf(row) };
    case 'Yearly':
      return { kind: 'yearly', month: row.month!, day: row.day_of_month! };
    case 'Yearly by Weekday':
      return { kind: 'yearlyByWeekday', month: row.month!, ...weekdayOf(row) };
    case 'Regenerating':
      return { kind: 'regenerating', unit: small(row.unit!) as Regeneration['unit'], interval };
    default:
      // A constraint of the table names the frequencies; another one is a changed schema.
      throw new TypeError(`no frequency of a repeating activity: ${row.frequency}`);
  }
}

function weekdayOf(row: RepeatRow): { readonly week: WeekIndex; readonly weekday: WeekdayClass } {
  return { week: small(row.week!) as WeekIndex, weekday: small(row.weekday!.replace(' ', '')) as WeekdayClass };
}

function rangeOf(row: RepeatRow): Range {
  if (row.until_date !== null) return { kind: 'until', date: row.until_date };
  if (row.occurrences !== null) return { kind: 'count', count: row.occurrences };
  return { kind: 'noEnd' };
}

function patternColumns(pattern: Pattern | Regeneration): Partial<RepeatRow> {
  switch (pattern.kind) {
    case 'daily':
      return { frequency: 'Daily', every: pattern.interval };
    case 'weekly':
      return {
        frequency: 'Weekly',
        every: pattern.interval,
        weekdays: pattern.days.map(capital),
        first_weekday: capital(pattern.firstDay),
      };
    case 'monthly':
      return { frequency: 'Monthly', every: pattern.interval, day_of_month: pattern.day };
    case 'monthlyByWeekday':
      return { frequency: 'Monthly by Weekday', every: pattern.interval, ...weekdayColumns(pattern) };
    case 'yearly':
      return { frequency: 'Yearly', month: pattern.month, day_of_month: pattern.day };
    case 'yearlyByWeekday':
      return { frequency: 'Yearly by Weekday', month: pattern.month, ...weekdayColumns(pattern) };
    case 'regenerating':
      return { frequency: 'Regenerating', unit: capital(pattern.unit), every: pattern.interval };
  }
}

function weekdayColumns(pattern: { readonly week: WeekIndex; readonly weekday: WeekdayClass }): Partial<RepeatRow> {
  return {
    week: capital(pattern.week),
    weekday: pattern.weekday === 'weekendDay' ? 'Weekend Day' : capital(pattern.weekday),
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function small(word: string): string {
  return word.charAt(0).toLowerCase() + word.slice(1);
}
