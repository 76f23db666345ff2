/** What one commit carries, told from its rows and what was stored before. */
import type { PairState } from '#store/memory/pair-state.ts';
import type { StateBatch } from '#store/port.ts';
import type { Carried } from './script.ts';

export function carriedBy(batch: StateBatch, before: PairState): ReadonlySet<Carried> {
  const carried = new Set<Carried>();
  for (const feed of batch.feeds ?? []) {
    const known = before.feeds.get(`${feed.side} ${feed.kind}`);
    carried.add(known !== undefined && known.epoch < feed.epoch ? 'epoch' : 'cursor');
  }
  for (const link of batch.links ?? []) {
    const known = before.links.get(link.linkKey);
    if (known === undefined) carried.add('newLink');
    if (link.base !== null && known?.base !== link.base) carried.add('base');
    if (link.ended !== null && (known === undefined || known.ended === null)) carried.add('tombstone');
    const aside = known !== undefined && known.quarantine !== null;
    if (link.quarantine !== null && !aside) carried.add('quarantineEnter');
    if (link.quarantine === null && aside) carried.add('quarantineLeave');
  }
  for (const { event } of batch.journal ?? []) {
    if (event === 'remapped') carried.add('remap');
    if (event === 'twinRemoved') carried.add('twinRemoved');
  }
  if ((batch.intents ?? []).length > 0) carried.add('intent');
  if ((batch.brakes ?? []).length > 0) carried.add('brake');
  return carried;
}
