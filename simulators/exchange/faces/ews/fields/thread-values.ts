/** Which thread a message belongs to, and the name it has on the wire, for messages that came without ([MS-OXOMSG] 2.2.1.3). */
import { createHash } from 'node:crypto';
import { searchKeyOf } from '../../../truth/computed.ts';
import { propertyOf, type View } from '../../../truth/item.ts';
import type { Mailbox } from '../../../truth/mailbox.ts';
import { event, message } from '../../../truth/property-keys.ts';

/** 16 bytes that all items of a series, and all messages of one thread, share. */
export function conversationOf(view: View, mailbox: Mailbox): Uint8Array {
  const thread = propertyOf(view, event.cleanGlobalObjectId) ?? searchKeyOf(view.item, mailbox);
  return new Uint8Array(createHash('md5').update(thread).digest());
}

const ticksAtUnixEpoch = 116_444_736_000_000_000n;

/** The head of a thread: a 1, five bytes of the time it began (FILETIME), its 16 bytes. */
export function conversationIndexOf(view: View, mailbox: Mailbox): Uint8Array {
  const known = propertyOf(view, message.conversationIndex);
  if (known !== undefined) return known;
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(BigInt(Math.trunc(view.item.createdMs)) * 10_000n + ticksAtUnixEpoch);
  return new Uint8Array(Buffer.concat([head.subarray(0, 6), conversationOf(view, mailbox)]));
}

/** The subject without its prefix. */
export function conversationTopicOf(view: View): string {
  const subject = propertyOf(view, message.subject) ?? '';
  return propertyOf(view, message.conversationTopic) ?? subject.replace(/^\w{1,10}: /, '');
}

/** `<…@host>`, unique among all messages of the server. */
export function messageIdOf(view: View, mailbox: Mailbox, hostName: string): string {
  const known = propertyOf(view, message.internetMessageId);
  if (known !== undefined) return known;
  return `<${Buffer.from(searchKeyOf(view.item, mailbox)).toString('hex').toUpperCase()}@${hostName}>`;
}

/** Whether a message came from somebody, rather than being written here. */
export function isReceived(view: View): boolean {
  return propertyOf(view, message.deliveryTime) !== undefined;
}
