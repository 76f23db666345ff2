/** Properties that a store computes rather than keeps: identities, sizes, times of occurrences ([MS-OXPROPS]). */
import { createHash } from 'node:crypto';
import { folderEntryId, itemEntryId } from './entry-id.ts';
import { withInstanceDate } from './global-object-id.ts';
import { attachmentsOf, type Item, itemClassOf, propertyOf, type View } from './item.ts';
import type { Mailbox } from './mailbox.ts';
import type { PropertyKey, PropertyValue } from './properties.ts';
import { event, message } from './property-keys.ts';
import { dateOf } from './recurrence.ts';

/** A property as a MAPI reader would get it. */
export function storeProperty(view: View, key: PropertyKey, mailbox: Mailbox): PropertyValue | undefined {
  if (key.tag === undefined) return namedProperty(view, key);
  const { item } = view;
  switch (key) {
    case message.itemClass as PropertyKey:
      return itemClassOf(view);
    case message.created as PropertyKey:
      return item.createdMs;
    case message.modified as PropertyKey:
      return item.modifiedMs;
    case message.lastModifierName as PropertyKey:
      return item.modifiedBy;
    case message.searchKey as PropertyKey:
      return searchKeyOf(item, mailbox);
    case message.size as PropertyKey:
      return sizeOf(item);
    case message.entryId as PropertyKey:
      return new Uint8Array(itemEntryId(mailbox, item.folder.counter, item.counter));
    case message.parentEntryId as PropertyKey:
      return new Uint8Array(folderEntryId(mailbox, item.folder.counter));
    case message.hasAttachments as PropertyKey:
      return attachmentsOf(view).length > 0;
    case message.sourceKey as PropertyKey:
      return globalCounter(mailbox, item.counter);
    case message.changeKey as PropertyKey:
      return globalCounter(mailbox, item.change);
    case message.predecessorChangeList as PropertyKey: {
      const xid = globalCounter(mailbox, item.change);
      return new Uint8Array(Buffer.concat([Buffer.of(xid.length), xid]));
    }
    case message.deliveryTime as PropertyKey:
    case message.submitTime as PropertyKey:
      return propertyOf(view, key) ?? item.createdMs;
    case message.flags as PropertyKey:
      return messageFlags(view);
    case message.importance as PropertyKey:
      return propertyOf(view, key) ?? 1;
    case message.sensitivity as PropertyKey:
      return propertyOf(view, key) ?? 0;
    default:
      return propertyOf(view, key);
  }
}

/** PidTagMessageFlags: what is stored, with the bits that follow from elsewhere ([MS-OXCMSG] 2.2.1.6). */
function messageFlags(view: View): number {
  const stored = (propertyOf(view, message.flags) ?? 0) & ~0x11;
  return stored | (view.item.isRead ? 1 : 0) | (attachmentsOf(view).length > 0 ? 0x10 : 0);
}

function namedProperty(view: View, key: PropertyKey): PropertyValue | undefined {
  const { occurrence } = view;
  if (occurrence !== undefined) {
    if (key === (event.start as PropertyKey) || key === (message.commonStart as PropertyKey)) return occurrence.startMs;
    if (key === (event.end as PropertyKey) || key === (message.commonEnd as PropertyKey)) return occurrence.endMs;
    if (key === (event.globalObjectId as PropertyKey)) return instanceId(view, occurrence.day);
  }
  return propertyOf(view, key);
}

/** The series' id with the occurrence's original date in it; the clean id stays without. */
export function instanceId(view: View, day: number): Uint8Array | undefined {
  const id = propertyOf(view, event.globalObjectId);
  const date = dateOf(day);
  return id === undefined ? undefined : withInstanceDate(id, date.year, date.month, date.day);
}

/** 16 bytes that an item keeps when it moves and shares with its copies (PidTagSearchKey). */
export function searchKeyOf(item: Item, mailbox: Mailbox): Uint8Array {
  return new Uint8Array(createHash('md5').update(`${mailbox.guid}/${item.origin}`).digest());
}

/** Rough size of a message in bytes, as a store would count it. */
export function sizeOf(item: Item): number {
  let size = 600 + 80 * item.recipients.length;
  for (const [, value] of item.properties.entries()) {
    if (typeof value === 'string') size += 2 * value.length + 16;
    else if (value instanceof Uint8Array) size += value.length + 16;
    else size += 16;
  }
  for (const one of item.attachments) size += one.content.length + 200;
  return size;
}

/** A 22-byte XID: the replica GUID and a counter ([MS-OXCFXICS] 2.2.2.2). */
function globalCounter(mailbox: Mailbox, counter: number): Uint8Array {
  const bytes = Buffer.alloc(22);
  bytes.set(mailbox.replica, 0);
  bytes.writeUIntBE(counter, 16, 6);
  return new Uint8Array(bytes);
}
