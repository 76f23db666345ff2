/** The records in quarantine, with the names by which people find them. */
import type { LinkRow, LinkView, Pair, Store } from '#store/port.ts';
import { nameOf } from './item-name.ts';

export interface SetAside {
  readonly link: LinkRow;
  /** Title or name; empty when neither side tells one. */
  readonly name: string;
}

const linksPerQuery = 500;

/** At most `limit` of the pair. */
export async function setAside(store: Store, { pairId }: Pair, limit: number): Promise<readonly SetAside[]> {
  const links = await store.quarantined(pairId, limit);
  const views = new Map<string, LinkView>();
  for (let at = 0; at < links.length; at += linksPerQuery) {
    const keys = links.slice(at, at + linksPerQuery).map(({ linkKey }) => linkKey);
    for (const view of await store.links(pairId, keys)) views.set(view.link.linkKey, view);
  }
  return links.map((link) => ({ link, name: nameIn(link, views.get(link.linkKey)) }));
}

/** The same of links that are looked at already. */
export function setAsideOf(views: readonly LinkView[]): readonly SetAside[] {
  return views
    .filter(({ link }) => link.quarantine !== null)
    .map((view) => ({ link: view.link, name: nameIn(view.link, view) }));
}

/** The side that was to be copied knows best: the other one refused. */
function nameIn({ quarantine, base, make }: LinkRow, view: LinkView | undefined): string {
  const sides = quarantine?.side === 'crm' ? [view?.mailbox, view?.crm] : [view?.crm, view?.mailbox];
  const items = [...sides.map((row) => row?.item ?? null), base, make ?? null];
  return items.map(nameOf).find((name) => name !== '') ?? '';
}
