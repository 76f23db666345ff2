/** Attachments in requests: files, and items that hang on other items. */
import { childText, type XmlElement } from '#xml/reader.ts';
import { type Attachment, type EmbeddedMessage, familyOf } from '../../truth/item.ts';
import { message } from '../../truth/property-keys.ts';
import { attachmentLevelsMax } from './attachments.ts';
import type { Call } from './call.ts';
import { EwsError } from './ews-error.ts';
import { defaultClasses, type ItemType } from './item-types.ts';
import { Pending } from './pending.ts';
import { readBoolean } from './text.ts';
import { readNewItem } from './write-item.ts';

/** Attachments larger than this many bytes are refused. */
const sizeMax = 35_000_000;

/** Attachments of an element; numbered from `firstNumber` on. */
export function readAttachments(
  list: XmlElement | undefined,
  firstNumber: number,
  call: Call,
  level = 1,
): readonly Attachment[] {
  return (list?.children ?? []).map((one, index) => readAttachment(one, firstNumber + index, call, level));
}

/** One attachment under a number. */
export function readAttachment(element: XmlElement, number: number, call: Call, level = 1): Attachment {
  if (level > attachmentLevelsMax) throw new EwsError('ErrorAttachmentNestLevelLimitExceeded');
  switch (element.name) {
    case 'FileAttachment':
      return readFile(element, number, call);
    case 'ItemAttachment':
      return readItem(element, number, call, level);
    default:
      throw new EwsError('ErrorAttachmentNotSupported');
  }
}

function readFile(element: XmlElement, number: number, call: Call): Attachment {
  const content = new Uint8Array(Buffer.from(childText(element, 'Content') ?? '', 'base64'));
  if (content.length > sizeMax) throw new EwsError('ErrorAttachmentSizeLimitExceeded');
  const name = childText(element, 'Name') ?? 'attachment';
  return {
    number,
    name,
    contentType: childText(element, 'ContentType') ?? contentTypeOf(name),
    content,
    isInline: readBoolean(childText(element, 'IsInline') ?? 'false'),
    isContactPhoto: readBoolean(childText(element, 'IsContactPhoto') ?? 'false'),
    contentId: childText(element, 'ContentId'),
    contentLocation: childText(element, 'ContentLocation'),
    modifiedMs: call.mailbox.nowMs,
  };
}

/** Elements of an attachment that are not the item in it. */
const ownElements: ReadonlySet<string> = new Set([
  'AttachmentId',
  'Name',
  'ContentType',
  'ContentId',
  'ContentLocation',
  'AttachmentOriginalUrl',
  'Size',
  'LastModifiedTime',
  'IsInline',
]);

function readItem(element: XmlElement, number: number, call: Call, level: number): Attachment {
  const item = element.children.find((one) => !ownElements.has(one.name));
  if (item === undefined) throw new EwsError('ErrorMissingItemForCreateItemAttachment');
  return {
    number,
    name: childText(element, 'Name') ?? 'item',
    contentType: 'message/rfc822',
    content: new Uint8Array(0),
    isInline: readBoolean(childText(element, 'IsInline') ?? 'false'),
    isContactPhoto: false,
    contentId: childText(element, 'ContentId'),
    contentLocation: childText(element, 'ContentLocation'),
    modifiedMs: call.mailbox.nowMs,
    embedded: readEmbedded(item, call, level),
  };
}

function readEmbedded(item: XmlElement, call: Call, level: number): EmbeddedMessage {
  const type = (item.name in defaultClasses ? item.name : 'Message') as ItemType;
  if (type.startsWith('Meeting')) throw new EwsError('ErrorInvalidItemForOperationCreateItemAttachment');
  const itemClass = childText(item, 'ItemClass')?.trim() || defaultClasses[type];
  const pending = new Pending(call, familyOf(itemClass));
  pending.draft.set(message.itemClass, itemClass);
  readNewItem(pending, type, item);
  const list = item.children.find((one) => one.name === 'Attachments');
  if (list !== undefined) pending.draft.attachments = readAttachments(list, 1, call, level + 1);
  pending.complete();
  const { draft } = pending;
  return {
    properties: draft.content.properties,
    recipients: draft.recipients,
    attachments: draft.attachments,
    series: draft.series,
  };
}

function contentTypeOf(name: string): string {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return (
    { jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', txt: 'text/plain', pdf: 'application/pdf' }[extension] ??
    'application/octet-stream'
  );
}
