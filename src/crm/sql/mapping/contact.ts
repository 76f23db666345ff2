/** A contact as the CRM keeps it, and back. Pure. */
import type { Path } from '#model/groups.ts';
import type { AddressSlot, Contact, PostalAddress } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { columnsAt, entriesToWrite, keysAt, type Places, withColumns } from './places.ts';
import { meaningOf, sensitivities, textOf } from './values.ts';

/** Columns of `crm.contact`; `company_name` is what the user sees: the company as typed, else the account's name. */
export interface ContactRow {
  readonly prefix: string | null;
  readonly first_name: string | null;
  readonly middle_name: string | null;
  readonly last_name: string | null;
  readonly suffix: string | null;
  readonly nickname: string | null;
  readonly company_name: string | null;
  readonly department: string | null;
  readonly job_title: string | null;
  readonly office: string | null;
  readonly profession: string | null;
  readonly mailing_address: string | null;
  readonly web_page: string | null;
  readonly birthday: string | null;
  readonly anniversary: string | null;
  readonly manager: string | null;
  readonly assistant: string | null;
  readonly spouse: string | null;
  readonly children: readonly string[];
  readonly categories: readonly string[];
  readonly sensitivity: string | null;
  readonly comments: string | null;
}

/** Columns of `crm.contact_address`. */
export interface AddressRow {
  readonly street: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postcode: string | null;
  readonly country: string | null;
}

type BySlot<V> = Readonly<Record<string, V>>;

/** The aggregate: the contact's row and the rows of its own tables by slot. */
export interface ContactRecord {
  readonly row: ContactRow;
  readonly emails: BySlot<string>;
  readonly ims: BySlot<string>;
  readonly phones: BySlot<string>;
  readonly addresses: BySlot<AddressRow>;
}

/** What an update writes: the whole row when it differs, and per map the slots to set or (null) remove. */
export interface ContactChanges {
  readonly row?: ContactRow;
  readonly emails: BySlot<string | null> | null;
  readonly ims: BySlot<string | null> | null;
  readonly phones: BySlot<string | null> | null;
  readonly addresses: BySlot<AddressRow | null> | null;
}

export const contactPlaces: Places = {
  'name.prefix': ['contact.prefix'],
  'name.given': ['contact.first_name'],
  'name.middle': ['contact.middle_name'],
  'name.surname': ['contact.last_name'],
  'name.suffix': ['contact.suffix'],
  'name.nickname': ['contact.nickname'],
  'organization.company': ['contact.company_name', 'account.name'],
  'organization.department': ['contact.department'],
  'organization.jobTitle': ['contact.job_title'],
  'organization.office': ['contact.office'],
  'organization.profession': ['contact.profession'],
  'emails.*': ['contact_email.address'],
  'phones.*': ['contact_phone.number'],
  'addresses.*': [
    'contact_address.street',
    'contact_address.city',
    'contact_address.region',
    'contact_address.postcode',
    'contact_address.country',
  ],
  mailingAddress: ['contact.mailing_address'],
  'ims.*': ['contact_im.address'],
  webPage: ['contact.web_page'],
  birthday: ['contact.birthday'],
  anniversary: ['contact.anniversary'],
  'relations.manager': ['contact.manager'],
  'relations.assistant': ['contact.assistant'],
  'relations.spouse': ['contact.spouse'],
  'relations.children': ['contact.children'],
  categories: ['contact.categories'],
  sensitivity: ['contact.sensitivity'],
  body: ['contact.comments'],
};

/** The normalised contact a record says. */
export function contactOf({ row, emails, ims, phones, addresses }: ContactRecord): Contact {
  const sensitivity = meaningOf(sensitivities, row.sensitivity, undefined);
  return normalise<Contact>({
    kind: 'contact',
    name: present({
      prefix: row.prefix,
      given: row.first_name,
      middle: row.middle_name,
      surname: row.last_name,
      suffix: row.suffix,
      nickname: row.nickname,
    }),
    organization: present({
      company: row.company_name,
      department: row.department,
      jobTitle: row.job_title,
      office: row.office,
      profession: row.profession,
    }),
    emails,
    phones,
    addresses: addressesOf(addresses),
    ...(row.mailing_address === null ? {} : { mailingAddress: row.mailing_address as AddressSlot }),
    ims,
    ...present({ webPage: row.web_page, birthday: row.birthday, anniversary: row.anniversary }),
    relations: {
      ...present({ manager: row.manager, assistant: row.assistant, spouse: row.spouse }),
      children: row.children,
    },
    categories: row.categories,
    ...(sensitivity === undefined ? {} : { sensitivity }),
    ...(row.comments === null ? {} : { body: { text: row.comments } }),
  });
}

/** The record for a contact; texts that mean the same as the stored ones stay as they are. */
export function contactRecordOf(contact: Contact, stored?: ContactRow): ContactRecord {
  const { name, organization, relations } = contact;
  return {
    row: {
      prefix: name?.prefix ?? null,
      first_name: name?.given ?? null,
      middle_name: name?.middle ?? null,
      last_name: name?.surname ?? null,
      suffix: name?.suffix ?? null,
      nickname: name?.nickname ?? null,
      company_name: organization?.company ?? null,
      department: organization?.department ?? null,
      job_title: organization?.jobTitle ?? null,
      office: organization?.office ?? null,
      profession: organization?.profession ?? null,
      mailing_address: contact.mailingAddress ?? null,
      web_page: contact.webPage ?? null,
      birthday: contact.birthday ?? null,
      anniversary: contact.anniversary ?? null,
      manager: relations?.manager ?? null,
      assistant: relations?.assistant ?? null,
      spouse: relations?.spouse ?? null,
      children: relations?.children ?? [],
      categories: contact.categories ?? [],
      sensitivity: textOf(sensitivities, contact.sensitivity, stored?.sensitivity, undefined),
      comments: contact.body?.text ?? null,
    },
    emails: contact.emails ?? {},
    ims: contact.ims ?? {},
    phones: contact.phones ?? {},
    addresses: Object.fromEntries(
      Object.entries(contact.addresses ?? {}).map(([slot, address]) => [slot, addressRow(address)]),
    ),
  };
}

/** What brings `current` to `target` at `paths`, and nothing else. */
export function contactChanges(current: ContactRecord, target: Contact, paths: readonly Path[]): ContactChanges {
  const wanted = contactRecordOf(target, current.row);
  const row = withColumns(current.row, wanted.row, columnsAt(contactPlaces, 'contact', paths));
  const entries = <V>(group: 'emails' | 'ims' | 'phones' | 'addresses', ours: BySlot<V>, theirs: BySlot<V>) =>
    entriesToWrite(keysAt(group, paths, ours, theirs), ours, theirs);
  return {
    ...(row === undefined ? {} : { row }),
    emails: entries('emails', current.emails, wanted.emails),
    ims: entries('ims', current.ims, wanted.ims),
    phones: entries('phones', current.phones, wanted.phones),
    addresses: entries('addresses', current.addresses, wanted.addresses),
  };
}

function addressesOf(rows: BySlot<AddressRow>): { readonly [slot in AddressSlot]?: PostalAddress } {
  return Object.fromEntries(Object.entries(rows).map(([slot, row]) => [slot, present({ ...row })]));
}

function addressRow(address: PostalAddress): AddressRow {
  return {
    street: address.street ?? null,
    city: address.city ?? null,
    region: address.region ?? null,
    postcode: address.postcode ?? null,
    country: address.country ?? null,
  };
}

/** Nulls left out. */
function present<K extends string>(values: Readonly<Record<K, string | null>>): { [key in K]?: string } {
  const result: { [key in K]?: string } = {};
  for (const key in values) {
    const value = values[key];
    if (value !== null) result[key] = value;
  }
  return result;
}
