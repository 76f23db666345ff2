/** Attachments as EWS lists them ([MS-OXWSATT]); their ids are the item's id with a number behind it. */

import { itemEntryId } from '../../truth/entry-id.ts';
import type { Attachment, Item, View } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { readId } from './ids.ts';
import { rankOf } from './profiles.ts';
import { dateTimeText, element } from './text.ts';

export function attachmentsMarkup(
  mailbox: Mailbox,
  view: View,
  attachments: readonly Attachment[],
  rank: number,
): string {
  if (attachments.length === 0) return '';
  const list = attachments.map((one) => attachmentMarkup(mailbox, view.item, one, rank, undefined));
  return `<t:Attachments>${list.join('')}</t:Attachments>`;
}

/** One FileAttachment; `content` as base64 when it was asked for. */
export function attachmentMarkup(
  mailbox: Mailbox,
  item: Item,
  attachment: Attachment,
  rank: number,
  content: string | undefined,
): string {
  const id = attachmentIdText(mailbox, item, attachment.number);
  const contentId = attachment.contentId === undefined ? '' : element('ContentId', attachment.contentId);
  const since2010 =
    rank >= rankOf('Exchange2010')
      ? `${element('Size', String(attachment.content.length + 200))}${element('LastModifiedTime', dateTimeText(attachment.modifiedMs))}${element('IsInline', String(attachment.isInline))}${element('IsContactPhoto', String(attachment.isContactPhoto))}`
      : '';
  const bytes = content === undefined ? '' : element('Content', content);
  return `<t:FileAttachment><t:AttachmentId Id="${id}"/>${element('Name', attachment.name)}${element('ContentType', attachment.contentType)}${contentId}${since2010}${bytes}</t:FileAttachment>`;
}

export function attachmentIdText(mailbox: Mailbox, item: Item, number: number): string {
  const entry = itemEntryId(mailbox, item.folder.counter, item.counter);
  const bytes = Buffer.alloc(7 + 36 + entry.length + 8);
  bytes.set([0, 3, 36, 0], 0);
  bytes.write(mailbox.guid, 4, 'latin1');
  bytes.set([0, entry.length, 0], 40);
  entry.copy(bytes, 43);
  bytes.set([1, 18, 0, 0], 43 + entry.length);
  bytes.writeUInt32LE(number, 47 + entry.length);
  return bytes.toString('base64');
}

/** The item id and the number inside an attachment id. */
export function readAttachmentId(
  text: string,
): { readonly guid: string; readonly folder: number; readonly item: number; readonly number: number } | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 7 + 36 + 70 + 8) return undefined;
  const id = readId(bytes.subarray(0, bytes.length - 8).toString('base64'));
  if (id?.kind !== 'item') return undefined;
  return { guid: id.guid, folder: id.folder, item: id.item, number: bytes.readUInt32LE(bytes.length - 4) };
}
