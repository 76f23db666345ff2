/** The questions the port answers about one pair's state, as plain functions over its Maps. */
import type { LinkKey, RemoteId } from '#contract/connector.ts';
import type { Kind } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import { byCodePoint } from '#model/text.ts';
import type {
  Brake,
  Feed,
  IntentRow,
  ItemRow,
  JournalQuery,
  JournalRow,
  Known,
  LinkRow,
  LinkView,
  PairDetails,
  RequestRow,
  Side,
  Tally,
  Waiting,
} from '../port.ts';
import { sides } from '../port.ts';
import type { PairState } from './pair-state.ts';
import { itemKey } from './pair-state.ts';

/** A link with the items that belong to it: the link names the item and the item names the link. */
export function viewOf(state: PairState, link: LinkRow): LinkView {
  return { link, crm: itemOf(state, link, 'crm'), mailbox: itemOf(state, link, 'mailbox') };
}

function itemOf(state: PairState, link: LinkRow, side: Side): ItemRow | null {
  const id = link.ids[side];
  if (id === null) return null;
  const item = state.items.get(itemKey(side, link.kind, id));
  return item?.linkKey === link.linkKey ? item : null;
}

export function known(state: PairState, side: Side, kind: Kind, ids: readonly RemoteId[]): Map<RemoteId, Known> {
  const found = new Map<RemoteId, Known>();
  for (const id of ids) {
    const item = state.items.get(itemKey(side, kind, id));
    if (item === undefined) continue;
    const link = item.linkKey === null ? undefined : state.links.get(item.linkKey);
    found.set(id, {
      version: item.version,
      presence: item.presence,
      epoch: item.epoch,
      pending: item.pending,
      linkKey: item.linkKey,
      prints: link?.prints?.[side] ?? null,
      quarantined: link !== undefined && link.quarantine !== null,
    });
  }
  return found;
}

export function links(state: PairState, keys: readonly LinkKey[]): readonly LinkView[] {
  const rows = [...new Set(keys)].flatMap((key) => state.links.get(key) ?? []);
  return rows.sort((one, two) => byCodePoint(one.linkKey, two.linkKey)).map((link) => viewOf(state, link));
}

export function allLinks(state: PairState, after: LinkKey | null, limit: number): readonly LinkView[] {
  return page([...state.links.values()], (link) => link.linkKey, after, limit).map((link) => viewOf(state, link));
}

export function pendingLinks(
  state: PairState,
  kind: Kind,
  nowMs: number,
  after: LinkKey | null,
  limit: number,
): readonly LinkView[] {
  const views = workOf(state, kind).filter(
    ({ link }) => link.quarantine === null || link.quarantine.probeAtMs <= nowMs,
  );
  return page(views, (view) => view.link.linkKey, after, limit);
}

export function feeds(state: PairState): readonly Feed[] {
  return [...state.feeds.entries()].sort(([one], [two]) => byCodePoint(one, two)).map(([, feed]) => feed);
}

export function details(state: PairState): PairDetails {
  return { feeds: feeds(state), waiting: waiting(state), tallies: tallies(state), brakes: brakes(state) };
}

/** Active links that have something to decide and no unsettled intent, quarantined or not. */
function workOf(state: PairState, kind: Kind): readonly LinkView[] {
  const busy = new Set([...state.intents.values()].map((intent) => intent.linkKey));
  const active = [...state.links.values()].filter(
    (link) => link.kind === kind && link.ended === null && !busy.has(link.linkKey),
  );
  return active
    .map((link) => viewOf(state, link))
    .filter((view) => view.link.base === null || view.crm?.pending === true || view.mailbox?.pending === true);
}

export function waiting(state: PairState): readonly Waiting[] {
  return kinds.map((kind) => {
    const items = [...state.items.values()].filter((item) => item.kind === kind);
    const work = workOf(state, kind);
    const leaving = (side: Side) =>
      items.filter((item) => item.side === side && item.pending && ['gone', 'out'].includes(item.presence)).length;
    return {
      kind,
      pendingLinks: work.length,
      setAside: work.filter(({ link }) => link.quarantine !== null).length,
      unlinked: items.filter(isUnlinkedWork).length,
      leaving: { crm: leaving('crm'), mailbox: leaving('mailbox') },
      unreadable: items.filter((item) => item.pending && item.presence === 'unreadable').length,
      heldBrakes: [...state.brakes.values()].filter((brake) => brake.kind === kind && brake.state === 'held').length,
      activeLinks: [...state.links.values()].filter((link) => link.kind === kind && link.ended === null).length,
    };
  });
}

function isUnlinkedWork(item: ItemRow): boolean {
  return item.presence === 'present' && item.pending && item.linkKey === null && item.parked === null;
}

export function unlinked(
  state: PairState,
  kind: Kind,
  side: Side,
  after: RemoteId | null,
  limit: number,
): readonly ItemRow[] {
  return page(itemsOf(state, side, kind).filter(isUnlinkedWork), (item) => item.id, after, limit);
}

export function withMatchKeys(
  state: PairState,
  kind: Kind,
  side: Side,
  keys: readonly string[],
  limit: number,
): readonly ItemRow[] {
  const matching = itemsOf(state, side, kind).filter(
    (item) =>
      item.presence === 'present' &&
      item.linkKey === null &&
      item.matchKeys.some((matchKey) => keys.includes(matchKey)),
  );
  return page(matching, (item) => item.id, null, limit);
}

export function notSeen(
  state: PairState,
  side: Side,
  kind: Kind,
  epoch: number,
  after: RemoteId | null,
  limit: number,
): readonly ItemRow[] {
  const missing = itemsOf(state, side, kind).filter(
    (item) => (item.presence === 'present' || item.presence === 'unreadable') && item.epoch < epoch,
  );
  return page(missing, (item) => item.id, after, limit);
}

export function intents(state: PairState, after: string | null, limit: number): readonly IntentRow[] {
  return page([...state.intents.values()], (intent) => intent.intentId, after, limit);
}

export function brakes(state: PairState): readonly Brake[] {
  return [...state.brakes.entries()].sort(([one], [two]) => byCodePoint(one, two)).map(([, brake]) => brake);
}

export function tallies(state: PairState): readonly Tally[] {
  return kinds.map((kind) => {
    const active = [...state.links.values()].filter((link) => link.kind === kind && link.ended === null);
    return {
      kind,
      paired: active.filter((link) => link.ids.crm !== null && link.ids.mailbox !== null).length,
      quarantined: active.filter((link) => link.quarantine !== null).length,
      review: sides.flatMap((side) => itemsOf(state, side, kind)).filter(isForReview).length,
      held: active.filter((link) => link.holds.length > 0).length,
      events: eventCounts(state.journal.filter((entry) => entry.kind === kind)),
    };
  });
}

function eventCounts(entries: readonly JournalRow[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { event, side } of entries) {
    const name = side === null ? event : `${event}.${side}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export function journal(state: PairState, query: JournalQuery): readonly JournalRow[] {
  const { linkKey, event, after = 0, limit } = query;
  return state.journal
    .filter((row) => row.sequence > after)
    .filter((row) => linkKey === undefined || row.linkKey === linkKey)
    .filter((row) => event === undefined || row.event === event)
    .slice(0, limit);
}

export function quarantined(state: PairState, limit: number): readonly LinkRow[] {
  const aside = [...state.links.values()].filter((link) => link.ended === null && link.quarantine !== null);
  return page(aside, (link) => link.linkKey, null, limit);
}

export function requests(state: PairState, limit: number): readonly RequestRow[] {
  return [...state.requests.values()].sort((one, two) => one.number - two.number).slice(0, limit);
}

export function held(state: PairState, limit: number): readonly LinkRow[] {
  const waiting = [...state.links.values()].filter((link) => link.ended === null && link.holds.length > 0);
  return page(waiting, (link) => link.linkKey, null, limit);
}

export function review(state: PairState, limit: number): readonly ItemRow[] {
  const parked = [...state.items.values()].filter(isForReview);
  return page(parked, (item) => itemKey(item.side, item.kind, item.id), null, limit);
}

function isForReview(item: ItemRow): boolean {
  return item.parked !== null;
}

function itemsOf(state: PairState, side: Side, kind: Kind): readonly ItemRow[] {
  return [...state.items.values()].filter((item) => item.side === side && item.kind === kind);
}

/** The first `limit` rows whose key is after `after`, in the order of their keys. */
function page<T>(rows: readonly T[], key: (row: T) => string, after: string | null, limit: number): readonly T[] {
  const rest = after === null ? rows : rows.filter((row) => byCodePoint(key(row), after) > 0);
  return [...rest].sort((one, two) => byCodePoint(key(one), key(two))).slice(0, limit);
}
