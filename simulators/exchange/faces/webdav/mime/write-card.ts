/** A contact as vCard 3.0 (RFC 2426), in the minimum a server gives. */
import { propertyOf, type View } from '../../../truth/item.ts';
import { contact, email, message, phone } from '../../../truth/property-keys.ts';
import { plainText } from '../item-text.ts';
import { escapedText, foldedText } from './calendar-text.ts';

export function cardText(view: View): string {
  const text = (key: typeof contact.surname): string => escapedText(propertyOf(view, key) ?? '');
  const name = [contact.surname, contact.givenName, contact.middleName, contact.displayNamePrefix, contact.generation];
  const optional = (line: string, value: string): readonly string[] => (value === '' ? [] : [`${line}:${value}`]);
  const numbers = { WORK: phone.BusinessPhone, HOME: phone.HomePhone, CELL: phone.MobilePhone };
  return foldedText([
    'BEGIN:VCARD',
    'VERSION:3.0',
    `N:${name.map(text).join(';')}`,
    `FN:${text(message.displayName)}`,
    ...optional('ORG', [contact.companyName, contact.department].map(text).join(';').replace(/^;$/, '')),
    ...optional('TITLE', text(contact.jobTitle)),
    ...Object.entries(numbers).flatMap(([type, key]) =>
      key === undefined ? [] : optional(`TEL;TYPE=${type}`, text(key)),
    ),
    ...email.flatMap((slot) => optional('EMAIL;TYPE=INTERNET', text(slot.address))),
    ...optional('NOTE', escapedText(plainText(view) ?? '')),
    'END:VCARD',
  ]);
}
