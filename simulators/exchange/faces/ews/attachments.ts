/**
 * Attachments as EWS lists them ([MS-OXWSATT]). Their ids are the id of the item or occurrence they hang on, written in full,
 * with one group behind it per level: attachments of attached items have two.
 */
import { itemEntryId } from '../../truth/entry-id.ts';
import type { Attachment, View } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { itemIdBytes, readIdBytes } from './ids.ts';
import { rankOf } from './profiles.ts';
import { dateTimeText, element } from './text.ts';

/** Bytes of one level: a tag and the attachment's number. */
const levelBytes = 8;
/** Items are attached to attached items this deep. */
export const attachmentLevelsMax = 8;

/** Where attachments hang: on a view of an item, below the numbers of the attached items on the way. */
export interface AttachmentPlace {
  readonly view: View;
  readonly above: readonly number[];
}

export function attachmentsMarkup(
  mailbox: Mailbox,
  place: AttachmentPlace,
  attachments: readonly Attachment[],
  rank: number,
): string {
  if (attachments.length === 0) return '';
  const list = attachments.map((one) => attachmentMarkup(mailbox, place, one, rank, ''));
  return `<t:Attachments>${list.join('')}</t:Attachments>`;
}

/** One attachment; `content` is markup that stands at its end when it was asked for. */
export function attachmentMarkup(
  mailbox: Mailbox,
  place: AttachmentPlace,
  attachment: Attachment,
  rank: number,
  content: string,
): string {
  const id = attachmentIdText(mailbox, place, attachment.number);
  const optional = (name: string, text: string | undefined) => (text === undefined ? '' : element(name, text));
  const parts = [
    `<t:AttachmentId Id="${id}"/>`,
    element('Name', attachment.name),
    element('ContentType', attachment.contentType),
    optional('ContentId', attachment.contentId),
    optional('ContentLocation', attachment.contentLocation),
  ];
  const name = attachmentElement(attachment);
  if (rank >= rankOf('Exchange2010')) {
    parts.push(element('Size', String(attachment.content.length + 200)));
    parts.push(element('LastModifiedTime', dateTimeText(attachment.modifiedMs)));
    parts.push(element('IsInline', String(attachment.isInline)));
    if (name === 'FileAttachment') parts.push(element('IsContactPhoto', String(attachment.isContactPhoto)));
  }
  return `<t:${name}>${parts.join('')}${content}</t:${name}>`;
}

export function attachmentElement(attachment: Attachment): 'FileAttachment' | 'ItemAttachment' {
  return attachment.embedded === undefined ? 'FileAttachment' : 'ItemAttachment';
}

export function attachmentIdText(mailbox: Mailbox, { view, above }: AttachmentPlace, number: number): string {
  const { item, occurrence } = view;
  const root = itemIdBytes(mailbox, itemEntryId(mailbox, item.folder.counter, item.counter), occurrence?.day);
  const levels = [...above, number].map((one) => {
    const level = Buffer.alloc(levelBytes);
    level.set([1, 18, 0, 0]);
    level.writeUInt32LE(one, 4);
    return level;
  });
  return Buffer.concat([root, ...levels]).toString('base64');
}

/** The item or occurrence inside an attachment id, and the numbers that lead from it to the attachment. */
export function readAttachmentId(text: string) {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  let bytes = Buffer.from(text, 'base64');
  const numbers: number[] = [];
  while (numbers.length < attachmentLevelsMax) {
    const root = numbers.length === 0 ? undefined : readIdBytes(bytes);
    if (root !== undefined) return root.kind === 'folder' ? undefined : { root, numbers };
    const level = bytes.subarray(-levelBytes);
    if (level.length < levelBytes || level.readUInt32LE(0) !== 0x1201) return undefined;
    numbers.unshift(level.readUInt32LE(4));
    bytes = bytes.subarray(0, -levelBytes);
  }
  return undefined;
}
