/**
 * Recurrence rules (EWS `RecurrenceType`, `TaskRecurrenceType`): one pattern, then one range that carries the first date.
 * Dates are taken literally: servers add a zone suffix (`2031-04-02Z`, `2019-02-17+02:00`) that means nothing.
 */
import type { PlainDate } from '#model/item.ts';
import { daysOf } from '#model/local-time.ts';
import type {
  Pattern,
  Range,
  Regeneration,
  TaskRecurrence,
  Weekday,
  WeekdayClass,
  WeekIndex,
} from '#model/recurrence.ts';
import { weekdays } from '#model/recurrence.ts';
import type { XmlElement } from '#xml/reader.ts';
import { childText } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';
import { firstDayOfWeek } from './recurrence-blob.ts';

/**
 * Reads a `t:Recurrence`; undefined when it is not one we know, which is then refused, never guessed. `binaryRule` fills in
 * the first day of the week where the element has none.
 */
export function recurrenceOf(element: XmlElement, binaryRule?: string): TaskRecurrence | undefined {
  let pattern: Pattern | Regeneration | undefined;
  let range: Range | undefined;
  let start: PlainDate | undefined;
  for (const child of element.children) {
    if (child.name === 'NoEndRecurrence' || child.name === 'EndDateRecurrence' || child.name === 'NumberedRecurrence') {
      range = rangeOf(child);
      start = dateOf(childText(child, 'StartDate'));
    } else pattern ??= patternOf(child, binaryRule);
  }
  return pattern === undefined || range === undefined || start === undefined ? undefined : { pattern, range, start };
}

/** The element when it holds anything: some servers write an empty one for "does not recur". */
export function ruleIn(element: XmlElement): XmlElement | undefined {
  return element.children.length === 0 ? undefined : element;
}

function rangeOf(element: XmlElement): Range | undefined {
  if (element.name === 'NoEndRecurrence') return { kind: 'noEnd' };
  if (element.name === 'EndDateRecurrence') {
    const date = dateOf(childText(element, 'EndDate'));
    return date === undefined ? undefined : { kind: 'until', date };
  }
  const count = numberOf(childText(element, 'NumberOfOccurrences'));
  return count === undefined ? undefined : { kind: 'count', count };
}

function patternOf(element: XmlElement, binaryRule: string | undefined): Pattern | Regeneration | undefined {
  const parts = new Map(element.children.map((child) => [child.name, child.text.trim()]));
  const interval = numberOf(parts.get('Interval') ?? '1');
  if (interval === undefined) return undefined;
  const unit = regenerationUnits[element.name];
  if (unit !== undefined) return { kind: 'regenerating', unit, interval };
  const day = numberOf(parts.get('DayOfMonth'));
  const month = monthOf(parts.get('Month'));
  const week = weekIndexes[parts.get('DayOfWeekIndex') ?? ''];
  const weekday = weekdayClasses[parts.get('DaysOfWeek') ?? ''];
  switch (element.name) {
    case 'DailyRecurrence':
      return { kind: 'daily', interval };
    case 'WeeklyRecurrence': {
      const days = weekDaysOf(parts.get('DaysOfWeek') ?? '');
      return days && { kind: 'weekly', interval, days, firstDay: firstDayOf(parts.get('FirstDayOfWeek'), binaryRule) };
    }
    case 'AbsoluteMonthlyRecurrence':
      return day === undefined ? undefined : { kind: 'monthly', interval, day };
    case 'RelativeMonthlyRecurrence':
      return week && weekday && { kind: 'monthlyByWeekday', interval, week, weekday };
    case 'AbsoluteYearlyRecurrence':
      return day === undefined || month === undefined ? undefined : { kind: 'yearly', month, day };
    case 'RelativeYearlyRecurrence':
      return month === undefined ? undefined : week && weekday && { kind: 'yearlyByWeekday', month, week, weekday };
    default:
      return undefined;
  }
}

const regenerationUnits: Readonly<Record<string, Regeneration['unit']>> = {
  DailyRegeneration: 'day',
  WeeklyRegeneration: 'week',
  MonthlyRegeneration: 'month',
  YearlyRegeneration: 'year',
};

const weekIndexes: Readonly<Record<string, WeekIndex>> = {
  First: 'first',
  Second: 'second',
  Third: 'third',
  Fourth: 'fourth',
  Last: 'last',
};

const weekdayClasses: Readonly<Record<string, WeekdayClass>> = {
  ...Object.fromEntries(weekdays.map((day) => [capitalised(day), day])),
  Day: 'day',
  Weekday: 'weekday',
  WeekendDay: 'weekendDay',
};

/** The days of a weekly pattern in the order Monday to Sunday; undefined when there is none. */
function weekDaysOf(text: string): readonly Weekday[] | undefined {
  const named = new Set(text.split(/\s+/).flatMap((name) => daysOfClass(weekdayClasses[name])));
  return named.size === 0 ? undefined : weekdays.filter((day) => named.has(day));
}

/** Classes are not allowed in weekly patterns, but are understood. */
function daysOfClass(name: WeekdayClass | undefined): readonly Weekday[] {
  switch (name) {
    case undefined:
      return [];
    case 'day':
      return weekdays;
    case 'weekday':
      return weekdays.slice(0, 5);
    case 'weekendDay':
      return weekdays.slice(5);
    default:
      return [name];
  }
}

/** Outlook's weeks begin on Sunday where nothing else is said. */
function firstDayOf(text: string | undefined, binaryRule: string | undefined): Weekday {
  const told = weekDaysOf(text ?? '')?.[0];
  return told ?? (binaryRule === undefined ? undefined : firstDayOfWeek(binaryRule)) ?? 'sunday';
}

const months: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

function monthOf(text: string | undefined): number | undefined {
  const index = months.indexOf(text ?? '');
  return index < 0 ? undefined : index + 1;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,6}\s*$/.test(text) ? Number(text) : undefined;
}

function dateOf(text: string | undefined): PlainDate | undefined {
  const date = text?.trim().slice(0, 10);
  return date === undefined || Number.isNaN(daysOf(date)) ? undefined : date;
}

/** `t:Recurrence` of a rule that counts from `start`. */
export function recurrenceElement({ pattern, range, start }: TaskRecurrence): Markup {
  return xml`<t:Recurrence>${patternElement(pattern)}${rangeElement(range, start)}</t:Recurrence>`;
}

function patternElement(pattern: Pattern | Regeneration): Markup {
  switch (pattern.kind) {
    case 'daily':
      return xml`<t:DailyRecurrence>${interval(pattern)}</t:DailyRecurrence>`;
    case 'weekly':
      return xml`<t:WeeklyRecurrence>${interval(pattern)}<t:DaysOfWeek>${pattern.days.map(capitalised).join(' ')}</t:DaysOfWeek>${firstDay(pattern)}</t:WeeklyRecurrence>`;
    case 'monthly':
      return xml`<t:AbsoluteMonthlyRecurrence>${interval(pattern)}<t:DayOfMonth>${pattern.day}</t:DayOfMonth></t:AbsoluteMonthlyRecurrence>`;
    case 'monthlyByWeekday':
      return xml`<t:RelativeMonthlyRecurrence>${interval(pattern)}${weekdayIndex(pattern)}</t:RelativeMonthlyRecurrence>`;
    case 'yearly':
      return xml`<t:AbsoluteYearlyRecurrence><t:DayOfMonth>${pattern.day}</t:DayOfMonth>${month(pattern)}</t:AbsoluteYearlyRecurrence>`;
    case 'yearlyByWeekday':
      return xml`<t:RelativeYearlyRecurrence>${weekdayIndex(pattern)}${month(pattern)}</t:RelativeYearlyRecurrence>`;
    case 'regenerating':
      return regenerationElement(pattern);
  }
}

function regenerationElement(pattern: Regeneration): Markup {
  switch (pattern.unit) {
    case 'day':
      return xml`<t:DailyRegeneration>${interval(pattern)}</t:DailyRegeneration>`;
    case 'week':
      return xml`<t:WeeklyRegeneration>${interval(pattern)}</t:WeeklyRegeneration>`;
    case 'month':
      return xml`<t:MonthlyRegeneration>${interval(pattern)}</t:MonthlyRegeneration>`;
    case 'year':
      return xml`<t:YearlyRegeneration>${interval(pattern)}</t:YearlyRegeneration>`;
  }
}

function interval(pattern: { readonly interval: number }): Markup {
  return xml`<t:Interval>${pattern.interval}</t:Interval>`;
}

/** Only where it decides something: servers below 2010 SP1 do not know the element. */
function firstDay(pattern: { readonly interval: number; readonly firstDay: Weekday }): Markup | undefined {
  if (pattern.interval === 1) return undefined;
  return xml`<t:FirstDayOfWeek>${capitalised(pattern.firstDay)}</t:FirstDayOfWeek>`;
}

function weekdayIndex(pattern: { readonly week: WeekIndex; readonly weekday: WeekdayClass }): Markup {
  return xml`<t:DaysOfWeek>${capitalised(pattern.weekday)}</t:DaysOfWeek><t:DayOfWeekIndex>${capitalised(pattern.week)}</t:DayOfWeekIndex>`;
}

function month(pattern: { readonly month: number }): Markup {
  return xml`<t:Month>${months[pattern.month - 1]}</t:Month>`;
}

function rangeElement(range: Range, start: PlainDate): Markup {
  const first = xml`<t:StartDate>${start}</t:StartDate>`;
  switch (range.kind) {
    case 'noEnd':
      return xml`<t:NoEndRecurrence>${first}</t:NoEndRecurrence>`;
    case 'until':
      return xml`<t:EndDateRecurrence>${first}<t:EndDate>${range.date}</t:EndDate></t:EndDateRecurrence>`;
    case 'count':
      return xml`<t:NumberedRecurrence>${first}<t:NumberOfOccurrences>${range.count}</t:NumberOfOccurrences></t:NumberedRecurrence>`;
  }
}

function capitalised(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}
