/** What is forgotten in time: old journal entries, tombstones that can serve nobody any more. */
import { byCodePoint } from '#model/text.ts';
import { type LinkRow, overruledEvents, type Retention, sides, type Trimmed, tombstonePassedMs } from '../port.ts';
import { itemKey, type PairState } from './pair-state.ts';
import type { PairRecord } from './schedule.ts';

export function trimJournal(
  { journal }: PairState,
  { ordinaryBefore, overruledBefore }: Retention,
  after: number,
  limit: number,
): Trimmed {
  const page = journal.filter((entry) => entry.sequence > after).slice(0, limit);
  const old = new Set(
    page.filter(({ at, event }) => at < (overruledEvents.includes(event) ? overruledBefore : ordinaryBefore)),
  );
  for (const entry of old) journal.splice(journal.indexOf(entry), 1);
  const last = page.at(-1);
  const young = page.some(({ at }) => at >= ordinaryBefore && at >= overruledBefore);
  return { forgotten: old.size, next: young || last === undefined || page.length < limit ? null : last.sequence };
}

export function retireTombstones(record: PairRecord | undefined, endedBefore: string, limit: number): number {
  if (record === undefined || record.owner !== null || record.lastGoodAt === null) return 0;
  const { state } = record;
  const passedMs = Date.parse(record.lastGoodAt) - tombstonePassedMs;
  const retired = [...state.links.values()]
    .filter(({ ended }) => ended !== null && ended.at < endedBefore && Date.parse(ended.at) < passedMs)
    .filter((link) => isPassed(state, link) && !isRemembered(state, link))
    .sort((one, two) => byCodePoint(one.linkKey, two.linkKey))
    .slice(0, limit);
  for (const { linkKey } of retired) state.links.delete(linkKey);
  return retired.length;
}

function isPassed({ feeds }: PairState, { kind }: LinkRow): boolean {
  return sides.every((side) => {
    const feed = feeds.get(`${side} ${kind}`);
    return feed?.listed === true && feed.verified;
  });
}

/** An item that was left alone carries the key for good: without the tombstone it would count as new. */
function isRemembered({ items, intents }: PairState, { kind, ids, linkKey }: LinkRow): boolean {
  const open = [...intents.values()].some((intent) => intent.linkKey === linkKey);
  return open || sides.some((side) => ids[side] !== null && items.has(itemKey(side, kind, ids[side])));
}
