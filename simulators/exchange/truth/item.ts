/** Messages in a store: contacts, appointments, tasks, mail. Everything that faces show is derived from these. */
import type { Folder } from './folder.ts';
import type { Properties, PropertyKey, PropertyValue } from './properties.ts';
import { message } from './property-keys.ts';
import type { Occurrence, Series } from './series.ts';

/** A row of the recipient table ([MS-OXCMSG] 2.2.3): attendees, and recipients of mail. */
export interface Recipient {
  /** For appointments: required, optional, resource. */
  readonly kind: 'to' | 'cc' | 'bcc';
  readonly name: string;
  readonly address: string;
  /** SMTP, EX, … */
  readonly addressType: string;
  readonly response?: 'unknown' | 'organizer' | 'tentative' | 'accepted' | 'declined' | 'notResponded' | undefined;
  readonly replyTimeMs?: number | undefined;
}

export interface Attachment {
  /** Number within its item; never used again. */
  readonly number: number;
  readonly name: string;
  readonly contentType: string;
  readonly content: Uint8Array;
  readonly isInline: boolean;
  readonly isContactPhoto: boolean;
  readonly contentId?: string | undefined;
  readonly contentLocation?: string | undefined;
  /** The message that is attached, instead of a file. */
  readonly embedded?: EmbeddedMessage | undefined;
  readonly modifiedMs: number;
}

/** A message inside another one ([MS-OXCMSG] 2.2.2.9, attach method 5). */
export interface EmbeddedMessage {
  readonly properties: Properties;
  readonly recipients: readonly Recipient[];
  readonly attachments: readonly Attachment[];
  readonly series: Series | undefined;
}

/** Which properties one saved change touched, so that a later stale write can be merged or refused. */
export interface PastChange {
  readonly change: number;
  readonly keys: ReadonlySet<Part>;
}

/** Shared empty lists: an estate has millions of items without recipients, attachments or past. */
export const noRecipients: readonly Recipient[] = [];
export const noAttachments: readonly Attachment[] = [];
export const noPast: readonly PastChange[] = [];

/** A property, or a part of a message that is not a property. */
export type Part = PropertyKey | 'recipients' | 'series' | 'attachments';

/** Past changes that are kept per item; a write based on an older state conflicts. */
export const pastChangesMax = 8;

export interface Item {
  /** 48-bit number of this message in its store; part of every id. */
  readonly counter: number;
  readonly folder: Folder;
  /** Store-wide number of the last saved change. */
  change: number;
  /** Store-wide number of the last change of the read flag alone; 0 when none. */
  readChange: number;
  isRead: boolean;
  /** UTC milliseconds. */
  createdMs: number;
  modifiedMs: number;
  modifiedBy: string;
  properties: Properties;
  recipients: readonly Recipient[];
  attachments: readonly Attachment[];
  series: Series | undefined;
  /** Number of the item this one began as; stays when it moves and is copied with it, and so does the search key made of it. */
  readonly origin: number;
  past: readonly PastChange[];
  /** Folder-associated (hidden) messages live beside the normal ones. */
  readonly associated: boolean;
}

/** An item as one reader sees it: itself, or one occurrence of a series laid over its master. */
export interface View {
  readonly item: Item;
  readonly occurrence: Occurrence | undefined;
}

/** A property as this view shows it, exceptions over their master. Computed properties are not found here. */
export function propertyOf<T extends PropertyValue>(view: View, key: PropertyKey<T>): T | undefined {
  const exception = view.occurrence?.exception;
  if (exception !== undefined) {
    const own = exception.properties.get(key);
    if (own !== undefined) return own;
    if (exception.removed.has(key)) return undefined;
  }
  return view.item.properties.get(key);
}

export function recipientsOf(view: View): readonly Recipient[] {
  return view.occurrence?.exception?.recipients ?? view.item.recipients;
}

export function attachmentsOf(view: View): readonly Attachment[] {
  return view.occurrence?.exception?.attachments ?? view.item.attachments;
}

/** The class a face reports: occurrences and exceptions have classes of their own. */
export function itemClassOf(view: View): string {
  if (view.occurrence === undefined) return view.item.properties.get(message.itemClass) ?? 'IPM.Note';
  return view.occurrence.exception === undefined
    ? 'IPM.Appointment.Occurrence'
    : 'IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}';
}

/** The five families that behave differently, by message class (subclasses count). */
export type ItemFamily = 'contact' | 'list' | 'appointment' | 'task' | 'message';

export const familyOf = byItemClass((itemClass): ItemFamily => {
  const name = itemClass.toLowerCase();
  if (isClass(name, 'ipm.contact')) return 'contact';
  if (isClass(name, 'ipm.distlist')) return 'list';
  if (isClass(name, 'ipm.appointment') || name.startsWith('ipm.ole.class.{00061055')) return 'appointment';
  if (isClass(name, 'ipm.task')) return 'task';
  return 'message';
});

/** Message classes remembered by each function of them; a mailbox has a handful, but a client may make up any. */
const classesMax = 1_000;

/** A function of the message class alone that works once for each class. */
export function byItemClass<T>(find: (itemClass: string) => T): (itemClass: string) => T {
  const found = new Map<string, T>();
  return (itemClass) => {
    const known = found.get(itemClass);
    if (known !== undefined) return known;
    const value = find(itemClass);
    if (found.size < classesMax) found.set(itemClass, value);
    return value;
  };
}

function isClass(name: string, base: string): boolean {
  return name === base || name.startsWith(`${base}.`);
}
