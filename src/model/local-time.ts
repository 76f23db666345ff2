/**
 * Dates and wall-clock times without zone as plain numbers: days and seconds since 1970-01-01T00:00:00, counted as if every
 * day had 86,400 seconds. All recurrence and override arithmetic runs on these; zones come in afterwards (`zones.ts`).
 * Proleptic Gregorian calendar, years 1 to 9999.
 */
import type { LocalDateTime, PlainDate } from './item.ts';

export const daySeconds = 86_400;

/** A calendar date in numbers: `month` 1 to 12, `day` 1 to 31. */
export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days of `YYYY-MM-DD`; NaN when the text is not a date that exists. */
export function daysOf(date: PlainDate): number {
  return date.length === 10 ? datePart(date) : Number.NaN;
}

/** Seconds of `YYYY-MM-DDThh:mm:ss`; NaN when the text is not a time that exists (leap seconds do not). */
export function secondsOf(local: LocalDateTime): number {
  if (local.length !== 19 || local[10] !== 'T' || local[13] !== ':' || local[16] !== ':') return Number.NaN;
  const hour = twoDigits(local, 11);
  const minute = twoDigits(local, 14);
  const second = twoDigits(local, 17);
  if (!(hour < 24 && minute < 60 && second < 60)) return Number.NaN;
  return datePart(local) * daySeconds + hour * 3600 + minute * 60 + second;
}

/** The date of a day number within years 1 to 9999. */
export function dateOf(days: number): PlainDate {
  const { year, month, day } = civilOf(days);
  return `${padYear(year)}-${pad(month)}-${pad(day)}`;
}

/** The wall-clock time of a number of seconds within years 1 to 9999. */
export function localOf(seconds: number): LocalDateTime {
  const days = Math.floor(seconds / daySeconds);
  const rest = seconds - days * daySeconds;
  return `${dateOf(days)}T${pad(Math.floor(rest / 3600))}:${pad(Math.floor(rest / 60) % 60)}:${pad(rest % 60)}`;
}

/** Day number of a civil date; the date must exist. */
export function daysOfCivil(year: number, month: number, day: number): number {
  // Years begin in March, so that the leap day is the last day of a year; eras are 400 years of 146,097 days.
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The civil date of a day number. */
export function civilOf(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

const monthDays: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Number of days of a month (1 to 12). */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : monthDays[month - 1]!;
}

/** Day of the week of a day number: 0 is Monday, 6 is Sunday. */
export function weekdayOf(days: number): number {
  // 1970-01-01 was a Thursday.
  return (((days + 3) % 7) + 7) % 7;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function datePart(text: string): number {
  if (text[4] !== '-' || text[7] !== '-') return Number.NaN;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  return daysOfCivil(year, month, day);
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function pad(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

function padYear(year: number): string {
  return String(year).padStart(4, '0');
}
