/**
 * The seam between the wire and the canonical items: one `KindMapping` per kind, both directions side by side, all pure.
 * Built markup uses the prefixes `t:` (types) and `m:` (messages) and the element order of the Exchange 2010 SP2 schema.
 */
import type { KindCapabilities, LinkKey, Update } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { Path } from '#model/groups.ts';
import type { Instant, Item, Kind, ZoneId } from '#model/item.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';

/** What a mapping must know about the mailbox an item lives in. */
export interface MappingContext {
  /** The zone whose midnights tell dates: birthdays, task dates and all-day events. */
  readonly mailboxZone: ZoneId;
  /** Primary SMTP address, lower case. */
  readonly mailbox: string;
  /**
   * SMTP address of a legacy DN (RoutingType EX). Undefined: not looked up yet. Empty: looked up, there is none; such an
   * address is left out of the item for good.
   */
  readonly smtpOf: (legacyDn: string) => string | undefined;
  /** The server lists today's Windows time zones; false: every zone is written as a full TimeZoneDefinition. */
  readonly serverKnowsZones: boolean;
  /** Write no zone elements and all times in UTC: the second try after the server refused StartTimeZone. */
  readonly omitZones?: boolean;
}

/** An item as one element said it. */
export interface ReadItem {
  /** EWS ItemId; compare exactly, ids are case-sensitive. */
  readonly id: string;
  /** Empty when the server gave none. */
  readonly changeKey: string;
  /** Empty when the server gave none. */
  readonly itemClass: string;
  readonly linkKey?: LinkKey;
  /** When it was last changed, by the server's clock. */
  readonly modifiedAt: Instant | undefined;
  readonly item: Item;
  /** Ids of changed occurrences, to be fetched with `exceptionShape` and merged by `withExceptions`. */
  readonly exceptionIds: readonly string[];
  /**
   * Legacy DNs the item needs and `smtpOf` did not know. While this is not empty the item lacks addresses it has: resolve
   * and read again, never hand it on as it is.
   */
  readonly unresolved: readonly string[];
}

export type ReadMapping =
  | { readonly ok: true; readonly value: ReadItem }
  | { readonly ok: false; readonly fault: Fault };

/** `item.invalid`: the item contradicts itself. `item.unsupported`: Exchange cannot hold it; `path` says which part. */
export type BuildMapping<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

/** How one kind of item crosses between EWS and the canonical model. */
export interface KindMapping {
  readonly kind: Kind;
  readonly folder: 'contacts' | 'calendar' | 'tasks';
  readonly capabilities: KindCapabilities;

  /** Whether items of this class are read here; subclasses (`IPM.Contact.Custom`) are. */
  accepts(itemClass: string): boolean;

  /** The whole `m:ItemShape` of GetItem: item ids and exactly what is mapped. */
  readonly shape: Markup;

  /** The whole `m:ItemShape` for changed occurrences of series; events only. */
  readonly exceptionShape?: Markup;

  /**
   * The `m:ItemShape` to read an item with just before updating these paths, undefined when that is not needed. Pass the
   * element to `update` as `stored`.
   */
  shapeBefore(paths: readonly Path[]): Markup | undefined;

  /** Reads one item element (`t:Contact`, `t:CalendarItem`, `t:Task`). */
  read(element: XmlElement, context: MappingContext): ReadMapping;

  /** The element for CreateItem; a series without its exceptions. */
  create(item: Item, linkKey: LinkKey, context: MappingContext): BuildMapping<Markup>;

  /**
   * The content of `t:Updates`: one change per property, paths of `overrides` left out (`exceptionSteps` does them). Empty
   * when nothing of the item itself changes. `stored` is the item as read with `shapeBefore`.
   */
  update(update: Update, context: MappingContext, stored?: XmlElement): BuildMapping<readonly Markup[]>;
}
