/**
 * The seam between WebDAV properties and the canonical items: one `KindMapping` per kind, both directions side by side, all
 * pure.
 */
import type { KindCapabilities, LinkKey, Update } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { CalendarEvent, Instant, Item, Kind, ZoneId } from '#model/item.ts';
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
   * The people of the item are to be these, which properties cannot say. Whoever writes them sends `changes` after them, too:
   * what goes through a message may come out simpler.
   */
  readonly people?: NonNullable<CalendarEvent['attendees']>;
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
