/** MimeContent of new messages (RFC 5322): who, what about, when, the text in its best form, and attached files. */
import type { Attachment, Recipient } from '../../truth/item.ts';
import { message } from '../../truth/property-keys.ts';
import { setBody } from './body.ts';
import { EwsError } from './ews-error.ts';
import { decodedWords, type MimePart, readMime, textOfPart } from './mime-part.ts';
import type { Pending } from './pending.ts';

/** Recipients of one message that are kept. */
const recipientsMax = 1_000;

/** Takes a message from the base64 of its text; items that are no messages are refused. */
export function readMimeContent(pending: Pending, base64: string): void {
  if (pending.family !== 'message') throw new EwsError('ErrorUnsupportedMimeConversion');
  const mail = readMime(Buffer.from(base64, 'base64'));
  const { draft } = pending;
  const [from] = addressesOf(mail, 'from', 'to');
  if (from !== undefined) {
    for (const [name, address] of [
      [message.fromName, message.fromAddress],
      [message.senderName, message.senderAddress],
    ] as const) {
      draft.set(name, from.name);
      draft.set(address, from.address);
    }
  }
  draft.set(message.subject, decodedWords(mail.headers.get('subject') ?? ''));
  const sentMs = Date.parse(mail.headers.get('date') ?? '');
  if (!Number.isNaN(sentMs)) draft.set(message.submitTime, sentMs);
  draft.put(message.internetMessageId, mail.headers.get('message-id'));
  draft.put(message.inReplyTo, mail.headers.get('in-reply-to'));
  draft.put(message.references, mail.headers.get('references'));
  const recipients = (['to', 'cc', 'bcc'] as const).flatMap((kind) => addressesOf(mail, kind, kind));
  if (recipients.length > 0) draft.recipients = recipients.slice(0, recipientsMax);
  const leaves = [...leavesOf(mail)];
  const body = leaves.find((one) => isBody(one, 'text/html')) ?? leaves.find((one) => isBody(one, 'text/plain'));
  if (body !== undefined)
    setBody(draft, { type: body.type === 'text/html' ? 'HTML' : 'Text', content: textOfPart(body) });
  const files = leaves.filter((one) => one !== body && (one.isAttachment || one.fileName !== undefined));
  if (files.length > 0) draft.attachments = files.map((one, index) => attachmentOf(one, index + 1, pending));
}

function* leavesOf(part: MimePart): Generator<MimePart> {
  if (part.parts.length === 0) yield part;
  for (const one of part.parts) yield* leavesOf(one);
}

function isBody(part: MimePart, type: string): boolean {
  return part.type === type && !part.isAttachment && part.fileName === undefined;
}

/** `Name <address>`, `"Name" <address>` and bare addresses, apart by commas. */
function addressesOf(mail: MimePart, header: string, kind: Recipient['kind']): readonly Recipient[] {
  const text = mail.headers.get(header) ?? '';
  const found: Recipient[] = [];
  for (const [one] of text.matchAll(/(?:"[^"]*"|<[^>]*>|[^,"<])+/g)) {
    const inBrackets = /<([^>]*)>/.exec(one);
    const address = (inBrackets?.[1] ?? one).trim();
    if (address === '') continue;
    const name = inBrackets === null ? '' : one.slice(0, inBrackets.index).trim().replace(/^"|"$/g, '');
    found.push({ kind, name: decodedWords(name) || address, address, addressType: 'SMTP' });
  }
  return found;
}

function attachmentOf(part: MimePart, number: number, pending: Pending): Attachment {
  const contentId = part.headers.get('content-id')?.replace(/^<|>$/g, '');
  return {
    number,
    name: part.fileName ?? 'attachment',
    contentType: part.type,
    content: new Uint8Array(part.content),
    isInline: !part.isAttachment && contentId !== undefined,
    isContactPhoto: false,
    contentId,
    modifiedMs: pending.call.mailbox.nowMs,
  };
}
