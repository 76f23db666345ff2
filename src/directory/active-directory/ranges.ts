/** Attributes that a server gives out in ranges: `member;range=0-1499`, the last one `…-*` (MS-ADTS 3.1.1.3.1.3.3). Pure. */
import type { LdapEntry } from './entry.ts';

/** An entry as the library hands it over: the name first, then attributes by the names the server gave them. */
export type RawEntry = { readonly dn: string } & Readonly<
  Record<string, string | Buffer | readonly (string | Buffer)[]>
>;

export interface Range {
  /** Name of the attribute, as asked for. */
  readonly name: string;
  /** First value still missing. */
  readonly from: number;
}

const rangeName = /^(.+);range=(\d{1,9})-(\d{1,9}|\*)$/i;

/** An attribute of which values are missing; undefined when the entry is whole. */
export function nextRange(entry: RawEntry): Range | undefined {
  for (const key of Object.keys(entry)) {
    const [, name, , to] = rangeName.exec(key) ?? [];
    if (name !== undefined && to !== undefined && to !== '*') return { name, from: Number(to) + 1 };
  }
  return undefined;
}

/** The entry with the values of one more range; undefined when `more` does not go on where the entry ended. */
export function withRange(entry: RawEntry, more: RawEntry | undefined, { name, from }: Range): RawEntry | undefined {
  for (const [key, values] of Object.entries(more ?? {})) {
    const [, moreName, first, to] = rangeName.exec(key) ?? [];
    if (moreName?.toLowerCase() !== name.toLowerCase() || Number(first) !== from) continue;
    const added = [values].flat();
    // The library adds what was asked for and did not come, as an empty list: the end of a list is never empty.
    if (added.length === 0) return undefined;
    const [kept, had] = rangeOf(entry, name);
    const { [kept]: _, ...others } = entry;
    return { ...others, [`${name};range=0-${to}`]: [...had, ...added] } as RawEntry;
  }
  return undefined;
}

function rangeOf(entry: RawEntry, name: string): readonly [string, readonly (string | Buffer)[]] {
  for (const [key, values] of Object.entries(entry)) {
    const found = rangeName.exec(key);
    if (found?.[1]?.toLowerCase() === name.toLowerCase()) return [key, [values].flat()];
  }
  return [name, []];
}

/** Attributes by lower-case name, ranges under the name of the attribute. */
export function mergedEntry({ dn, ...rest }: RawEntry): LdapEntry {
  const attributes = new Map<string, readonly (string | Uint8Array)[]>();
  for (const [key, values] of Object.entries(rest)) {
    const name = (rangeName.exec(key)?.[1] ?? key).toLowerCase();
    const list = [values].flat();
    // The library adds what was asked for and is absent, as an empty list; the range has the values.
    if (list.length > 0 || !attributes.has(name)) attributes.set(name, list);
  }
  return { dn, attributes };
}
