/** Measures the model in this process; says one line. */
import { occurrences } from '#model/expand.ts';
import { prints } from '#model/fingerprint.ts';
import type { Fields } from '#model/groups.ts';
import type { Item } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { project } from '#model/project.ts';
import { say } from '../lib/child.ts';
import { allItems, contentOf, standardCounts } from '../lib/content.ts';
import { costOf, median, rounded } from '../lib/cost.ts';
import type { ModelResult } from '../model.ts';

const rounds = 7;
const occurrencesMax = 999;

const items = allItems(contentOf(standardCounts));
// As they come from the wire: normalised items are the cheapest input there is.
const raw = items.map(
  (item) => ({ ...item, body: item.body && { text: ` ${item.body.text.replaceAll('\n', '\r\n')} ` } }) as Item,
);
const fields = Object.fromEntries(items.flatMap((item) => Object.keys(item)).map((name) => [name, true])) as Fields;
const start = '2030-01-07T09:00:00';
const rule = { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'count', count: occurrencesMax } } as const;

const result: ModelResult = {
  normaliseUs: await each(raw.length, () => sum(raw, normalise)),
  printsUs: await each(items.length, () => sum(items, prints)),
  projectUs: await each(items.length, () =>
    sum(items, (item) => project(item, { ...fields, body: ['text'] }, 'windows')),
  ),
  expandUs: await each(occurrencesMax * 20, () => {
    let found = 0;
    for (let times = 0; times < 20; times += 1)
      for (const _ of occurrences(start, rule, { max: occurrencesMax })) found += 1;
    return found;
  }),
};
say(result);

/** Something that depends on every result, so that none is optimised away. */
function sum<T>(from: readonly T[], work: (one: T) => object): number {
  let found = 0;
  for (const one of from) found += Object.keys(work(one)).length;
  return found;
}

/** Microseconds of CPU per piece: the median of rounds after one that warms up. */
async function each(pieces: number, work: () => number): Promise<number> {
  if (work() === 0) throw new Error('nothing was done');
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) found.push((await costOf(work)).cpuMs);
  return rounded((median(found) * 1_000) / pieces);
}
