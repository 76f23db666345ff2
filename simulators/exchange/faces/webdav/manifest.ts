/** What changed in the result of a query since a token was given (reference on Exchange 2007, section 1.10). */
import { readResourceTag } from './identity.ts';
import { emptyToken, type ManifestToken } from './manifest-token.ts';
import type { ItemResource, Place } from './resource.ts';

export type ManifestChange =
  | { readonly kind: 'change'; readonly resource: ItemResource }
  /** Gone from the result: deleted, moved away, or it no longer satisfies the query. */
  | { readonly kind: 'delete'; readonly counter: number };

export interface Manifest {
  readonly changes: readonly ManifestChange[];
  /** Undefined when nothing changed: the client keeps what it has. */
  readonly token: ManifestToken | undefined;
  /** All changes there are, with those outside the range. */
  readonly total: number;
}

/**
 * The changes in the order in which they happened, so that a cut-off list and its token say the same. `seen` are states the
 * client learned otherwise; `range` picks rows of the list. Items told out of turn are remembered as such.
 */
export function manifestOf(
  place: Place,
  rows: readonly ItemResource[],
  before: ManifestToken,
  seen: readonly string[],
  range: (total: number) => readonly number[] | undefined,
): Manifest | undefined {
  const known = fold(place, before, seen);
  const all = allChanges(rows, known);
  const indexes = range(all.length);
  if (indexes === undefined) return undefined;
  const changes = indexes.flatMap((index) => all[index] ?? []);
  if (all.length === 0 && known === before && before !== emptyToken) return { changes, token: undefined, total: 0 };
  const isWhole = changes.length === all.length;
  const token = isWhole ? wholeToken(place, rows) : partToken(known, changes);
  return { changes, token, total: all.length };
}

/** Counts what the client says it has seen as told. */
function fold(place: Place, before: ManifestToken, seen: readonly string[]): ManifestToken {
  const tags = seen.flatMap((text) => readResourceTag(place.mailbox, text) ?? []);
  if (tags.length === 0) return before;
  const members = new Set(before.members);
  const ahead = new Map(before.ahead);
  for (const { counter, change } of tags) {
    members.add(counter);
    if (change > (ahead.get(counter) ?? before.change)) ahead.set(counter, change);
  }
  return { change: before.change, members, ahead };
}

function allChanges(rows: readonly ItemResource[], known: ManifestToken): readonly ManifestChange[] {
  const here = new Set<number>();
  const changed: ItemResource[] = [];
  for (const row of rows) {
    const { counter, change } = row.view.item;
    here.add(counter);
    const told = known.members.has(counter) ? Math.max(known.change, known.ahead.get(counter) ?? 0) : -1;
    if (change > told) changed.push(row);
  }
  changed.sort((left, right) => left.view.item.change - right.view.item.change);
  const gone = [...known.members].filter((counter) => !here.has(counter));
  return [
    ...gone.map((counter) => ({ kind: 'delete' as const, counter })),
    ...changed.map((resource) => ({ kind: 'change' as const, resource })),
  ];
}

function wholeToken({ mailbox }: Place, rows: readonly ItemResource[]): ManifestToken {
  return { change: mailbox.change, members: new Set(rows.map((row) => row.view.item.counter)), ahead: new Map() };
}

function partToken(known: ManifestToken, told: readonly ManifestChange[]): ManifestToken {
  const members = new Set(known.members);
  const ahead = new Map(known.ahead);
  for (const one of told) {
    if (one.kind === 'delete') {
      members.delete(one.counter);
      ahead.delete(one.counter);
    } else {
      members.add(one.resource.view.item.counter);
      ahead.set(one.resource.view.item.counter, one.resource.view.item.change);
    }
  }
  return { change: known.change, members, ahead };
}
