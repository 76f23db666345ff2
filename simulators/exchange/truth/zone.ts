/**
 * Time zones as Exchange has them: known ones under their Windows id, and ones that a client defined itself by periods and
 * yearly transitions. Wall times that do not exist move forward by the gap; wall times that exist twice mean the
 * standard-time one, as in .NET's TimeZoneInfo.
 */
import { Temporal } from 'temporal-polyfill';
import { findIana } from 'windows-iana';
import { windowsZoneCities } from './windows-zones.ts';

export interface Zone {
  /** Windows id, or the id a client gave to its own definition. */
  readonly id: string;
  /** Display text, e.g. `(UTC+01:00) Amsterdam, …`. */
  readonly name: string;
  /** Milliseconds to add to UTC to get the wall time, at a UTC instant in milliseconds. */
  offsetMs(utcMs: number): number;
  /** The yearly rule to publish; undefined when the offset never changes. */
  readonly rule: YearRule | undefined;
  readonly standardOffsetMs: number;
}

/** A yearly pair of transitions, as in a Windows registry zone. */
export interface YearRule {
  readonly daylightOffsetMs: number;
  readonly toDaylight: Transition;
  readonly toStandard: Transition;
}

/** The nth (or last, -1) weekday of a month at a wall time of the zone before the transition. */
export interface Transition {
  /** 1 to 12. */
  readonly month: number;
  /** 0 Sunday … 6 Saturday. */
  readonly weekday: number;
  /** 1 to 4, or -1 for the last. */
  readonly occurrence: number;
  readonly timeMs: number;
}

const dayMs = 86_400_000;

/** The year whose transitions stand for a zone's yearly rule. */
const ruleYear = 2026;

/** From here on the time zone database is followed; before, the present yearly rule. */
const historyFromMs = Date.UTC(1970, 0, 1);

const known = new Map<string, Zone | undefined>();

/** A zone by its Windows id (as text of any case), by `tzone://Microsoft/Utc`, or by IANA id; undefined when unknown. */
export function zoneById(id: string): Zone | undefined {
  const key = id.toLowerCase();
  if (known.has(key)) return known.get(key);
  const zone = resolve(id, key);
  known.set(key, zone);
  return zone;
}

/** UTC under the id that the registry gives it. */
export const utc: Zone = {
  id: 'UTC',
  name: '(UTC) Coordinated Universal Time',
  offsetMs: () => 0,
  rule: undefined,
  standardOffsetMs: 0,
};

/** Every zone the server lists, in its order. */
export function serverZones(): readonly Zone[] {
  return Object.keys(windowsZoneCities).flatMap((id) => zoneById(id) ?? []);
}

/** The UTC instant of a wall time; both in milliseconds, the wall time counted as if it were UTC. */
export function utcOf(zone: Zone, wallMs: number): number {
  const before = zone.offsetMs(wallMs - dayMs);
  const after = zone.offsetMs(wallMs + dayMs);
  const early = wallMs - Math.max(before, after);
  const late = wallMs - Math.min(before, after);
  if (zone.offsetMs(late) === wallMs - late) return late;
  if (zone.offsetMs(early) === wallMs - early) return early;
  // A gap: the wall time read with the offset before it, which lands after the gap.
  return wallMs - before;
}

/** The wall time of a UTC instant; both in milliseconds. */
export function wallOf(zone: Zone, utcMs: number): number {
  return utcMs + zone.offsetMs(utcMs);
}

/** A zone that a client defined: fixed, or with one yearly rule. */
export function ownZone(id: string, name: string, standardOffsetMs: number, rule: YearRule | undefined): Zone {
  if (rule === undefined) return { id, name, rule, standardOffsetMs, offsetMs: () => standardOffsetMs };
  const years = new Map<number, Changes>();
  return {
    id,
    name,
    rule,
    standardOffsetMs,
    offsetMs(utcMs) {
      const year = new Date(utcMs).getUTCFullYear();
      let changes = years.get(year);
      if (changes === undefined) {
        changes = changesOfRule(rule, standardOffsetMs, year);
        years.set(year, changes);
      }
      return offsetIn(changes, utcMs);
    },
  };
}

/** `(UTC+05:30) ` style prefix of an offset. */
export function offsetLabel(offsetMs: number): string {
  if (offsetMs === 0) return '+00:00';
  const minutes = Math.abs(offsetMs) / 60_000;
  const hh = String(Math.floor(minutes / 60)).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${hh}:${String(minutes % 60).padStart(2, '0')}`;
}

/** Offset changes of one year: the offset at its beginning, then (instant, new offset) pairs in order. */
type Changes = readonly number[];

function offsetIn(changes: Changes, utcMs: number): number {
  let offset = changes[0] ?? 0;
  for (let at = 1; at < changes.length; at += 2) {
    if (utcMs < (changes[at] ?? 0)) break;
    offset = changes[at + 1] ?? 0;
  }
  return offset;
}

function resolve(id: string, key: string): Zone | undefined {
  if (key === 'utc' || key === 'tzone://microsoft/utc') return utc;
  const windowsId = Object.keys(windowsZoneCities).find((one) => one.toLowerCase() === key);
  const iana = windowsId === undefined ? id : findIana(windowsId)[0];
  if (iana === undefined) return undefined;
  try {
    return ianaZone(windowsId ?? id, iana);
  } catch {
    return undefined;
  }
}

function ianaZone(id: string, iana: string): Zone {
  const recent = changesOfYear(iana, ruleYear);
  const rule = yearRule(recent);
  const standardOffsetMs = rule?.standardOffsetMs ?? recent[0] ?? 0;
  // Windows knows no history before its registry: the present rule holds for all time before.
  const before = ownZone(id, id, standardOffsetMs, rule?.rule);
  const years = new Map<number, Changes>();
  const offsetMs = (utcMs: number): number => {
    if (utcMs < historyFromMs) return before.offsetMs(utcMs);
    const year = new Date(utcMs).getUTCFullYear();
    let changes = years.get(year);
    if (changes === undefined) {
      changes = changesOfYear(iana, year);
      years.set(year, changes);
    }
    return offsetIn(changes, utcMs);
  };
  const cities = windowsZoneCities[id] ?? id;
  const name = `(UTC${standardOffsetMs === 0 && id.startsWith('UTC') ? '' : offsetLabel(standardOffsetMs)}) ${cities}`;
  return { id, name, offsetMs, rule: rule?.rule, standardOffsetMs };
}

function changesOfYear(iana: string, year: number): Changes {
  const first = Temporal.Instant.fromEpochMilliseconds(Date.UTC(year, 0, 1)).toZonedDateTimeISO(iana);
  const endMs = Date.UTC(year + 1, 0, 1);
  const changes = [first.offsetNanoseconds / 1e6];
  let next = first.getTimeZoneTransition('next');
  while (next !== null && next.epochMilliseconds < endMs) {
    changes.push(next.epochMilliseconds, next.offsetNanoseconds / 1e6);
    next = next.getTimeZoneTransition('next');
  }
  return changes;
}

/** The yearly rule that two transitions of a year follow; undefined when there are none or more. */
function yearRule(changes: Changes): { rule: YearRule; standardOffsetMs: number } | undefined {
  const [atStart, firstAt, firstOffset, secondAt, secondOffset, more] = changes;
  if (atStart === undefined || firstAt === undefined || firstOffset === undefined) return undefined;
  if (secondAt === undefined || secondOffset === undefined || more !== undefined) return undefined;
  if (secondOffset !== atStart) return undefined;
  const first = transitionAt(firstAt + atStart);
  const second = transitionAt(secondAt + firstOffset);
  return firstOffset > atStart
    ? {
        standardOffsetMs: atStart,
        rule: { daylightOffsetMs: firstOffset, toDaylight: first, toStandard: second },
      }
    : {
        standardOffsetMs: firstOffset,
        rule: { daylightOffsetMs: atStart, toDaylight: second, toStandard: first },
      };
}

function transitionAt(wallMs: number): Transition {
  const date = new Date(wallMs);
  const day = date.getUTCDate();
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return {
    month: date.getUTCMonth() + 1,
    weekday: date.getUTCDay(),
    occurrence: day + 7 > length ? -1 : Math.ceil(day / 7),
    timeMs: wallMs - Math.floor(wallMs / dayMs) * dayMs,
  };
}

function changesOfRule(rule: YearRule, standardOffsetMs: number, year: number): Changes {
  const daylightAt = transitionMs(rule.toDaylight, year) - standardOffsetMs;
  const standardAt = transitionMs(rule.toStandard, year) - rule.daylightOffsetMs;
  return daylightAt < standardAt
    ? [standardOffsetMs, daylightAt, rule.daylightOffsetMs, standardAt, standardOffsetMs]
    : [rule.daylightOffsetMs, standardAt, standardOffsetMs, daylightAt, rule.daylightOffsetMs];
}

function transitionMs(transition: Transition, year: number): number {
  const first = Date.UTC(year, transition.month - 1, 1);
  const last = Date.UTC(year, transition.month, 0);
  const dateMs =
    transition.occurrence < 0
      ? last - ((new Date(last).getUTCDay() - transition.weekday + 7) % 7) * dayMs
      : first +
        (((transition.weekday - new Date(first).getUTCDay() + 7) % 7) + 7 * (transition.occurrence - 1)) * dayMs;
  return dateMs + transition.timeMs;
}
