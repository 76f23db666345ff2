/**
 * Changed occurrences that no longer hang on an instance of their rule (I19): one side changed the rule, the other one the
 * occurrence. Pure. By policy they are dropped, visibly, or each becomes a single event on both sides; an occurrence that was
 * merely left out has nothing to keep.
 */
import { isOccurrence } from '#model/expand.ts';
import type { CalendarEvent, Item, LocalDateTime, Override, OverridePatch, When } from '#model/item.ts';
import { localOf, secondsOf } from '#model/local-time.ts';
import { normalise } from '#model/normalise.ts';
import { sameJson } from '#model/same-json.ts';
import type { Policy } from '../policy.ts';
import type { Loser } from './merge.ts';

/** A changed occurrence as an event of its own. */
export interface Single {
  /** Its original start in the series. */
  readonly start: LocalDateTime;
  readonly item: Item;
}

export interface WithoutOrphans {
  readonly item: Item;
  readonly orphans: readonly Loser[];
  readonly singles: readonly Single[];
}

/** @param sources the base and both sides' items: the occurrence's times are those of the series it was changed in */
export function withoutOrphans(item: Item, sources: readonly Item[], rule: Policy['orphans']): WithoutOrphans {
  const orphans: Loser[] = [];
  const singles: Single[] = [];
  if (item.kind !== 'event' || item.overrides === undefined) return { item, orphans, singles };
  const kept: Record<string, Override> = {};
  for (const [start, override] of Object.entries(item.overrides)) {
    if (hangsOn(item, start)) {
      kept[start] = override;
      continue;
    }
    const isKept = rule === 'keepSingle' && 'patch' in override;
    if (isKept) singles.push({ start, item: singleOf(item, sourceOf(item, sources, start), start, override.patch) });
    const noted = { path: `overrides.${start}`, side: 'crm', value: override, kept: null } as const;
    orphans.push({ ...noted, rule: isKept ? 'orphanSingle' : 'orphan' });
  }
  if (orphans.length === 0) return { item, orphans, singles };
  return { item: normalise({ ...item, overrides: kept }), orphans, singles };
}

function hangsOn({ when, recurrence }: CalendarEvent, start: LocalDateTime): boolean {
  return recurrence !== undefined && isOccurrence(when.start, recurrence, start);
}

/** The series in which this occurrence was changed. */
function sourceOf(merged: CalendarEvent, sources: readonly Item[], start: LocalDateTime): CalendarEvent {
  const override = merged.overrides?.[start];
  const holders = sources.filter((one) => one.kind === 'event' && sameJson(one.overrides?.[start], override));
  const events = holders as readonly CalendarEvent[];
  return events.find((one) => hangsOn(one, start)) ?? events[0] ?? merged;
}

function singleOf(merged: CalendarEvent, source: CalendarEvent, start: LocalDateTime, patch: OverridePatch): Item {
  const { recurrence: _rule, overrides: _overrides, ...series } = merged;
  const values: Record<string, unknown> = { ...series, when: whenOf(source, start, patch) };
  for (const [name, value] of Object.entries(patch)) {
    if (name === 'when') continue;
    if (value === null) delete values[name];
    else values[name] = value;
  }
  return normalise(values as unknown as CalendarEvent);
}

function whenOf({ when }: CalendarEvent, start: LocalDateTime, patch: OverridePatch): When {
  const seconds = secondsOf(when.end) - secondsOf(when.start);
  const own = patch.when ?? { start, end: localOf(secondsOf(start) + seconds), allDay: when.allDay };
  return when.zone === undefined || own.allDay ? { ...own } : { ...own, zone: when.zone };
}
