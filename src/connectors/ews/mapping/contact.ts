/**
 * Contacts (EWS `t:Contact`). The title before a name has no EWS property and goes by its MAPI tag; the suffix is
 * `Generation`; birthdays are instants (`instant.ts`); the notes are the item's body.
 */
import type { LinkKey, Update } from '#contract/connector.ts';
import type { Fields, Path } from '#model/groups.ts';
import { groupOf, leafOf } from '#model/groups.ts';
import type { Contact, Item, PlainDate } from '#model/item.ts';
import { addressSlots, emailSlots, phoneSlots } from '#model/item.ts';
import { valueAt } from '#model/project.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';
import { isOfClass } from '../../mapi/item-class.ts';
import { listedNames, touchesNames } from '../../mapi/listed-names.ts';
import { refuse } from '../../mapi/refusal.ts';
import { baseChange, bodyElement, categoriesElement, sensitivityElement } from './base.ts';
import { refusal } from './check.ts';
import {
  addressesElement,
  emailsElement,
  entryChanges,
  imsElement,
  mailingAddressElement,
  phonesElement,
} from './contact-entries.ts';
import { listedNameChanges, listedNameUris } from './contact-names.ts';
import { contactTexts, readContact, storedContact } from './contact-read.ts';
import type { Leaves } from './field.ts';
import {
  extendedElement,
  itemShape,
  leafPaths,
  present,
  setField,
  setOrDelete,
  setOrDeleteExtended,
  stringsElement,
  textElement,
} from './field.ts';
import { linkKeyUri } from './link-key.ts';
import type { BuildMapping, KindMapping, MappingContext } from './mapping.ts';

/** The mapping of contacts. */
export function contactMapping(linkKeyName: string): KindMapping {
  const keyUri = linkKeyUri(linkKeyName);
  const namesShape = itemShape([...listedNameUris, ...nameUris], [titleUri]);
  return {
    kind: 'contact',
    folder: 'contacts',
    capabilities: { fields: capableFields, patterns: [], zones: 'windows' },
    accepts: (itemClass) => isOfClass(itemClass, 'IPM.Contact'),
    shape: itemShape(uris, [titleUri, keyUri]),
    shapeBefore: (paths) => (touchesNames(paths) ? namesShape : undefined),
    read: (element, context) => readContact(element, context, linkKeyName),
    create: (item, linkKey) => create(item, linkKey, keyUri),
    update: (update, context, stored) => updates(update, context, stored, keyUri),
  };
}

const capableFields: Fields = {
  name: true,
  organization: true,
  emails: true,
  phones: true,
  addresses: true,
  mailingAddress: true,
  ims: true,
  webPage: true,
  birthday: true,
  anniversary: true,
  relations: true,
  categories: true,
  sensitivity: true,
  body: ['text'],
};

const leaves: Leaves = {
  name: ['prefix', 'given', 'middle', 'surname', 'suffix', 'nickname'],
  organization: ['company', 'department', 'jobTitle', 'office', 'profession'],
  relations: ['manager', 'assistant', 'spouse', 'children'],
  emails: emailSlots,
  ims: emailSlots,
  phones: phoneSlots,
  addresses: addressSlots,
};

const textNames = new Map<Path, string>(contactTexts.map(([group, leaf, name]) => [`${group}.${leaf}`, name]));

const titleUri = xml`<t:ExtendedFieldURI PropertyTag="0x3A45" PropertyType="String"/>`;

const nameUris = ['GivenName', 'MiddleName', 'Nickname', 'Generation', 'Surname', 'CompanyName'].map(
  (name) => `contacts:${name}`,
);

const uris: readonly string[] = [
  'item:ItemClass',
  'item:Sensitivity',
  'item:LastModifiedTime',
  'item:Body',
  'item:Categories',
  ...contactTexts.map(([, , name]) => `contacts:${name}`),
  'contacts:EmailAddresses',
  'contacts:PhysicalAddresses',
  'contacts:PhoneNumbers',
  'contacts:ImAddresses',
  'contacts:PostalAddressIndex',
  'contacts:BusinessHomePage',
  'contacts:Birthday',
  'contacts:WeddingAnniversary',
  'contacts:Children',
];

function create(item: Item, linkKey: LinkKey, keyUri: Markup): BuildMapping<Markup> {
  if (item.kind !== 'contact') return refuse('defect.internal', `a ${item.kind} was given to the contact mapping`);
  const refused = refusal(item);
  if (refused !== undefined) return refused;
  const { name, organization, relations } = item;
  const { fileAs, displayName } = listedNames(item);
  return {
    ok: true,
    value: xml`<t:Contact>${present(
      textElement('Subject', displayName),
      sensitivityElement(item.sensitivity),
      bodyElement(item.body),
      categoriesElement(item.categories),
      extendedElement(keyUri, linkKey),
      name?.prefix === undefined ? undefined : extendedElement(titleUri, name.prefix),
      textElement('FileAs', fileAs),
      textElement('DisplayName', displayName),
      textElement('GivenName', name?.given),
      textElement('MiddleName', name?.middle),
      textElement('Nickname', name?.nickname),
      textElement('CompanyName', organization?.company),
      emailsElement(item.emails),
      addressesElement(item.addresses),
      phonesElement(item.phones),
      textElement('AssistantName', relations?.assistant),
      dateElement('Birthday', item.birthday),
      textElement('BusinessHomePage', item.webPage),
      stringsElement('Children', relations?.children),
      textElement('Department', organization?.department),
      textElement('Generation', name?.suffix),
      imsElement(item.ims),
      textElement('JobTitle', organization?.jobTitle),
      textElement('Manager', relations?.manager),
      textElement('OfficeLocation', organization?.office),
      item.mailingAddress === undefined ? undefined : mailingAddressElement(item.mailingAddress),
      textElement('Profession', organization?.profession),
      textElement('SpouseName', relations?.spouse),
      textElement('Surname', name?.surname),
      dateElement('WeddingAnniversary', item.anniversary),
    )}</t:Contact>`,
  };
}

/** 11:59 UTC of the date, see `birthdayOf`. */
function dateElement(name: string, date: PlainDate | undefined): Markup | undefined {
  return textElement(name, date === undefined ? undefined : `${date}T11:59:00Z`);
}

function updates(
  update: Update,
  context: MappingContext,
  stored: XmlElement | undefined,
  keyUri: Markup,
): BuildMapping<readonly Markup[]> {
  const { target, paths, linkKey } = update;
  if (target.kind !== 'contact') return refuse('defect.internal', `a ${target.kind} was given to the contact mapping`);
  const refused = refusal(target, paths);
  if (refused !== undefined) return refused;
  const changes: Markup[] = [];
  if (stored !== undefined && touchesNames(paths)) {
    changes.push(...listedNameChanges(stored, storedContact(stored, context), target));
  }
  for (const path of leafPaths(paths, leaves)) changes.push(...changesOf(path, target));
  if (linkKey !== undefined) changes.push(setOrDeleteExtended('Contact', keyUri, linkKey));
  return { ok: true, value: changes };
}

/** The changes of one leaf path. */
function changesOf(path: Path, contact: Contact): readonly Markup[] {
  const textName = textNames.get(path);
  if (textName !== undefined) {
    const text = valueAt(contact, path) as string | undefined;
    return [setOrDelete('Contact', `contacts:${textName}`, textElement(textName, text))];
  }
  switch (path) {
    case 'name.prefix':
      return [setOrDeleteExtended('Contact', titleUri, contact.name?.prefix)];
    case 'relations.children':
      return [setOrDelete('Contact', 'contacts:Children', stringsElement('Children', contact.relations?.children))];
    case 'mailingAddress':
      return [setField('Contact', 'contacts:PostalAddressIndex', mailingAddressElement(contact.mailingAddress))];
    case 'webPage':
      return [setOrDelete('Contact', 'contacts:BusinessHomePage', textElement('BusinessHomePage', contact.webPage))];
    case 'birthday':
      return [setOrDelete('Contact', 'contacts:Birthday', dateElement('Birthday', contact.birthday))];
    case 'anniversary':
      return [
        setOrDelete('Contact', 'contacts:WeddingAnniversary', dateElement('WeddingAnniversary', contact.anniversary)),
      ];
  }
  const change = baseChange('Contact', path, contact);
  return change === undefined ? entryChanges(groupOf(path), leafOf(path) ?? '', contact) : [change];
}
