/** Occurrences of a rule by the plainest means: every day from the first one on is asked whether it belongs. */
import { civilOf, dateOf, daysInMonth, daysOf } from '#model/local-time.ts';
import { type Node, partOf, partsOf, textOf } from './node.ts';

/** Rules without an end are walked this far. */
const daysMax = 40 * 366;
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
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
const places = ['First', 'Second', 'Third', 'Fourth'];

/** The dates of a `t:Recurrence` in order; the first has the index 1 in `t:OccurrenceItemId`. */
export function* datesOf(rule: Node): Generator<string> {
  const pattern = partsOf(rule).find(
    (part) => /Recurrence$/.test(part.name) && partOf(part, 'StartDate') === undefined,
  );
  const range = partsOf(rule).find((part) => partOf(part, 'StartDate') !== undefined);
  const first = daysOf(textOf(partOf(range, 'StartDate')).slice(0, 10));
  const last = daysOf(textOf(partOf(range, 'EndDate')).slice(0, 10) || '9999-12-31');
  const count = Number(textOf(partOf(range, 'NumberOfOccurrences')) || Number.POSITIVE_INFINITY);
  let found = 0;
  for (let day = first; day <= last && day < first + daysMax && found < count; day += 1) {
    if (pattern === undefined || !belongs(day, first, pattern)) continue;
    found += 1;
    yield dateOf(day);
  }
}

function belongs(day: number, first: number, pattern: Node): boolean {
  const told = (name: string) => textOf(partOf(pattern, name)).trim();
  const interval = Number(told('Interval') || 1);
  const here = civilOf(day);
  const start = civilOf(first);
  const isMonth = ((here.year - start.year) * 12 + here.month - start.month) % interval === 0;
  const isYearsMonth = months[here.month - 1] === told('Month');
  const isDay = here.day === Math.min(Number(told('DayOfMonth')), daysInMonth(here.year, here.month));
  switch (pattern.name) {
    case 'DailyRecurrence':
      return (day - first) % interval === 0;
    case 'WeeklyRecurrence': {
      const begin = weekdays.indexOf(told('FirstDayOfWeek') || 'Sunday');
      const weekOf = (one: number) => Math.floor((one - ((indexOf(one) - begin + 7) % 7)) / 7);
      return (weekOf(day) - weekOf(first)) % interval === 0 && isOfClass(day, told('DaysOfWeek'));
    }
    case 'AbsoluteMonthlyRecurrence':
      return isMonth && isDay;
    case 'RelativeMonthlyRecurrence':
      return isMonth && isPlace(day, told('DaysOfWeek'), told('DayOfWeekIndex'));
    case 'AbsoluteYearlyRecurrence':
      return isYearsMonth && isDay;
    case 'RelativeYearlyRecurrence':
      return isYearsMonth && isPlace(day, told('DaysOfWeek'), told('DayOfWeekIndex'));
    default:
      return false;
  }
}

/** 0 is Monday. */
function indexOf(day: number): number {
  // 1970-01-01 was a Thursday; the model's own numbering is not relied on.
  return (((day + 3) % 7) + 7) % 7;
}

function isOfClass(day: number, names: string): boolean {
  const index = indexOf(day);
  return names.split(/\s+/).some((name) => {
    if (name === 'Day') return true;
    if (name === 'Weekday') return index < 5;
    if (name === 'WeekendDay') return index >= 5;
    return weekdays[index] === name;
  });
}

function isPlace(day: number, names: string, place: string): boolean {
  const { year, month, day: today } = civilOf(day);
  const candidates: number[] = [];
  for (let date = 1; date <= daysInMonth(year, month); date += 1) {
    if (isOfClass(day - today + date, names)) candidates.push(date);
  }
  return today === (place === 'Last' ? candidates.at(-1) : candidates[places.indexOf(place)]);
}
