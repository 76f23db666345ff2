/** A contact as GetItem brings it: schema order, address entries with the attributes Exchange adds. */
import type { Contact } from '#model/item.ts';
import { type Markup, xml } from '#xml/writer.ts';
import type { Stamp } from './mailbox.ts';
import { bodyElement, capitalised, element, linkKeyElement, present, strings } from './wire.ts';

export function contactWire(contact: Contact, { id, changeKey, linkKeyName, linkKey }: Stamp): Markup {
  const { name, organization, relations } = contact;
  return xml`<t:Contact><t:ItemId Id="${id}" ChangeKey="${changeKey}"/>${present(
    element('ItemClass', 'IPM.Contact'),
    element('Sensitivity', capitalised(contact.sensitivity) ?? 'Normal'),
    bodyElement(contact.body),
    strings('Categories', contact.categories),
    linkKeyElement(linkKeyName, linkKey),
    name?.prefix === undefined
      ? undefined
      : xml`<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="0x3a45" PropertyType="String"/><t:Value>${name.prefix}</t:Value></t:ExtendedProperty>`,
    element('GivenName', name?.given),
    element('MiddleName', name?.middle),
    element('CompanyName', organization?.company),
    dictionary('EmailAddresses', 'EmailAddress', contact.emails, email),
    xml`<t:PhysicalAddresses>${Object.entries(contact.addresses ?? {}).map(
      ([slot, { street, city, country, postcode }]) =>
        xml`<t:Entry Key="${capitalised(slot)}">${present(element('Street', street), element('City', city), element('CountryOrRegion', country), element('PostalCode', postcode))}</t:Entry>`,
    )}</t:PhysicalAddresses>`,
    xml`<t:PhoneNumbers>${Object.entries(contact.phones ?? {}).map(
      ([slot, number]) => xml`<t:Entry Key="${phoneKeys[slot]}">${number}</t:Entry>`,
    )}</t:PhoneNumbers>`,
    element('AssistantName', relations?.assistant),
    element('Birthday', contact.birthday && `${contact.birthday}T11:59:00Z`),
    element('BusinessHomePage', contact.webPage),
    element('Department', organization?.department),
    element('JobTitle', organization?.jobTitle),
    element('OfficeLocation', organization?.office),
    element('PostalAddressIndex', capitalised(contact.mailingAddress) ?? 'None'),
    element('Surname', name?.surname),
  )}</t:Contact>`;
}

const phoneKeys: Readonly<Record<string, string>> = {
  business: 'BusinessPhone',
  mobile: 'MobilePhone',
  home: 'HomePhone',
  businessFax: 'BusinessFax',
};

function dictionary(
  name: string,
  key: string,
  values: Readonly<Record<string, string>> | undefined,
  entry: (key: string, value: string) => Markup,
): Markup | undefined {
  return (
    values && xml`<t:${name}>${Object.entries(values).map(([slot, value]) => entry(key + slot, value))}</t:${name}>`
  );
}

function email(key: string, address: string): Markup {
  return xml`<t:Entry Key="${key}" Name="${address}" RoutingType="SMTP" MailboxType="Contact">${address}</t:Entry>`;
}
