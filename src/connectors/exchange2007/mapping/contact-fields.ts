/** Which property is which leaf of a contact: one text each, but the addresses and e-mails. */
import type { Path } from '#model/groups.ts';
import type { AddressSlot, PostalAddress } from '#model/item.ts';
import { contacts, mapi, type Property, tag } from '../operations/property.ts';

/** Every leaf that is one text. */
export const textFields: readonly (readonly [Path, Property])[] = [
  ['name.prefix', contacts('personaltitle')],
  ['name.given', contacts('givenName')],
  ['name.middle', contacts('middlename')],
  ['name.surname', contacts('sn')],
  ['name.suffix', contacts('namesuffix')],
  ['name.nickname', contacts('nickname')],
  ['organization.company', contacts('o')],
  ['organization.department', contacts('department')],
  ['organization.jobTitle', contacts('title')],
  ['organization.office', contacts('roomnumber')],
  ['organization.profession', contacts('profession')],
  ['relations.manager', contacts('manager')],
  ['relations.assistant', contacts('secretarycn')],
  ['relations.spouse', contacts('spousecn')],
  ['phones.assistant', contacts('secretaryphone')],
  ['phones.business', contacts('telephoneNumber')],
  ['phones.business2', contacts('telephonenumber2')],
  ['phones.businessFax', contacts('facsimiletelephonenumber')],
  ['phones.callback', contacts('callbackphone')],
  ['phones.car', contacts('othermobile')],
  ['phones.company', contacts('organizationmainphone')],
  ['phones.home', contacts('homePhone')],
  ['phones.home2', contacts('homephone2')],
  ['phones.homeFax', contacts('homefax')],
  ['phones.isdn', contacts('internationalisdnnumber')],
  ['phones.mobile', contacts('mobile')],
  ['phones.other', contacts('otherTelephone')],
  ['phones.otherFax', contacts('otherfax')],
  ['phones.pager', contacts('pager')],
  // These two have no name of their own in WebDAV.
  ['phones.primary', tag(0x3a1a_001f, 'string')],
  ['phones.radio', tag(0x3a1d_001f, 'string')],
  ['phones.telex', contacts('telexnumber')],
  ['phones.tty', contacts('ttytddphone')],
  ['ims.1', mapi('InstMsg')],
  ['webPage', contacts('businesshomepage')],
];

export const addressParts = [
  'street',
  'city',
  'region',
  'postcode',
  'country',
] as const satisfies readonly (keyof PostalAddress)[];

export interface AddressFields {
  readonly parts: Readonly<Record<(typeof addressParts)[number], Property>>;
  /** The whole address as one text, which Outlook shows. */
  readonly composed: Property;
  /** Number in PidLidPostalAddressId. */
  readonly number: number;
}

function fields(
  names: readonly [string, string, string, string, string],
  composed: string,
  number: number,
): AddressFields {
  const [street, city, region, postcode, country] = names;
  return {
    parts: {
      street: contacts(street),
      city: contacts(city),
      region: contacts(region),
      postcode: contacts(postcode),
      country: contacts(country),
    },
    composed: contacts(composed),
    number,
  };
}

export const addressFields: Readonly<Record<AddressSlot, AddressFields>> = {
  business: fields(['street', 'l', 'st', 'postalcode', 'co'], 'workaddress', 2),
  home: fields(['homeStreet', 'homeCity', 'homeState', 'homePostalCode', 'homeCountry'], 'homepostaladdress', 1),
  other: fields(['otherstreet', 'othercity', 'otherstate', 'otherpostalcode', 'othercountry'], 'otherpostaladdress', 3),
};

export const mailingAddressProperty = contacts('mailingaddressid', 'int');

/** PidTagStreetAddress and so on: the mailing address once more. */
export const mailingFields: AddressFields['parts'] & { readonly composed: Property } = {
  street: tag(0x3a29_001f, 'string'),
  city: tag(0x3a27_001f, 'string'),
  region: tag(0x3a28_001f, 'string'),
  postcode: tag(0x3a2a_001f, 'string'),
  country: tag(0x3a26_001f, 'string'),
  composed: tag(0x3a15_001f, 'string'),
};
