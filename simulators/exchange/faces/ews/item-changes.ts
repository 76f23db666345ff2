/** What changed in a folder since a state: the heart of SyncFolderItems. */
import type { Folder } from '../../truth/folder.ts';
import type { Item } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { isSeen, type SyncState, withSeen } from './sync-state.ts';

export type ItemChange =
  | { readonly kind: 'create' | 'update' | 'readFlag'; readonly item: Item; readonly change: number }
  | { readonly kind: 'delete'; readonly counter: number; readonly change: number };

export interface ChangePage {
  readonly changes: readonly ItemChange[];
  readonly state: SyncState;
  readonly isLast: boolean;
}

export interface ChangeOptions {
  readonly max: number;
  readonly newestFirst: boolean;
  readonly withAssociated: boolean;
  /** Messages the client does not want to hear of. */
  readonly ignored: ReadonlySet<number>;
}

/** The next page of changes. Asking twice with one state gives the same changes twice. */
export function changesSince(state: SyncState, folder: Folder, mailbox: Mailbox, options: ChangeOptions): ChangePage {
  const pending = folder.contentsChange <= state.seenTo ? [] : pendingChanges(state, folder, options);
  const sign = options.newestFirst ? -1 : 1;
  pending.sort((left, right) => sign * (left.change - right.change));
  const changes = pending.slice(0, options.max);
  if (changes.length === pending.length) {
    const complete = { seenTo: mailbox.change, knownTo: mailbox.counter, seen: [], given: [] };
    return { changes, state: { ...state, ...complete }, isLast: true };
  }
  const last = changes[changes.length - 1]?.change ?? 0;
  const range = options.newestFirst ? ([last, mailbox.change] as const) : ([state.seenTo + 1, last] as const);
  const created = changes.flatMap((one) => (one.kind === 'create' ? [one.item.counter] : []));
  const next = { seen: withSeen(state.seen, range), given: [...state.given, ...created] };
  return { changes, state: { ...state, ...next }, isLast: false };
}

function pendingChanges(state: SyncState, folder: Folder, options: ChangeOptions): ItemChange[] {
  const given = new Set(state.given);
  const isKnown = (counter: number): boolean => counter <= state.knownTo || given.has(counter);
  const found: ItemChange[] = [];
  const sources = options.withAssociated ? [folder.items, folder.associated] : [folder.items];
  for (const source of sources) {
    for (const item of source.values()) {
      const one = changeOf(item, state, isKnown, options.newestFirst);
      if (one !== undefined && !options.ignored.has(item.counter)) found.push(one);
    }
  }
  for (let at = 0; at < folder.removed.length; at += 2) {
    const counter = folder.removed[at] as number;
    const change = folder.removed[at + 1] as number;
    if (isSeen(state, change) || !isKnown(counter) || options.ignored.has(counter)) continue;
    found.push({ kind: 'delete', counter, change });
  }
  return found;
}

function changeOf(
  item: Item,
  state: SyncState,
  isKnown: (counter: number) => boolean,
  newestFirst: boolean,
): ItemChange | undefined {
  const readUnseen = item.readChange !== 0 && !isSeen(state, item.readChange);
  if (isSeen(state, item.change)) {
    return readUnseen ? { kind: 'readFlag', item, change: item.readChange } : undefined;
  }
  // Both unseen: one change, placed at the one that a page comes to first, or the page would cover the other one unsaid.
  const first = newestFirst ? Math.max : Math.min;
  const change = readUnseen ? first(item.change, item.readChange) : item.change;
  return { kind: isKnown(item.counter) ? 'update' : 'create', item, change };
}
