/**
 * After an upgrade of the mapping all stored prints are of the old form, and say nothing about what is read in the new one.
 * So every item is read again, once, and this decides what its side is known to have held. Nothing is written for it, and
 * the base keeps every value.
 *
 * - Its version is the one we know, and nothing about it was waiting: nobody edited it. What it shows now is what it showed
 *   at the base. A path that it shows for the first time is newly mapped: it stays without a print, and is decided like any
 *   value that appeared on this side, visibly and under the brake.
 * - Any other version: what it held is only known from the base, so that is what it is compared with, value by value.
 */
import { type Prints, printOf, prints, samePrints } from '#model/fingerprint.ts';
import type { Item } from '#model/item.ts';
import type { Feed, Known, LinkRow, Side } from '#store/port.ts';
import { type Domain, sharedForm, type Task } from '../task.ts';
import type { Claims } from './claims.ts';
import type { Sighting } from './sight.ts';

/** It was last seen under an older mapping, and something depends on what it held then. */
export function isStale(known: Known | undefined, feed: Pick<Feed, 'mappedEpoch'>): known is Known {
  return known !== undefined && known.epoch < feed.mappedEpoch && (known.linkKey !== null || known.pending);
}

/** The version we already know: our own write coming back, or a replayed page. */
export function isEcho(version: string, known: Known | undefined): known is Known {
  return known !== undefined && known.presence === 'present' && known.version === version;
}

interface Rebased {
  readonly sightings: readonly Sighting[];
  /** Those of the claims, and those whose prints changed their form. */
  readonly links: readonly LinkRow[];
}

/** What was last seen under an older mapping is compared with what its side is known to have held, in the new form. */
export async function rebase(
  task: Task,
  domain: Domain,
  feed: Feed,
  sightings: readonly Sighting[],
  claims: Claims,
): Promise<Rebased> {
  const { side } = feed;
  const keys = new Map<string, string>();
  for (const { id, known } of sightings) {
    const claim = claims.of.get(id);
    if (known !== undefined && known.linkKey !== null && isStale(known, feed)) keys.set(id, known.linkKey);
    else if (known === undefined && claim?.kind === 'belongs' && feed.mappedEpoch > 0) keys.set(id, claim.linkKey);
  }
  if (keys.size === 0) return { sightings, links: claims.links };
  const views = new Map(
    (await task.store.links(task.pair.pairId, [...keys.values()])).map((view) => [view.link.linkKey, view]),
  );
  const links = new Map(claims.links.map((link) => [link.linkKey, link]));
  const compared = sightings.map((sighting): Sighting => {
    const { known } = sighting;
    const view = views.get(keys.get(sighting.id) ?? '');
    if (sighting.kind !== 'read' || view === undefined) return sighting;
    // An item under a new id: its earlier row tells when it was last seen.
    if (known === undefined && (view[side]?.epoch ?? 0) >= feed.mappedEpoch) return sighting;
    const link = links.get(view.link.linkKey) ?? view.link;
    const item = sharedForm(sighting.snapshot.item, domain);
    const isUntouched = isEcho(sighting.snapshot.version, known) && !known.pending;
    const next = rebased(domain, link, side, item, isUntouched);
    if (next === undefined) return sighting;
    links.set(next.linkKey, next);
    return known === undefined ? sighting : { ...sighting, known: { ...known, prints: next.prints?.[side] ?? null } };
  });
  return { sightings: compared, links: [...links.values()] };
}

/** Undefined: the link stays as it is. */
function rebased(domain: Domain, link: LinkRow, side: Side, item: Item, isUntouched: boolean): LinkRow | undefined {
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
