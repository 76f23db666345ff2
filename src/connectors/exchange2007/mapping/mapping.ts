/**
 * The seam between WebDAV properties and the canonical items: one `KindMapping` per kind, both directions side by side, all
 * pure.
 */
import type { KindCapabilities, LinkKey, Update } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { Instant, Item, Kind, ZoneId } from '#model/item.ts';
import type { Properties } from '../operations/multistatus.ts';
import type { Property, PropertyChange } from '../operations/property.ts';

/** What a mapping must know about the mailbox and the moment. */
export interface MappingContext {
  /** The zone whose midnights tell dates: birthdays, task dates and all-day events. */
  readonly mailboxZone: ZoneId;
  /** Primary SMTP address, lower case. */
  readonly mailbox: string;
  readonly now: Instant;
  /** A new PidLidGlobalObjectId. */
  readonly newGlobalObjectId: () => Buffer;
}

/** `item.unreadable`, `item.unsupported`: the item is handed on as failed. */
export type ReadMapping = { readonly ok: true; readonly value: Item } | { readonly ok: false; readonly fault: Fault };

/** What is written of an item. */
export interface ItemWrite {
  readonly changes: readonly PropertyChange[];
  /**
   * What properties cannot say: a change of the lines of the item's calendar (`calendar-part.ts`), made after `changes`.
   * These are sent once more then, because what goes through a message may come out simpler. Undefined lines: the server
   * does not show what is to be changed.
   */
  readonly editCalendar?: (lines: readonly string[]) => readonly string[] | undefined;
  /** An item of its own that is made before, under this name: what is done of a recurring task. */
  readonly aside?: { readonly name: string; readonly changes: readonly PropertyChange[] };
}

/** `item.invalid`: the item contradicts itself. `item.unsupported`: Exchange cannot hold it; `path` says which part. */
export type BuildMapping =
  | { readonly ok: true; readonly value: ItemWrite }
  | { readonly ok: false; readonly fault: Fault };

/** A part of a write. */
export type BuildChanges =
  | { readonly ok: true; readonly value: readonly PropertyChange[] }
  | { readonly ok: false; readonly fault: Fault };

/** How one kind of item crosses between WebDAV and the canonical model. */
export interface KindMapping {
  readonly kind: Kind;
  readonly folder: 'contacts' | 'calendar' | 'tasks';
  readonly capabilities: KindCapabilities;
  /** Classes made from this one are read, too (`IPM.Contact.Custom`). */
  readonly itemClass: string;
  /** Everything that is read of an item. */
  readonly properties: readonly Property[];

  read(found: Properties, context: MappingContext): ReadMapping;

  /** Part of the item stands in its calendar only (`calendar-part.ts`); then `withCalendar` completes what was read. */
  needsCalendar?(found: Properties): boolean;
  withCalendar?(item: Item, found: Properties, lines: readonly string[], context: MappingContext): ReadMapping;

  /** What a new item consists of, the link key aside. */
  create(item: Item, context: MappingContext): BuildMapping;

  /** What an update changes, the link key aside. `stored` are the item's `properties` as they are now. */
  update(update: Update, context: MappingContext, stored: Properties): BuildMapping;
}

/** The link key is one named property for all items, in the set of public strings. */
export function linkKeyOf(found: Properties, property: Property): LinkKey | undefined {
  const key = found.text(property)?.trim().toLowerCase();
  return key === '' ? undefined : key;
}
