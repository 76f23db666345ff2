/** Weekdays as bits (MS-OXOCAL 2.2.1.44.1.2): Sunday 1, Monday 2 … Saturday 0x40. */
import type { Weekday, WeekdayClass } from '#model/recurrence.ts';
import { weekdays } from '#model/recurrence.ts';

const anyDay = 0x7f;
const mondayToFriday = 0x3e;
const weekend = 0x41;

function bitOf(day: Weekday): number {
  return 1 << firstDayNumber(day);
}

/** 0 is Sunday. */
export function firstDayNumber(day: Weekday): number {
  return (weekdays.indexOf(day) + 1) % 7;
}

/** Sunday for a number that is none. */
export function firstDayOfNumber(number: number): Weekday {
  return number > 6 ? 'sunday' : (weekdays[(number + 6) % 7] as Weekday);
}

export function maskOfDays(days: readonly Weekday[]): number {
  return days.reduce((mask, day) => mask | bitOf(day), 0);
}

/** In the order Monday to Sunday; bits beyond the week are passed over. */
export function daysOfMask(mask: number): readonly Weekday[] {
  return weekdays.filter((day) => (mask & bitOf(day)) !== 0);
}

export function maskOfClass(weekday: WeekdayClass): number {
  switch (weekday) {
    case 'day':
      return anyDay;
    case 'weekday':
      return mondayToFriday;
    case 'weekendDay':
      return weekend;
    default:
      return bitOf(weekday);
  }
}

/** Undefined: several days that are no class of their own. */
export function classOfMask(mask: number): WeekdayClass | undefined {
  if (mask === anyDay) return 'day';
  if (mask === mondayToFriday) return 'weekday';
  if (mask === weekend) return 'weekendDay';
  const [only, ...others] = daysOfMask(mask);
  return others.length === 0 ? only : undefined;
}
