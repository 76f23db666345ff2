/** Which attributes of an object go into an answer, and which part of many values ([MS-ADTS] 3.1.1.3.1.3.3). */
import type { Attribute, Entry } from './entry.ts';

/** The attributes asked for, in the order of the object; all of them when the list is empty or has a star. */
export function selected(
  entry: Entry,
  wanted: readonly string[],
  valuesMax: number,
  typesOnly: boolean,
): readonly Attribute[] {
  const asked = new Map(wanted.map((one) => [one.toLowerCase().split(';')[0] ?? '', one] as const));
  const isAll = wanted.length === 0 || asked.has('*');
  const chosen: Attribute[] = [];
  for (const [name, attribute] of entry.attributes) {
    const request = asked.get(name);
    if (request === undefined && !isAll) continue;
    const part = ranged(attribute, request, valuesMax);
    if (part !== undefined) chosen.push(typesOnly ? { name: part.name, values: [] } : part);
  }
  return chosen;
}

/** Values beyond the limit come in parts: `member;range=0-1499`, the last part with a star for its end. */
function ranged(attribute: Attribute, request: string | undefined, valuesMax: number): Attribute | undefined {
  const { name, values } = attribute;
  const range = /;range=(\d{1,9})-(\d{1,9}|\*)$/i.exec(request ?? '');
  if (range === null && values.length <= valuesMax) return attribute;
  const from = Number(range?.[1] ?? 0);
  const wantedTo = range === null || range[2] === '*' ? Number.POSITIVE_INFINITY : Number(range[2]);
  const to = Math.min(wantedTo, from + valuesMax - 1, values.length - 1);
  if (from >= values.length) return undefined;
  const end = to === values.length - 1 ? '*' : String(to);
  return { name: `${name};range=${from}-${end}`, values: values.slice(from, to + 1) };
}
