/**
 * Time zones: names (IANA and Windows) and conversions between wall-clock times and instants.
 *
 * An item's zone is an IANA id; Exchange keeps Windows ids, many IANA ids to one. Comparing a side that keeps only Windows
 * zones therefore goes through `canonicalZone`. Display names of zones are localised and never understood.
 */
import windowsIana from 'windows-iana';
import type { Instant, LocalDateTime, ZoneId } from './item.ts';
import { localOf, secondsOf } from './local-time.ts';
import { Temporal } from './temporal.ts';
import { otherNames, representativeNames, windowsZones } from './zone-names.ts';
import { segmentAt, tableEnd, tableFirst, zoneTable } from './zone-table.ts';

const { IANA_ALIAS_MAP, WINDOWS_TO_IANA_MAP } = windowsIana;

const utc: ZoneId = 'Etc/UTC';

/** Windows ids by lower-case IANA id, and representatives by lower-case Windows id. */
const windowsByIana = new Map<string, string>();
const representatives = new Map<string, ZoneId>();
fillNames();

/** The Windows id of an IANA zone, undefined when no Windows zone stands for it. */
export function windowsZoneOf(zone: ZoneId): string | undefined {
  return windowsByIana.get(zone) ?? windowsByIana.get(zone.toLowerCase());
}

/**
 * The zone meant by a name from the wire: a Windows id (its representative), an IANA id in any case, or one of the forms
 * of UTC. Undefined for anything else: then the transition rules decide (`zone-rules.ts`).
 */
export function ianaZoneOf(name: string): ZoneId | undefined {
  const trimmed = name.trim();
  return representatives.get(trimmed.toLowerCase()) ?? spelling(trimmed);
}

/** The one zone that stands for all zones with the same Windows id; the zone itself when there is none. */
export function canonicalZone(zone: ZoneId): ZoneId {
  const windows = windowsZoneOf(zone);
  return windows === undefined ? zone : (representatives.get(windows.toLowerCase()) ?? zone);
}

/** One zone for each Windows id, in the order of the tables. */
export function representativeZones(): readonly ZoneId[] {
  return [...new Set(representatives.values())];
}

/** The runtime knows this IANA id. Offsets such as `+01:00` are no zones. */
export function isZone(zone: string): boolean {
  return spelling(zone) !== undefined;
}

/**
 * The instant of a wall-clock time. In a gap (clocks go forward) the time moves forward by the gap; in an overlap it is
 * the earlier one (Temporal's `compatible`, RFC 5545 3.3.5). Throws RangeError for an unknown zone or no time.
 */
export function toInstant(local: LocalDateTime, zone: ZoneId): Instant {
  return `${localOf(instantSeconds(wall(local), zone))}Z`;
}

/** The wall-clock time of an instant. Throws RangeError for an unknown zone or no instant. */
export function toLocal(instant: Instant, zone: ZoneId): LocalDateTime {
  const seconds = wall(instant.slice(0, 19));
  return localOf(seconds + offsetSecondsAt(seconds, zone));
}

/** Minutes the zone is ahead of UTC at an instant; a fraction only before zones had whole minutes. */
export function offsetMinutesAt(instant: Instant, zone: ZoneId): number {
  return offsetSecondsAt(wall(instant.slice(0, 19)), zone) / 60;
}

function wall(local: LocalDateTime): number {
  const seconds = secondsOf(local);
  if (Number.isNaN(seconds)) throw new RangeError(`not a date and time: ${local}`);
  return seconds;
}

function offsetSecondsAt(seconds: number, zone: ZoneId): number {
  if (zone === utc) return 0;
  if (seconds < tableFirst || seconds >= tableEnd) {
    return Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toZonedDateTimeISO(zone).offsetNanoseconds / 1e9;
  }
  const table = zoneTable(zone);
  return table.offsets[segmentAt(table, seconds)]!;
}

/** No zone is a day or more away from UTC, so the segments around a wall time lie within a day of it. */
const reachSeconds = 86_400;

function instantSeconds(local: number, zone: ZoneId): number {
  if (zone === utc) return local;
  if (local < tableFirst + reachSeconds || local >= tableEnd - reachSeconds) return slowInstantSeconds(local, zone);
  const table = zoneTable(zone);
  const { starts, offsets } = table;
  let segment = segmentAt(table, local - reachSeconds);
  for (; segment < starts.length; segment++) {
    const instant = local - offsets[segment]!;
    if (instant < starts[segment]!) return instant;
    // Past this segment by its own offset, before the next one by the next offset: in the gap between them.
    if (local - offsets[segment + 1]! < starts[segment]!) return instant;
  }
  return local - offsets[segment]!;
}

function slowInstantSeconds(local: number, zone: ZoneId): number {
  const zoned = Temporal.PlainDateTime.from(localOf(local)).toZonedDateTime(zone, { disambiguation: 'compatible' });
  return zoned.epochMilliseconds / 1000;
}

/** Names that were looked up; bounded, because names come from the wire. */
const spellings = new Map<string, ZoneId | null>();
const spellingsMax = 2000;

/** The tz database's own spelling of an IANA id given in any case. */
function spelling(name: string): ZoneId | undefined {
  const known = spellings.get(name);
  if (known !== undefined) return known ?? undefined;
  const found = lookUp(name);
  if (spellings.size >= spellingsMax) spellings.clear();
  spellings.set(name, found);
  return found ?? undefined;
}

function lookUp(name: string): ZoneId | null {
  if (!/^[a-z][a-z0-9_+/-]{1,63}$/i.test(name)) return null;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId;
  } catch {
    return null;
  }
}

function fillNames(): void {
  const aliases = new Map<string, readonly string[]>();
  for (const { alias } of IANA_ALIAS_MAP) for (const name of alias) aliases.set(name, alias);
  const learn = (zone: string, windows: string) => {
    for (const name of aliases.get(zone) ?? [zone]) windowsByIana.set(name, windows).set(name.toLowerCase(), windows);
  };
  for (const { windowsName, territory, iana } of WINDOWS_TO_IANA_MAP) {
    for (const zone of iana) learn(zone, windowsName);
    const representative = representativeNames[windowsName] ?? iana[0];
    if (territory === '001' && representative !== undefined) {
      representatives.set(windowsName.toLowerCase(), representative);
    }
  }
  for (const [zone, windows] of Object.entries(windowsZones)) learn(zone, windows);
  for (const [name, zone] of Object.entries(otherNames)) representatives.set(name.toLowerCase(), zone);
}
