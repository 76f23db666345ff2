/** What must be known to say whether a decision can be undone. */
import type { JournalRow, LinkView, PairId, Store } from '#store/port.ts';

export interface UndoCase {
  /** Undefined: there is no such decision. */
  readonly entry: JournalRow | undefined;
  /** Its link as it stands now; undefined when it has none or it is forgotten. */
  readonly view: LinkView | undefined;
  /** It was undone before. */
  readonly isUndone: boolean;
}

const pageEntries = 500;

export async function undoCase(store: Store, pairId: PairId, decision: number): Promise<UndoCase> {
  const [next] = await store.journal(pairId, { after: decision - 1, limit: 1 });
  const entry = next?.sequence === decision ? next : undefined;
  const linkKey = entry?.linkKey ?? null;
  if (linkKey === null) return { entry, view: undefined, isUndone: false };
  const [view] = await store.links(pairId, [linkKey]);
  // What undoes a decision comes after it.
  const undone = await store.journal(pairId, { linkKey, event: 'undone', after: decision, limit: pageEntries });
  return { entry, view, isUndone: undone.some(({ detail }) => detail.decision === decision) };
}
