/**
 * Contacts (MS-OXOCNTC) as WebDAV shows them. Birthdays are instants of local midnight; addresses stand part by part, once
 * more as one text, and the mailing address a third time.
 */
import type { Update } from '#contract/connector.ts';
import { type Fields, groupOf, leafOf, type Path } from '#model/groups.ts';
import type { AddressSlot, Contact, EmailSlot, Item, PlainDate, PostalAddress } from '#model/item.ts';
import { addressSlots, emailSlots, phoneSlots } from '#model/item.ts';
import { daySeconds, daysOf, secondsOf } from '#model/local-time.ts';
import { normalise } from '#model/normalise.ts';
import { valueAt } from '#model/project.ts';
import { toInstant } from '#model/zones.ts';
import { birthdayOf } from '../../mapi/instant.ts';
import { listedNames, touchesNames } from '../../mapi/listed-names.ts';
import { contradiction, refuse } from '../../mapi/refusal.ts';
import type { Properties } from '../operations/multistatus.ts';
import { contacts, lid, type Property, type PropertyChange } from '../operations/property.ts';
import {
  baseChanges,
  baseProperties,
  change,
  classChanges,
  instantIn,
  newBase,
  number,
  readBase,
  setting,
  subjectProperty,
  time,
  wireLines,
} from './base.ts';
import { emailChanges, emailProperties, emailsOf } from './contact-emails.ts';
import { addressFields, addressParts, mailingAddressProperty, mailingFields, textFields } from './contact-fields.ts';
import { leafPaths } from './leaf-paths.ts';
import type { BuildMapping, KindMapping, MappingContext, ReadMapping } from './mapping.ts';

const capableFields: Fields = {
  name: true,
  organization: true,
  emails: true,
  phones: true,
  addresses: true,
  mailingAddress: true,
  ims: ['1'],
  webPage: true,
  birthday: true,
  anniversary: true,
  relations: true,
  categories: true,
  sensitivity: true,
  body: ['text'],
};

const leaves: Readonly<Record<string, readonly string[]>> = {
  name: ['prefix', 'given', 'middle', 'surname', 'suffix', 'nickname'],
  organization: ['company', 'department', 'jobTitle', 'office', 'profession'],
  relations: ['manager', 'assistant', 'spouse', 'children'],
  emails: emailSlots,
  ims: ['1'],
  phones: phoneSlots,
  addresses: addressSlots,
};

const fileAsProperty = contacts('fileas');
const displayNameProperty = contacts('cn');
const childrenProperty = contacts('childrensnames', 'mv.string');

/** The instant, and the plain date newer clients keep beside it. */
interface DateFields {
  readonly instant: Property;
  readonly local: Property;
}

const dateFields: Readonly<Record<'birthday' | 'anniversary', DateFields>> = {
  birthday: { instant: contacts('bday', 'dateTime.tz'), local: lid('address', 0x80de, 'dateTime.tz') },
  anniversary: { instant: contacts('weddinganniversary', 'dateTime.tz'), local: lid('address', 0x80df, 'dateTime.tz') },
};

const textProperties = new Map<Path, Property>(textFields);

export const contactMapping: KindMapping = {
  kind: 'contact',
  folder: 'contacts',
  capabilities: { fields: capableFields, patterns: [], zones: 'windows' },
  itemClass: 'IPM.Contact',
  properties: [
    ...baseProperties,
    ...textFields.map(([, property]) => property),
    ...emailProperties,
    ...addressSlots.flatMap((slot) => Object.values(addressFields[slot].parts)),
    mailingAddressProperty,
    childrenProperty,
    ...Object.values(dateFields).flatMap(({ instant, local }) => [instant, local]),
    fileAsProperty,
    displayNameProperty,
  ],
  read,
  create,
  update,
};

function read(found: Properties, context: MappingContext): ReadMapping {
  return { ok: true, value: contactOf(found, context) };
}

function contactOf(found: Properties, context: MappingContext): Contact {
  const { categories, sensitivity, body } = readBase(found);
  const texts = textsOf(found);
  const read = {
    ...texts,
    kind: 'contact',
    emails: emailsOf(found),
    addresses: addressesOf(found),
    mailingAddress: addressSlots.find((slot) => addressFields[slot].number === found.number(mailingAddressProperty)),
    birthday: dateOf(found, 'birthday', context),
    anniversary: dateOf(found, 'anniversary', context),
    relations: { ...(texts.relations as object | undefined), children: found.texts(childrenProperty) },
    categories,
    sensitivity,
    body,
  };
  return normalise(read as unknown as Contact);
}

/** The leaves that are one text each, in their groups. */
function textsOf(found: Properties): Readonly<Record<string, unknown>> {
  const groups: Record<string, unknown> = {};
  for (const [path, property] of textFields) {
    const text = found.text(property);
    const leaf = leafOf(path);
    if (text === undefined) continue;
    const group = groupOf(path);
    groups[group] = leaf === undefined ? text : { ...(groups[group] as object | undefined), [leaf]: text };
  }
  return groups;
}

function addressesOf(found: Properties): Contact['addresses'] {
  const addresses: { [slot in AddressSlot]?: PostalAddress } = {};
  for (const slot of addressSlots) {
    const parts = addressParts.map((part) => [part, found.text(addressFields[slot].parts[part])] as const);
    addresses[slot] = Object.fromEntries(parts.filter(([, text]) => text !== undefined));
  }
  return addresses;
}

/** A plain date further than this from the instant is a stale one. */
const sameDateSeconds = 26 * 3600;

function dateOf(
  found: Properties,
  name: keyof typeof dateFields,
  { mailboxZone }: MappingContext,
): PlainDate | undefined {
  const instant = instantIn(found, dateFields[name].instant);
  const local = instantIn(found, dateFields[name].local);
  if (instant === undefined) return undefined;
  const seconds = secondsOf(instant.slice(0, 19));
  const plain = local?.slice(0, 10);
  if (plain !== undefined && Math.abs(daysOf(plain) * daySeconds - seconds) <= sameDateSeconds) return plain;
  return birthdayOf(instant, mailboxZone);
}

function create(item: Item, context: MappingContext): BuildMapping {
  if (item.kind !== 'contact') return refuse('defect.internal', `a ${item.kind} was given to the contact mapping`);
  const refused = contradiction(item);
  if (refused !== undefined) return refused;
  const { fileAs, displayName } = listedNames(item);
  const texts = textFields.flatMap(([path, property]) => setting(property, valueAt(item, path) as string | undefined));
  const slots = addressSlots.filter((slot) => item.addresses?.[slot] !== undefined);
  const emails = emailSlots.filter((slot) => item.emails?.[slot] !== undefined);
  const changes = [
    ...classChanges('person', 'IPM.Contact', 0x10, 0x200),
    ...setting(subjectProperty, displayName),
    ...setting(displayNameProperty, displayName),
    ...setting(fileAsProperty, fileAs),
    ...newBase(['sensitivity', 'categories', 'body'], item),
    ...texts,
    ...emailChanges(emails, item, undefined),
    ...slots.flatMap((slot) => addressChanges(slot, item)),
    ...mailingChanges(item),
    ...dateChanges('birthday', item, context),
    ...dateChanges('anniversary', item, context),
    ...setting(childrenProperty, item.relations?.children),
  ];
  return { ok: true, value: { changes: changes.filter(({ value }) => value !== undefined) } };
}

function update({ target, paths }: Update, context: MappingContext, stored: Properties): BuildMapping {
  if (target.kind !== 'contact') return refuse('defect.internal', `a ${target.kind} was given to the contact mapping`);
  const refused = contradiction(target, paths);
  if (refused !== undefined) return refused;
  const asked = [...leafPaths(paths, leaves)];
  const slots = asked.filter((path) => groupOf(path) === 'emails').map((path) => leafOf(path) as EmailSlot);
  const isMailTouched = asked.some((path) => groupOf(path) === 'addresses' || path === 'mailingAddress');
  const changes = [
    ...(touchesNames(paths) ? nameChanges(stored, contactOf(stored, context), target) : []),
    ...asked.flatMap((path) => changesOf(path, target, context)),
    ...emailChanges(slots, target, stored),
    ...(isMailTouched ? mailingChanges(target) : []),
  ];
  return { ok: true, value: { changes } };
}

/** The changes of one leaf; e-mails and what follows from addresses aside. */
function changesOf(path: Path, contact: Contact, context: MappingContext): readonly PropertyChange[] {
  const property = textProperties.get(path);
  if (property !== undefined) return [change(property, valueAt(contact, path) as string | undefined)];
  switch (path) {
    case 'relations.children':
      return [change(childrenProperty, contact.relations?.children)];
    case 'birthday':
    case 'anniversary':
      return dateChanges(path, contact, context);
    default:
      if (groupOf(path) === 'addresses') return addressChanges(leafOf(path) as AddressSlot, contact);
      return baseChanges(path, contact) ?? [];
  }
}

/** Midnight of the mailbox's zone, as Outlook 2007 writes and shows it. A plain date beside it would go stale. */
function dateChanges(
  name: keyof typeof dateFields,
  contact: Contact,
  { mailboxZone }: MappingContext,
): readonly PropertyChange[] {
  const date = contact[name];
  const { instant, local } = dateFields[name];
  const midnight = date === undefined ? undefined : toInstant(`${date}T00:00:00`, mailboxZone);
  return [time(instant, midnight), change(local, undefined)];
}

function addressChanges(slot: AddressSlot, contact: Contact): readonly PropertyChange[] {
  const fields = addressFields[slot];
  if (fields === undefined) return [];
  const address = contact.addresses?.[slot];
  return [
    ...addressParts.map((part) => change(fields.parts[part], wireText(address?.[part]))),
    change(fields.composed, composed(address)),
  ];
}

/** The mailing address once more, for letters. */
function mailingChanges(contact: Contact): readonly PropertyChange[] {
  const { mailingAddress: slot } = contact;
  const address = slot === undefined ? undefined : contact.addresses?.[slot];
  return [
    number(mailingAddressProperty, slot === undefined ? 0 : addressFields[slot].number),
    ...addressParts.map((part) => change(mailingFields[part], wireText(address?.[part]))),
    change(mailingFields.composed, composed(address)),
  ];
}

function wireText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : wireLines(text);
}

function composed(address: PostalAddress | undefined): string | undefined {
  if (address === undefined) return undefined;
  const { street, city, region, postcode, country } = address;
  const place = [[city, region].filter((one) => one !== undefined).join(', '), postcode].filter(Boolean).join(' ');
  const lines = [street, place, country].filter((one) => one !== undefined && one !== '');
  return lines.length === 0 ? undefined : wireLines(lines.join('\n'));
}

/** Keeps the names a contact is listed under in step with its name, where they still are what we had derived. */
function nameChanges(stored: Properties, before: Contact, target: Contact): readonly PropertyChange[] {
  const old = listedNames(before);
  const now = listedNames(target);
  const follow = (
    property: Property,
    was: string | undefined,
    becomes: string | undefined,
  ): readonly PropertyChange[] => {
    const text = stored.text(property);
    return was !== becomes && (text === undefined || text === was) ? [change(property, becomes)] : [];
  };
  return [
    ...follow(fileAsProperty, old.fileAs, now.fileAs),
    ...follow(displayNameProperty, old.displayName, now.displayName),
    ...follow(subjectProperty, old.displayName, now.displayName),
  ];
}
