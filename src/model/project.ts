/**
 * What a side can hold of an item, and how items differ path by path.
 *
 * A projection is compared in place of the item, so that what a side cannot hold never looks like a user's deletion.
 * Laws (tested): project is idempotent; the projection of a normalised item is normalised; diffPaths(a, a) is empty;
 * setting every path of diffPaths(a, b) of a to its value in b gives b.
 */
import type { Fields, Group, GroupShape, Path } from './groups.ts';
import { groupOf, groups, leafOf } from './groups.ts';
import type { CalendarEvent, Item, Override, OverridePatch, When } from './item.ts';
import { sameJson } from './same-json.ts';
import { canonicalZone } from './zones.ts';

type Values = Readonly<Record<string, unknown>>;
type Overrides = NonNullable<CalendarEvent['overrides']>;

/** Members an item cannot be without; `when` is kept as it is by every side. */
const fallbacks: Values = { showAs: 'busy', progress: { status: 'notStarted', percent: 0 } };

/**
 * Keeps only what `fields` names. Records are kept leaf by leaf, maps key by key, the patches of overrides group by group
 * by the same fields; a list for `body` may leave out its `html`. With `windows` every zone becomes the representative of
 * its Windows zone. Expects a normalised item and gives one.
 */
export function project<T extends Item>(item: T, fields: Fields, zones: 'iana' | 'windows'): T {
  const values = valuesOf(item);
  const result: Record<string, unknown> = { kind: item.kind };
  for (const group of groups[item.kind]) {
    const value = values[group.name];
    if (value === undefined) continue;
    const kept = keep(group, value, fields, zones);
    if (kept !== undefined) result[group.name] = kept;
  }
  if (item.kind !== 'event' || item.overrides === undefined) return result as unknown as T;
  // Overrides mean nothing without their rule. They compare with the projected series, so they come last.
  const { overrides, ...rest } = result;
  if (overrides === undefined || rest.recurrence === undefined) return rest as unknown as T;
  const kept = keepOverrides(item.overrides, result, fields);
  return (kept === undefined ? rest : { ...result, overrides: kept }) as unknown as T;
}

/**
 * Paths that differ, leaf by leaf: `name.given`, `emails.1`, whole units and sets. Both of one kind; without `from` all
 * paths that have a value.
 */
export function diffPaths(from: Item | undefined, to: Item): readonly Path[] {
  const before: Values = from === undefined ? {} : valuesOf(from);
  const after = valuesOf(to);
  const paths: Path[] = [];
  for (const { name, shape } of groups[to.kind]) {
    const ours = before[name];
    const theirs = after[name];
    if (ours === theirs) continue;
    if (hasLeaves(shape)) diffLeaves(name, (ours ?? {}) as Values, (theirs ?? {}) as Values, paths);
    else if (!sameJson(ours, theirs)) paths.push(name);
  }
  return paths;
}

/** The value at a path: of a group, of a leaf of a record or of a key of a map. Undefined when there is none. */
export function valueAt(item: Item, path: Path): unknown {
  const value = valuesOf(item)[groupOf(path)];
  const leaf = leafOf(path);
  if (leaf === undefined || value === undefined) return value;
  return own(value as Values, leaf);
}

/**
 * The item with another value at a path; undefined clears it. A record or map that loses its last value goes; what an item
 * cannot be without falls back to its default. Throws TypeError for a path that is none of the kind, or to clear `when`.
 */
export function withValue<T extends Item>(item: T, path: Path, value: unknown): T {
  const name = groupOf(path);
  const group = groups[item.kind].find((each) => each.name === name);
  const leaf = leafOf(path);
  if (group === undefined || (leaf !== undefined && !hasLeaves(group.shape))) {
    throw new TypeError(`no path of a ${item.kind}: ${path}`);
  }
  const values = valuesOf(item);
  const changed = leaf === undefined ? value : withLeaf(values[name] as Values | undefined, leaf, value);
  const replacement = changed ?? fallbacks[name];
  if (name === 'when' && replacement === undefined) throw new TypeError('an event cannot be without its time');
  // Rebuilt, so that the order of keys stays that of the groups.
  const result: Record<string, unknown> = { kind: item.kind };
  for (const each of groups[item.kind]) {
    const kept = each.name === name ? replacement : values[each.name];
    if (kept !== undefined) result[each.name] = kept;
  }
  return result as unknown as T;
}

function keep(group: Group, value: unknown, fields: Fields, zones: 'iana' | 'windows'): unknown {
  const held = fields[group.name];
  if (group.name === 'when') return zones === 'windows' ? withWindowsZone(value as When) : value;
  if (held === undefined) return fallbacks[group.name];
  if (held === true) return value;
  return hasLeaves(group.shape) || group.shape === 'text' ? keepLeaves(value as Values, held) : value;
}

function withWindowsZone(when: When): When {
  if (when.zone === undefined) return when;
  const zone = canonicalZone(when.zone);
  return zone === when.zone ? when : { ...when, zone };
}

function keepLeaves(value: Values, held: readonly string[]): Values | undefined {
  return filled(Object.entries(value).filter(([leaf]) => held.includes(leaf)));
}

/** A patch can hold what the series can hold; one that then says the same as the series is no override. */
function keepOverrides(overrides: Overrides, series: Values, fields: Fields): Overrides | undefined {
  const kept: [string, Override][] = [];
  for (const [originalStart, override] of Object.entries(overrides)) {
    if ('excluded' in override) kept.push([originalStart, override]);
    else {
      const patch = keepPatch(override.patch as Values, series, fields);
      if (patch !== undefined) kept.push([originalStart, { patch }]);
    }
  }
  return filled(kept) as Overrides | undefined;
}

function keepPatch(patch: Values, series: Values, fields: Fields): OverridePatch | undefined {
  const kept: [string, unknown][] = [];
  for (const group of groups.event) {
    const given = patch[group.name];
    if (given === undefined || (fields[group.name] === undefined && group.name !== 'when')) continue;
    const value = given === null ? null : (keep(group, given, fields, 'iana') ?? null);
    // The series' own `when` is the time of its first occurrence, not of this one.
    if (group.name === 'when' || !sameJson(value, series[group.name] ?? null)) kept.push([group.name, value]);
  }
  return filled(kept) as OverridePatch | undefined;
}

function diffLeaves(name: string, before: Values, after: Values, paths: Path[]): void {
  for (const leaf of Object.keys(before)) {
    if (!sameJson(before[leaf], own(after, leaf))) paths.push(`${name}.${leaf}`);
  }
  for (const leaf of Object.keys(after)) if (!Object.hasOwn(before, leaf)) paths.push(`${name}.${leaf}`);
}

function withLeaf(record: Values | undefined, leaf: string, value: unknown): Values | undefined {
  const entries = Object.entries(record ?? {}).filter(([key]) => key !== leaf);
  if (value !== undefined) entries.push([leaf, value]);
  return filled(entries);
}

function hasLeaves(shape: GroupShape): boolean {
  return shape === 'record' || shape === 'map';
}

/** `Object.fromEntries` also keeps keys such as `__proto__`, which attendees' addresses may be. */
function filled(entries: readonly (readonly [string, unknown])[]): Values | undefined {
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function own(value: Values, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function valuesOf(item: Item): Values {
  return item as unknown as Values;
}
