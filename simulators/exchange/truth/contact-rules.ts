/**
 * What the server itself does to a contact when it is saved: display name and subject follow the name parts as long as
 * nobody gave them another value, and "file as" is computed only when a mapping asks for it. Recorded behaviour: with name
 * parts alone, "file as" stays empty.
 */
import type { Draft } from './draft.ts';
import { propertyOf } from './item.ts';
import type { PropertyKey } from './properties.ts';
import { contact, email, message } from './property-keys.ts';

type Reader = (key: PropertyKey<string>) => string | undefined;

/** Completes a contact before it is saved. */
export function completeContact(draft: Draft): void {
  const now: Reader = (key) => draft.get(key);
  const { view } = draft;
  const before: Reader = view === undefined ? () => undefined : (key) => propertyOf(view, key);
  follow(draft, message.displayName, displayNameFrom(before), displayNameFrom(now));
  follow(draft, message.subject, subjectFrom(before), subjectFrom(now));
  const mapping = draft.get(contact.fileAsMapping);
  // A value written in so many words stays; the mapping speaks again when a name changes.
  const isChosen = draft.touched.has(contact.fileAs) && draft.get(contact.fileAs) !== undefined;
  if (mapping !== undefined && mapping !== 0 && !isChosen) draft.put(contact.fileAs, fileAsFrom(mapping, now));
  for (const slot of email) {
    const address = draft.get(slot.address);
    if (address === undefined) continue;
    if (draft.get(slot.displayName) === undefined) draft.set(slot.displayName, address);
    if (draft.get(slot.addressType) === undefined) draft.set(slot.addressType, 'SMTP');
    if (draft.get(slot.originalDisplayName) === undefined) draft.set(slot.originalDisplayName, address);
  }
}

/** First, middle, last and suffix; the company, then the first address, for a contact without a name. */
function displayNameFrom(read: Reader): string | undefined {
  const name = words(
    read(contact.givenName),
    read(contact.middleName),
    read(contact.surname),
    read(contact.generation),
  );
  return name ?? read(contact.companyName);
}

function subjectFrom(read: Reader): string | undefined {
  const name = words(
    read(contact.givenName),
    read(contact.middleName),
    read(contact.surname),
    read(contact.generation),
  );
  const company = read(contact.companyName);
  if (name === undefined) return company;
  return company === undefined ? name : `${name} - ${company}`;
}

/** Replaces a derived value when what it derives from changed; leaves a value that somebody chose. */
function follow(
  draft: Draft,
  key: PropertyKey<string>,
  derivedBefore: string | undefined,
  derivedNow: string | undefined,
): void {
  if (draft.touched.has(key) && draft.get(key) !== undefined) return;
  const current = draft.get(key);
  if (current === undefined || current === derivedBefore) draft.put(key, derivedNow);
}

/** Codes of PidLidFileUnderId with the name that EWS gives them (FileAsMappingType). */
export const fileAsMappings: Readonly<Record<string, number>> = {
  None: 0,
  LastCommaFirst: 0x8017,
  FirstSpaceLast: 0x8037,
  Company: 0x3a16,
  LastCommaFirstCompany: 0x8019,
  CompanyLastCommaFirst: 0x8018,
  LastFirst: 0x8030,
  LastFirstCompany: 0x8032,
  CompanyLastFirst: 0x8034,
  LastFirstSuffix: 0x8036,
  LastSpaceFirstCompany: 0x8033,
  CompanyLastSpaceFirst: 0x8035,
  LastSpaceFirst: 0x8031,
  DisplayName: 0x3001,
  FirstName: 0x3a06,
  LastFirstMiddleSuffix: 0x8038,
  LastName: 0x3a11,
  Empty: 0xfffffffd,
};

function fileAsFrom(mapping: number, read: Reader): string | undefined {
  const first = words(read(contact.givenName), read(contact.middleName));
  const last = read(contact.surname);
  const company = read(contact.companyName);
  const suffix = read(contact.generation);
  const comma = list(', ', last, first);
  switch (mapping) {
    case 0x8017:
      return comma;
    case 0x8037:
      return words(first, last);
    case 0x3a16:
      return company;
    case 0x8019:
      return list('\r\n', comma, company);
    case 0x8018:
      return list('\r\n', company, comma);
    case 0x8030:
      return list('', last, first);
    case 0x8032:
      return list('\r\n', list('', last, first), company);
    case 0x8034:
      return list('\r\n', company, list('', last, first));
    case 0x8036:
      return words(list('', last, first), suffix);
    case 0x8033:
      return list('\r\n', words(last, first), company);
    case 0x8035:
      return list('\r\n', company, words(last, first));
    case 0x8031:
      return words(last, first);
    case 0x3001:
      return read(message.displayName);
    case 0x3a06:
      return read(contact.givenName);
    case 0x8038:
      return words(comma, suffix);
    case 0x3a11:
      return last;
    default:
      return undefined;
  }
}

function words(...parts: readonly (string | undefined)[]): string | undefined {
  return list(' ', ...parts);
}

function list(separator: string, ...parts: readonly (string | undefined)[]): string | undefined {
  const present = parts.filter((part) => part !== undefined && part !== '');
  return present.length === 0 ? undefined : present.join(separator);
}
