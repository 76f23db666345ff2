/**
 * Fingerprints: one short hash per field group of a normalised item, per key for maps. They are stored in place of values
 * to tell what a side changed, so equal values must give equal prints for ever: whoever changes how items are mapped or
 * normalised raises `mappingVersion`, and all items are then read anew once.
 */
import { hash } from 'node:crypto';
import type { Path } from './groups.ts';
import { groups } from './groups.ts';
import type { Item } from './item.ts';

/** Part of every print. */
export const mappingVersion = 1;

/** Characters kept of a base64url SHA-256: 72 bits, no accidental equality within one path in practice. */
const printChars = 12;

/** Prints by path: a group, or `group.key` of a map. A path without value has no entry. */
export type Prints = Readonly<Record<Path, string>>;

/** The prints of a normalised item. */
export function prints(item: Item): Prints {
  const result: Record<Path, string> = {};
  const values = item as unknown as Readonly<Record<string, unknown>>;
  for (const { name, shape } of groups[item.kind]) {
    const value = values[name];
    if (value === undefined) continue;
    if (shape !== 'map') {
      result[name] = printOf(value);
      continue;
    }
    for (const [key, entry] of Object.entries(value as object)) result[`${name}.${key}`] = printOf(entry);
  }
  return result;
}

/** Paths that were added, removed or changed; first those of `before`, in its order. */
export function changedPaths(before: Prints, after: Prints): readonly Path[] {
  const changed: Path[] = [];
  for (const path in before) if (before[path] !== after[path]) changed.push(path);
  for (const path in after) if (before[path] === undefined) changed.push(path);
  return changed;
}

/** No path differs. */
export function samePrints(one: Prints, two: Prints): boolean {
  let count = 0;
  for (const path in one) {
    if (one[path] !== two[path]) return false;
    count++;
  }
  for (const _ in two) count--;
  return count === 0;
}

/** The print of one plain JSON value; the order of keys does not matter. */
export function printOf(value: unknown): string {
  return hash('sha256', `${mappingVersion}:${stableJson(value)}`, 'base64url').slice(0, printChars);
}

/** JSON with the keys of every object sorted, members without value left out. */
function stableJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${stableJson(member)}`);
  }
  return `{${members.join(',')}}`;
}
