/**
 * Everything remembered about one pair, in Maps, and the writing of one batch. A batch is checked whole before the first
 * row changes, so one that is refused leaves nothing behind.
 */
import type { LinkKey, RemoteId } from '#contract/connector.ts';
import type { Kind } from '#model/item.ts';
import type { Brake, Feed, IntentRow, ItemRow, JournalRow, LinkRow, RequestRow, Side, StateBatch } from '../port.ts';
import { FenceLost } from '../port.ts';
import { deepFreeze } from './deep-freeze.ts';

export interface PairState {
  /** By side and kind. */
  readonly feeds: Map<string, Feed>;
  /** By side, kind and id. */
  readonly items: Map<string, ItemRow>;
  readonly links: Map<LinkKey, LinkRow>;
  readonly intents: Map<string, IntentRow>;
  readonly journal: JournalRow[];
  /** By side, kind and work. */
  readonly brakes: Map<string, Brake>;
  /** By kind and subject. */
  readonly requests: Map<string, RequestRow>;
}

export function emptyPairState(): PairState {
  return {
    feeds: new Map(),
    items: new Map(),
    links: new Map(),
    intents: new Map(),
    journal: [],
    brakes: new Map(),
    requests: new Map(),
  };
}

export function itemKey(side: Side, kind: Kind, id: RemoteId): string {
  return `${side} ${kind} ${id}`;
}

/**
 * Writes one batch in the port's order: what is forgotten or settled goes first, so that the same batch may put something
 * new in its place. `nextSequence` numbers the journal. Throws `FenceLost` on a feed of an older epoch and an `Error` on a
 * second unsettled intent of a link; the state is unchanged then.
 */
export function writeBatch(state: PairState, batch: StateBatch, nextSequence: () => number): void {
  refuseOlderEpoch(state, batch.feeds ?? []);
  refuseSecondIntent(state, batch.settled ?? [], batch.intents ?? []);
  for (const feed of batch.feeds ?? []) state.feeds.set(`${feed.side} ${feed.kind}`, deepFreeze(feed));
  for (const { side, kind, id } of batch.forget ?? []) state.items.delete(itemKey(side, kind, id));
  for (const item of batch.items ?? []) state.items.set(itemKey(item.side, item.kind, item.id), deepFreeze(item));
  for (const seen of batch.seen ?? []) markSeen(state, itemKey(seen.side, seen.kind, seen.id), seen.epoch);
  for (const link of batch.links ?? []) state.links.set(link.linkKey, deepFreeze(link));
  for (const intentId of batch.settled ?? []) state.intents.delete(intentId);
  for (const intent of batch.intents ?? []) state.intents.set(intent.intentId, deepFreeze(intent));
  for (const entry of batch.journal ?? []) state.journal.push(deepFreeze({ ...entry, sequence: nextSequence() }));
  for (const [subject, { number }] of state.requests) {
    if (batch.answered?.includes(number)) state.requests.delete(subject);
  }
  for (const brake of batch.brakes ?? []) {
    state.brakes.set(`${brake.side} ${brake.kind} ${brake.work}`, deepFreeze(brake));
  }
}

function refuseOlderEpoch(state: PairState, feeds: readonly Feed[]): void {
  for (const feed of feeds) {
    const stored = state.feeds.get(`${feed.side} ${feed.kind}`);
    if (stored !== undefined && feed.epoch < stored.epoch) {
      throw new FenceLost(`the feed ${feed.side} ${feed.kind} is at epoch ${stored.epoch}, not ${feed.epoch}`);
    }
  }
}

function refuseSecondIntent(state: PairState, settled: readonly string[], intents: readonly IntentRow[]): void {
  if (intents.length === 0) return;
  const after = new Map(state.intents);
  for (const intentId of settled) after.delete(intentId);
  for (const intent of intents) after.set(intent.intentId, intent);
  const busy = new Set<LinkKey>();
  for (const intent of after.values()) {
    if (busy.has(intent.linkKey)) throw new Error(`the link ${intent.linkKey} has an unsettled intent already`);
    busy.add(intent.linkKey);
  }
}

function markSeen(state: PairState, key: string, epoch: number): void {
  const item = state.items.get(key);
  if (item !== undefined && item.epoch !== epoch) state.items.set(key, Object.freeze({ ...item, epoch }));
}
