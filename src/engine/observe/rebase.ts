/**
 * After an upgrade of the mapping all stored prints are of the old form, and say nothing about what is read in the new one.
 * So every item is read again, once, and this decides what its side is known to have held. Pure; nothing is written for it,
 * and the base keeps every value.
 *
 * - Its version is the one we know, and nothing about it was waiting: nobody edited it. What it shows now is what it showed
 *   at the base. A path that it shows for the first time is newly mapped: it stays without a print, and is decided like any
 *   value that appeared on this side, visibly and under the brake.
 * - Any other version: what it held is only known from the base, so that is what it is compared with, value by value.
 */
import { type Prints, printOf, prints, samePrints } from '#model/fingerprint.ts';
import type { Item } from '#model/item.ts';
import type { Feed, Known, LinkRow, Side } from '#store/port.ts';
import { type Domain, sharedForm } from '../task.ts';

/** It was last seen under an older mapping, and something depends on what it held then. */
export function isStale(known: Known | undefined, feed: Pick<Feed, 'mappedEpoch'>): known is Known {
  return known !== undefined && known.epoch < feed.mappedEpoch && (known.linkKey !== null || known.pending);
}

/** Undefined: the link stays as it is. */
export function rebased(
  domain: Domain,
  link: LinkRow,
  side: Side,
  item: Item,
  isUntouched: boolean,
): LinkRow | undefined {
  const { base, prints: known } = link;
  if (base === null || known === null) return undefined;
  const shown = isUntouched ? known[side] : undefined;
  const next = shown === undefined ? ofBase(domain, link, base, side) : onlyPathsOf(shown, prints(item));
  return samePrints(next, known[side]) ? undefined : { ...link, prints: { ...known, [side]: next } };
}

function onlyPathsOf(before: Prints, now: Prints): Prints {
  return Object.fromEntries(Object.entries(now).filter(([path]) => path in before));
}

/** Of what is held, the side shows its own value, not the base's. */
function ofBase(domain: Domain, { holds }: LinkRow, base: Item, side: Side): Prints {
  const result: Record<string, string> = { ...prints(sharedForm(base, domain)) };
  for (const hold of holds) {
    if (hold.path === '') continue;
    if (hold[side] === null) delete result[hold.path];
    else result[hold.path] = printOf(hold[side]);
  }
  return result;
}
