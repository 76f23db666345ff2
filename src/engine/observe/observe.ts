/**
 * Observe: reads what changed on one side of one kind, page by page, and stores each page with its cursor in one
 * transaction (I12). Nothing is decided here. A crash between reading and committing repeats the page; that is harmless,
 * because a known version is passed over and the same content settles to the same row.
 */
import type { Change, ReadOutcome, Snapshot } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import { printOf } from '#model/fingerprint.ts';
import type { Feed, ItemRow, Known, Side, StateBatch } from '#store/port.ts';
import { type Domain, keepLease, mayWrite, pairedSinceOf, type Task } from '../task.ts';
import { type Claims, claimsOf } from './claims.ts';
import { readAll } from './read-all.ts';
import { isEcho, isStale, rebase } from './rebase.ts';
import { type Sighting, sight } from './sight.ts';
import { verifyAbsences } from './verify-absences.ts';

/** Keeps the two sides of a kind from reading and writing links at the same time. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Reads this side's feed to its end. Answers the fault that stopped it; what was stored before stays valid. */
export async function observe(
  task: Task,
  domain: Domain,
  side: Side,
  stored: Feed | undefined,
  inTurn: InTurn,
): Promise<Fault | undefined> {
  const mapping = mappingOf(task, domain);
  let feed = stored ?? freshFeed(side, domain, mapping);
  if (feed.mapping !== mapping) {
    // One epoch is left out: what cannot be read stays one behind, and must not pass for something of an older mapping.
    const epoch = feed.epoch + 1;
    feed = await startOver(task, { ...feed, epoch, mapping, mappedEpoch: epoch }, 'engine.mappingChanged');
  }
  let restarts = 0;
  for (;;) {
    await keepLease(task);
    const reply = await task.connectors[side].changes(domain.kind, feed.cursor);
    if (!reply.ok) {
      if (reply.fault.code !== 'mailbox.cursorInvalid' || restarts > 0) return reply.fault;
      restarts += 1;
      feed = await startOver(task, feed, 'engine.cursorLost');
      continue;
    }
    const { changes, cursor, complete } = reply.value;
    const next: Feed = {
      ...feed,
      cursor,
      listed: feed.listed || complete,
      // A first listing has nothing to miss; a later one is verified item by item below.
      verified: feed.verified || (complete && feed.epoch === 1),
    };
    const fault = await storePage(task, domain, feed, next, changes, inTurn);
    if (fault !== undefined) return fault;
    feed = next;
    if (complete) break;
  }
  if (feed.verified) return undefined;
  return await verifyAbsences(task, domain, feed, (changes) => storePage(task, domain, feed, feed, changes, inTurn));
}

function freshFeed(side: Side, { kind }: Domain, mapping: string): Feed {
  return { side, kind, epoch: 1, cursor: null, listed: false, verified: false, mapping, mappedEpoch: 0 };
}

/** An upgrade of the mapping may be under way: not everything is known to have been read under the new one. */
export function isUpgrading(feed: Feed, task: Task, domain: Domain): boolean {
  return feed.mapping !== mappingOf(task, domain) || (feed.mappedEpoch > 0 && !feed.verified);
}

/**
 * Prints are of one version of the mapping and of the fields that both sides hold. Either may change: by a new program, by a
 * mailbox that moves to a server that holds more, by a field that the policy lets cross from now on.
 */
function mappingOf({ tunables }: Task, { fields, zones }: Domain): string {
  return `${tunables.mapping}.${printOf([fields, zones])}`;
}

/** Reads again what could not be read before, as if the feed had mentioned it. */
export async function askAgain(task: Task, domain: Domain, feed: Feed, inTurn: InTurn): Promise<Fault | undefined> {
  let after: string | null = null;
  for (;;) {
    await keepLease(task);
    const limit = task.connectors[feed.side].capabilities.batch.read;
    const rows: readonly ItemRow[] = await task.store.notSeen(
      task.pair.pairId,
      feed.side,
      domain.kind,
      feed.epoch,
      after,
      limit,
    );
    const last = rows[rows.length - 1];
    if (last === undefined) return undefined;
    const changes = rows.map(({ id, version }) => ({ kind: 'present', id, version }) as const);
    const fault = await storePage(task, domain, feed, feed, changes, inTurn);
    if (fault !== undefined) return fault;
    after = last.id;
  }
}

/** The cursor died, or the mapping is a new one: list everything again in a new epoch. Links, bases, tombstones stay. */
async function startOver(task: Task, feed: Feed, event: string): Promise<Feed> {
  const next: Feed = { ...feed, epoch: feed.epoch + 1, cursor: null, listed: false, verified: false };
  task.ports.log({
    level: event === 'engine.cursorLost' ? 'warn' : 'info',
    event,
    pair: task.pair.pairId,
    side: feed.side,
    kind: feed.kind,
  });
  await task.store.commit(task.lease, { feeds: [next] });
  task.ports.crashPoint?.('observe.startOver.afterCommit');
  return next;
}

async function storePage(
  task: Task,
  domain: Domain,
  before: Feed,
  after: Feed,
  changes: readonly Change[],
  inTurn: InTurn,
): Promise<Fault | undefined> {
  if (changes.length === 0) {
    // An empty round moves the cursor of most servers; storing that would be a write for nothing.
    if (before.listed === after.listed && before.verified === after.verified) return undefined;
    await task.store.commit(task.lease, { feeds: [after] });
    return undefined;
  }
  const { side } = after;
  const ids = changes.map((change) => change.id);
  const known = await task.store.known(task.pair.pairId, side, domain.kind, ids);
  const sightings: Sighting[] = [];
  const unread: string[] = [];
  for (const change of changes) {
    const was = known.get(change.id);
    if (change.kind !== 'present') sightings.push({ kind: change.kind, id: change.id, known: was, ...outOf(change) });
    else if (isEcho(change.version, was) && !isStale(was, after))
      sightings.push({ kind: 'unchanged', id: change.id, known: was });
    else unread.push(change.id);
  }
  const read = await readAll(task, domain, side, unread);
  if (!read.ok) return read.fault;
  for (const outcome of read.outcomes) sightings.push(toSighting(outcome, known));
  const colleagues = await colleaguesOf(task, side, sightings);
  const trouble = await inTurn(async () => {
    const claims = await claimsOf(task, domain, side, sightings);
    if (!claims.ok) return claims.fault;
    const anew = await rebase(task, domain, after, sightings, claims.value);
    const batch = pageBatch(task, domain, after, anew.sightings, { ...claims.value, links: anew.links }, colleagues);
    // Asked again, still unreadable: nothing new is known, so nothing is written.
    if (before === after && (batch.items ?? []).length + (batch.forget ?? []).length === 0) return undefined;
    task.ports.crashPoint?.('observe.page.beforeCommit');
    await task.store.commit(task.lease, batch);
    task.ports.crashPoint?.('observe.page.afterCommit');
    return undefined;
  });
  if (trouble === undefined) task.progress({ kind: domain.kind, stage: 'observe', side, items: changes.length });
  return trouble;
}

const nobody: ReadonlySet<string> = new Set();

/** Which organizers of the meetings just read are users of ours, with their calendars going to the CRM. */
async function colleaguesOf(task: Task, side: Side, sightings: readonly Sighting[]): Promise<ReadonlySet<string>> {
  if (side !== 'mailbox') return nobody;
  const organizers = new Set<string>();
  for (const sighting of sightings) {
    if (sighting.kind !== 'read' || sighting.snapshot.item.kind !== 'event') continue;
    const { meeting } = sighting.snapshot.item;
    if (meeting?.organizing === false && meeting.organizer !== undefined)
      organizers.add(meeting.organizer.toLowerCase());
  }
  const colleagues = new Set<string>();
  for (const address of organizers) {
    const found = await task.store.findPair(address);
    if (found?.pair.enabled && mayWrite(found.pair, 'event', 'crm')) colleagues.add(address);
  }
  return colleagues;
}

function outOf(change: Change): { readonly reason?: Extract<Change, { kind: 'out' }>['reason'] } {
  return change.kind === 'out' ? { reason: change.reason } : {};
}

function toSighting(outcome: ReadOutcome, known: ReadonlyMap<string, Known>): Sighting {
  switch (outcome.kind) {
    case 'present':
      return {
        kind: 'read',
        id: outcome.snapshot.id,
        known: known.get(outcome.snapshot.id),
        snapshot: outcome.snapshot,
      };
    case 'gone':
    case 'out':
      // Listed a moment ago, not here now: the feed will say so itself; until then nothing is concluded.
      return { kind: 'vanished', id: outcome.id, known: known.get(outcome.id) };
    case 'failed':
      return { kind: 'unreadable', id: outcome.id, known: known.get(outcome.id), fault: outcome.fault };
  }
}

function pageBatch(
  task: Task,
  domain: Domain,
  feed: Feed,
  sightings: readonly Sighting[],
  claims: Claims,
  colleagues: ReadonlySet<string>,
): StateBatch {
  const items: ItemRow[] = [];
  const links = [...claims.links];
  const journal = [...claims.journal];
  const seen: { side: Side; kind: Domain['kind']; id: string; epoch: number }[] = [];
  const forget = [...claims.forget];
  const replaced = new Set(claims.forget.map((one) => one.id));
  const pairedSince = pairedSinceOf(task, domain.kind);
  for (const sighting of sightings) {
    // The old id of an item that moved: its departure is part of the move, not a deletion.
    if (replaced.has(sighting.id)) continue;
    const claim = claims.of.get(sighting.id);
    const result = sight(sighting, { domain, feed, pair: task.pair, claim, colleagues, pairedSince });
    switch (result.kind) {
      case 'row':
        items.push(result.row);
        break;
      case 'seen':
        seen.push({ side: feed.side, kind: domain.kind, id: sighting.id, epoch: feed.epoch });
        break;
      case 'forget':
        forget.push({ side: feed.side, kind: domain.kind, id: sighting.id });
        break;
      case 'nothing':
        break;
    }
  }
  return { feeds: [feed], items, links, journal, seen, forget, intents: claims.intents };
}

/** For a snapshot read outside a feed page (conflict, recovery): the row it becomes. */
export function rowOf(
  domain: Domain,
  side: Side,
  snapshot: Snapshot,
  known: Known | undefined,
  linkKey: string | null,
  epoch: number,
  task: Task,
): ItemRow | undefined {
  const result = sight(
    { kind: 'read', id: snapshot.id, known, snapshot },
    {
      domain,
      feed: { side, epoch },
      pair: task.pair,
      claim: linkKey === null ? undefined : { kind: 'belongs', linkKey },
      colleagues: nobody,
      pairedSince: pairedSinceOf(task, domain.kind),
    },
  );
  return result.kind === 'row' ? result.row : undefined;
}
