/**
 * Zones as rules, the way Windows describes them (TIME_ZONE_INFORMATION): a bias, and two yearly transitions on the nth
 * weekday of a month. Exchange sends and takes such rules where a zone has no id it knows (EWS TimeZoneDefinition:
 * Periods, RecurringDayTransition).
 */
import type { ZoneId } from './item.ts';
import { civilOf, daySeconds, daysInMonth, daysOfCivil, weekdayOf } from './local-time.ts';
import type { Weekday } from './recurrence.ts';
import { weekdays } from './recurrence.ts';
import { Temporal } from './temporal.ts';
import { segmentAt, type ZoneTable, zoneTable } from './zone-table.ts';
import { isZone, representativeZones } from './zones.ts';

/** A yearly moment in the wall-clock time that holds before it. */
export interface ZoneTransition {
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 4, or 5 for the last one of the month. */
  readonly week: number;
  readonly weekday: Weekday;
  /** Seconds after midnight. */
  readonly timeSeconds: number;
}

/** Minutes as Windows counts them: UTC is local time plus bias, so east of Greenwich is negative. */
export interface ZoneRules {
  readonly standardBiasMinutes: number;
  /** Absent when the clock does not change. */
  readonly daylight?: {
    /** The whole bias in daylight time, usually 60 less than the standard one. */
    readonly biasMinutes: number;
    readonly begins: ZoneTransition;
    readonly ends: ZoneTransition;
  };
}

const firstYear = 1970;
const lastYear = 2098;

/**
 * The rules of a zone as they are in one year. Undefined when two yearly transitions cannot say it: a zone that changed
 * its rules in that year, or that suspends daylight time during Ramadan. Throws RangeError for an unknown zone.
 */
export function transitionRules(zone: ZoneId, year: number): ZoneRules | undefined {
  const table = zoneTable(zone);
  const held = Math.min(Math.max(year, firstYear), lastYear);
  const first = segmentAt(table, daysOfCivil(held, 1, 1) * daySeconds - 1);
  const end = segmentAt(table, daysOfCivil(held + 1, 1, 1) * daySeconds - 1);
  const before = table.offsets[first]!;
  if (end === first) return { standardBiasMinutes: biasOf(before) };
  if (end !== first + 2 || table.offsets[end] !== before) return undefined;
  const between = table.offsets[first + 1]!;
  // A clock changed at midnight of New Year belongs to neither year.
  if (yearOf(table, first) !== held || yearOf(table, first + 1) !== held) return undefined;
  const one = transitionAt(table, first);
  const two = transitionAt(table, first + 1);
  if (between > before) {
    return { standardBiasMinutes: biasOf(before), daylight: { biasMinutes: biasOf(between), begins: one, ends: two } };
  }
  return { standardBiasMinutes: biasOf(between), daylight: { biasMinutes: biasOf(before), begins: two, ends: one } };
}

/**
 * The zone that has these rules in a year: `preferred` (the mailbox's own zone, say) when it fits, else a well-known zone,
 * a fixed offset or any representative that fits, else one whose transitions are at least in the same months.
 */
export function zoneOfRules(rules: ZoneRules, year: number, preferred?: ZoneId): ZoneId | undefined {
  const key = JSON.stringify([rules, year, preferred]);
  const known = answers.get(key);
  if (known !== undefined) return known ?? undefined;
  const found = search(rules, year, preferred !== undefined && isZone(preferred) ? [preferred] : []);
  if (answers.size >= answersMax) answers.clear();
  answers.set(key, found ?? null);
  return found;
}

/** Answers already found; a mailbox with one odd zone asks the same for every event. */
const answers = new Map<string, ZoneId | null>();
const answersMax = 500;

/** Tried before the others with the same rules, in this order. */
const popular: readonly ZoneId[] = [
  'Etc/UTC',
  'Europe/Berlin',
  'Europe/London',
  'Europe/Kyiv',
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
  'Australia/Sydney',
  'Asia/Shanghai',
  'Asia/Tokyo',
];

/** Zones that no Windows id stands for: Exchange can only send their rules. */
const rulesOnly: readonly ZoneId[] = ['Antarctica/Troll'];

function biasOf(offsetSeconds: number): number {
  return offsetSeconds === 0 ? 0 : -offsetSeconds / 60;
}

/** A transition of the table as a weekday of its month, in the wall-clock time that held before it. */
function transitionAt(table: ZoneTable, index: number): ZoneTransition {
  const { day, timeSeconds } = wallBefore(table, index);
  const { year, month, day: dayOfMonth } = civilOf(day);
  const week = Math.ceil(dayOfMonth / 7);
  const isLast = dayOfMonth + 7 > daysInMonth(year, month);
  const counted = { month, week, weekday: weekdays[weekdayOf(day)]!, timeSeconds };
  if (week === 5 || !isLast) return counted;
  // The fourth that is also the last: the neighbouring years tell which of the two is meant.
  const last = { ...counted, week: 5 };
  return yearsThatFit(table, index, counted) > yearsThatFit(table, index, last) ? counted : last;
}

function wallBefore(table: ZoneTable, index: number): { readonly day: number; readonly timeSeconds: number } {
  const wall = table.starts[index]! + table.offsets[index]!;
  const day = Math.floor(wall / daySeconds);
  return { day, timeSeconds: wall - day * daySeconds };
}

function yearOf(table: ZoneTable, index: number): number {
  return civilOf(wallBefore(table, index).day).year;
}

/** In how many of the years around this one the transition follows the rule. */
function yearsThatFit(table: ZoneTable, index: number, rule: ZoneTransition): number {
  const around = [index - 4, index - 2, index + 2, index + 4];
  return around.filter((other) => table.starts[other] !== undefined && followsRule(wallBefore(table, other).day, rule))
    .length;
}

function followsRule(day: number, { month, week, weekday }: ZoneTransition): boolean {
  const { year, month: actualMonth, day: dayOfMonth } = civilOf(day);
  if (actualMonth !== month || weekdays[weekdayOf(day)] !== weekday) return false;
  return week === 5 ? dayOfMonth + 7 > daysInMonth(year, month) : Math.ceil(dayOfMonth / 7) === week;
}

function search(rules: ZoneRules, year: number, preferred: readonly ZoneId[]): ZoneId | undefined {
  const fixed = rules.daylight === undefined ? fixedZone(rules.standardBiasMinutes) : undefined;
  const others = fixed === undefined ? [...representativeZones(), ...rulesOnly] : [fixed, ...representativeZones()];
  const zones = [...preferred, ...popular, ...others].filter((zone) => hasBiases(zone, rules, year));
  const known = zones.map((zone) => ({ zone, own: transitionRules(zone, year) }));
  const exact = known.find(({ own }) => own !== undefined && sameRules(own, rules, sameTransition));
  const near = exact ?? known.find(({ own }) => own !== undefined && sameRules(own, rules, sameMonth));
  return near?.zone;
}

/** A cheap first look, which spares building the tables of most zones. */
function hasBiases(zone: ZoneId, { standardBiasMinutes, daylight }: ZoneRules, year: number): boolean {
  const biases = [standardBiasMinutes, daylight?.biasMinutes];
  return biases.includes(biasAt(zone, year, 1)) && biases.includes(biasAt(zone, year, 7));
}

function biasAt(zone: ZoneId, year: number, month: number): number {
  const instant = Temporal.Instant.fromEpochMilliseconds(daysOfCivil(year, month, 1) * daySeconds * 1000);
  return biasOf(instant.toZonedDateTimeISO(zone).offsetNanoseconds / 1e9);
}

type SameTransition = (one: ZoneTransition, two: ZoneTransition) => boolean;

function sameRules(one: ZoneRules, two: ZoneRules, same: SameTransition): boolean {
  if (one.standardBiasMinutes !== two.standardBiasMinutes) return false;
  if (one.daylight === undefined || two.daylight === undefined) return one.daylight === two.daylight;
  const isSameBias = one.daylight.biasMinutes === two.daylight.biasMinutes;
  return isSameBias && same(one.daylight.begins, two.daylight.begins) && same(one.daylight.ends, two.daylight.ends);
}

function sameTransition(one: ZoneTransition, two: ZoneTransition): boolean {
  const isSameDay = one.month === two.month && one.week === two.week && one.weekday === two.weekday;
  return isSameDay && one.timeSeconds === two.timeSeconds;
}

function sameMonth(one: ZoneTransition, two: ZoneTransition): boolean {
  return one.month === two.month;
}

/** The tz database has whole hours from 12 behind to 14 ahead; its signs are those of the bias. */
function fixedZone(biasMinutes: number): ZoneId | undefined {
  const hours = biasMinutes / 60;
  if (!Number.isInteger(hours) || hours < -14 || hours > 12) return undefined;
  if (hours === 0) return 'Etc/UTC';
  return `Etc/GMT${hours > 0 ? '+' : ''}${hours}`;
}
