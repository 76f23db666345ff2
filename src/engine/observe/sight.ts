/**
 * Turns one sighting into the row to remember. Pure. Echoes are recognised here by content (section 8 of the rules):
 * when the prints equal this side's prints in the base, nobody edited anything, whatever the version says.
 */
import type { OutReason, Snapshot } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import { prints, samePrints } from '#model/fingerprint.ts';
import type { Item, PlainDate } from '#model/item.ts';
import { lastDayOf } from '#model/last-day.ts';
import { matchKeys } from '#model/match-keys.ts';
import type { Facts, Feed, ItemRow, Known, Pair } from '#store/port.ts';
import { isKeyOf } from '../link-key.ts';
import { type Domain, sharedForm } from '../task.ts';
import type { Claim } from './claims.ts';

/** What a feed page says about one id, after reading. */
export type Sighting = { readonly id: string; readonly known: Known | undefined } & (
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'read'; readonly snapshot: Snapshot }
  | { readonly kind: 'gone' }
  | { readonly kind: 'out'; readonly reason?: OutReason }
  | { readonly kind: 'unreadable'; readonly fault: Fault }
  | { readonly kind: 'vanished' }
);

export type Sighted =
  | { readonly kind: 'row'; readonly row: ItemRow }
  | { readonly kind: 'seen' }
  | { readonly kind: 'forget' }
  | { readonly kind: 'nothing' };

export interface SightContext {
  readonly domain: Domain;
  readonly feed: Pick<Feed, 'side' | 'epoch'> & Partial<Pick<Feed, 'mappedEpoch'>>;
  readonly pair: Pair;
  /** What became of the key found in the item; undefined when it carries none of ours or the id is known. */
  readonly claim: Claim | undefined;
  /** Mailbox addresses, lower case, of other users whose calendar is kept the same. */
  readonly colleagues: ReadonlySet<string>;
  /** Items that ended before this date are not paired any more; undefined: all are. */
  readonly pairedSince: PlainDate | undefined;
}

export function sight(sighting: Sighting, context: SightContext): Sighted {
  const { known } = sighting;
  switch (sighting.kind) {
    case 'unchanged':
      return known !== undefined && known.epoch !== context.feed.epoch ? { kind: 'seen' } : { kind: 'nothing' };
    case 'vanished':
      return { kind: 'nothing' };
    case 'gone':
    case 'out':
      return departed(sighting, context);
    case 'unreadable':
      if (known?.presence === 'unreadable') return { kind: 'nothing' };
      return { kind: 'row', row: unreadable(sighting.id, sighting.fault, known, context) };
    case 'read':
      // A late twin is recovery's business; nothing is planned for it.
      if (context.claim?.kind === 'twin') return known === undefined ? { kind: 'nothing' } : { kind: 'forget' };
      if (context.claim?.kind === 'later')
        return { kind: 'row', row: unreadable(sighting.id, undecided, known, context) };
      return present(sighting.snapshot, known, context);
  }
}

function present(snapshot: Snapshot, known: Known | undefined, context: SightContext): Sighted {
  const { domain, feed, pair, claim } = context;
  const item = sharedForm(snapshot.item, domain);
  const claimedKey = snapshot.linkKey !== undefined && isKeyOf(pair.pairId, snapshot.linkKey) ? snapshot.linkKey : null;
  const linkKey = known?.linkKey ?? (claim?.kind === 'belongs' ? claim.linkKey : null);
  const row = {
    side: feed.side,
    kind: domain.kind,
    id: snapshot.id,
    version: snapshot.version,
    presence: 'present',
    linkKey,
    claimedKey,
    epoch: feed.epoch,
    facts: factsOf(snapshot),
    parked: null,
  } as const;
  if (linkKey === null) {
    // History that was never paired stays where it is, and no row remembers it.
    if (claim === undefined && isHistory(item, context.pairedSince)) {
      return known === undefined ? { kind: 'nothing' } : { kind: 'forget' };
    }
    const keys = matchKeys(item);
    // A key of ours whose link we do not remember (state lost): the strongest thing two items can share.
    const matching = claimedKey !== null && claim?.kind === 'orphan' ? [`0:link:${claimedKey}`, ...keys] : keys;
    if (claim?.kind === 'left') {
      return { kind: 'row', row: { ...row, ...served, matchKeys: [], parked: 'linkEnded' } };
    }
    if (isColleaguesMeeting(snapshot.item, context.colleagues)) {
      return { kind: 'row', row: { ...row, item, pending: false, matchKeys: matching, parked: 'attendeeCopy' } };
    }
    return { kind: 'row', row: { ...row, item, pending: true, matchKeys: matching } };
  }
  const base = known?.prints;
  if (base !== null && base !== undefined && samePrints(prints(item), base)) {
    return { kind: 'row', row: { ...row, ...served, matchKeys: [] } };
  }
  return { kind: 'row', row: { ...row, item, pending: true, matchKeys: [] } };
}

/** An observation that says nothing new: its content is not kept. */
export const served = { item: null, facts: null, pending: false } as const;

function factsOf({ item, modifiedAt, owned }: Snapshot): Facts | null {
  const organizing = item.kind === 'event' ? item.meeting?.organizing : undefined;
  if (modifiedAt === undefined && owned === undefined && organizing === undefined) return null;
  return {
    ...(modifiedAt !== undefined && { modifiedAt }),
    ...(owned !== undefined && { owned }),
    ...(organizing !== undefined && { organizing }),
  };
}

function isHistory(item: Item, since: PlainDate | undefined): boolean {
  if (since === undefined) return false;
  const last = lastDayOf(item);
  return last !== undefined && last < since;
}

/**
 * The copy of a meeting that a colleague organizes. It reaches the CRM through the organizer's own calendar, once, and comes
 * from there with this user among the participants; only then is the copy linked. Sending every copy would double it.
 */
function isColleaguesMeeting(item: Item, colleagues: ReadonlySet<string>): boolean {
  if (item.kind !== 'event' || item.meeting === undefined || item.meeting.organizing) return false;
  return item.meeting.organizer !== undefined && colleagues.has(item.meeting.organizer.toLowerCase());
}

function departed(sighting: Extract<Sighting, { kind: 'gone' | 'out' }>, context: SightContext): Sighted {
  const { known } = sighting;
  if (known === undefined) return { kind: 'nothing' };
  if (known.linkKey === null) return { kind: 'forget' };
  const row: ItemRow = {
    side: context.feed.side,
    kind: context.domain.kind,
    id: sighting.id,
    version: known.version,
    presence: sighting.kind,
    item: null,
    facts: null,
    linkKey: known.linkKey,
    claimedKey: known.linkKey,
    epoch: context.feed.epoch,
    pending: true,
    matchKeys: [],
    parked: null,
  };
  if (sighting.kind === 'gone') return { kind: 'row', row: { ...row, evidence: 'tombstone' } };
  return { kind: 'row', row: { ...row, outReason: sighting.reason ?? 'access' } };
}

/** Not to be judged yet: asked for again like an item that could not be read. */
const undecided: Fault = { code: 'item.unreadable', message: 'another write of its link is not settled' };

/**
 * Parked as an observation, so that the cursor may move on without forgetting it. It stays behind the epoch and pending:
 * so it is asked for again in every pass, and by every check for absences. What is of a kind we do not keep (a distribution
 * list, a meeting request) will not become readable: it waits for its next change.
 */
function unreadable(id: string, trouble: Fault, known: Known | undefined, context: SightContext): ItemRow {
  const hopeless = trouble.code === 'item.unsupported';
  const { side, epoch, mappedEpoch = 0 } = context.feed;
  // What was not read under the mapping of today must not seem so, should it become readable.
  const seen = known !== undefined && known.epoch < mappedEpoch ? known.epoch : hopeless ? epoch : epoch - 1;
  return {
    side,
    kind: context.domain.kind,
    id,
    version: known?.version ?? '',
    presence: 'unreadable',
    item: null,
    facts: null,
    linkKey: known?.linkKey ?? null,
    claimedKey: null,
    epoch: seen,
    pending: !hopeless,
    matchKeys: [],
    parked: trouble.code,
  };
}
