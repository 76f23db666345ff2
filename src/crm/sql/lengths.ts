/** The room of the CRM's text columns, asked before a write because PostgreSQL does not say which column was too short. */
import { type Fault, fault } from '#contract/fault.ts';
import { groupOf, type Path } from '#model/groups.ts';
import type { Item } from '#model/item.ts';

/** Characters of an ordinary one-line column; every other length is named below. */
const lineCharsMax = 255;
const charsMaxByPlace: Readonly<Record<string, number>> = {
  emails: 320,
  ims: 320,
  webPage: 2048,
  street: 1024,
  zone: 64,
  text: 1_000_000,
};
/** Of an attendee's address, which is a key. */
const addressCharsMax = 320;

/** A fault naming the first path whose text has no room, of the groups that `paths` touch (undefined: of all). */
export function lengthFault(item: Item, paths?: readonly Path[]): Fault | undefined {
  const touched = paths === undefined ? undefined : new Set(paths.map(groupOf));
  for (const [group, value] of Object.entries(item)) {
    if (group === 'kind' || (touched !== undefined && !touched.has(group))) continue;
    const path = longPath(group, value, charsMaxByPlace[group] ?? lineCharsMax);
    if (path !== undefined)
      return fault('item.tooLarge', `The CRM has no room for so long a text in ${path}.`, { path });
  }
  return undefined;
}

/** The path down to the key of a map or the leaf of a record; deeper places are named by that. */
function longPath(path: Path, value: unknown, charsMax: number): Path | undefined {
  if (typeof value === 'string') return isLonger(value, charsMax) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, each] of Object.entries(value)) {
    if (path === 'attendees' && isLonger(key, addressCharsMax)) return path;
    // HTML is not kept.
    if (key === 'html') continue;
    const inner = Array.isArray(value) || path === 'body' || path.includes('.') ? path : `${path}.${key}`;
    const long = longPath(inner, each, charsMaxByPlace[key] ?? charsMax);
    if (long !== undefined) return long;
  }
  return undefined;
}

/** PostgreSQL counts code points; a UTF-16 length within the bound needs no counting. */
function isLonger(text: string, charsMax: number): boolean {
  return text.length > charsMax && [...text].length > charsMax;
}
