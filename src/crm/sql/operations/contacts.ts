/** Contacts of an employee: those on their sync list. */
import type { Contact } from '#model/item.ts';
import type { Queryable } from '#postgres/database.ts';
import {
  type ContactChanges,
  type ContactRecord,
  type ContactRow,
  contactChanges,
  contactOf,
  contactRecordOf,
} from '../mapping/contact.ts';
import { type AccountPolicy, type CompanyColumns, companyColumns, noCompany } from './accounts.ts';
import { age, assigned, type Columns, linkKeyPart, listed, onlyColumns, typed } from './columns.ts';
import type { KindTable, NewRecord, RecordUpdate, Stored } from './kind-table.ts';

/** Columns of `crm.contact` that are written from the row; the company's two follow by themselves. */
const columns: Columns = {
  prefix: 'text',
  first_name: 'text',
  middle_name: 'text',
  last_name: 'text',
  suffix: 'text',
  nickname: 'text',
  account_id: 'bigint',
  company_name: 'text',
  department: 'text',
  job_title: 'text',
  office: 'text',
  profession: 'text',
  mailing_address: 'text',
  web_page: 'text',
  birthday: 'date',
  anniversary: 'date',
  manager: 'text',
  assistant: 'text',
  spouse: 'text',
  children: 'text[]',
  categories: 'text[]',
  sensitivity: 'text',
  comments: 'text',
};

const readText = `
  select c.id, c.version, ${age('c')} as age_ms, s.contact_id is not null as mine, k.key as link_key,
         ${listed(columns, 'c.').replace('c.company_name', 'coalesce(c.company_name, a.name) as company_name')},
         c.company_name as typed_company,
         (select json_object_agg(slot, address) from crm.contact_email where contact_id = c.id) as emails,
         (select json_object_agg(slot, address) from crm.contact_im where contact_id = c.id) as ims,
         (select json_object_agg(slot, number) from crm.contact_phone where contact_id = c.id) as phones,
         (select json_object_agg(slot, json_build_object('street', street, 'city', city, 'region', region,
                                                         'postcode', postcode, 'country', country))
            from crm.contact_address where contact_id = c.id) as addresses
    from crm.contact c
    left join crm.account a on a.id = c.account_id
    left join crm.sync_list s on s.contact_id = c.id and s.employee_id = $1
    left join crm.link_key k on k.record_id = c.id and k.kind = 'contact' and k.employee_id = $1
   where c.id = any ($2::bigint[])`;

const inputPart = `input as (
    select * from json_to_recordset($2::json) as x (id bigint, has_row boolean, ${typed(columns)},
      emails json, ims json, phones json, addresses json, link_key text)
  )`;

/** Slots with a value are written, slots that are null are removed. */
function slotParts(table: string, column: string, list: string): string {
  return `${list}_gone as (
    delete from crm.${table} part using input i, json_each_text(i.${list}) entry
     where part.contact_id = i.id and part.slot = entry.key and entry.value is null
  ), ${list}_put as (
    insert into crm.${table} (contact_id, slot, ${column})
    select i.id, entry.key, entry.value from input i, json_each_text(i.${list}) entry where entry.value is not null
    on conflict (contact_id, slot) do update set ${column} = excluded.${column}
  )`;
}

const addressColumns: Columns = { street: 'text', city: 'text', region: 'text', postcode: 'text', country: 'text' };

const partsPart = `
  ${slotParts('contact_email', 'address', 'emails')},
  ${slotParts('contact_im', 'address', 'ims')},
  ${slotParts('contact_phone', 'number', 'phones')},
  addresses_gone as (
    delete from crm.contact_address part using input i, json_each(i.addresses) entry
     where part.contact_id = i.id and part.slot = entry.key and json_typeof(entry.value) = 'null'
  ), addresses_put as (
    insert into crm.contact_address (contact_id, slot, ${listed(addressColumns)})
    select i.id, entry.key, ${listed(addressColumns, 'address.')}
      from input i, json_each(i.addresses) entry, json_to_record(entry.value) as address (${typed(addressColumns)})
     where json_typeof(entry.value) <> 'null'
    on conflict (contact_id, slot) do update set ${assigned(addressColumns, 'excluded')}
  ), ${linkKeyPart('contact')}`;

const insertText = `
  with ${inputPart}, contact as (
    insert into crm.contact (id, ${listed(columns)}) select id, ${listed(columns)} from input
  ), listed as (
    insert into crm.sync_list (contact_id, employee_id) select id, $1 from input
  ), ${partsPart}
  select`;

const updateText = `
  with ${inputPart}, contact as (
    update crm.contact c set ${assigned(columns, 'i')} from input i where c.id = i.id and i.has_row
  ), ${partsPart}
  select`;

const removeText = 'delete from crm.sync_list where employee_id = $1 and contact_id = any ($2::bigint[])';

/** A flat row of `readText`. */
type ReadRow = ContactRow &
  CompanyColumns & {
    readonly id: number;
    readonly version: number;
    readonly age_ms: number;
    readonly mine: boolean;
    readonly link_key: string | null;
    readonly typed_company: string | null;
    readonly emails: ContactRecord['emails'] | null;
    readonly ims: ContactRecord['ims'] | null;
    readonly phones: ContactRecord['phones'] | null;
    readonly addresses: ContactRecord['addresses'] | null;
  };

/** A record with the company's columns as stored. */
export interface StoredContact extends ContactRecord {
  readonly company: CompanyColumns;
}

export function contactTable(accounts: AccountPolicy): KindTable<StoredContact, Contact> {
  return {
    kind: 'contact',
    sequence: 'crm.contact_id_seq',
    lockText: 'select id from crm.contact where id = any ($1::bigint[]) order by id for no key update',
    itemOf: contactOf,
    read,
    insert: (queryable, employeeId, records) => insert(queryable, employeeId, records, accounts),
    update: (queryable, employeeId, updates) => update(queryable, employeeId, updates, accounts),
    remove: async (queryable, employeeId, records) => {
      await queryable.query('crm.contact.remove', removeText, [employeeId, records.map((stored) => stored.id)]);
    },
  };
}

async function read(
  queryable: Queryable,
  employeeId: number,
  ids: readonly number[],
): Promise<readonly Stored<StoredContact>[]> {
  const rows = await queryable.query<ReadRow>('crm.contact.read', readText, [employeeId, ids]);
  return rows.map((row) => ({
    id: row.id,
    version: row.version,
    ageMs: row.age_ms,
    mine: row.mine,
    outReason: 'unlisted',
    owned: undefined,
    linkKey: row.link_key,
    record: {
      row,
      emails: row.emails ?? {},
      ims: row.ims ?? {},
      phones: row.phones ?? {},
      addresses: row.addresses ?? {},
      company: { account_id: row.account_id, company_name: row.typed_company },
    },
  }));
}

async function insert(
  queryable: Queryable,
  employeeId: number,
  records: readonly NewRecord<Contact>[],
  accounts: AccountPolicy,
): Promise<void> {
  const rows = records.map(({ item }) => contactRecordOf(item));
  const companies = await companiesOf(
    queryable,
    accounts,
    rows.map(({ row }) => row.company_name),
  );
  const input = records.map(({ id, linkKey }, at) => {
    const { row, ...parts } = rows[at]!;
    return { id, link_key: linkKey, ...row, ...parts, ...companies(row.company_name) };
  });
  await queryable.query('crm.contact.insert', insertText, [employeeId, JSON.stringify(input)]);
}

async function update(
  queryable: Queryable,
  employeeId: number,
  updates: readonly RecordUpdate<StoredContact, Contact>[],
  accounts: AccountPolicy,
): Promise<void> {
  const changes = updates.map(({ stored, target, paths }) => contactChanges(stored.record, target, paths));
  const companies = await companiesOf(
    queryable,
    accounts,
    changes.map((change, at) => (hasNewCompany(change, updates[at]!.stored) ? change.row!.company_name : null)),
  );
  const input = updates.map(({ stored, linkKey }, at) => {
    const change = changes[at]!;
    const { row, ...parts } = change;
    const company = hasNewCompany(change, stored) ? companies(row!.company_name) : stored.record.company;
    const values = row === undefined ? {} : { has_row: true, ...onlyColumns(row, columns), ...company };
    return { id: stored.id, link_key: linkKey ?? null, ...values, ...parts };
  });
  await queryable.query('crm.contact.update', updateText, [employeeId, JSON.stringify(input)]);
}

function hasNewCompany(change: ContactChanges, stored: Stored<StoredContact>): boolean {
  return change.row !== undefined && change.row.company_name !== stored.record.row.company_name;
}

async function companiesOf(
  queryable: Queryable,
  accounts: AccountPolicy,
  names: readonly (string | null)[],
): Promise<(name: string | null) => CompanyColumns> {
  const found = await companyColumns(
    queryable,
    accounts,
    names.filter((name) => name !== null),
  );
  return (name) => (name === null ? noCompany : found.get(name)!);
}
