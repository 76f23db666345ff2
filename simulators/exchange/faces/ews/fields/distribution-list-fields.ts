/** Fields of DistributionListType, in schema order ([MS-OXWSDLIST] 2.2.4.2): a personal group of addresses. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { propertyOf, type View } from '../../../truth/item.ts';
import { oneOffEntryId, readOneOff } from '../../../truth/one-off.ts';
import { contact, distributionList, message } from '../../../truth/property-keys.ts';
import { EwsError, fieldDetail } from '../ews-error.ts';
import type { Pending } from '../pending.ts';
import { mailboxMarkup } from '../references.ts';
import { type Field, type Reply, readOnlyField, textField } from './field.ts';

/** Path of one member; its index is the member's key. */
export const memberPath = 'distributionlist:Members:Member';

export const distributionListFields: readonly Field[] = [
  textField('contacts:DisplayName', 'default', message.displayName),
  textField('contacts:FileAs', 'default', contact.fileAs),
  readOnlyField('contacts:ContactSource', 'asked', () => ''),
  {
    uri: 'distributionlist:Members',
    element: 'Members',
    shape: 'all',
    since: 'Exchange2010',
    singleOnly: true,
    write(view, reply) {
      const list = membersOf(view).map((one) => memberMarkup(one, reply));
      return list.length === 0 ? '' : `<t:Members>${list.join('')}</t:Members>`;
    },
    set: (pending, value) => setMembers(pending, value.children.map(readMember)),
    append: (pending, value) =>
      setMembers(pending, [...(pending.draft.get(distributionList.members) ?? []), ...value.children.map(readMember)]),
    clear: (pending) => setMembers(pending, []),
  },
];

function membersOf(view: View): readonly Uint8Array[] {
  return propertyOf(view, distributionList.members) ?? [];
}

/** The key of a member is its entry id; an update that deletes one member names it. */
export function memberKey(entry: Uint8Array): string {
  return Buffer.from(entry).toString('base64');
}

/** Takes one member away by its key; false when there is none. */
export function deleteMember(pending: Pending, key: string): boolean {
  const before = pending.draft.get(distributionList.members) ?? [];
  const kept = before.filter((one) => memberKey(one) !== key);
  setMembers(pending, kept);
  return kept.length < before.length;
}

function setMembers(pending: Pending, members: readonly Uint8Array[]): void {
  const list = members.length === 0 ? undefined : members;
  pending.draft.put(distributionList.members, list);
  pending.draft.put(distributionList.oneOffMembers, list);
}

function memberMarkup(entry: Uint8Array, reply: Reply): string {
  const one = readOneOff(entry);
  if (one === undefined) return '';
  const { name, address, addressType } = one;
  const isKnown = reply.call.server.truth.mailbox(address) !== undefined;
  const mailbox = mailboxMarkup({
    name,
    address,
    routingType: addressType,
    mailboxType: isKnown ? 'Mailbox' : 'OneOff',
  });
  return `<t:Member Key="${memberKey(entry)}">${mailbox}<t:Status>Normal</t:Status></t:Member>`;
}

function readMember(member: XmlElement): Uint8Array {
  const mailbox = child(member, 'Mailbox');
  const address = childText(mailbox, 'EmailAddress')?.trim() ?? '';
  if (address === '') {
    throw new EwsError('ErrorInvalidPropertySet', { details: fieldDetail('distributionlist:Members') });
  }
  const name = childText(mailbox, 'Name') ?? address;
  return oneOffEntryId({ name, address, addressType: childText(mailbox, 'RoutingType') ?? 'SMTP' });
}
