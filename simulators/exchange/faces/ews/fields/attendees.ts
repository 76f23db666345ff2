/** The people of an appointment: its organizer and its attendees ([MS-OXWSMTGS] 2.2.4.4). */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { propertyOf, type Recipient, recipientsOf, type View } from '../../../truth/item.ts';
import { event, message } from '../../../truth/property-keys.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import type { Pending } from '../pending.ts';
import { rankOf } from '../profiles.ts';
import { mailboxMarkup } from '../references.ts';
import { dateTimeText, element } from '../text.ts';
import type { Field, Reply } from './field.ts';

const attendeeResponses = {
  unknown: 'Unknown',
  organizer: 'Organizer',
  tentative: 'Tentative',
  accepted: 'Accept',
  declined: 'Decline',
  notResponded: 'NoResponseReceived',
} as const;

/** The Organizer element; rows of FindItem name it by legacy DN, or by name alone. */
export function organizer(view: View, reply: Reply): string {
  const { mailbox, profile } = reply.call;
  const name = propertyOf(view, message.fromName) ?? mailbox.description.displayName;
  const address = propertyOf(view, message.fromAddress) ?? mailbox.address;
  if (reply.kind !== 'find') {
    return `<t:Organizer>${mailboxMarkup({ name, address, routingType: 'SMTP', mailboxType: 'Mailbox' })}</t:Organizer>`;
  }
  if (!profile.findItemOrganizerAddress) {
    return `<t:Organizer>${mailboxMarkup({ name, address: undefined, routingType: undefined, mailboxType: 'OneOff' })}</t:Organizer>`;
  }
  const legacy = legacyDn(address);
  return `<t:Organizer>${mailboxMarkup({ name, address: legacy, routingType: 'EX', mailboxType: 'OneOff' })}</t:Organizer>`;
}

/** The upper-case distinguished name that a directory gives an address. */
export function legacyDn(address: string): string {
  const name = (address.split('@')[0] ?? address).toUpperCase();
  return `/O=EXAMPLEORG/OU=EXCHANGE ADMINISTRATIVE GROUP (FYDIBOHF23SPDLT)/CN=RECIPIENTS/CN=0123456789ABCDEF0123456789ABCDEF-${name}`;
}

/** One of the three lists of attendees. */
export function attendeeField(name: string, kind: Recipient['kind']): Field {
  const uri = `calendar:${name}`;
  return {
    uri,
    element: name,
    shape: 'all',
    singleOnly: true,
    write(view, reply) {
      const isOrganizer = ((propertyOf(view, event.stateFlags) ?? 0) & 2) === 0;
      const list = recipientsOf(view).filter((one) => one.kind === kind);
      const markup = list.map((one) => attendeeMarkup(one, isOrganizer, reply.call)).join('');
      return markup === '' ? '' : `<t:${name}>${markup}</t:${name}>`;
    },
    set(pending, value) {
      const others = pending.draft.recipients.filter((one) => one.kind !== kind);
      const before = pending.draft.recipients.filter((one) => one.kind === kind);
      pending.draft.recipients = [...others, ...value.children.map((one) => readAttendee(one, kind, before, pending))];
    },
    append(pending, value) {
      const added = value.children.map((one) => readAttendee(one, kind, [], pending));
      pending.draft.recipients = [...pending.draft.recipients, ...added];
    },
    clear(pending) {
      pending.draft.recipients = pending.draft.recipients.filter((one) => one.kind !== kind);
    },
  };
}

function attendeeMarkup(one: Recipient, isOrganizer: boolean, call: Call): string {
  const known = call.server.truth.mailbox(one.address) !== undefined;
  const mailbox = mailboxMarkup({
    name: one.name,
    address: one.address,
    routingType: one.addressType,
    mailboxType: call.rank >= rankOf('Exchange2010') ? (known ? 'Mailbox' : 'OneOff') : undefined,
  });
  const response = isOrganizer ? attendeeResponses[one.response ?? 'unknown'] : 'Unknown';
  const reply =
    isOrganizer && one.replyTimeMs !== undefined
      ? element('LastResponseTime', dateTimeText(one.replyTimeMs, call.zone))
      : '';
  return `<t:Attendee>${mailbox}${element('ResponseType', response)}${reply}</t:Attendee>`;
}

function readAttendee(
  attendee: XmlElement,
  kind: Recipient['kind'],
  before: readonly Recipient[],
  pending: Pending,
): Recipient {
  const mailbox = child(attendee, 'Mailbox');
  const address = childText(mailbox, 'EmailAddress')?.trim() ?? '';
  if (address === '') throw new EwsError('ErrorMissingInformationEmailAddress');
  const known = before.find((one) => one.address.toLowerCase() === address.toLowerCase());
  const directoryName = pending.call.server.truth.mailbox(address)?.description.displayName;
  const name = childText(mailbox, 'Name') ?? directoryName ?? address;
  const addressType = childText(mailbox, 'RoutingType') ?? 'SMTP';
  return known === undefined ? { kind, name, address, addressType } : { ...known, name, addressType };
}
