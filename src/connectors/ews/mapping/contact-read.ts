/** Reading `t:Contact`. */
import type { Contact, PlainDate, Relations } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import type { XmlElement } from '#xml/reader.ts';
import { birthdayOf, instantOf } from '../../mapi/instant.ts';
import { refuse } from '../../mapi/refusal.ts';
import type { BaseDraft } from './base.ts';
import { emptyBase, readBase, stringsOf } from './base.ts';
import { addressesOf, emailsOf, imsOf, mailingAddressOf, phonesOf } from './contact-entries.ts';
import { extendedProperty, hasTag } from './extended.ts';
import type { Loose } from './field.ts';
import { linkKeyOf } from './link-key.ts';
import type { MappingContext, ReadMapping } from './mapping.ts';
import { readResult } from './result.ts';

/** The single-text properties: group, leaf, EWS name. */
export const contactTexts = [
  ['name', 'given', 'GivenName'],
  ['name', 'middle', 'MiddleName'],
  ['name', 'surname', 'Surname'],
  ['name', 'suffix', 'Generation'],
  ['name', 'nickname', 'Nickname'],
  ['organization', 'company', 'CompanyName'],
  ['organization', 'department', 'Department'],
  ['organization', 'jobTitle', 'JobTitle'],
  ['organization', 'office', 'OfficeLocation'],
  ['organization', 'profession', 'Profession'],
  ['relations', 'manager', 'Manager'],
  ['relations', 'assistant', 'AssistantName'],
  ['relations', 'spouse', 'SpouseName'],
] as const;

const textPlaces = new Map<string, { readonly group: (typeof contactTexts)[number][0]; readonly leaf: string }>(
  contactTexts.map(([group, leaf, name]) => [name, { group, leaf }]),
);
/** PidTagDisplayNamePrefix (MS-OXOCNTC). */
const titleTag = 0x3a45;

/** A contact while it is read; texts that say nothing are sorted out by `normalise`. */
interface Draft extends BaseDraft {
  readonly contact: Partial<Loose<Contact>>;
  readonly texts: { [group in (typeof contactTexts)[number][0]]: Record<string, string> };
  children: readonly string[] | undefined;
  readonly unresolved: string[];
}

/** Reads a contact. */
export function readContact(element: XmlElement, context: MappingContext, linkKeyName: string): ReadMapping {
  if (element.name !== 'Contact') return refuse('item.unsupported', `a ${element.name} is not a contact`);
  const draft = draftOf(element, context, linkKeyName);
  return readResult(draft, contactOf(draft), [], draft.unresolved);
}

/** The contact as far as an element of any shape says it, for comparing with what is to be written. */
export function storedContact(element: XmlElement, context: MappingContext): Contact {
  return contactOf(draftOf(element, context, ''));
}

function draftOf(element: XmlElement, context: MappingContext, linkKeyName: string): Draft {
  const draft: Draft = {
    ...emptyBase(),
    contact: {},
    texts: { name: {}, organization: {}, relations: {} },
    children: undefined,
    unresolved: [],
  };
  for (const child of element.children) {
    const place = textPlaces.get(child.name);
    if (place !== undefined) draft.texts[place.group][place.leaf] = child.text;
    else readChild(draft, child, context, linkKeyName);
  }
  return draft;
}

function readChild(draft: Draft, child: XmlElement, context: MappingContext, linkKeyName: string): void {
  const { contact } = draft;
  switch (child.name) {
    case 'EmailAddresses':
      contact.emails = emailsOf(child, context, draft.unresolved);
      break;
    case 'PhysicalAddresses':
      contact.addresses = addressesOf(child);
      break;
    case 'PhoneNumbers':
      contact.phones = phonesOf(child);
      break;
    case 'ImAddresses':
      contact.ims = imsOf(child);
      break;
    case 'PostalAddressIndex':
      contact.mailingAddress = mailingAddressOf(child);
      break;
    case 'BusinessHomePage':
      contact.webPage = child.text;
      break;
    case 'Birthday':
      contact.birthday = dateOf(child, context);
      break;
    case 'WeddingAnniversary':
      contact.anniversary = dateOf(child, context);
      break;
    case 'Children':
      draft.children = stringsOf(child);
      break;
    case 'ExtendedProperty': {
      const property = extendedProperty(child);
      if (hasTag(property, titleTag)) draft.texts.name.prefix = property.value;
      else draft.linkKey ??= linkKeyOf(property, linkKeyName);
      break;
    }
    default:
      readBase(draft, child);
  }
}

function dateOf(child: XmlElement, context: MappingContext): PlainDate | undefined {
  const instant = instantOf(child.text);
  return instant === undefined ? undefined : birthdayOf(instant, context.mailboxZone);
}

function contactOf({ contact, texts, children, sensitivity, categories, body }: Draft): Contact {
  const { name, organization, relations } = texts;
  const people: Relations = children === undefined ? relations : { ...relations, children };
  const read: Loose<Contact> = {
    ...contact,
    kind: 'contact',
    name,
    organization,
    relations: people,
    categories,
    sensitivity,
    body,
  };
  return normalise(read as Contact);
}
