/** Operations that are one question and one short answer: rooms, the end of a password, a folder all read. */
import { child, childText } from '#xml/reader.ts';
import type { Call } from '../call.ts';
import { forEachInput } from '../messages.ts';
import { resolveFolder } from '../resolve.ts';
import { readBoolean } from '../text.ts';

/** [MS-OXWSGTRM]: the organisation has no lists of rooms. */
export function getRoomLists(): string {
  return '<m:ResponseCode>NoError</m:ResponseCode><m:RoomLists/>';
}

export function getRooms(): string {
  return '<m:ResponseCode>NoError</m:ResponseCode><m:Rooms/>';
}

/** [MS-OXWSGPED]: passwords do not end; that is said with this time, without a zone. */
export function getPasswordExpirationDate(): string {
  return '<m:ResponseCode>NoError</m:ResponseCode><m:PasswordExpirationDate>9999-12-31T23:59:59.9999999</m:PasswordExpirationDate>';
}

/** MarkAllItemsAsRead ([MS-OXWSCORE] 3.1.4.6), 2013 and later. */
export function markAllItemsAsRead(call: Call): string {
  const isRead = readBoolean(childText(call.request, 'ReadFlag') ?? 'true');
  return forEachInput('MarkAllItemsAsRead', child(call.request, 'FolderIds')?.children ?? [], '', (reference) => {
    const folder = resolveFolder(reference, call);
    for (const item of folder.items.values()) call.mailbox.setRead(item, isRead);
    return '';
  });
}
