/** Fields of MessageType and of the meeting messages, in schema order ([MS-OXWSMSG], [MS-OXWSMTGS]). */
import type { XmlElement } from '#xml/reader.ts';
import { child, childText } from '#xml/reader.ts';
import { propertyOf, type Recipient, recipientsOf } from '../../../truth/item.ts';
import { event, message } from '../../../truth/property-keys.ts';
import { EwsError } from '../ews-error.ts';
import type { Pending } from '../pending.ts';
import { mailboxMarkup } from '../references.ts';
import { element, readBoolean } from '../text.ts';
import { booleanField, type Field, readOnlyField, textField } from './field.ts';
import { conversationIndexOf, conversationTopicOf, isReceived, messageIdOf } from './thread-values.ts';

function recipientsField(name: string, kind: Recipient['kind']): Field {
  return {
    uri: `message:${name}`,
    element: name,
    shape: 'default',
    singleOnly: true,
    write(view) {
      const list = recipientsOf(view).filter((one) => one.kind === kind);
      const markup = list.map((one) =>
        mailboxMarkup({ name: one.name, address: one.address, routingType: one.addressType, mailboxType: 'Mailbox' }),
      );
      return markup.length === 0 ? '' : `<t:${name}>${markup.join('')}</t:${name}>`;
    },
    set(pending, value) {
      const others = pending.draft.recipients.filter((one) => one.kind !== kind);
      pending.draft.recipients = [...others, ...value.children.map((one) => readRecipient(one, kind))];
    },
    append(pending, value) {
      pending.draft.recipients = [
        ...pending.draft.recipients,
        ...value.children.map((one) => readRecipient(one, kind)),
      ];
    },
    clear(pending) {
      pending.draft.recipients = pending.draft.recipients.filter((one) => one.kind !== kind);
    },
  };
}

/** A `t:Mailbox` as a recipient. */
export function readRecipient(mailbox: XmlElement, kind: Recipient['kind']): Recipient {
  const address = childText(mailbox, 'EmailAddress')?.trim() ?? '';
  if (address === '') throw new EwsError('ErrorMissingInformationEmailAddress');
  return {
    kind,
    name: childText(mailbox, 'Name') ?? address,
    address,
    addressType: childText(mailbox, 'RoutingType') ?? 'SMTP',
  };
}

function sender(
  name: 'Sender' | 'From',
  nameKey: typeof message.fromName,
  addressKey: typeof message.fromAddress,
): Field {
  return {
    uri: `message:${name}`,
    element: name,
    shape: name === 'From' ? 'default' : 'all',
    write(view) {
      const address = propertyOf(view, addressKey);
      if (address === undefined) return '';
      const own = { name: propertyOf(view, nameKey) ?? address, address, routingType: 'SMTP', mailboxType: 'Mailbox' };
      return `<t:${name}>${mailboxMarkup(own)}</t:${name}>`;
    },
    set(pending, value) {
      const read = readRecipient(child(value, 'Mailbox') ?? value, 'to');
      pending.draft.set(nameKey, read.name);
      pending.draft.set(addressKey, read.address);
    },
    ...(name === 'Sender'
      ? {}
      : {
          clear(pending) {
            pending.draft.delete(nameKey);
            pending.draft.delete(addressKey);
          },
        }),
    // Searched by name and by address.
    value(view) {
      const address = propertyOf(view, addressKey);
      return address === undefined ? undefined : [propertyOf(view, nameKey) ?? address, address];
    },
  };
}

/** Where answers should go, other than to the sender. */
const replyTo: Field = {
  uri: 'message:ReplyTo',
  element: 'ReplyTo',
  shape: 'all',
  singleOnly: true,
  write(view) {
    const names = (propertyOf(view, message.replyNames) ?? '').split(';');
    const addresses = propertyOf(view, message.replyAddresses) ?? [];
    const list = addresses.map((address, at) =>
      mailboxMarkup({ name: names[at] ?? address, address, routingType: 'SMTP', mailboxType: 'OneOff' }),
    );
    return list.length === 0 ? '' : `<t:ReplyTo>${list.join('')}</t:ReplyTo>`;
  },
  set: (pending, value) =>
    setReplyTo(
      pending,
      value.children.map((one) => readRecipient(one, 'to')),
    ),
  append(pending, value) {
    const names = pending.draft.get(message.replyNames)?.split(';') ?? [];
    const before = (pending.draft.get(message.replyAddresses) ?? []).map((address, at) => ({
      name: names[at] ?? address,
      address,
    }));
    setReplyTo(pending, [...before, ...value.children.map((one) => readRecipient(one, 'to'))]);
  },
  clear: (pending) => setReplyTo(pending, []),
};

function setReplyTo(pending: Pending, to: readonly Pick<Recipient, 'name' | 'address'>[]): void {
  const isEmpty = to.length === 0;
  pending.draft.put(message.replyNames, isEmpty ? undefined : to.map((one) => one.name).join(';'));
  pending.draft.put(message.replyAddresses, isEmpty ? undefined : to.map((one) => one.address));
}

export const messageFields: readonly Field[] = [
  sender('Sender', message.senderName, message.senderAddress),
  recipientsField('ToRecipients', 'to'),
  recipientsField('CcRecipients', 'cc'),
  recipientsField('BccRecipients', 'bcc'),
  booleanField('message:IsReadReceiptRequested', 'default', message.readReceiptRequested, false),
  notReceived(booleanField('message:IsDeliveryReceiptRequested', 'all', message.deliveryReceiptRequested, false)),
  readOnlyField(
    'message:ConversationIndex',
    'all',
    (view, { call }) =>
      element('ConversationIndex', Buffer.from(conversationIndexOf(view, call.mailbox)).toString('base64')),
    (view, { mailbox }) => conversationIndexOf(view, mailbox),
  ),
  readOnlyField(
    'message:ConversationTopic',
    'all',
    (view) => {
      const topic = conversationTopicOf(view);
      return topic === '' ? '' : element('ConversationTopic', topic);
    },
    conversationTopicOf,
  ),
  sender('From', message.fromName, message.fromAddress),
  {
    ...textField('message:InternetMessageId', 'all', message.internetMessageId),
    write: (view, reply) =>
      element('InternetMessageId', messageIdOf(view, reply.call.mailbox, reply.call.server.hostName)),
    value: (view, { mailbox, server }) => messageIdOf(view, mailbox, server.hostName),
  },
  {
    uri: 'message:IsRead',
    element: 'IsRead',
    shape: 'default',
    write: (view) => element('IsRead', String(view.item.isRead)),
    set(pending, value) {
      pending.isRead = readBoolean(value.text);
    },
    value: (view) => view.item.isRead,
  },
  booleanField('message:IsResponseRequested', 'all', event.responseRequested, undefined),
  textField('message:References', 'all', message.references),
  replyTo,
  readOnlyField('message:ReceivedBy', 'all', receiver('ReceivedBy')),
  readOnlyField('message:ReceivedRepresenting', 'all', receiver('ReceivedRepresenting')),
];

/** A field that messages from others do not have. */
function notReceived(field: Field): Field {
  return { ...field, write: (view, reply) => (isReceived(view) ? '' : field.write(view, reply)) };
}

/** The mailbox itself, on messages that came to it. */
function receiver(name: string): Field['write'] {
  return (view, reply) => {
    if (!isReceived(view)) return '';
    const { address, description } = reply.call.mailbox;
    const own = { name: description.displayName, address, routingType: 'SMTP', mailboxType: 'Mailbox' };
    return `<t:${name}>${mailboxMarkup(own)}</t:${name}>`;
  };
}
