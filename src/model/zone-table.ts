/**
 * The transitions of a zone as a sorted table, so that a conversion is one binary search instead of a Temporal object.
 * Tables are built on first use, cover 1970 to 2099 and live as long as the process (a few kilobytes per zone).
 */
import { Temporal } from './temporal.ts';

/** Between `starts[n - 1]` and `starts[n]` (seconds since 1970 in UTC) the zone is `offsets[n]` seconds ahead of UTC. */
export interface ZoneTable {
  readonly starts: readonly number[];
  readonly offsets: readonly number[];
}

/** The span the tables cover, in seconds since 1970: [first, end). */
export const tableFirst = 0;
export const tableEnd = 4_102_444_800;

const tables = new Map<string, ZoneTable>();

/** The table of a zone; throws RangeError when the runtime does not know it. */
export function zoneTable(zone: string): ZoneTable {
  const known = tables.get(zone);
  if (known !== undefined) return known;
  const table = build(zone);
  tables.set(zone, table);
  return table;
}

/** The number of transitions at or before an instant: the index of its offset. */
export function segmentAt({ starts }: ZoneTable, seconds: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

function build(zone: string): ZoneTable {
  let at = Temporal.Instant.fromEpochMilliseconds(tableFirst * 1000).toZonedDateTimeISO(zone);
  const starts: number[] = [];
  const offsets: number[] = [at.offsetNanoseconds / 1e9];
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    if (next === null || next.epochMilliseconds >= tableEnd * 1000) return { starts, offsets };
    at = next;
    // A transition may change only the name or the daylight mark.
    const offset = at.offsetNanoseconds / 1e9;
    if (offset === offsets.at(-1)) continue;
    starts.push(at.epochMilliseconds / 1000);
    offsets.push(offset);
  }
}
