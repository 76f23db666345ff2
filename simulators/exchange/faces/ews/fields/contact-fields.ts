/** Fields of ContactItemType, in schema order ([MS-OXWSCONT] 2.2.4.5). */
import type { XmlElement } from '#xml/reader.ts';
import { fileAsMappings } from '../../../truth/contact-rules.ts';
import { attachmentsOf, propertyOf, type View } from '../../../truth/item.ts';
import type { PropertyKey } from '../../../truth/properties.ts';
import {
  contact,
  email,
  instantMessaging,
  message,
  type PostalKeys,
  phone,
  postal,
} from '../../../truth/property-keys.ts';
import { EwsError } from '../ews-error.ts';
import type { Pending } from '../pending.ts';
import { attributeText, element, escapeText } from '../text.ts';
import { type Field, notSearched, type Reply, readOnlyField, textField, textsField, timeField } from './field.ts';

const text = (
  name: string,
  key: PropertyKey<string>,
  shape: Field['shape'] = 'all',
  more: Partial<Field> = {},
): Field => textField(`contacts:${name}`, shape, key, more);

const postalIndexes = ['None', 'Home', 'Business', 'Other'];

export const contactFields: readonly Field[] = [
  text('FileAs', contact.fileAs, 'default', {
    write: (view) => element('FileAs', propertyOf(view, contact.fileAs) ?? ''),
  }),
  {
    uri: 'contacts:FileAsMapping',
    element: 'FileAsMapping',
    shape: 'all',
    write: (view) => element('FileAsMapping', mappingName(propertyOf(view, contact.fileAsMapping) ?? 0)),
    set: (pending, value) => pending.draft.set(contact.fileAsMapping, fileAsMappings[value.text.trim()] ?? 0),
    clear: (pending) => pending.draft.delete(contact.fileAsMapping),
    value: (view) => mappingName(propertyOf(view, contact.fileAsMapping) ?? 0),
  },
  text('DisplayName', message.displayName, 'default'),
  text('GivenName', contact.givenName, 'default'),
  text('Initials', contact.initials, 'default'),
  text('MiddleName', contact.middleName, 'default'),
  text('Nickname', contact.nickname, 'default'),
  readOnlyField('contacts:CompleteName', 'default', completeName),
  text('CompanyName', contact.companyName, 'default'),
  emailField(),
  addressField(),
  dictionaryField('contacts:PhoneNumbers', 'contacts:PhoneNumber', Object.entries(phone)),
  text('AssistantName', contact.assistantName, 'default'),
  timeField('contacts:Birthday', 'default', contact.birthday),
  text('BusinessHomePage', contact.businessHomePage, 'default'),
  textsField('contacts:Children', 'default', contact.children),
  notSearched(textsField('contacts:Companies', 'default', message.companies)),
  readOnlyField('contacts:ContactSource', 'asked', () => ''),
  text('Department', contact.department, 'default'),
  text('Generation', contact.generation, 'default'),
  dictionaryField(
    'contacts:ImAddresses',
    'contacts:ImAddress',
    instantMessaging.map((key, index) => [`ImAddress${index + 1}`, key] as const),
  ),
  text('JobTitle', contact.jobTitle, 'default'),
  text('Manager', contact.manager, 'default'),
  text('Mileage', message.mileage),
  text('OfficeLocation', contact.officeLocation, 'default'),
  {
    uri: 'contacts:PostalAddressIndex',
    element: 'PostalAddressIndex',
    shape: 'all',
    write(view) {
      const index = propertyOf(view, contact.postalAddressIndex);
      return index === undefined ? '' : element('PostalAddressIndex', postalIndexes[index] ?? 'None');
    },
    set: (pending, value) =>
      pending.draft.set(contact.postalAddressIndex, Math.max(postalIndexes.indexOf(value.text.trim()), 0)),
    value: (view) => postalIndexes[propertyOf(view, contact.postalAddressIndex) ?? 0],
  },
  text('Profession', contact.profession),
  text('SpouseName', contact.spouse, 'default'),
  text('Surname', contact.surname, 'default'),
  timeField('contacts:WeddingAnniversary', 'default', contact.weddingAnniversary),
  readOnlyField(
    'contacts:HasPicture',
    'asked',
    (view) => element('HasPicture', String(attachmentsOf(view).some((one) => one.isContactPhoto))),
    (view) => attachmentsOf(view).some((one) => one.isContactPhoto),
    { since: 'Exchange2010' },
  ),
  ...['PhoneticFullName', 'PhoneticFirstName', 'PhoneticLastName'].map(ofDirectory),
  ...['Alias', 'Notes', 'Photo', 'UserSMIMECertificate', 'MSExchangeCertificate', 'DirectoryId'].map(ofDirectory),
  ...['ManagerMailbox', 'DirectReports'].map(ofDirectory),
];

/** What only people of the directory have; the contacts of a mailbox neither show nor take it. */
function ofDirectory(name: string): Field {
  return readOnlyField(`contacts:${name}`, 'asked', () => '', undefined, { since: 'Exchange2010_SP1' });
}

/** Paths of single entries, with the dictionary field each belongs to. */
export const entryPaths: Readonly<Record<string, string>> = {
  'contacts:EmailAddress': 'contacts:EmailAddresses',
  'contacts:PhoneNumber': 'contacts:PhoneNumbers',
  'contacts:ImAddress': 'contacts:ImAddresses',
  'contacts:PhysicalAddress:Street': 'contacts:PhysicalAddresses',
  'contacts:PhysicalAddress:City': 'contacts:PhysicalAddresses',
  'contacts:PhysicalAddress:State': 'contacts:PhysicalAddresses',
  'contacts:PhysicalAddress:CountryOrRegion': 'contacts:PhysicalAddresses',
  'contacts:PhysicalAddress:PostalCode': 'contacts:PhysicalAddresses',
};

/** The properties behind one entry; the first holds its value. Undefined for an entry that does not exist. */
export function entryKeys(path: string, index: string): readonly PropertyKey<string>[] | undefined {
  if (path === 'contacts:PhoneNumber') return some(phone[index]);
  if (path === 'contacts:ImAddress') return some(instantMessaging[Number(index.slice(-1)) - 1]);
  if (path === 'contacts:EmailAddress') {
    const slot = email[Number(index.slice(-1)) - 1];
    return slot && [slot.address, slot.displayName, slot.addressType, slot.originalDisplayName];
  }
  const keys = postal[index as keyof typeof postal];
  return keys === undefined ? undefined : some(keys[path.slice(path.lastIndexOf(':') + 1) as keyof PostalKeys]);
}

/** Writes one entry of a dictionary from its Entry element. */
export function setEntry(pending: Pending, path: string, index: string, entry: XmlElement): void {
  if (path === 'contacts:EmailAddress') setEmail(pending, Number(index.slice(-1)) - 1, entry);
  else if (path.startsWith('contacts:PhysicalAddress:')) {
    const name = path.slice(path.lastIndexOf(':') + 1);
    const [key] = entryKeys(path, index) ?? [];
    const part = entry.children.find((one) => one.name === name);
    if (key === undefined || part === undefined || entry.children.length !== 1) {
      throw new EwsError('ErrorUpdatePropertyMismatch');
    }
    pending.draft.set(key, part.text);
  } else {
    const [key] = entryKeys(path, index) ?? [];
    if (key === undefined) throw new EwsError('ErrorUpdatePropertyMismatch');
    pending.draft.set(key, entry.text);
  }
}

function some<T>(value: T | undefined): readonly T[] | undefined {
  return value === undefined ? undefined : [value];
}

function mappingName(code: number): string {
  for (const [name, value] of Object.entries(fileAsMappings)) if (value === code) return name;
  return 'None';
}

function completeName(view: View): string {
  const part = (name: string, key: PropertyKey<string>): string => {
    const value = propertyOf(view, key);
    return value === undefined ? '' : element(name, value);
  };
  const before =
    part('Title', contact.displayNamePrefix) +
    part('FirstName', contact.givenName) +
    part('MiddleName', contact.middleName) +
    part('LastName', contact.surname) +
    part('Suffix', contact.generation) +
    part('Initials', contact.initials);
  const full = part('FullName', message.displayName);
  const after = part('Nickname', contact.nickname);
  return before + full + after === '' ? '' : `<t:CompleteName>${before}${full}${after}</t:CompleteName>`;
}

/** Which keys of a dictionary an answer shows; undefined for all of them. */
function wanted(reply: Reply, path: string): ReadonlySet<string> | undefined {
  return reply.entries.get(path);
}

function emailField(): Field {
  return {
    uri: 'contacts:EmailAddresses',
    element: 'EmailAddresses',
    shape: 'default',
    write(view, reply) {
      const only = wanted(reply, 'contacts:EmailAddress');
      let entries = '';
      for (const [index, slot] of email.entries()) {
        const key = `EmailAddress${index + 1}`;
        const address = propertyOf(view, slot.address);
        if (address === undefined || (only !== undefined && !only.has(key))) continue;
        const name = attributeText(propertyOf(view, slot.displayName) ?? address);
        const type = attributeText(propertyOf(view, slot.addressType) ?? 'SMTP');
        entries += `<t:Entry Key="${key}" Name="${name}" RoutingType="${type}" MailboxType="Contact">${escapeText(address)}</t:Entry>`;
      }
      return entries === '' ? '' : `<t:EmailAddresses>${entries}</t:EmailAddresses>`;
    },
    set(pending, value) {
      for (const entry of value.children) setEmail(pending, Number((entry.attributes.Key ?? '').slice(-1)) - 1, entry);
    },
    clear(pending) {
      for (const slot of email) for (const key of Object.values(slot)) pending.draft.delete(key);
    },
  };
}

function setEmail(pending: Pending, index: number, entry: XmlElement): void {
  const slot = email[index];
  if (slot === undefined) throw new EwsError('ErrorInvalidContactEmailIndex');
  const address = entry.text.trim();
  const { draft } = pending;
  draft.set(slot.address, address);
  draft.set(slot.displayName, entry.attributes.Name ?? address);
  draft.set(slot.addressType, entry.attributes.RoutingType ?? 'SMTP');
  draft.set(slot.originalDisplayName, address);
}

const postalParts = Object.entries(postal).map(([name, keys]) => ({
  name,
  keys: Object.entries(keys) as readonly (readonly [string, PropertyKey<string>])[],
}));

function addressField(): Field {
  return {
    uri: 'contacts:PhysicalAddresses',
    element: 'PhysicalAddresses',
    shape: 'default',
    write(view, reply) {
      let entries = '';
      const restricted = isRestricted(reply);
      for (const { name, keys } of postalParts) {
        let parts = '';
        for (const [part, key] of keys) {
          const value = propertyOf(view, key);
          if (value === undefined) continue;
          if (restricted && !wanted(reply, `contacts:PhysicalAddress:${part}`)?.has(name)) continue;
          parts += element(part, value);
        }
        if (parts !== '') entries += `<t:Entry Key="${name}">${parts}</t:Entry>`;
      }
      return entries === '' ? '' : `<t:PhysicalAddresses>${entries}</t:PhysicalAddresses>`;
    },
    set(pending, value) {
      for (const entry of value.children) {
        const keys = postal[(entry.attributes.Key ?? '') as keyof typeof postal];
        for (const part of entry.children) pending.draft.set(keys[part.name as keyof PostalKeys], part.text);
      }
    },
    clear(pending) {
      for (const keys of Object.values(postal)) for (const key of Object.values(keys)) pending.draft.delete(key);
    },
  };
}

function isRestricted(reply: Reply): boolean {
  for (const path of reply.entries.keys()) if (path.startsWith('contacts:PhysicalAddress:')) return true;
  return false;
}

function dictionaryField(uri: string, path: string, keys: readonly (readonly [string, PropertyKey<string>])[]): Field {
  const name = uri.slice(uri.indexOf(':') + 1);
  const byName = new Map(keys);
  return {
    uri,
    element: name,
    shape: 'default',
    write(view, reply) {
      const only = wanted(reply, path);
      let entries = '';
      for (const [key, property] of keys) {
        if (only !== undefined && !only.has(key)) continue;
        const value = propertyOf(view, property);
        if (value === undefined) continue;
        entries += value === '' ? `<t:Entry Key="${key}"/>` : `<t:Entry Key="${key}">${escapeText(value)}</t:Entry>`;
      }
      return entries === '' ? '' : `<t:${name}>${entries}</t:${name}>`;
    },
    set(pending, value) {
      for (const entry of value.children) {
        const property = byName.get(entry.attributes.Key ?? '');
        if (property === undefined) throw new EwsError('ErrorInvalidPropertySet');
        pending.draft.set(property, entry.text);
      }
    },
    clear(pending) {
      for (const property of byName.values()) pending.draft.delete(property);
    },
  };
}
