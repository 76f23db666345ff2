/** Participants of appointments: finding people by address, adding, changing, removing. Set-based. */
import type { Queryable } from '#postgres/database.ts';
import type { ParticipantChanges, ParticipantRow, Person } from '../mapping/participant.ts';

/** The participants of activity `a` as one JSON value. The owner is the organizer, so their own row is no attendee. */
export const participantsValue = `(select json_agg(json_build_object('employee_id', p.employee_id, 'contact_id',
     p.contact_id, 'address', p.address, 'name', p.name, 'role', p.role) order by p.rank, p.employee_id, p.contact_id)
   from (
     select employee_id, null::bigint as contact_id, address, name, role, 1 as rank from crm.activity_employee
      where activity_id = a.id and employee_id <> a.owner_employee_id
     union all
     select null, contact_id, address, name, role, 2 from crm.activity_contact where activity_id = a.id
     union all
     select null, null, address, name, role, 3 from crm.activity_other where activity_id = a.id
   ) p) as participants`;

/** The people of the CRM behind addresses (lower case): employees first, then contacts. Unknown ones have no entry. */
export async function findPeople(
  queryable: Queryable,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, Person>> {
  if (addresses.length === 0) return new Map();
  const rows = await queryable.query<Person & { readonly address: string }>(
    'crm.people',
    `select asked.address, e.id as employee_id,
            (select min(m.contact_id) from crm.contact_email m where lower(m.address) = asked.address) as contact_id
       from unnest($1::text[]) as asked (address) left join crm.employee e on lower(e.email) = asked.address`,
    [[...new Set(addresses)]],
  );
  return new Map(rows.map((row) => [row.address, row]));
}

export interface ActivityParticipants {
  readonly activityId: number;
  readonly changes: ParticipantChanges;
}

const inputPart = `input as (select * from json_to_recordset($1::json)
    as x (activity_id bigint, employee_id bigint, contact_id bigint, address text, name text, role text))`;

const removeText = `
  with ${inputPart}, employees as (
    delete from crm.activity_employee p using input i
     where p.activity_id = i.activity_id and p.employee_id = i.employee_id
  ), contacts as (
    delete from crm.activity_contact p using input i
     where p.activity_id = i.activity_id and p.contact_id = i.contact_id
  ), others as (
    delete from crm.activity_other p using input i
     where p.activity_id = i.activity_id and i.employee_id is null and i.contact_id is null and p.address = i.address
  )
  select`;

const putText = `
  with ${inputPart}, employees as (
    insert into crm.activity_employee (activity_id, employee_id, address, name, role)
    select activity_id, employee_id, address, name, role from input where employee_id is not null
    on conflict (activity_id, employee_id) do update
      set address = excluded.address, name = excluded.name, role = excluded.role
  ), contacts as (
    insert into crm.activity_contact (activity_id, contact_id, address, name, role)
    select activity_id, contact_id, address, name, role from input where contact_id is not null
    on conflict (activity_id, contact_id) do update
      set address = excluded.address, name = excluded.name, role = excluded.role
  ), others as (
    insert into crm.activity_other (activity_id, address, name, role)
    select activity_id, address, name, role from input where employee_id is null and contact_id is null
    on conflict (activity_id, address) do update set name = excluded.name, role = excluded.role
  )
  select`;

/** Removals first: a person may leave under one address and come back under another. */
export async function writeParticipants(
  queryable: Queryable,
  activities: readonly ActivityParticipants[],
): Promise<void> {
  const remove = rowsOf(activities, (changes) => changes.remove);
  const put = rowsOf(activities, (changes) => changes.put);
  if (remove.length > 0) await queryable.query('crm.participant.remove', removeText, [JSON.stringify(remove)]);
  if (put.length > 0) await queryable.query('crm.participant.put', putText, [JSON.stringify(put)]);
}

function rowsOf(
  activities: readonly ActivityParticipants[],
  pick: (changes: ParticipantChanges) => readonly ParticipantRow[],
): readonly object[] {
  return activities.flatMap(({ activityId, changes }) =>
    pick(changes).map((row) => ({ activity_id: activityId, ...row })),
  );
}
