/** ChangeKey values: a type number, the store's replica GUID and the store-wide number of the last change. */
import type { Folder } from '../../truth/folder.ts';
import type { Item } from '../../truth/item.ts';
import { byItemClass, familyOf } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { message } from '../../truth/property-keys.ts';
import { sixBytesText } from './six-bytes.ts';

/** The full key of an item: 40 characters. Masters and all their occurrences share it. */
export function itemChangeKey(mailbox: Mailbox, item: Item): string {
  return fullKey(mailbox, itemKeyType(item), item.change);
}

export function folderChangeKey(mailbox: Mailbox, folder: Folder): string {
  return fullKey(mailbox, folderKeyType(folder), folder.change);
}

/** Four bytes that only name the type: parent folders, events, read-flag updates. */
export function shortKey(type: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(type);
  return bytes.toString('base64');
}

export const parentFolderKey = shortKey(1);

/** The change number inside a key; 0 for a short key; undefined when it is not a key. */
export function readChangeKey(text: string): number | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 4) return 0;
  if (bytes.length < 8) return undefined;
  const length = bytes.readUInt32LE(4);
  if ((length !== 0x16 && length !== 0x14) || bytes.length !== 8 + length) return undefined;
  return bytes.readUIntBE(24, length - 16);
}

export function itemKeyType(item: Item): number {
  return keyTypeOf(item.properties.get(message.itemClass) ?? '');
}

const keyTypeOf = byItemClass((itemClass) => {
  switch (familyOf(itemClass)) {
    case 'appointment':
      return 0x0f;
    case 'contact':
      return 0x11;
    case 'list':
      return 0x12;
    case 'task':
      return 0x13;
    case 'message':
      if (itemClass.startsWith('IPM.Schedule.Meeting.Request')) return 0x0b;
      if (itemClass.startsWith('IPM.Schedule.Meeting.Resp')) return 0x0c;
      if (itemClass.startsWith('IPM.Schedule.Meeting.Canceled')) return 0x0d;
      return 9;
  }
});

export function folderKeyType(folder: Folder): number {
  if (folder.isSearch) return 7;
  if (isClass(folder.folderClass, 'IPF.Appointment')) return 2;
  if (isClass(folder.folderClass, 'IPF.Contact')) return 3;
  if (isClass(folder.folderClass, 'IPF.Task')) return 4;
  return 1;
}

/** Whether a folder class is `base` or one of its subclasses. */
export function isClass(folderClass: string, base: string): boolean {
  return folderClass === base || folderClass.startsWith(`${base}.`);
}

/** The part of all full keys of a mailbox that does not change, as base64, by type. */
const keyHeads = new WeakMap<Mailbox, Map<number, string>>();

/** The 24 bytes before the number are whole groups of base64, so head and number can be written apart. */
function fullKey(mailbox: Mailbox, type: number, change: number): string {
  return headOf(mailbox, type) + sixBytesText(change);
}

function headOf(mailbox: Mailbox, type: number): string {
  let heads = keyHeads.get(mailbox);
  if (heads === undefined) {
    heads = new Map();
    keyHeads.set(mailbox, heads);
  }
  const known = heads.get(type);
  if (known !== undefined) return known;
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(0x16, 4);
  bytes.set(mailbox.replica, 8);
  const head = bytes.toString('base64');
  heads.set(type, head);
  return head;
}
