/**
 * What a connector is: one side of one user. Both families fulfil it: the mailbox connectors (`connectors/`) and the CRM
 * adapters (`crm/`). The engine knows nothing else about a side, and this interface crosses process boundaries as it is:
 * plain JSON in, plain JSON out, no callbacks but hints.
 *
 * Words: an *item* is identified on its side by a `RemoteId`; a `Version` changes whenever the item does and is what a
 * conditional write is conditional on; a `Cursor` is an opaque position in the side's change feed; a `LinkKey` is the
 * engine's own mark inside the item, lower case, at most 64 characters.
 *
 * Certainty: reading answers `Reply`; every write answers applied, rejected or **unknown**. When in doubt a connector says
 * unknown: it is always safe, only slower.
 */
import type { Fields, Path } from '#model/groups.ts';
import type { Instant, Item, Kind } from '#model/item.ts';
import type { Pattern, Regeneration } from '#model/recurrence.ts';
import type { Fault } from './fault.ts';

export type RemoteId = string;
export type Version = string;
export type Cursor = string;
export type LinkKey = string;

/** What a connector is opened for. initial: something is still to be listed for the first time; ongoing: changes only. */
export type Visit = 'initial' | 'ongoing';

export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

/** What one kind can carry on this side. */
export interface KindCapabilities {
  readonly fields: Fields;
  /** Recurrence patterns that can be held; empty: none. */
  readonly patterns: readonly (Pattern | Regeneration)['kind'][];
  /** Zone ids survive as they are (`iana`) or only as their Windows zone (`windows`). */
  readonly zones: 'iana' | 'windows';
}

/** How a side behaves; constant during one connector's life. */
export interface Capabilities {
  readonly kinds: Readonly<Partial<Record<Kind, KindCapabilities>>>;
  /** Updates and removals are refused when the version is stale. False: the connector reads and compares itself. */
  readonly conditionalWrites: boolean;
  /** A write's answer already holds the item as stored; false: the engine reads it back. */
  readonly writesReturnItem: boolean;
  /** Items per call the side works well with. */
  readonly batch: { readonly read: number; readonly write: number };
  /** How long after an unanswered create the item may still appear. */
  readonly settleMs: number;
}

/** Why an item is no longer offered although nobody said it was deleted. */
export type OutReason = 'unlisted' | 'reassigned' | 'moved' | 'window' | 'access' | 'converted';

/**
 * One line of a change feed. `present`: new or changed (or listed). `gone`: the side says the item was deleted. `out`: it
 * exists but left this user's scope.
 */
export type Change =
  | { readonly kind: 'present'; readonly id: RemoteId; readonly version: Version }
  | { readonly kind: 'gone'; readonly id: RemoteId }
  | { readonly kind: 'out'; readonly id: RemoteId; readonly reason: OutReason };

export interface ChangePage {
  readonly changes: readonly Change[];
  /** Store this together with the page, never before it. */
  readonly cursor: Cursor;
  /** False: ask again from `cursor` at once. Until the first true after a null cursor, absence means nothing. */
  readonly complete: boolean;
}

/** An item as this side holds it now. */
export interface Snapshot {
  readonly id: RemoteId;
  readonly version: Version;
  readonly linkKey?: LinkKey;
  readonly item: Item;
  /** When it was last changed, by our clock: the side's own stamp, corrected by how far its clock is off. */
  readonly modifiedAt?: Instant;
  /** The user owns the record; false: it is somebody else's and only shared. Absent where a side has no such notion. */
  readonly owned?: boolean;
}

/**
 * The answer for one id of a read. `gone`: there is no such item. `out`: there is, but not in this user's scope; a side that
 * cannot see beyond the scope says gone. `failed` never means that the item is gone.
 */
export type ReadOutcome =
  | { readonly kind: 'present'; readonly snapshot: Snapshot }
  | { readonly kind: 'gone'; readonly id: RemoteId }
  | { readonly kind: 'out'; readonly id: RemoteId; readonly reason: OutReason }
  | { readonly kind: 'failed'; readonly id: RemoteId; readonly fault: Fault };

export interface Create {
  /** Written inside the item in the same call. */
  readonly linkKey: LinkKey;
  readonly item: Item;
}

/**
 * Brings an item to `target`, touching nothing but `paths`: a path that has no value in `target` is cleared. All other
 * properties stay as they are, mapped or not.
 */
export interface Update {
  readonly id: RemoteId;
  readonly version: Version;
  readonly target: Item;
  readonly paths: readonly Path[];
  /** Stamp this key, when the item does not carry it yet. */
  readonly linkKey?: LinkKey;
}

/** A write as far as it can be judged before it is sent: all of `item` for a create, `paths` of it for an update. */
export interface Draft {
  readonly item: Item;
  readonly paths?: readonly Path[];
}

export interface Remove {
  readonly id: RemoteId;
  readonly version: Version;
}

export interface Written {
  readonly id: RemoteId;
  readonly version: Version;
  /** The item as stored, when `writesReturnItem`. */
  readonly item?: Item;
}

/**
 * What became of one remote write. applied: it happened. rejected: it certainly did not. unknown: nobody can say; the
 * engine finds out by link key, version and content.
 */
export type WriteOutcome<T> =
  | { readonly kind: 'applied'; readonly value: T }
  | { readonly kind: 'rejected'; readonly fault: Fault }
  | { readonly kind: 'unknown'; readonly fault: Fault };

/** What `probe` learned about the side, for `doctor` and the status page. */
export interface Probe {
  /** e.g. `Exchange 15.2.2562.17`, `PostgreSQL 18.4`. */
  readonly product: string;
  /** The user's own time zone when the side knows it. */
  readonly zone?: string;
  /** Server clock minus ours, when the side tells its time. */
  readonly clockOffsetMs?: number;
}

export interface Connector {
  readonly capabilities: Capabilities;

  /** Signs in and reaches the user's own data once. */
  probe(): Promise<Reply<Probe>>;

  /** One page of changes after `cursor`; null lists everything. Fault `mailbox.cursorInvalid`: start over from null. */
  changes(kind: Kind, cursor: Cursor | null): Promise<Reply<ChangePage>>;

  /** Reads items; one outcome per id, in the order asked. */
  read(kind: Kind, ids: readonly RemoteId[]): Promise<Reply<readonly ReadOutcome[]>>;

  /** All items that carry this key now (a user's copy carries it too). */
  findByLinkKey(kind: Kind, key: LinkKey): Promise<Reply<readonly RemoteId[]>>;

  /** One outcome per create, in order. */
  create(kind: Kind, creates: readonly Create[]): Promise<readonly WriteOutcome<Written>[]>;

  /** One outcome per update, in order; conditional on the version. A stale version is rejected with `item.conflict`. */
  update(kind: Kind, updates: readonly Update[]): Promise<readonly WriteOutcome<Written>[]>;

  /** One outcome per removal, in order; recoverable where the side can. An item already gone is applied. */
  remove(kind: Kind, removes: readonly Remove[]): Promise<readonly WriteOutcome<null>[]>;

  /**
   * Which of these writes would certainly be rejected, for a rehearsal: one answer per draft, in order. Null: only sending
   * it would tell. Writes nothing. A side that cannot tell anything in advance leaves it out.
   */
  check?(kind: Kind, drafts: readonly Draft[]): Promise<readonly (Fault | null)[]>;
  /** Frees connections. Idempotent. */
  close(): Promise<void>;
}
