/** MAPI entry ids of messages and folders ([MS-OXCDATA] 2.2.4): made of the store's GUIDs and its counters. */
import type { Mailbox } from './mailbox.ts';

export const itemEntryBytes = 70;
export const folderEntryBytes = 46;

/** The 70-byte MAPI entry id of a message. */
export function itemEntryId(mailbox: Mailbox, folder: number, item: number): Buffer {
  const bytes = Buffer.allocUnsafe(itemEntryBytes).fill(0);
  bytes.set(mailbox.provider, 4);
  bytes[20] = 0x07;
  bytes.set(mailbox.replica, 22);
  bytes.writeUIntBE(folder, 38, 6);
  bytes.set(mailbox.replica, 46);
  bytes.writeUIntBE(item, 62, 6);
  return bytes;
}

/** The 46-byte MAPI entry id of a folder. */
export function folderEntryId(mailbox: Mailbox, folder: number): Buffer {
  const bytes = Buffer.allocUnsafe(folderEntryBytes).fill(0);
  bytes.set(mailbox.provider, 4);
  bytes[20] = 0x01;
  bytes.set(mailbox.replica, 22);
  bytes.writeUIntBE(folder, 38, 6);
  return bytes;
}
