/**
 * The state port: everything Liaison remembers, and the only way to remember it. Implementations: `postgres/`
 * (production) and `memory/` (simulation); one conformance suite holds both to these words.
 *
 * The store is deliberately simple: the engine computes whole rows purely and hands them over in **one batch, one
 * transaction** (`commit`). Every commit names the lease it was made under; a lease whose fence number is no longer
 * current changes nothing and throws `FenceLost` (invariant: a stalled worker that wakes up cannot write).
 * A store that cannot answer throws `StoreUnavailable`; the cycle ends there, and the next one recovers.
 *
 * Rows are keyed by pair first, so that tables partition by mailbox. Pages are bounded by `limit` everywhere.
 */
import type { LinkKey, OutReason, RemoteId, Version } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { MailboxLocation } from '#contract/location.ts';
import type { Prints } from '#model/fingerprint.ts';
import type { Path } from '#model/groups.ts';
import type { Instant, Item, Kind, ZoneId } from '#model/item.ts';

export type Side = 'crm' | 'mailbox';

export const sides: readonly Side[] = ['crm', 'mailbox'];

export function otherSide(side: Side): Side {
  return side === 'crm' ? 'mailbox' : 'crm';
}

/** Row id of a pair: 8 lower-case letters and digits, never reused; also the tag inside the pair's link keys. */
export type PairId = string;

/** How far a kind is kept the same. full: both ways; export: CRM to mailbox; import: mailbox to CRM; none: not at all. */
export type SyncLevel = 'full' | 'export' | 'import' | 'none';

/** One row of the user map. */
export interface Pair {
  readonly pairId: PairId;
  /** The CRM login. */
  readonly crmUser: string;
  /** Primary SMTP address of the mailbox, lower case. */
  readonly mailbox: string;
  readonly enabled: boolean;
  /** Name of the mailbox server in the configuration; `auto`: the one that the directories lead to. */
  readonly server: string;
  readonly levels: Readonly<Record<Kind, SyncLevel>>;
  /** The user's own time zone; absent: the server's or the configured default. */
  readonly zone?: ZoneId;
}

/** Where a pair's mailbox was found, and when somebody last looked. */
export interface LocationRow {
  readonly location: MailboxLocation;
  /** Milliseconds since the epoch. */
  readonly checkedAtMs: number;
  /** A connector met signs since then that the mailbox is elsewhere: it is to be looked for again soon. */
  readonly isDoubted: boolean;
}

/** What the last cycle did, for people. */
export interface CycleOutcome {
  readonly at: Instant;
  readonly result: 'quiet' | 'changed' | 'unfinished' | 'failed';
  readonly durationMs: number;
  readonly fault?: Fault;
}

/** A pair with its schedule. */
export interface PairStatus {
  readonly pair: Pair;
  /** Milliseconds since the epoch. */
  readonly nextAtMs: number;
  readonly attempts: number;
  readonly owner: string | null;
  readonly leaseUntilMs: number;
  readonly lastOutcome: CycleOutcome | null;
  /** When the last cycle without a fault ended. */
  readonly lastGoodAt: Instant | null;
}

/** The right to work on one pair until `untilMs`; `fence` grows with every claim. */
export interface Lease {
  readonly pairId: PairId;
  readonly owner: string;
  readonly fence: number;
  readonly untilMs: number;
}

export interface Claim {
  readonly lease: Lease;
  readonly pair: Pair;
  /** Cycles that failed in a row before this one. */
  readonly attempts: number;
}

/** Position in one side's change feed of one kind. */
export interface Feed {
  readonly side: Side;
  readonly kind: Kind;
  /** Raised whenever the listing starts over; a page of an older epoch is refused. */
  readonly epoch: number;
  readonly cursor: string | null;
  /** True once a listing of this epoch was read to its end. */
  readonly listed: boolean;
  /** True once absences of this epoch's listing were confirmed one by one (nothing is missing before that). */
  readonly verified: boolean;
  /** What items are read under: the version of the mapping, and the fields that both sides hold. */
  readonly mapping: string;
  /** An item last seen before this epoch has prints of an older one; 0 while there never was another. */
  readonly mappedEpoch: number;
}

/** Why an item counts as gone: the side said so, or it was absent from a full listing and a direct read found nothing. */
export type GoneEvidence = 'tombstone' | 'absence';

/** What a side last told us about one item. `item` is kept only while something about it is unsettled. */
export interface ItemRow {
  readonly side: Side;
  readonly kind: Kind;
  readonly id: RemoteId;
  readonly version: Version;
  readonly presence: 'present' | 'gone' | 'out' | 'unreadable';
  readonly evidence?: GoneEvidence;
  readonly outReason?: OutReason;
  /** Normalised and restricted to what both sides can hold. */
  readonly item: Item | null;
  /** Kept with `item`. */
  readonly facts: Facts | null;
  /** The link this item belongs to. */
  readonly linkKey: LinkKey | null;
  /** The key found inside the item. */
  readonly claimedKey: LinkKey | null;
  /** Epoch of the feed in which it was last seen. */
  readonly epoch: number;
  /** Something is to be decided about it. */
  readonly pending: boolean;
  /** For matching; only while unlinked. */
  readonly matchKeys: readonly string[];
  /** Why it is left alone (`ambiguous`, a fault code); shown on the review list. */
  readonly parked: string | null;
}

/** What a side knows about an item beside its content; it helps to decide conflicts. Absent: the side does not tell. */
export interface Facts {
  /** When it was last changed there, by our clock. */
  readonly modifiedAt?: Instant;
  /** The user owns the record. */
  readonly owned?: boolean;
  /** The user organizes the meeting. */
  readonly organizing?: boolean;
}

/** A conflict that waits for a person: what the base and both sides have at a path; null for no value. */
export interface HeldValue {
  /** Empty for an edit against a deletion: the values are whole items then. */
  readonly path: Path;
  readonly base: unknown;
  readonly crm: unknown;
  readonly mailbox: unknown;
}

export interface Hold extends HeldValue {
  readonly since: Instant;
  /** A person's word: what this side says is to stay. Carried out by the next pass, unless a side changes it before. */
  readonly take?: Side;
}

/** A link set aside until one of its items changes, or the time of the next slow try comes. */
export interface Quarantine {
  readonly fault: Fault;
  readonly side: Side;
  readonly since: Instant;
  readonly attempts: number;
  readonly probeAtMs: number;
}

/** Two items that are the same thing. An ended link is the tombstone. */
export interface LinkRow {
  readonly linkKey: LinkKey;
  readonly kind: Kind;
  readonly origin: Side | 'match';
  readonly ids: Readonly<Record<Side, RemoteId | null>>;
  /** The last value both sides were known to hold. */
  readonly base: Item | null;
  /** Each side's own prints of it. */
  readonly prints: Readonly<Record<Side, Prints>> | null;
  readonly quarantine: Quarantine | null;
  /** Conflicts that wait for a person. */
  readonly holds: readonly Hold[];
  readonly ended: { readonly reason: string; readonly at: Instant } | null;
  /** What is to be made on both sides, as long as neither has it; absent: nothing. */
  readonly make?: Item;
}

/** One remote write that may or may not have happened. At most one unsettled intent per link. */
export interface IntentRow {
  readonly intentId: string;
  readonly linkKey: LinkKey;
  readonly kind: Kind;
  readonly side: Side;
  readonly op: 'create' | 'update' | 'remove';
  readonly state: 'armed' | 'sent';
  readonly remoteId: RemoteId | null;
  readonly expectedVersion: Version | null;
  readonly target: Item | null;
  readonly paths: readonly Path[];
  readonly firstSentAtMs: number | null;
  readonly attempts: number;
  /** Id of the decision-table cell that asked for it. */
  readonly cell: string;
}

/** Append-only account of decisions; with the intent id it explains every remote write. */
export interface JournalEntry {
  readonly at: Instant;
  readonly kind: Kind;
  readonly linkKey: LinkKey | null;
  /** Stable name: `created`, `updated`, `removed`, `conflict`, `matched`, `quarantined`, `ended`, … */
  readonly event: string;
  readonly side: Side | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * Rows to write in one transaction. Rows replace the stored ones whole; nothing is merged, and of two rows with one key the
 * last counts. Order: forget before items before seen, settled before intents. A feed of an older epoch than the stored one
 * throws `FenceLost`. An item belongs to a link only when each names the other (`linkKey`, `ids`): set both together. Rows
 * handed over must not be changed afterwards.
 */
export interface StateBatch {
  readonly feeds?: readonly Feed[];
  readonly items?: readonly ItemRow[];
  /** Items of this side and kind seen again unchanged: only their epoch moves. */
  readonly seen?: readonly {
    readonly side: Side;
    readonly kind: Kind;
    readonly id: RemoteId;
    readonly epoch: number;
  }[];
  readonly forget?: readonly { readonly side: Side; readonly kind: Kind; readonly id: RemoteId }[];
  readonly links?: readonly LinkRow[];
  readonly intents?: readonly IntentRow[];
  readonly settled?: readonly string[];
  readonly journal?: readonly JournalEntry[];
  readonly brakes?: readonly Brake[];
  /** Requests that have been answered, by their numbers. */
  readonly answered?: readonly number[];
}

/**
 * A person's word that the next cycle carries out.
 * - undo: what this decision (a journal sequence number) did is to be undone.
 * - settle: of a conflict that waits, at this path of the link or at all of them (null), what side `take` says is to stay.
 *   `seen` is a print of the values that the person was shown.
 */
export type Request =
  | { readonly kind: 'undo'; readonly decision: number }
  | {
      readonly kind: 'settle';
      readonly linkKey: LinkKey;
      readonly path: Path | null;
      readonly take: Side;
      readonly seen: string;
    };

/** `number` is never used again: who asks for something else meanwhile is not answered with it. */
export interface RequestRow {
  readonly number: number;
  readonly request: Request;
}

/** What a request is about: a newer one about the same replaces it. */
export function subjectOf(request: Request): string {
  return request.kind === 'undo' ? String(request.decision) : `${request.linkKey} ${request.path ?? '*'}`;
}

/** Destructive work held back until a person decides on exactly this plan. */
export interface Brake {
  readonly side: Side;
  readonly kind: Kind;
  readonly work: 'removals' | 'overwrites';
  readonly count: number;
  readonly links: number;
  /** Print of the set of links concerned: a release is for this plan only. */
  readonly plan: string;
  readonly sample: readonly LinkKey[];
  readonly since: Instant;
  readonly state: 'held' | 'released' | 'cleared';
}

/** What the store knows of an id that a feed mentions. */
export interface Known {
  readonly version: Version;
  readonly presence: ItemRow['presence'];
  readonly epoch: number;
  readonly pending: boolean;
  readonly linkKey: LinkKey | null;
  /** This side's prints in the link's base. */
  readonly prints: Prints | null;
  readonly quarantined: boolean;
}

/** A link with both observations, as the planner wants it. */
export interface LinkView {
  readonly link: LinkRow;
  readonly crm: ItemRow | null;
  readonly mailbox: ItemRow | null;
}

/** Work waiting, by kind; all zero when there is nothing to plan. */
export interface Waiting {
  readonly kind: Kind;
  /** Without those that have an unsettled intent, with those in quarantine. */
  readonly pendingLinks: number;
  /** How many of these are in quarantine: nothing waits for them but a person. */
  readonly setAside: number;
  readonly unlinked: number;
  /** Pending items that are gone or out, by side: the most that could be removed on the other side. */
  readonly leaving: Readonly<Record<Side, number>>;
  /** Items that could not be read and are to be asked for again. */
  readonly unreadable: number;
  /** Brakes that hold something back. */
  readonly heldBrakes: number;
  readonly activeLinks: number;
}

/** Totals for people: per kind. */
export interface Tally {
  readonly kind: Kind;
  readonly paired: number;
  readonly quarantined: number;
  readonly review: number;
  /** Links with conflicts that wait for a person. */
  readonly held: number;
  /** Journal entries by event and side, e.g. `created.mailbox`. */
  readonly events: Readonly<Record<string, number>>;
}

/**
 * Pairs that need a look: enabled ones whose last cycle ended with a fault or that are overdue, and any with a held brake or
 * a link in quarantine. Overdue: had a good cycle once, and the next one should have begun before `overdueBeforeMs`.
 */
export interface Troubled {
  readonly overdueBeforeMs: number;
}

/** All that is counted and listed about one pair. */
export interface PairDetails {
  readonly feeds: readonly Feed[];
  readonly waiting: readonly Waiting[];
  readonly tallies: readonly Tally[];
  readonly brakes: readonly Brake[];
}

/** How many pairs; one pair may count under several words. Only enabled ones count as failing, overdue or initial. */
export interface Summary {
  readonly users: number;
  readonly disabled: number;
  /** The last cycle ended with a fault other than a request to wait. */
  readonly failing: number;
  readonly overdue: number;
  /** No cycle has ended without a fault yet. */
  readonly initial: number;
  /** A brake is held. */
  readonly held: number;
  /** Some link is in quarantine. */
  readonly setAside: number;
}

/** The lease's fence number is no longer current: somebody else works on this pair now. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost';
}

/** The store did not answer, or nobody knows whether it committed. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

export interface Store {
  // The user map.
  /** Inserts or replaces by pairId; a new pair is due at once. Throws on a crmUser or mailbox used by another pair. */
  putPairs(pairs: readonly Pair[]): Promise<void>;
  /** In order of mailbox address; with `troubled` only those that need a look. */
  pairs(after: string | null, limit: number, troubled?: Troubled): Promise<readonly PairStatus[]>;
  /** By mailbox address or CRM login. */
  findPair(name: string): Promise<PairStatus | undefined>;
  /** Forgets a pair with all its state. */
  dropPair(pairId: PairId): Promise<void>;

  /** Where the mailbox was found last; undefined before the first time. */
  location(pairId: PairId): Promise<LocationRow | undefined>;
  /** Replaces it; a pair that does not exist is passed over. Needs no lease: it says where to look, not what is there. */
  putLocation(pairId: PairId, row: LocationRow): Promise<void>;

  // The schedule.
  /** Leases up to `limit` enabled pairs that are due, the longest waiting first. */
  claim(owner: string, nowMs: number, leaseMs: number, limit: number): Promise<readonly Claim[]>;
  /** Leases this pair now, due or not; undefined while somebody else holds a valid lease, or when it does not exist. */
  claimPair(pairId: PairId, owner: string, nowMs: number, leaseMs: number): Promise<Claim | undefined>;
  renew(lease: Lease, untilMs: number): Promise<Lease>;
  /** Ends the lease. A signal that arrived meanwhile makes the pair due at once. */
  finish(lease: Lease, outcome: CycleOutcome, nextAtMs: number, attempts: number): Promise<void>;
  /** Gives a lease back unused: nothing is booked, the pair is due at `nextAtMs`. */
  release(lease: Lease, nextAtMs: number): Promise<void>;
  /** Something changed there: due now, or again right after the running cycle. */
  signal(pairIds: readonly PairId[], nowMs: number): Promise<void>;
  /** Who holds leases now. */
  owners(nowMs: number): Promise<readonly string[]>;
  /** Ends all leases of an owner that is known to be dead: its pairs are due at once. The fence still guards them. */
  evict(owner: string, nowMs: number): Promise<void>;
  /** When the next enabled pair is due; undefined when none is. */
  nextDueMs(): Promise<number | undefined>;

  // The state of one pair.
  commit(lease: Lease, batch: StateBatch): Promise<void>;
  feeds(pairId: PairId): Promise<readonly Feed[]>;
  waiting(pairId: PairId): Promise<readonly Waiting[]>;
  known(pairId: PairId, side: Side, kind: Kind, ids: readonly RemoteId[]): Promise<ReadonlyMap<RemoteId, Known>>;
  links(pairId: PairId, keys: readonly LinkKey[]): Promise<readonly LinkView[]>;
  /** Active links that have a pending item or no base, are not quarantined (or due for a try) and have no unsettled intent. */
  pendingLinks(
    pairId: PairId,
    kind: Kind,
    nowMs: number,
    after: LinkKey | null,
    limit: number,
  ): Promise<readonly LinkView[]>;
  /** Present, pending, unlinked, unparked items. */
  unlinked(pairId: PairId, kind: Kind, side: Side, after: RemoteId | null, limit: number): Promise<readonly ItemRow[]>;
  /** Present unlinked items (parked or not) of this side that have any of these match keys; at most `limit`. */
  withMatchKeys(
    pairId: PairId,
    kind: Kind,
    side: Side,
    keys: readonly string[],
    limit: number,
  ): Promise<readonly ItemRow[]>;
  /** Items that were present (or unreadable) in an older epoch and were not seen in this one. */
  notSeen(
    pairId: PairId,
    side: Side,
    kind: Kind,
    epoch: number,
    after: RemoteId | null,
    limit: number,
  ): Promise<readonly ItemRow[]>;
  intents(pairId: PairId, after: string | null, limit: number): Promise<readonly IntentRow[]>;
  brakes(pairId: PairId): Promise<readonly Brake[]>;
  /** How many other pairs have a held brake, at most `limit`: many at once are no coincidence. */
  brakedPairs(except: PairId, limit: number): Promise<number>;
  /** A person's word on a held brake. */
  releaseBrake(pairId: PairId, side: Side, kind: Kind, plan: string): Promise<boolean>;

  /** A person's word. Asking twice is asking once; another word on the same subject (`subjectOf`) replaces the first. */
  ask(pairId: PairId, request: Request): Promise<void>;
  /** What was asked for and is not answered yet, the oldest first. */
  requests(pairId: PairId, limit: number): Promise<readonly RequestRow[]>;

  // For people.
  /** What there is to say about each of these pairs, in a fixed number of statements; those unknown are left out. */
  details(pairIds: readonly PairId[]): Promise<ReadonlyMap<PairId, PairDetails>>;
  /** Counts over the whole user map. */
  summary(troubled: Troubled): Promise<Summary>;
  tallies(pairId: PairId): Promise<readonly Tally[]>;
  /** All links in the order of their keys, tombstones too. */
  allLinks(pairId: PairId, after: LinkKey | null, limit: number): Promise<readonly LinkView[]>;
  journal(pairId: PairId, query: JournalQuery): Promise<readonly JournalRow[]>;
  quarantined(pairId: PairId, limit: number): Promise<readonly LinkRow[]>;
  /** Parked items, linked or not. */
  review(pairId: PairId, limit: number): Promise<readonly ItemRow[]>;
  /** Active links with conflicts that wait for a person. */
  held(pairId: PairId, limit: number): Promise<readonly LinkRow[]>;

  // Housekeeping; beside running cycles, at any time.
  /** Forgets journal entries that are too old, of one page after `after`. */
  trimJournal(pairId: PairId, retention: Retention, after: number, limit: number): Promise<Trimmed>;
  /**
   * Forgets up to `limit` tombstones that ended before `endedBefore` and can serve nobody any more: since then both feeds of
   * the kind were read to the end in their current epochs (a good cycle a day later at least, both feeds verified), no
   * item of the link is remembered and none of its writes is open. Answers how many; none while the pair is worked on.
   */
  retireTombstones(pairId: PairId, endedBefore: Instant, limit: number): Promise<number>;

  close(): Promise<void>;
}

/** Entries before these moments may go. Overruled: those that hold a value somebody lost (`overruledEvents`). */
export interface Retention {
  readonly ordinaryBefore: Instant;
  readonly overruledBefore: Instant;
}

/** Journal events whose entries hold a value that is nowhere else (I1), or say that it was put back. */
export const overruledEvents: readonly string[] = ['conflict', 'difference', 'held', 'orphaned', 'removed', 'undone'];

/** A cycle that began before a link ended cannot end a day later. */
export const tombstonePassedMs = 24 * 3_600_000;

export interface Trimmed {
  readonly forgotten: number;
  /** Go on after this entry; null when the rest of the journal is too young. */
  readonly next: number | null;
}

export interface JournalQuery {
  readonly linkKey?: LinkKey;
  readonly event?: string;
  /** Only entries after this sequence number. */
  readonly after?: number;
  readonly limit: number;
}

export interface JournalRow extends JournalEntry {
  readonly sequence: number;
}
