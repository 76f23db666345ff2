/** Recurrence rules as iCalendar text (RFC 5545 3.3.10), as far as Exchange can hold them. */
import {
  dateOf,
  dayOf,
  type NthDay,
  type NthIndex,
  type Pattern,
  type Rule,
  type Weekday,
  weekdayOf,
} from './recurrence.ts';

const dayNames = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;
const dayLists = { day: 'SU,MO,TU,WE,TH,FR,SA', weekday: 'MO,TU,WE,TH,FR', weekendDay: 'SU,SA' } as const;

const regenerations = { day: 'DAILY', week: 'WEEKLY', month: 'MONTHLY', year: 'YEARLY' } as const;

/** Largest interval in days, weeks or months, and largest count. */
const intervalMax = 999;
const periodMax = 99;
const countMax = 999;

/** The rule as one RRULE value; `endMs` gives the UTC instant of the last moment of a day, for UNTIL. */
export function ruleText(rule: Rule, endMs: (day: number) => number): string {
  const parts = patternParts(rule.pattern);
  if (rule.end.kind === 'count') parts.push(`COUNT=${rule.end.count}`);
  if (rule.end.kind === 'date') {
    const until = new Date(endMs(rule.end.day)).toISOString().replace(/[-:]|\.\d+/g, '');
    parts.push(`UNTIL=${until}`);
  }
  return parts.join(';');
}

function patternParts(pattern: Pattern): string[] {
  switch (pattern.kind) {
    case 'daily':
      return ['FREQ=DAILY', `INTERVAL=${pattern.interval}`];
    case 'weekly':
      return [
        'FREQ=WEEKLY',
        `WKST=${dayNames[pattern.firstDayOfWeek]}`,
        `INTERVAL=${pattern.interval}`,
        `BYDAY=${pattern.days.map((day) => dayNames[day]).join(',')}`,
      ];
    case 'monthly':
      return ['FREQ=MONTHLY', `INTERVAL=${pattern.interval}`, ...monthDayParts(pattern.dayOfMonth)];
    case 'monthlyNth':
      return ['FREQ=MONTHLY', `INTERVAL=${pattern.interval}`, ...nthParts(pattern.day, pattern.index)];
    case 'yearly':
      return ['FREQ=YEARLY', 'INTERVAL=1', ...monthDayParts(pattern.dayOfMonth), `BYMONTH=${pattern.month}`];
    case 'yearlyNth':
      return ['FREQ=YEARLY', 'INTERVAL=1', ...nthParts(pattern.day, pattern.index), `BYMONTH=${pattern.month}`];
    case 'regenerate':
      return [`FREQ=${regenerations[pattern.unit]}`, `INTERVAL=${pattern.interval}`];
  }
}

/** Exchange puts a day past the month's end on its last day; iCalendar would skip the month. */
function monthDayParts(dayOfMonth: number): string[] {
  if (dayOfMonth === 31) return ['BYMONTHDAY=-1'];
  if (dayOfMonth < 29) return [`BYMONTHDAY=${dayOfMonth}`];
  const days = Array.from({ length: dayOfMonth - 27 }, (_, index) => 28 + index);
  return [`BYMONTHDAY=${days.join(',')}`, 'BYSETPOS=-1'];
}

function nthParts(day: NthDay, index: NthIndex): string[] {
  const position = index === 5 ? -1 : index;
  return typeof day === 'number'
    ? [`BYDAY=${position}${dayNames[day]}`]
    : [`BYDAY=${dayLists[day]}`, `BYSETPOS=${position}`];
}

/** Reads an RRULE value; `dayOfInstant` gives the local day of UNTIL. Undefined for what Exchange cannot hold. */
export function readRuleText(
  text: string,
  startDay: number,
  dayOfInstant: (utcMs: number) => number,
): Rule | undefined {
  const parts = new Map<string, string>();
  for (const part of text.replace(/^RRULE:/i, '').split(';')) {
    const [name = '', value = ''] = part.split('=', 2);
    if (name !== '') parts.set(name.trim().toUpperCase(), value.trim().toUpperCase());
  }
  const pattern = readPattern(parts, startDay);
  const end = readEnd(parts, dayOfInstant);
  return pattern === undefined || end === undefined ? undefined : { pattern, startDay, end };
}

type Parts = ReadonlyMap<string, string>;

function readEnd(parts: Parts, dayOfInstant: (utcMs: number) => number): Rule['end'] | undefined {
  const count = parts.get('COUNT');
  if (count !== undefined) {
    const number = Number(count);
    return Number.isInteger(number) && number >= 1 && number <= countMax ? { kind: 'count', count: number } : undefined;
  }
  const until = parts.get('UNTIL');
  if (until === undefined) return { kind: 'none' };
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/.exec(until);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((one) => Number(one ?? 0));
  if (year > 4500) return { kind: 'none' };
  if (match[7] === undefined) return { kind: 'date', day: dayOf(year, month, day) };
  return { kind: 'date', day: dayOfInstant(Date.UTC(year, month - 1, day, hour, minute, second)) };
}

function readPattern(parts: Parts, startDay: number): Pattern | undefined {
  const interval = Number(parts.get('INTERVAL') ?? 1);
  if (!Number.isInteger(interval) || interval < 1) return undefined;
  const isAllowed = (...names: string[]): boolean =>
    [...parts.keys()].every((name) => !name.startsWith('BY') || names.includes(name));
  switch (parts.get('FREQ')) {
    case 'DAILY': {
      if (interval > intervalMax) return undefined;
      const days = readDays(parts.get('BYDAY'));
      if (parts.has('BYDAY')) {
        if (!isAllowed('BYDAY') || days === undefined || interval !== 1) return undefined;
        return { kind: 'weekly', interval, days, firstDayOfWeek: weekStart(parts) };
      }
      return isAllowed() ? { kind: 'daily', interval } : undefined;
    }
    case 'WEEKLY': {
      if (!isAllowed('BYDAY') || interval > periodMax) return undefined;
      const days = parts.has('BYDAY') ? readDays(parts.get('BYDAY')) : [weekdayOf(startDay)];
      return days === undefined ? undefined : { kind: 'weekly', interval, days, firstDayOfWeek: weekStart(parts) };
    }
    case 'MONTHLY':
      if (!isAllowed('BYDAY', 'BYMONTHDAY', 'BYSETPOS') || interval > periodMax) return undefined;
      return inMonth(parts, startDay, interval);
    case 'YEARLY': {
      const month = Number(parts.get('BYMONTH') ?? dateOf(startDay).month);
      if (!isAllowed('BYDAY', 'BYMONTHDAY', 'BYSETPOS', 'BYMONTH') || !(month >= 1 && month <= 12)) return undefined;
      if (interval > 8) return undefined;
      const monthly = inMonth(parts, startDay, 12 * interval);
      if (monthly === undefined || interval > 1) return monthly;
      return monthly.kind === 'monthly'
        ? { kind: 'yearly', month, dayOfMonth: monthly.dayOfMonth }
        : { kind: 'yearlyNth', month, day: monthly.day, index: monthly.index };
    }
    default:
      return undefined;
  }
}

type MonthPattern = Extract<Pattern, { kind: 'monthly' | 'monthlyNth' }>;

function inMonth(parts: Parts, startDay: number, interval: number): MonthPattern | undefined {
  const position = parts.get('BYSETPOS');
  const byDay = parts.get('BYDAY');
  if (byDay !== undefined) return nthInMonth(byDay, position, interval);
  const days = (parts.get('BYMONTHDAY') ?? String(dateOf(startDay).day)).split(',').map(Number);
  const [first = 0] = days;
  if (days.length === 1) {
    if (first === -1) return { kind: 'monthly', interval, dayOfMonth: 31 };
    return first >= 1 && first <= 31 ? { kind: 'monthly', interval, dayOfMonth: first } : undefined;
  }
  // "28,29,30 and the last of them" is how iCalendar says "the 30th, or the last day of a shorter month".
  const isRun = days.every((day, index) => day === 28 + index) && days.length <= 4;
  return isRun && position === '-1' ? { kind: 'monthly', interval, dayOfMonth: days.at(-1) ?? 31 } : undefined;
}

function nthInMonth(byDay: string, position: string | undefined, interval: number): MonthPattern | undefined {
  const single = /^([+-]?\d)(SU|MO|TU|WE|TH|FR|SA)$/.exec(byDay);
  if (single !== null) {
    const index = nthIndex(single[1]);
    const day = dayNames.indexOf(single[2] as (typeof dayNames)[number]) as Weekday;
    return index === undefined ? undefined : { kind: 'monthlyNth', interval, day, index };
  }
  const index = nthIndex(position);
  const days = readDays(byDay);
  if (index === undefined || days === undefined) return undefined;
  const [only, more] = days;
  if (only !== undefined && more === undefined) return { kind: 'monthlyNth', interval, day: only, index };
  const sorted = days.toSorted().join();
  const name = { '0,1,2,3,4,5,6': 'day', '1,2,3,4,5': 'weekday', '0,6': 'weekendDay' }[sorted];
  return name === undefined ? undefined : { kind: 'monthlyNth', interval, day: name as NthDay, index };
}

function nthIndex(text: string | undefined): NthIndex | undefined {
  const number = Number(text);
  if (number === -1) return 5;
  return number >= 1 && number <= 4 ? (number as NthIndex) : undefined;
}

function readDays(text: string | undefined): readonly Weekday[] | undefined {
  const days = (text ?? '').split(',').map((name) => dayNames.indexOf(name as (typeof dayNames)[number]));
  return days.includes(-1) ? undefined : (days.toSorted((a, b) => a - b) as unknown as readonly Weekday[]);
}

function weekStart(parts: Parts): Weekday {
  const at = dayNames.indexOf((parts.get('WKST') ?? 'SU') as (typeof dayNames)[number]);
  return (at < 0 ? 0 : at) as Weekday;
}
