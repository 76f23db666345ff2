/** One thing a person does in the CRM: edit a field, move a meeting, add, remove, complete, touch one occurrence. */

import type { Random } from '#ports/ports.ts';
import type { Database } from '#postgres/database.ts';
import { categories, makeCompany, makeMeeting, makePerson, makeTask } from '../exchange/people/fixtures.ts';
import { below, chance, pick } from '../exchange/people/seeded-random.ts';
import { addAppointments, addContacts, addTasks } from './seed-employee.ts';

export type CrmEditKind =
  | 'add'
  | 'unlist'
  | 'remove'
  | 'editField'
  | 'moveMeeting'
  | 'changeCategory'
  | 'completeTask'
  | 'removeOccurrence';

/** What was done, for a ledger. */
export interface CrmEditRecord {
  readonly kind: CrmEditKind;
  readonly family: 'contact' | 'appointment' | 'task';
  /** Key of the contact or activity; absent for an addition. */
  readonly recordId?: number;
  /** Column and value written, where one was. */
  readonly field?: string;
  readonly value?: string;
}

export interface CrmEditOptions {
  /** The day around which new meetings and tasks lie, in days since 1970. */
  readonly today: number;
  /** Becomes the text written, where a text is. */
  readonly witness?: string;
}

interface Found {
  readonly family: CrmEditRecord['family'];
  readonly id: number;
  readonly repeats: boolean;
}

/** Does one edit among the employee's own records, in one statement. */
export async function editRandomly(
  database: Database,
  employeeId: number,
  random: Random,
  options: CrmEditOptions,
): Promise<CrmEditRecord> {
  const found = chance(random, 0.15) ? undefined : await someRecord(database, employeeId, random);
  if (found === undefined) return add(database, employeeId, random, options);
  if (chance(random, 0.1)) return remove(database, employeeId, found);
  if (chance(random, 0.12)) return changeCategory(database, random, found);
  switch (found.family) {
    case 'contact':
      return editContact(database, random, found, options);
    case 'appointment':
      return editAppointment(database, random, found, options);
    case 'task':
      return editTask(database, random, found, options);
  }
}

/** Any record the employee may change; undefined when there is none. */
async function someRecord(database: Database, employeeId: number, random: Random): Promise<Found | undefined> {
  const [row] = await database.query<Found>(
    'people.some',
    `with mine as (
       select 'contact' as family, contact_id as id, false as repeats from crm.sync_list where employee_id = $1
       union all
       select case display when 'Calendar and Activities' then 'appointment' else 'task' end, a.id,
              exists (select from crm.activity_repeat r where r.activity_id = a.id)
         from crm.activity a
        where owner_employee_id = $1 and display in ('Calendar and Activities', 'To Do and Activities')
     )
     select * from mine order by family, id offset floor($2::float8 * (select count(*) from mine)) limit 1`,
    [employeeId, random.fraction()],
  );
  return row;
}

async function add(
  database: Database,
  employeeId: number,
  random: Random,
  { today }: CrmEditOptions,
): Promise<CrmEditRecord> {
  const person = makePerson(random, makeCompany(random));
  switch (below(random, 3)) {
    case 0:
      await addContacts(database, employeeId, [person]);
      return { kind: 'add', family: 'contact' };
    case 1:
      await addAppointments(database, employeeId, [makeMeeting(random, [], today)]);
      return { kind: 'add', family: 'appointment' };
    default:
      await addTasks(database, employeeId, [makeTask(random, [person], today)]);
      return { kind: 'add', family: 'task' };
  }
}

/** A contact leaves the sync list; what the employee owns is deleted. */
async function remove(database: Database, employeeId: number, { family, id }: Found): Promise<CrmEditRecord> {
  if (family === 'contact') {
    await database.query('people.unlist', 'delete from crm.sync_list where employee_id = $1 and contact_id = $2', [
      employeeId,
      id,
    ]);
    return { kind: 'unlist', family, recordId: id };
  }
  await database.query('people.remove', 'delete from crm.activity where id = $1', [id]);
  return { kind: 'remove', family, recordId: id };
}

async function changeCategory(database: Database, random: Random, { family, id }: Found): Promise<CrmEditRecord> {
  const value = pick(random, categories);
  const table = family === 'contact' ? 'contact' : 'activity';
  await database.query(
    `people.category.${table}`,
    `update crm.${table} set categories = case when $2 = any (categories) then array_remove(categories, $2)
       else categories || $2::text end where id = $1`,
    [id, value],
  );
  return { kind: 'changeCategory', family, recordId: id, field: 'categories', value };
}

const contactFields = ['job_title', 'department', 'comments', 'first_name', 'last_name', 'mobile', 'business'] as const;

async function editContact(
  database: Database,
  random: Random,
  { family, id }: Found,
  { witness }: CrmEditOptions,
): Promise<CrmEditRecord> {
  const field = pick(random, contactFields);
  const isPhone = field === 'mobile' || field === 'business';
  const number = below(random, 1_000_000);
  const value = witness ?? (isPhone ? `+49 30 ${number}` : `${field} ${number}`);
  if (isPhone) {
    await database.query(
      'people.phone',
      `insert into crm.contact_phone (contact_id, slot, number) values ($1, $2, $3)
       on conflict (contact_id, slot) do update set number = excluded.number`,
      [id, field, value],
    );
  } else {
    await database.query(`people.contact.${field}`, `update crm.contact set ${field} = $2 where id = $1`, [id, value]);
  }
  return { kind: 'editField', family, recordId: id, field, value };
}

async function editAppointment(
  database: Database,
  random: Random,
  found: Found,
  options: CrmEditOptions,
): Promise<CrmEditRecord> {
  const { family, id, repeats } = found;
  if (repeats && chance(random, 0.5)) return removeOccurrence(database, random, found);
  if (!repeats && chance(random, 0.4)) {
    await database.query(
      'people.move',
      `update crm.activity set planned_start = planned_start + shift, planned_completion = planned_completion + shift
         from (select make_interval(days => $2, mins => case when all_day then 0 else 30 * $3::integer end) as shift
                 from crm.activity where id = $1) moved
        where id = $1`,
      [id, below(random, 14) - 7, below(random, 8)],
    );
    return { kind: 'moveMeeting', family, recordId: id };
  }
  return editText(database, random, found, ['description', 'meeting_location', 'comments'], options);
}

/** One of the first occurrences of a weekly series is left out. */
async function removeOccurrence(database: Database, random: Random, { family, id }: Found): Promise<CrmEditRecord> {
  await database.query(
    'people.exclude',
    `insert into crm.activity_exception (activity_id, original_start, excluded)
     select a.id, a.planned_start + make_interval(days => 7 * r.every * $2::integer), true
       from crm.activity a join crm.activity_repeat r on r.activity_id = a.id and r.frequency = 'Weekly'
      where a.id = $1
     on conflict (activity_id, original_start) do update set excluded = true, changed = '{}'`,
    [id, 1 + below(random, 5)],
  );
  return { kind: 'removeOccurrence', family, recordId: id };
}

async function editTask(
  database: Database,
  random: Random,
  found: Found,
  options: CrmEditOptions,
): Promise<CrmEditRecord> {
  if (!chance(random, 0.3)) return editText(database, random, found, ['description', 'comments'], options);
  await database.query(
    'people.complete',
    `update crm.activity set status = 'Done', percent_complete = 100, done_date = date '1970-01-01' + $2::integer
      where id = $1`,
    [found.id, options.today],
  );
  return { kind: 'completeTask', family: found.family, recordId: found.id };
}

async function editText(
  database: Database,
  random: Random,
  { family, id }: Found,
  fields: readonly string[],
  { witness }: CrmEditOptions,
): Promise<CrmEditRecord> {
  const field = pick(random, fields);
  const value = witness ?? `${field} ${below(random, 1_000_000)}`;
  await database.query(`people.activity.${field}`, `update crm.activity set ${field} = $2 where id = $1`, [id, value]);
  return { kind: 'editField', family, recordId: id, field, value };
}
