/**
 * Finds which unlinked items of the two sides are the same thing. Pure. Exact normalised keys only, tried in the order of
 * their rank; a key decides only when it is unique on both sides. Anything else is ambiguous and left to a person:
 * creating doubles on both sides is worse than waiting.
 */
import type { RemoteId } from '#contract/connector.ts';
import { prints } from '#model/fingerprint.ts';
import type { ItemRow } from '#store/port.ts';

export interface Matched {
  readonly pairs: readonly (readonly [ItemRow, ItemRow])[];
  /** Have candidates on the other side, none of them certain. */
  readonly ambiguous: readonly ItemRow[];
  /** Have no candidate: new. */
  readonly fresh: readonly ItemRow[];
}

/** Ranks from here on compare by name only; they do not overrule two different strong keys. */
const weakRank = 4;
const strongRank = 1;

/**
 * @param page items to place now
 * @param rivals all unlinked items of the same side that share a key with the page (the page included)
 * @param others all unlinked items of the other side that share a key with the page
 */
export function match(page: readonly ItemRow[], rivals: readonly ItemRow[], others: readonly ItemRow[]): Matched {
  const ours = holdersByKey(rivals);
  const theirs = holdersByKey(others);
  const taken = new Set<RemoteId>();
  const placed = new Set<RemoteId>();
  const pairs: (readonly [ItemRow, ItemRow])[] = [];

  const pair = (one: ItemRow, other: ItemRow): void => {
    placed.add(one.id);
    taken.add(other.id);
    pairs.push([one, other]);
  };

  for (const rank of ranksOf(page)) {
    for (const one of page) {
      if (placed.has(one.id)) continue;
      for (const key of one.matchKeys) {
        if (rankOf(key) !== rank) continue;
        const candidates = free(theirs.get(key), taken).filter((other) => rank < weakRank || !contradict(one, other));
        const competitors = free(ours.get(key), placed);
        const [candidate] = candidates;
        if (candidate === undefined) continue;
        const chosen =
          candidates.length === 1 && competitors.length === 1 ? candidate : twinOf(one, candidates, competitors);
        if (chosen === undefined) continue;
        pair(one, chosen);
        break;
      }
    }
  }

  const ambiguous: ItemRow[] = [];
  const fresh: ItemRow[] = [];
  for (const one of page) {
    if (placed.has(one.id)) continue;
    const suspects = one.matchKeys.some((key) =>
      free(theirs.get(key), taken).some((other) => rankOf(key) < weakRank || !contradict(one, other)),
    );
    (suspects ? ambiguous : fresh).push(one);
  }
  return { pairs, ambiguous, fresh };
}

/**
 * Several items with the same key, some with exactly the same content: equal ones pair off in order, because which of two
 * identical items is linked to which of two identical items makes no difference to anybody.
 */
function twinOf(one: ItemRow, candidates: readonly ItemRow[], competitors: readonly ItemRow[]): ItemRow | undefined {
  const content = contentOf(one);
  const equalOthers = candidates.filter((other) => contentOf(other) === content);
  const equalOurs = competitors.filter((other) => contentOf(other) === content);
  const place = equalOurs.findIndex((other) => other.id === one.id);
  // The first of our equals takes the first of theirs; earlier ones have left both lists already.
  return place === 0 ? equalOthers[0] : undefined;
}

function contentOf(row: ItemRow): string {
  return row.item === null ? row.id : JSON.stringify(prints(row.item));
}

/** Both have strong keys and share none: the same name does not make them the same person. */
function contradict(one: ItemRow, other: ItemRow): boolean {
  const ours = one.matchKeys.filter((key) => rankOf(key) === strongRank);
  const theirs = other.matchKeys.filter((key) => rankOf(key) === strongRank);
  return ours.length > 0 && theirs.length > 0 && !ours.some((key) => theirs.includes(key));
}

function holdersByKey(rows: readonly ItemRow[]): ReadonlyMap<string, readonly ItemRow[]> {
  const holders = new Map<string, ItemRow[]>();
  for (const row of rows) {
    for (const key of row.matchKeys) {
      const list = holders.get(key);
      if (list === undefined) holders.set(key, [row]);
      else list.push(row);
    }
  }
  return holders;
}

function free(rows: readonly ItemRow[] | undefined, taken: ReadonlySet<RemoteId>): readonly ItemRow[] {
  return rows?.filter((row) => !taken.has(row.id)) ?? [];
}

function rankOf(key: string): number {
  return key.charCodeAt(0) - 48;
}

function ranksOf(page: readonly ItemRow[]): readonly number[] {
  const ranks = new Set<number>();
  for (const row of page) for (const key of row.matchKeys) ranks.add(rankOf(key));
  return [...ranks].sort((a, b) => a - b);
}
