/** Attachments in requests. */
import { childText, type XmlElement } from '#xml/reader.ts';
import type { Attachment } from '../../truth/item.ts';
import type { Call } from './call.ts';
import { EwsError } from './ews-error.ts';
import { readBoolean } from './text.ts';

/** Attachments larger than this many bytes are refused. */
const sizeMax = 35_000_000;

/** File attachments of an element; numbered from `firstNumber` on. */
export function readAttachments(list: XmlElement | undefined, firstNumber: number, call: Call): readonly Attachment[] {
  return (list?.children ?? []).map((one, index) => readAttachment(one, firstNumber + index, call));
}

/** One file attachment under a number. */
export function readAttachment(element: XmlElement, number: number, call: Call): Attachment {
  if (element.name !== 'FileAttachment') throw new EwsError('ErrorAttachmentNotSupported');
  const content = new Uint8Array(Buffer.from(childText(element, 'Content') ?? '', 'base64'));
  if (content.length > sizeMax) throw new EwsError('ErrorAttachmentSizeLimitExceeded');
  const name = childText(element, 'Name') ?? 'attachment';
  const isContactPhoto = readBoolean(childText(element, 'IsContactPhoto') ?? 'false');
  return {
    number,
    name,
    contentType: childText(element, 'ContentType') ?? contentTypeOf(name),
    content,
    isInline: readBoolean(childText(element, 'IsInline') ?? 'false'),
    isContactPhoto,
    contentId: childText(element, 'ContentId'),
    modifiedMs: call.mailbox.nowMs,
  };
}

function contentTypeOf(name: string): string {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return (
    { jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', txt: 'text/plain', pdf: 'application/pdf' }[extension] ??
    'application/octet-stream'
  );
}
