/** Where each canonical path is kept: the source of `docs/mapping/crm.md` and of what an update may touch. */
import type { Path } from '#model/groups.ts';
import { leafOf } from '#model/groups.ts';

/** Path of a group or of a leaf of a record (`emails.*`: every key of a map) → `table.column` names in schema `crm`. */
export type Places = Readonly<Record<Path, readonly string[]>>;

/** Columns of `table` that the paths name; a group names the columns of its leaves too. */
export function columnsAt(places: Places, table: string, paths: readonly Path[]): ReadonlySet<string> {
  const columns = new Set<string>();
  for (const path of paths) {
    for (const [place, names] of Object.entries(places)) {
      const named = place === path || (leafOf(path) === undefined && place.startsWith(`${path}.`));
      if (!named) continue;
      for (const name of names) if (name.startsWith(`${table}.`)) columns.add(name.slice(table.length + 1));
    }
  }
  return columns;
}

/** `current` with the named columns as in `target`; undefined when no value differs. */
export function withColumns<Row extends object>(
  current: Row,
  target: Row,
  columns: ReadonlySet<string>,
): Row | undefined {
  const result = { ...current } as Record<string, unknown>;
  const wanted = target as Readonly<Record<string, unknown>>;
  let differs = false;
  for (const column of columns) {
    if (JSON.stringify(result[column]) === JSON.stringify(wanted[column])) continue;
    result[column] = wanted[column];
    differs = true;
  }
  return differs ? (result as Row) : undefined;
}

/** The keys of a map that the paths name: one (`emails.1`) or, for the whole group, all that either side has. */
export function keysAt(
  group: string,
  paths: readonly Path[],
  current: Readonly<Record<string, unknown>>,
  target: Readonly<Record<string, unknown>>,
): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const path of paths) {
    if (path === group) for (const key of [...Object.keys(current), ...Object.keys(target)]) keys.add(key);
    else if (path.startsWith(`${group}.`)) keys.add(path.slice(group.length + 1));
  }
  return keys;
}

/** Map entries to write: a value to set, null to remove. Entries that are as wanted already are left out. */
export function entriesToWrite<V>(
  keys: ReadonlySet<string>,
  current: Readonly<Record<string, V>>,
  target: Readonly<Record<string, V>>,
): Readonly<Record<string, V | null>> | null {
  const entries: [string, V | null][] = [];
  for (const key of keys) {
    const value = Object.hasOwn(target, key) ? target[key]! : null;
    const stored = Object.hasOwn(current, key) ? current[key]! : null;
    if (JSON.stringify(stored) !== JSON.stringify(value)) entries.push([key, value]);
  }
  return entries.length === 0 ? null : Object.fromEntries(entries);
}
