/**
 * The dictionary properties of a contact: e-mail and chat addresses, telephone numbers, postal addresses (EWS schema
 * Exchange2010). Read and created whole, changed entry by entry through `t:IndexedFieldURI`.
 */
import type { AddressSlot, Contact, EmailSlot, PhoneSlot, PostalAddress } from '#model/item.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';
import { smtpAddress } from './address.ts';
import { setOrDeleteIndexed, textElement, wireLines } from './field.ts';
import type { MappingContext } from './mapping.ts';

const emailKeys: Readonly<Record<EmailSlot, string>> = {
  '1': 'EmailAddress1',
  '2': 'EmailAddress2',
  '3': 'EmailAddress3',
};

const imKeys: Readonly<Record<EmailSlot, string>> = {
  '1': 'ImAddress1',
  '2': 'ImAddress2',
  '3': 'ImAddress3',
};

const phoneKeys: Readonly<Record<PhoneSlot, string>> = {
  assistant: 'AssistantPhone',
  business: 'BusinessPhone',
  business2: 'BusinessPhone2',
  businessFax: 'BusinessFax',
  callback: 'Callback',
  car: 'CarPhone',
  company: 'CompanyMainPhone',
  home: 'HomePhone',
  home2: 'HomePhone2',
  homeFax: 'HomeFax',
  isdn: 'Isdn',
  mobile: 'MobilePhone',
  other: 'OtherTelephone',
  otherFax: 'OtherFax',
  pager: 'Pager',
  primary: 'PrimaryPhone',
  radio: 'RadioPhone',
  telex: 'Telex',
  tty: 'TtyTddPhone',
};

const addressKeys: Readonly<Record<AddressSlot, string>> = { business: 'Business', home: 'Home', other: 'Other' };

/** The parts of one postal address in schema order. */
const addressParts: readonly (readonly [keyof PostalAddress, string])[] = [
  ['street', 'Street'],
  ['city', 'City'],
  ['region', 'State'],
  ['country', 'CountryOrRegion'],
  ['postcode', 'PostalCode'],
];

const emailSlotOf = slotsByKey(emailKeys);
const imSlotOf = slotsByKey(imKeys);
const phoneSlotOf = slotsByKey(phoneKeys);
const addressSlotOf = slotsByKey(addressKeys);
const addressPartOf = new Map(addressParts.map(([part, name]) => [name, part]));

function slotsByKey<S extends string>(keys: Readonly<Record<S, string>>): ReadonlyMap<string | undefined, S> {
  return new Map(Object.entries<string>(keys).map(([slot, key]) => [key, slot as S]));
}

/** `t:EmailAddresses`; see `smtpAddress` for `unresolved`. Keys beyond the three of the schema are passed over. */
export function emailsOf(element: XmlElement, context: MappingContext, unresolved: string[]): Contact['emails'] {
  const found: { [slot in EmailSlot]?: string } = {};
  for (const { attributes, text } of element.children) {
    const slot = emailSlotOf.get(attributes.Key);
    if (slot === undefined) continue;
    const address = smtpAddress(text, attributes.RoutingType, context, unresolved);
    if (address !== undefined) found[slot] = address;
  }
  return found;
}

/** `t:ImAddresses`. */
export function imsOf(element: XmlElement): Contact['ims'] {
  return textsOf(element, imSlotOf);
}

/** `t:PhoneNumbers`. */
export function phonesOf(element: XmlElement): Contact['phones'] {
  return textsOf(element, phoneSlotOf);
}

/** `t:PhysicalAddresses`. */
export function addressesOf(element: XmlElement): Contact['addresses'] {
  const found: { [slot in AddressSlot]?: PostalAddress } = {};
  for (const entry of element.children) {
    const slot = addressSlotOf.get(entry.attributes.Key);
    if (slot === undefined) continue;
    const address: { -readonly [part in keyof PostalAddress]: string } = {};
    for (const part of entry.children) {
      const name = addressPartOf.get(part.name);
      if (name !== undefined) address[name] = part.text;
    }
    found[slot] = address;
  }
  return found;
}

/** `contacts:PostalAddressIndex`: the mailing address; `None` is none. */
export function mailingAddressOf(element: XmlElement): AddressSlot | undefined {
  return addressSlotOf.get(element.text);
}

function textsOf<S extends string>(element: XmlElement, slots: ReadonlyMap<string | undefined, S>) {
  const found: { [slot in S]?: string } = {};
  for (const { attributes, text } of element.children) {
    const slot = slots.get(attributes.Key);
    if (slot !== undefined) found[slot] = text;
  }
  return found;
}

/** `t:EmailAddresses` of a new contact; nothing when there is none. */
export function emailsElement(emails: Contact['emails']): Markup | undefined {
  return dictionary('EmailAddresses', emails, emailKeys, textEntry);
}

/** `t:ImAddresses` of a new contact. */
export function imsElement(ims: Contact['ims']): Markup | undefined {
  return dictionary('ImAddresses', ims, imKeys, textEntry);
}

/** `t:PhoneNumbers` of a new contact. */
export function phonesElement(phones: Contact['phones']): Markup | undefined {
  return dictionary('PhoneNumbers', phones, phoneKeys, textEntry);
}

/** `t:PhysicalAddresses` of a new contact. */
export function addressesElement(addresses: Contact['addresses']): Markup | undefined {
  return dictionary('PhysicalAddresses', addresses, addressKeys, addressEntry);
}

/** `t:PostalAddressIndex`; absent is None, which is written because the property cannot be deleted. */
export function mailingAddressElement(slot: AddressSlot | undefined): Markup {
  return xml`<t:PostalAddressIndex>${slot === undefined ? 'None' : addressKeys[slot]}</t:PostalAddressIndex>`;
}

function dictionary<S extends string, V>(
  name: string,
  values: { readonly [slot in S]?: V } | undefined,
  keys: Readonly<Record<S, string>>,
  entry: (key: string, value: V) => Markup,
): Markup | undefined {
  if (values === undefined) return undefined;
  const entries: Markup[] = [];
  for (const slot in keys) {
    const value = values[slot];
    if (value !== undefined) entries.push(entry(keys[slot], value));
  }
  return entries.length === 0 ? undefined : xml`<t:${name}>${entries}</t:${name}>`;
}

function textEntry(key: string, text: string): Markup {
  return xml`<t:Entry Key="${key}">${text}</t:Entry>`;
}

function addressEntry(key: string, address: PostalAddress): Markup {
  return xml`<t:Entry Key="${key}">${addressParts.map(([part, name]) => partElement(name, address[part]))}</t:Entry>`;
}

function partElement(name: string, text: string | undefined): Markup {
  return text === undefined ? xml`` : xml`<t:${name}>${wireLines(text)}</t:${name}>`;
}

/** The changes that bring one entry to its value in the contact; an unknown slot has none. */
export function entryChanges(group: string, slot: string, contact: Contact): readonly Markup[] {
  switch (group) {
    case 'emails':
      return textChange('EmailAddress', emailKeys, contact.emails, slot as EmailSlot);
    case 'ims':
      return textChange('ImAddress', imKeys, contact.ims, slot as EmailSlot);
    case 'phones':
      return textChange('PhoneNumber', phoneKeys, contact.phones, slot as PhoneSlot);
    case 'addresses':
      return addressChanges(slot as AddressSlot, contact.addresses?.[slot as AddressSlot]);
    default:
      return [];
  }
}

/** Names of the dictionary elements by the name their entries have in paths. */
const dictionaryNames = { EmailAddress: 'EmailAddresses', ImAddress: 'ImAddresses', PhoneNumber: 'PhoneNumbers' };

function textChange<S extends string>(
  name: keyof typeof dictionaryNames,
  keys: Readonly<Record<S, string>>,
  values: { readonly [slot in S]?: string } | undefined,
  slot: S,
): readonly Markup[] {
  const key = keys[slot];
  if (key === undefined) return [];
  const text = values?.[slot];
  const whole = dictionaryNames[name];
  const content = text === undefined ? undefined : xml`<t:${whole}>${textEntry(key, text)}</t:${whole}>`;
  return [setOrDeleteIndexed('Contact', `contacts:${name}`, key, content)];
}

function addressChanges(slot: AddressSlot, address: PostalAddress | undefined): readonly Markup[] {
  const key = addressKeys[slot];
  if (key === undefined) return [];
  return addressParts.map(([part, name]) => {
    const text = textElement(name, address?.[part] === undefined ? undefined : wireLines(address[part]));
    const content = text && xml`<t:PhysicalAddresses><t:Entry Key="${key}">${text}</t:Entry></t:PhysicalAddresses>`;
    return setOrDeleteIndexed('Contact', `contacts:PhysicalAddress:${name}`, key, content);
  });
}
