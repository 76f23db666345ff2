/** Finds what a person means: by link key, by the id on either side, else by name. */
import { type Item, type Kind, kinds } from '#model/item.ts';
import { type ItemRow, type JournalRow, type LinkView, type Pair, type Store, sides } from '#store/port.ts';
import { nameOf } from '../item-name.ts';

/** One thing with everything that was ever noted about it; a link, or an item that has none. */
export interface FoundItem {
  readonly kind: Kind;
  /** Empty when nobody tells one. */
  readonly name: string;
  readonly view: LinkView | null;
  /** The item without a link. */
  readonly row: ItemRow | null;
  /** Oldest first. */
  readonly journal: readonly JournalRow[];
}

const pageRows = 500;
/** Entries looked through per question; the newest count. */
const journalMax = 20_000;
const reviewMax = 10_000;

/** At most `limit` things. A text that is somebody’s exact key or id means that one and no name. */
export async function findItems(store: Store, { pairId }: Pair, text: string, limit: number): Promise<FoundItem[]> {
  const wanted = text.trim().toLowerCase();
  const removed = await entriesOf(store, pairId, { event: 'removed' });
  const lastNames = new Map(
    removed.map(({ linkKey, detail }) => [linkKey, nameOf((detail.was ?? null) as Item | null)]),
  );
  const exact: FoundItem[] = [];
  const named: FoundItem[] = [];
  const sort = (one: FoundItem, ids: readonly (string | null)[]): void => {
    if (ids.includes(text)) exact.push(one);
    else if (wanted !== '' && one.name.toLowerCase().includes(wanted) && named.length < limit) named.push(one);
  };
  for await (const view of allLinks(store, pairId)) {
    const { link, crm, mailbox } = view;
    const names = [crm?.item, mailbox?.item, link.base, link.make].map((item) => nameOf(item ?? null));
    const name = names.find((one) => one !== '') ?? lastNames.get(link.linkKey) ?? '';
    sort({ kind: link.kind, name, view, row: null, journal: [] }, [link.linkKey, link.ids.crm, link.ids.mailbox]);
  }
  for (const row of await unlinkedItems(store, pairId)) {
    sort({ kind: row.kind, name: nameOf(row.item), view: null, row, journal: [] }, [row.id]);
  }
  const found = (exact.length > 0 ? exact : named).slice(0, limit);
  return await Promise.all(found.map(async (one) => ({ ...one, journal: await journalOf(store, pairId, one) })));
}

async function* allLinks(store: Store, pairId: string): AsyncGenerator<LinkView> {
  let after: string | null = null;
  for (;;) {
    const page: readonly LinkView[] = await store.allLinks(pairId, after, pageRows);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageRows) return;
    after = last.link.linkKey;
  }
}

/** Parked ones, and those that wait for a pass. */
async function unlinkedItems(store: Store, pairId: string): Promise<readonly ItemRow[]> {
  const rows = [...(await store.review(pairId, reviewMax))].filter(({ linkKey }) => linkKey === null);
  for (const kind of kinds) {
    for (const side of sides) rows.push(...(await store.unlinked(pairId, kind, side, null, reviewMax)));
  }
  return rows;
}

async function journalOf(store: Store, pairId: string, { view, row }: FoundItem): Promise<readonly JournalRow[]> {
  if (view !== null) return await entriesOf(store, pairId, { linkKey: view.link.linkKey });
  const entries = await entriesOf(store, pairId, { event: 'ambiguous' });
  return entries.filter(({ side, detail }) => side === row?.side && detail.id === row?.id);
}

async function entriesOf(
  store: Store,
  pairId: string,
  query: { readonly linkKey?: string; readonly event?: string },
): Promise<readonly JournalRow[]> {
  const entries: JournalRow[] = [];
  let after = 0;
  for (;;) {
    const page: readonly JournalRow[] = await store.journal(pairId, { ...query, after, limit: pageRows });
    entries.push(...page);
    if (entries.length > journalMax) entries.splice(0, entries.length - journalMax);
    const last = page.at(-1);
    if (last === undefined || page.length < pageRows) return entries;
    after = last.sequence;
  }
}
