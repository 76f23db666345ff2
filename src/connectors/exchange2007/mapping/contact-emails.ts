/**
 * The three e-mail addresses of a contact (MS-OXOCNTC 2.2.1.2): each is several properties that must agree, and two lists
 * say which of them are in use, or the address book of the mailbox does not show them.
 */
import type { Contact, EmailSlot } from '#model/item.ts';
import { emailSlots } from '#model/item.ts';
import { listedNames } from '../../mapi/listed-names.ts';
import type { Properties } from '../operations/multistatus.ts';
import { contacts, lid, mapi, type Property, type PropertyChange } from '../operations/property.ts';
import { change, number } from './base.ts';

interface EmailFields {
  readonly type: Property;
  readonly address: Property;
  readonly original: Property;
  readonly entryId: Property;
  readonly display: Property;
  readonly shown: Property;
}

function fieldsOf(slot: EmailSlot): EmailFields {
  const displayIds = { '1': 0x8080, '2': 0x8090, '3': 0x80a0 } as const;
  return {
    type: mapi(`email${slot}addrtype`),
    address: mapi(`email${slot}emailaddress`),
    original: mapi(`email${slot}originaldisplayname`),
    entryId: mapi(`email${slot}originalentryid`, 'bin.base64'),
    display: lid('address', displayIds[slot], 'string'),
    shown: contacts(`email${slot}`),
  };
}

const fields: Readonly<Record<EmailSlot, EmailFields>> = { '1': fieldsOf('1'), '2': fieldsOf('2'), '3': fieldsOf('3') };

/** Bit n for address n, bits 3 to 5 for fax numbers; and the same as a list of numbers. */
const usedBitsProperty = mapi('emaillisttype', 'int');
const usedListProperty = mapi('emailaddresslist', 'mv.int');
const emailBits = 0b111;

export const emailProperties: readonly Property[] = [
  ...emailSlots.flatMap((slot) => [fields[slot].type, fields[slot].address, fields[slot].original]),
  usedBitsProperty,
];

/** SMTP addresses. Of a colleague (type EX) the address is a directory name, and the SMTP address is the original name. */
export function emailsOf(found: Properties): Contact['emails'] {
  const emails: { [slot in EmailSlot]?: string } = {};
  for (const slot of emailSlots) {
    const { type, address, original } = fields[slot];
    const text = found.text(address)?.trim();
    if (text === undefined) continue;
    const isDirectoryName = found.text(type)?.trim().toUpperCase() === 'EX' || text.startsWith('/');
    const smtp = isDirectoryName ? found.text(original)?.trim() : text;
    if (smtp?.includes('@') === true) emails[slot] = smtp;
  }
  return emails;
}

/** The changes of these slots, and of what says which are in use. `stored`: what a changed contact has now. */
export function emailChanges(
  slots: readonly EmailSlot[],
  contact: Contact,
  stored: Properties | undefined,
): readonly PropertyChange[] {
  if (slots.length === 0) return [];
  const changes = slots.flatMap((slot) => slotChanges(slot, contact));
  const foreign = stored === undefined ? 0 : (stored.number(usedBitsProperty) ?? 0) & ~emailBits;
  const bits = emailSlots.reduce((used, slot, index) => {
    const isUsed = slots.includes(slot) ? contact.emails?.[slot] !== undefined : isStored(slot, contact, stored);
    return isUsed ? used | (1 << index) : used;
  }, foreign);
  const list = [0, 1, 2, 3, 4, 5].filter((bit) => (bits & (1 << bit)) !== 0).map(String);
  return [...changes, number(usedBitsProperty, bits), change(usedListProperty, list.length === 0 ? undefined : list)];
}

function isStored(slot: EmailSlot, contact: Contact, stored: Properties | undefined): boolean {
  return stored === undefined ? contact.emails?.[slot] !== undefined : stored.text(fields[slot].address) !== undefined;
}

function slotChanges(slot: EmailSlot, contact: Contact): readonly PropertyChange[] {
  const { type, address, original, entryId, display, shown } = fields[slot];
  const email = contact.emails?.[slot];
  if (email === undefined)
    return [type, address, original, entryId, display, shown].map((one) => change(one, undefined));
  const name = listedNames(contact).displayName;
  const quoted = name === undefined || name === email ? `<${email}>` : `"${name.replace(/["\\]/g, '')}" <${email}>`;
  return [
    change(type, 'SMTP'),
    change(address, email),
    change(original, email),
    // An entry id of another address would win over the address.
    change(entryId, undefined),
    change(display, name === undefined || name === email ? email : `${name} (${email})`),
    change(shown, quoted),
  ];
}
