/** Fills the CRM for one employee by plain SQL, as other programs of a company would. The same seed gives the same data. */

import type { Random } from '#ports/ports.ts';
import type { Database, Queryable } from '#postgres/database.ts';
import type { CompanyRecord, MeetingRecord, PersonRecord, TaskRecord } from '../exchange/people/fixtures.ts';
import { makeCompany, makeMeeting, makePerson, makeTask } from '../exchange/people/fixtures.ts';
import { below, chance, pick } from '../exchange/people/seeded-random.ts';

export interface SeedEmployeeOptions {
  readonly login: string;
  readonly email: string;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  /** IANA zone. */
  readonly zone: string;
  readonly contacts: number;
  readonly appointments: number;
  readonly series: number;
  readonly tasks: number;
  /** The day around which meetings and tasks lie, in days since 1970. */
  readonly today: number;
  readonly random: Random;
  /** People who become contacts first; made up when too few. Give the same list to a mailbox for overlap. */
  readonly people?: readonly PersonRecord[] | undefined;
  readonly companies?: readonly CompanyRecord[] | undefined;
  readonly meetings?: readonly MeetingRecord[] | undefined;
  readonly todos?: readonly TaskRecord[] | undefined;
}

export interface SeededEmployee {
  readonly employeeId: number;
  readonly people: readonly PersonRecord[];
  readonly meetings: readonly MeetingRecord[];
  readonly tasks: readonly TaskRecord[];
}

/** Everything in one transaction. The login must be free. */
export function seedEmployee(database: Database, options: SeedEmployeeOptions): Promise<SeededEmployee> {
  const { random, today } = options;
  const companies = filled(options.companies, Math.max(1, Math.ceil(options.contacts / 6)), () => makeCompany(random));
  const people = filled(options.people, options.contacts, () => makePerson(random, pick(random, companies)));
  const meetings = filled(options.meetings, options.appointments, () => makeMeeting(random, people, today));
  const tasks = filled(options.todos, options.tasks, () => makeTask(random, people, today));
  const series = filled(undefined, options.series, () => makeMeeting(random, people, today));
  return database.transaction(async (queryable) => {
    const employeeId = await addEmployee(queryable, options);
    if (people.length > 0) await addContacts(queryable, employeeId, people);
    if (meetings.length > 0) await addAppointments(queryable, employeeId, meetings);
    if (series.length > 0) await addSeries(queryable, employeeId, series, random);
    if (tasks.length > 0) await addTasks(queryable, employeeId, tasks);
    return { employeeId, people, meetings, tasks };
  });
}

async function addEmployee(queryable: Queryable, options: SeedEmployeeOptions): Promise<number> {
  const [row] = await queryable.query<{ id: number }>(
    'people.employee',
    `insert into crm.employee (login, first_name, last_name, email, time_zone)
     values ($1, $2, $3, $4, $5) returning id`,
    [options.login, options.firstName ?? null, options.lastName ?? options.login, options.email, options.zone],
  );
  return row!.id;
}

/** Contacts on the employee's sync list, with their companies as accounts. */
export async function addContacts(
  queryable: Queryable,
  employeeId: number,
  people: readonly PersonRecord[],
): Promise<void> {
  const input = JSON.stringify(people.map(contactColumns));
  await queryable.query(
    'people.accounts',
    `insert into crm.account (name, street, city, postcode, country)
     select distinct on (company) company, street, city, postcode, country
       from json_to_recordset($1::json) as x (company text, street text, city text, postcode text, country text)
      where not exists (select from crm.account where name = company) order by company`,
    [input],
  );
  await queryable.query(
    'people.contacts',
    `with person as materialized (
       select nextval('crm.contact_id_seq') as id, x.* from json_to_recordset($2::json) as x (prefix text,
         first_name text, middle_name text, last_name text, suffix text, nickname text, company text, job_title text,
         department text, birthday date, spouse text, comments text, categories text[], emails json, phones json,
         street text, city text, postcode text, country text, home_street text, home_city text, home_postcode text)
     ), contact as (
       insert into crm.contact (id, prefix, first_name, middle_name, last_name, suffix, nickname, account_id, job_title,
                                department, birthday, spouse, comments, categories)
       select id, prefix, first_name, middle_name, last_name, suffix, nickname,
              (select min(a.id) from crm.account a where a.name = company),
              job_title, department, birthday, spouse, comments, categories from person
     ), email as (
       insert into crm.contact_email (contact_id, slot, address)
       select id, key, value from person, json_each_text(emails)
     ), phone as (
       insert into crm.contact_phone (contact_id, slot, number)
       select id, key, value from person, json_each_text(phones)
     ), address as (
       insert into crm.contact_address (contact_id, slot, street, city, postcode, country)
       select id, 'business', street, city, postcode, country from person
       union all
       select id, 'home', home_street, home_city, home_postcode, null from person where home_city is not null
     )
     insert into crm.sync_list (contact_id, employee_id) select id, $1 from person`,
    [employeeId, input],
  );
}

function contactColumns(person: PersonRecord): object {
  const { company, birthday } = person;
  const phones = { business: person.businessPhone, mobile: person.mobilePhone, home: person.homePhone };
  return {
    prefix: person.prefix,
    first_name: person.given,
    middle_name: person.middle,
    last_name: person.surname,
    suffix: person.suffix,
    nickname: person.nickname,
    company: company.name,
    job_title: person.jobTitle,
    department: person.department,
    birthday: birthday && `${birthday.year}-${birthday.month}-${birthday.day}`,
    spouse: person.spouse,
    comments: person.notes,
    categories: person.categories,
    emails: Object.fromEntries(person.emails.map((address, at) => [`${at + 1}`, address])),
    phones,
    street: company.street,
    city: company.city,
    postcode: company.postalCode,
    country: company.country,
    home_street: person.homeStreet,
    home_city: person.homeCity,
    home_postcode: person.homePostalCode,
  };
}

/** Appointments the employee owns; attendees are contacts found by their address. */
export async function addAppointments(
  queryable: Queryable,
  employeeId: number,
  meetings: readonly MeetingRecord[],
): Promise<void> {
  await queryable.query('people.appointments', `${appointmentText} select`, [
    employeeId,
    JSON.stringify(meetings.map(appointmentColumns)),
  ]);
}

const appointmentText = `
  with meeting as materialized (
    select nextval('crm.activity_id_seq') as id, x.* from json_to_recordset($2::json) as x (description text,
      meeting_location text, comments text, day integer, start_minute integer, duration integer, all_day boolean,
      alarm_minutes integer, categories text[], sensitivity text, invited text[], weekday text, every integer,
      occurrences integer, excluded_week integer, moved_week integer)
  ), activity as (
    insert into crm.activity (id, display, type, owner_employee_id, description, meeting_location, comments,
                              planned_start, planned_completion, all_day, alarm, alarm_minutes, categories, sensitivity)
    select id, 'Calendar and Activities', 'Appointment', $1, description, meeting_location, comments,
           date '1970-01-01' + day + make_interval(mins => start_minute),
           date '1970-01-01' + day + make_interval(mins => start_minute + duration),
           all_day, alarm_minutes is not null, alarm_minutes, categories, sensitivity
      from meeting
  ), participant as (
    insert into crm.activity_contact (activity_id, contact_id)
    select distinct meeting.id, (select min(contact_id) from crm.contact_email where lower(address) = lower(invitee))
      from meeting, unnest(invited) as invitee
     where exists (select from crm.contact_email where lower(address) = lower(invitee))
  )`;

/** Weekly series, some of them with one occurrence left out and one moved by an hour. */
async function addSeries(
  queryable: Queryable,
  employeeId: number,
  meetings: readonly MeetingRecord[],
  random: Random,
): Promise<void> {
  const input = meetings.map((meeting) => ({
    ...appointmentColumns({ ...meeting, allDay: false, startMinute: 9 * 60, durationMinutes: 30 }),
    weekday: weekdays[(((meeting.day + 3) % 7) + 7) % 7],
    every: chance(random, 0.3) ? 2 : 1,
    occurrences: 6 + below(random, 20),
    excluded_week: chance(random, 0.4) ? 1 + below(random, 2) : undefined,
    moved_week: chance(random, 0.4) ? 3 + below(random, 2) : undefined,
  }));
  await queryable.query(
    'people.series',
    `${appointmentText}, rule as (
       insert into crm.activity_repeat (activity_id, frequency, every, weekdays, occurrences)
       select id, 'Weekly', every, array[weekday], occurrences from meeting
     ), occurrence as (
       select id, excluded_week as week, true as excluded, day, start_minute, every from meeting
       union all
       select id, moved_week, false, day, start_minute, every from meeting
     ), local as (
       select id, excluded, date '1970-01-01' + day + 7 * week * every + make_interval(mins => start_minute) as start
         from occurrence where week is not null
     )
     insert into crm.activity_exception (activity_id, original_start, excluded, changed, planned_start,
                                         planned_completion, all_day)
     select id, start, excluded, case when excluded then '{}' else array['planned'] end,
            case when not excluded then start + interval '1 hour' end,
            case when not excluded then start + interval '90 minutes' end,
            case when not excluded then false end
       from local`,
    [employeeId, JSON.stringify(input)],
  );
}

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

function appointmentColumns(meeting: MeetingRecord): object {
  return {
    description: meeting.subject,
    meeting_location: meeting.location,
    comments: meeting.notes,
    day: meeting.day,
    start_minute: meeting.startMinute,
    duration: meeting.durationMinutes,
    all_day: meeting.allDay,
    alarm_minutes: meeting.reminderMinutes,
    categories: meeting.categories,
    sensitivity: meeting.isPrivate ? 'Private' : 'Normal',
    invited: meeting.attendees.map((person) => person.emails[0]),
  };
}

/** To-dos the employee owns. */
export async function addTasks(queryable: Queryable, employeeId: number, tasks: readonly TaskRecord[]): Promise<void> {
  const input = tasks.map((task) => ({
    description: task.subject,
    comments: task.notes,
    start_day: task.startDay,
    due_day: task.dueDay,
    status: statusTexts[task.status],
    percent_complete: task.percent,
    priority: priorityTexts[task.importance],
    categories: task.categories,
  }));
  await queryable.query(
    'people.tasks',
    `insert into crm.activity (display, type, owner_employee_id, description, comments, start_date, due_date, status,
                               percent_complete, done_date, priority, categories)
     select 'To Do and Activities', 'To Do', $1, description, comments, date '1970-01-01' + start_day,
            date '1970-01-01' + due_day, status, percent_complete,
            case when status = 'Done' then least(date '1970-01-01' + coalesce(due_day, start_day), current_date - 1) end,
            priority, categories
       from json_to_recordset($2::json) as x (description text, comments text, start_day integer, due_day integer,
              status text, percent_complete smallint, priority text, categories text[])`,
    [employeeId, JSON.stringify(input)],
  );
}

const statusTexts: Readonly<Record<TaskRecord['status'], string>> = {
  notStarted: 'Not Started',
  inProgress: 'In Progress',
  completed: 'Done',
  waiting: 'On Hold',
  deferred: 'Cancelled',
};

const priorityTexts: Readonly<Record<TaskRecord['importance'], string>> = {
  low: '4-Low',
  normal: '3-Medium',
  high: '1-ASAP',
};

function filled<T>(given: readonly T[] | undefined, count: number, make: () => T): readonly T[] {
  const list = [...(given ?? [])].slice(0, count);
  while (list.length < count) list.push(make());
  return list;
}
