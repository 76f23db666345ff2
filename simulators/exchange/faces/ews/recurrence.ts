/** Recurrence elements of appointments and tasks ([MS-OXWSCDATA] RecurrenceType, TaskRecurrenceType). */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import type { NthDay, NthIndex, Pattern, Rule, Weekday } from '../../truth/recurrence.ts';
import { offsetLabel, utc, type Zone } from '../../truth/zone.ts';
import { EwsError } from './ews-error.ts';
import { dateText, element, readDate } from './text.ts';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const indexes = ['First', 'Second', 'Third', 'Fourth', 'Last'];
const months = [
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
const regenerations = { day: 'Daily', week: 'Weekly', month: 'Monthly', year: 'Yearly' } as const;

/** Ranges end at the latest on this day, 4500-09-01. */
const endDayMax = Math.floor(Date.UTC(4500, 8, 1) / 86_400_000);

/** Markup of a rule; dates carry the offset of the answer's zone. `withFirstDay` from 2010_SP1 requests on, whose schema first has it. */
export function recurrenceMarkup(rule: Rule, zone: Zone | undefined, withFirstDay: boolean): string {
  return `<t:Recurrence>${patternMarkup(rule.pattern, withFirstDay)}${rangeMarkup(rule, zone)}</t:Recurrence>`;
}

/** Reads a rule; what Exchange cannot hold is refused. */
export function readRecurrence(recurrence: XmlElement): Rule {
  const [pattern, range] = recurrence.children;
  if (pattern === undefined || range === undefined) throw new EwsError('ErrorCalendarInvalidRecurrence');
  const startDay = readDate(childText(range, 'StartDate') ?? '');
  if (startDay === undefined) throw new EwsError('ErrorCalendarInvalidRecurrence');
  return { pattern: readPattern(pattern), startDay, end: readEnd(range, startDay) };
}

function patternMarkup(pattern: Pattern, withFirstDay: boolean): string {
  const interval = 'interval' in pattern ? element('Interval', String(pattern.interval)) : '';
  switch (pattern.kind) {
    case 'daily':
      return `<t:DailyRecurrence>${interval}</t:DailyRecurrence>`;
    case 'weekly': {
      const days = weekdays.filter((_, day) => pattern.days.includes(day as Weekday)).join(' ');
      const first = withFirstDay ? element('FirstDayOfWeek', weekdays[pattern.firstDayOfWeek] ?? 'Sunday') : '';
      return `<t:WeeklyRecurrence>${interval}${element('DaysOfWeek', days)}${first}</t:WeeklyRecurrence>`;
    }
    case 'monthly':
      return `<t:AbsoluteMonthlyRecurrence>${interval}${element('DayOfMonth', String(pattern.dayOfMonth))}</t:AbsoluteMonthlyRecurrence>`;
    case 'monthlyNth':
      return `<t:RelativeMonthlyRecurrence>${interval}${nthMarkup(pattern.day, pattern.index)}</t:RelativeMonthlyRecurrence>`;
    case 'yearly':
      return `<t:AbsoluteYearlyRecurrence>${element('DayOfMonth', String(pattern.dayOfMonth))}${monthMarkup(pattern.month)}</t:AbsoluteYearlyRecurrence>`;
    case 'yearlyNth':
      return `<t:RelativeYearlyRecurrence>${nthMarkup(pattern.day, pattern.index)}${monthMarkup(pattern.month)}</t:RelativeYearlyRecurrence>`;
    case 'regenerate': {
      const name = `${regenerations[pattern.unit]}Regeneration`;
      return `<t:${name}>${interval}</t:${name}>`;
    }
  }
}

function nthMarkup(day: NthDay, index: NthIndex): string {
  return element('DaysOfWeek', dayName(day)) + element('DayOfWeekIndex', indexes[index - 1] ?? 'First');
}

function monthMarkup(month: number): string {
  return element('Month', months[month - 1] ?? 'January');
}

function rangeMarkup(rule: Rule, zone: Zone | undefined): string {
  const start = element('StartDate', zonedDate(rule.startDay, zone));
  switch (rule.end.kind) {
    case 'none':
      return `<t:NoEndRecurrence>${start}</t:NoEndRecurrence>`;
    case 'date':
      return `<t:EndDateRecurrence>${start}${element('EndDate', zonedDate(rule.end.day, zone))}</t:EndDateRecurrence>`;
    case 'count':
      return `<t:NumberedRecurrence>${start}${element('NumberOfOccurrences', String(rule.end.count))}</t:NumberedRecurrence>`;
  }
}

function zonedDate(day: number, zone: Zone | undefined): string {
  const suffix = zone === undefined || zone === utc ? 'Z' : offsetLabel(zone.offsetMs(day * 86_400_000));
  return `${dateText(day)}${suffix}`;
}

/** Intervals and numbers of occurrences go up to these. */
const intervalMax = 999;
const monthIntervalMax = 99;
const occurrencesMax = 999;

function inRange(text: string | undefined, max: number): number {
  const value = Number(text ?? 1);
  if (!(value >= 1 && value <= max)) throw new EwsError('ErrorCalendarOutOfRange');
  return value;
}

function readPattern(element: XmlElement): Pattern {
  const isMonthly = element.name.includes('Monthly');
  const interval = inRange(childText(element, 'Interval'), isMonthly ? monthIntervalMax : intervalMax);
  switch (element.name) {
    case 'DailyRecurrence':
      return { kind: 'daily', interval };
    case 'WeeklyRecurrence':
      return {
        kind: 'weekly',
        interval,
        days: (childText(element, 'DaysOfWeek') ?? '').trim().split(/\s+/).map(weeklyDay),
        firstDayOfWeek: Math.max(weekdays.indexOf(childText(element, 'FirstDayOfWeek') ?? 'Sunday'), 0) as Weekday,
      };
    case 'AbsoluteMonthlyRecurrence':
      return { kind: 'monthly', interval, dayOfMonth: readDayOfMonth(element) };
    case 'RelativeMonthlyRecurrence':
      return { kind: 'monthlyNth', interval, ...readNth(element) };
    case 'AbsoluteYearlyRecurrence':
      return { kind: 'yearly', month: readMonth(element), dayOfMonth: readDayOfMonth(element) };
    case 'RelativeYearlyRecurrence':
      return { kind: 'yearlyNth', month: readMonth(element), ...readNth(element) };
    default: {
      const unit = (Object.keys(regenerations) as (keyof typeof regenerations)[]).find(
        (one) => element.name === `${regenerations[one]}Regeneration`,
      );
      if (unit === undefined) throw new EwsError('ErrorCalendarInvalidRecurrence');
      return { kind: 'regenerate', unit, interval };
    }
  }
}

function weeklyDay(name: string): Weekday {
  const day = weekdays.indexOf(name);
  if (day < 0) throw new EwsError('ErrorCalendarInvalidDayForWeeklyRecurrence');
  return day as Weekday;
}

function readNth(element: XmlElement): { day: NthDay; index: NthIndex } {
  const names = (childText(element, 'DaysOfWeek') ?? '').trim().split(/\s+/);
  const index = indexes.indexOf(childText(element, 'DayOfWeekIndex') ?? '') + 1;
  if (names.length !== 1 || index === 0) throw new EwsError('ErrorCalendarInvalidRecurrence');
  return { day: nthDayOf(names[0] ?? ''), index: index as NthIndex };
}

function nthDayOf(name: string): NthDay {
  switch (name) {
    case 'Day':
      return 'day';
    case 'Weekday':
      return 'weekday';
    case 'WeekendDay':
      return 'weekendDay';
    default: {
      const day = weekdays.indexOf(name);
      if (day < 0) throw new EwsError('ErrorCalendarInvalidRecurrence');
      return day as Weekday;
    }
  }
}

function dayName(day: NthDay): string {
  switch (day) {
    case 'day':
      return 'Day';
    case 'weekday':
      return 'Weekday';
    case 'weekendDay':
      return 'WeekendDay';
    default:
      return weekdays[day] ?? 'Sunday';
  }
}

function readDayOfMonth(element: XmlElement): number {
  return inRange(childText(element, 'DayOfMonth'), 31);
}

function readMonth(element: XmlElement): number {
  return months.indexOf((childText(element, 'Month') ?? '').trim()) + 1;
}

function readEnd(range: XmlElement, startDay: number): Rule['end'] {
  const endDate = child(range, 'EndDate');
  if (endDate !== undefined) {
    const day = readDate(endDate.text);
    if (day === undefined || day < startDay) throw new EwsError('ErrorRecurrenceHasNoOccurrence');
    if (day > endDayMax) throw new EwsError('ErrorRecurrenceEndDateTooBig');
    return { kind: 'date', day };
  }
  const count = childText(range, 'NumberOfOccurrences');
  return count === undefined ? { kind: 'none' } : { kind: 'count', count: inRange(count, occurrencesMax) };
}
