/** What a side says about a link, relative to the base. Pure. */
import { type Prints, prints, samePrints } from '#model/fingerprint.ts';
import type { Item } from '#model/item.ts';
import { withValue } from '#model/project.ts';
import type { ItemRow, LinkRow, LinkView, Side } from '#store/port.ts';
import type { State } from './cells.ts';

/** An observation with its prints; null prints when nothing readable is there. */
export interface Seen {
  readonly state: State;
  readonly item: Item | null;
  readonly prints: Prints | null;
}

export type Pairwise = Readonly<Record<Side, Seen>>;

export function see(view: LinkView, side: Side): Seen {
  const row: ItemRow | null = view[side];
  const { base, prints: known } = view.link;
  if (row === null) {
    return { state: base === null ? 'absent' : 'unknown', item: null, prints: null };
  }
  if (row.presence === 'unreadable') return { state: 'unknown', item: null, prints: null };
  if (row.presence !== 'present') return { state: row.presence, item: null, prints: null };
  if (base === null || known === null) {
    return row.item === null
      ? { state: 'unknown', item: null, prints: null }
      : { state: 'new', item: row.item, prints: prints(row.item) };
  }
  if (row.item === null) return { state: 'same', item: shownBy(view.link, base, side), prints: known[side] };
  const now = prints(row.item);
  return { state: samePrints(now, known[side]) ? 'same' : 'edited', item: row.item, prints: now };
}

/** The base, but what is held is on each side as it was when it came to that. */
function shownBy({ holds }: LinkRow, base: Item, side: Side): Item {
  let item = base;
  for (const hold of holds) if (hold.path !== '') item = withValue(item, hold.path, hold[side] ?? undefined);
  return item;
}
