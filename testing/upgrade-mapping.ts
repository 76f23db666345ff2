/** What a new version of the mapping does to a world: no stored print fits any more, and feeds were read under another version. */
import type { Prints } from '#model/fingerprint.ts';
import type { LinkRow, Store } from '#store/port.ts';
import type { World } from './engine-world.ts';

const linksMax = 1_000;
const leaseMs = 60_000;

/** @param tunables those of the world, which look at them in every pass */
export async function upgradeMapping(world: World, tunables: { mapping: number }): Promise<void> {
  tunables.mapping += 1;
  const { store, pair, ports } = world;
  const links = await linksOf(store, pair.pairId);
  const claim = await store.claimPair(pair.pairId, 'test', ports.clock.now(), leaseMs);
  if (claim === undefined) throw new Error('the pair is leased by somebody else');
  await store.commit(claim.lease, { links: links.map((link) => ({ ...link, prints: formerly(link.prints) })) });
  await store.release(claim.lease, 0);
}

export async function linksOf(store: Store, pairId: string): Promise<readonly LinkRow[]> {
  return (await store.allLinks(pairId, null, linksMax)).map(({ link }) => link);
}

function formerly(prints: LinkRow['prints']): LinkRow['prints'] {
  const old = (side: Prints): Prints =>
    Object.fromEntries(Object.entries(side).map(([path, one]) => [path, `~${one}`]));
  return prints === null ? null : { crm: old(prints.crm), mailbox: old(prints.mailbox) };
}
