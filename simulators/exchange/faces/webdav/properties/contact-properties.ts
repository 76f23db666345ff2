/** `urn:schemas:contacts:` and the contact names of the MAPI namespace (reference on Exchange 2007, sections 1.8 and 4.2). */
import { propertyOf, type View } from '../../../truth/item.ts';
import { named, type PropertyKey, type PropertyValue, tagged } from '../../../truth/properties.ts';
import { contact, type EmailKeys, email, message, phone, postal, propertySets } from '../../../truth/property-keys.ts';
import type { PendingWrite } from '../pending-write.ts';
import { alias, type DavProperty, type PropertyTable, shown } from './property.ts';

const text = (tag: number): DavProperty => alias(tagged(tag, 'String'));
const address = (id: number): PropertyKey<string> => named<string>(propertySets.Address, id, 'String');
const number = (name: string): DavProperty => alias(phone[name] as PropertyKey);

/** Composed postal addresses are empty text as long as nobody wrote them. */
const composed = (id: number): DavProperty => alias(address(id), '');

/** `"Ann Lee" <ann@x.example>`, `<ann@x.example>` or the address alone. */
const mailboxForm = /^\s*(?:"?([^"<]*?)"?\s*)?<([^<>]*)>\s*$/;

/** One of the three addresses: shown in angle brackets; written, it fills what nobody else writes of its slot. */
function emailProperty(slot: EmailKeys): DavProperty {
  return {
    type: 'String',
    read(resource) {
      if (resource.kind === 'folder') return undefined;
      const value = smtpAddress(resource.view, slot);
      return value === undefined ? undefined : `<${value}>`;
    },
    write(pending, value) {
      if (value === undefined) {
        for (const key of Object.values(slot)) pending.draft.delete(key);
        return true;
      }
      const match = mailboxForm.exec(String(value));
      pending.emails.set(slot, { name: match?.[1] ?? '', address: match?.[2] ?? String(value).trim() });
      return true;
    },
  };
}

/** Internet address of a slot; an internal one stands in the original display name. */
function smtpAddress(view: View, slot: EmailKeys): string | undefined {
  const isInternal = propertyOf(view, slot.addressType) === 'EX';
  return propertyOf(view, isInternal ? slot.originalDisplayName : slot.address);
}

/** Completes slots of which only the address was written. */
export function completeEmails({ draft, emails }: PendingWrite): void {
  for (const [slot, { name, address: written }] of emails) {
    if (!draft.touched.has(slot.address)) draft.set(slot.address, written);
    if (draft.get(slot.addressType) === undefined) draft.set(slot.addressType, 'SMTP');
    if (!draft.touched.has(slot.displayName)) draft.set(slot.displayName, name === '' ? written : name);
    if (!draft.touched.has(slot.originalDisplayName)) draft.set(slot.originalDisplayName, written);
  }
}

const genders: readonly string[] = ['unspecified', 'female', 'male'];

/** Both the number and the word are taken. */
const gender: DavProperty = {
  ...alias(tagged(0x3a4d, 'Short')),
  type: 'Short',
  write(pending, value) {
    const code = typeof value === 'string' ? genders.indexOf(value.toLowerCase()) : Number(value ?? 0);
    if (value === undefined) pending.draft.delete(tagged(0x3a4d, 'Short'));
    else if (code >= 0 && code <= 2) pending.draft.set(tagged(0x3a4d, 'Short'), code);
    return value === undefined || (code >= 0 && code <= 2);
  },
};

export const contactProperties: PropertyTable = {
  cn: alias(message.displayName),
  givenName: alias(contact.givenName),
  middlename: alias(contact.middleName),
  sn: alias(contact.surname),
  namesuffix: alias(contact.generation),
  personaltitle: alias(contact.displayNamePrefix),
  nickname: alias(contact.nickname),
  initials: alias(contact.initials),
  fileas: alias(contact.fileAs),
  fileasid: alias(contact.fileAsMapping),
  title: alias(contact.jobTitle),
  o: alias(contact.companyName),
  department: alias(contact.department),
  roomnumber: alias(contact.officeLocation),
  profession: alias(contact.profession),
  manager: alias(contact.manager),
  secretarycn: alias(contact.assistantName),
  spousecn: alias(contact.spouse),
  bday: alias(contact.birthday),
  weddinganniversary: alias(contact.weddingAnniversary),
  gender,
  telephoneNumber: number('BusinessPhone'),
  telephonenumber2: number('BusinessPhone2'),
  homePhone: number('HomePhone'),
  homephone2: number('HomePhone2'),
  mobile: number('MobilePhone'),
  facsimiletelephonenumber: number('BusinessFax'),
  homefax: number('HomeFax'),
  otherfax: number('OtherFax'),
  pager: number('Pager'),
  callbackphone: number('Callback'),
  othermobile: number('CarPhone'),
  otherTelephone: number('OtherTelephone'),
  organizationmainphone: number('CompanyMainPhone'),
  secretaryphone: number('AssistantPhone'),
  internationalisdnnumber: number('Isdn'),
  telexnumber: number('Telex'),
  ttytddphone: number('TtyTddPhone'),
  street: alias(postal.Business.Street),
  l: alias(postal.Business.City),
  st: alias(postal.Business.State),
  postalcode: alias(postal.Business.PostalCode),
  co: alias(postal.Business.CountryOrRegion),
  postofficebox: alias(address(0x804a)),
  workaddress: composed(0x801b),
  homeStreet: alias(postal.Home.Street),
  homeCity: alias(postal.Home.City),
  homeState: alias(postal.Home.State),
  homePostalCode: alias(postal.Home.PostalCode),
  homeCountry: alias(postal.Home.CountryOrRegion),
  homepostofficebox: text(0x3a5e),
  homepostaladdress: composed(0x801a),
  otherstreet: alias(postal.Other.Street),
  othercity: alias(postal.Other.City),
  otherstate: alias(postal.Other.State),
  otherpostalcode: alias(postal.Other.PostalCode),
  othercountry: alias(postal.Other.CountryOrRegion),
  otherpostofficebox: text(0x3a64),
  otherpostaladdress: composed(0x801c),
  mailingaddressid: alias(contact.postalAddressIndex),
  businesshomepage: alias(contact.businessHomePage),
  personalHomePage: alias(contact.personalHomePage),
  ftpsite: text(0x3a4c),
  computernetworkname: text(0x3a49),
  account: text(0x3a00),
  customerid: text(0x3a4a),
  governmentid: text(0x3a07),
  organizationalidnumber: text(0x3a10),
  employeenumber: text(0x3a10),
  billinginformation: alias(message.billing),
  childrensnames: alias(contact.children),
  hobbies: text(0x3a43),
  language: text(0x3a0c),
  location: text(0x3a0d),
  referredby: text(0x3a47),
  email1: emailProperty(email[0] as EmailKeys),
  email2: emailProperty(email[1] as EmailKeys),
  email3: emailProperty(email[2] as EmailKeys),
  proxyaddresses: shown('StringArray', (resource) => {
    if (resource.kind === 'folder') return undefined;
    const all = email.flatMap((slot): readonly PropertyValue[] => {
      const value = smtpAddress(resource.view, slot);
      return value === undefined ? [] : [`<${value}>`];
    });
    return all.length === 0 ? undefined : (all as readonly string[]);
  }),
  haspicture: alias(contact.hasPicture),
};

/** What Outlook keeps about the slots in use; made for contacts of writers who do not. */
function listOfSlots(property: DavProperty, make: (used: readonly number[]) => PropertyValue): DavProperty {
  return {
    ...property,
    read(resource) {
      if (resource.kind === 'folder') return undefined;
      const used = email.flatMap((slot, index) =>
        propertyOf(resource.view, slot.address) === undefined ? [] : [index],
      );
      return property.read(resource) ?? (used.length === 0 ? undefined : make(used));
    },
  };
}

const slotNames = [
  ['displayname', 'displayName'],
  ['addrtype', 'addressType'],
  ['emailaddress', 'address'],
  ['originaldisplayname', 'originalDisplayName'],
] as const;

/** `email1addrtype` … `email3originalentryid`, and what lies beside them. */
export const contactMapiProperties: PropertyTable = {
  ...Object.fromEntries(
    email.flatMap((slot, index) => [
      ...slotNames.map(([name, part]) => [`email${index + 1}${name}`, alias(slot[part])] as const),
      [
        `email${index + 1}originalentryid`,
        alias(named(propertySets.Address, 0x8085 + 0x10 * index, 'Binary')),
      ] as const,
    ]),
  ),
  emaillisttype: listOfSlots(alias(named(propertySets.Address, 0x8029, 'Integer')), (used) =>
    used.reduce((mask, index) => mask | (1 << index), 0),
  ),
  emailaddresslist: listOfSlots(alias(named(propertySets.Address, 0x8028, 'IntegerArray')), (used) => used),
  InstMsg: alias(address(0x8062)),
  fileunder: alias(contact.fileAs),
  fileunderid: alias(contact.fileAsMapping),
  workaddressstreet: alias(postal.Business.Street),
  workaddresscity: alias(postal.Business.City),
  workaddressstate: alias(postal.Business.State),
  workaddresspostalcode: alias(postal.Business.PostalCode),
  workaddresscountry: alias(postal.Business.CountryOrRegion),
  workaddresspostofficebox: alias(address(0x804a)),
  html: alias(address(0x802b)),
};
