/** Appointments of an employee: activities shown in the calendar with a time, where they are owner or participant. */
import type { OutReason } from '#contract/connector.ts';
import type { CalendarEvent } from '#model/item.ts';
import type { Queryable } from '#postgres/database.ts';
import { type EventRecord, type EventRow, eventChanges, eventOf, eventRecordOf } from '../mapping/event.ts';
import { addressesToAdd, participantChanges } from '../mapping/participant.ts';
import { lockActivities, repeatParts, repeatValue } from './activity-parts.ts';
import { age, assigned, type Columns, linkKeyPart, listed, onlyColumns, typed } from './columns.ts';
import type { KindTable, NewRecord, RecordUpdate, Stored } from './kind-table.ts';
import { findPeople, participantsValue, writeParticipants } from './participants.ts';

const columns: Columns = {
  description: 'text',
  meeting_location: 'text',
  planned_start: 'timestamp',
  planned_completion: 'timestamp',
  time_zone: 'text',
  all_day: 'boolean',
  show_as: 'text',
  alarm: 'boolean',
  alarm_minutes: 'integer',
  priority: 'text',
  sensitivity: 'text',
  categories: 'text[]',
  comments: 'text',
};

const exceptionColumns: Columns = {
  original_start: 'timestamp',
  excluded: 'boolean',
  changed: 'text[]',
  description: 'text',
  meeting_location: 'text',
  planned_start: 'timestamp',
  planned_completion: 'timestamp',
  all_day: 'boolean',
  show_as: 'text',
  alarm_minutes: 'integer',
  comments: 'text',
};

const readText = `
  select a.id, a.version, ${age('a')} as age_ms, a.owner_employee_id, k.key as link_key,
         a.display = 'Calendar and Activities' and a.planned_start is not null and a.planned_completion is not null
           and (a.owner_employee_id = $1 or exists (select from crm.activity_employee p
                 where p.activity_id = a.id and p.employee_id = $1)) as mine,
         case when a.display <> 'Calendar and Activities' or a.planned_start is null or a.planned_completion is null
              then 'converted' else 'unlisted' end as out_reason,
         ${listed(columns, 'a.')}, ${repeatValue},
         (select json_agg(row_to_json(x)) from (select ${listed(exceptionColumns)}
            from crm.activity_exception where activity_id = a.id) x) as exceptions,
         ${participantsValue}
    from crm.activity a
    left join crm.link_key k on k.record_id = a.id and k.kind = 'event' and k.employee_id = $1
   where a.id = any ($2::bigint[])`;

const inputPart = `input as (
    select * from json_to_recordset($2::json) as x (id bigint, has_row boolean, ${typed(columns)},
      repeat json, no_repeat boolean, exceptions json, removed_exceptions timestamp[], link_key text)
  )`;

const partsPart = `${repeatParts}, exception_gone as (
    delete from crm.activity_exception part using input i
     where part.activity_id = i.id and (i.no_repeat or part.original_start = any (i.removed_exceptions))
  ), exception_put as (
    insert into crm.activity_exception (activity_id, ${listed(exceptionColumns)})
    select i.id, ${listed(exceptionColumns, 'x.')}
      from input i, json_to_recordset(i.exceptions) as x (${typed(exceptionColumns)})
    on conflict (activity_id, original_start) do update set ${assigned(exceptionColumns, 'excluded')}
  ), ${linkKeyPart('event')}`;

const insertText = `
  with ${inputPart}, activity as (
    insert into crm.activity (id, display, type, owner_employee_id, ${listed(columns)})
    select id, 'Calendar and Activities', 'Appointment', $1, ${listed(columns)} from input
  ), ${partsPart}
  select`;

const updateText = `
  with ${inputPart}, activity as (
    update crm.activity a set ${assigned(columns, 'i')} from input i where a.id = i.id and i.has_row
  ), ${partsPart}
  select`;

const deleteText = 'delete from crm.activity where id = any ($1::bigint[])';

const leaveText = 'delete from crm.activity_employee where employee_id = $1 and activity_id = any ($2::bigint[])';

type ReadRow = EventRow & {
  readonly id: number;
  readonly version: number;
  readonly age_ms: number;
  readonly mine: boolean | null;
  readonly out_reason: OutReason;
  readonly owner_employee_id: number;
  readonly link_key: string | null;
  readonly repeat: EventRecord['repeat'];
  readonly exceptions: EventRecord['exceptions'] | null;
  readonly participants: EventRecord['participants'] | null;
};

/** A record with whom it belongs to. */
export interface StoredEvent extends EventRecord {
  readonly ownerId: number;
}

export const eventTable: KindTable<StoredEvent, CalendarEvent> = {
  kind: 'event',
  sequence: 'crm.activity_id_seq',
  lockText: lockActivities,
  itemOf: eventOf,
  read,
  insert,
  update,
  remove,
};

async function read(
  queryable: Queryable,
  employeeId: number,
  ids: readonly number[],
): Promise<readonly Stored<StoredEvent>[]> {
  const rows = await queryable.query<ReadRow>('crm.event.read', readText, [employeeId, ids]);
  return rows.map((row) => ({
    id: row.id,
    version: row.version,
    ageMs: row.age_ms,
    mine: row.mine === true,
    outReason: row.out_reason,
    owned: row.owner_employee_id === employeeId,
    linkKey: row.link_key,
    record: {
      row,
      repeat: row.repeat,
      exceptions: row.exceptions ?? [],
      participants: row.participants ?? [],
      ownerId: row.owner_employee_id,
    },
  }));
}

async function insert(
  queryable: Queryable,
  employeeId: number,
  records: readonly NewRecord<CalendarEvent>[],
): Promise<void> {
  const input = records.map(({ id, linkKey, item }) => {
    const { row, repeat, exceptions } = eventRecordOf(item);
    return { id, link_key: linkKey, ...row, repeat, exceptions };
  });
  await queryable.query('crm.event.insert', insertText, [employeeId, JSON.stringify(input)]);
  await changeParticipants(
    queryable,
    records.map(({ id, item }) => ({ id, current: [], target: item, paths: ['attendees'], ownerId: employeeId })),
  );
}

async function update(
  queryable: Queryable,
  employeeId: number,
  updates: readonly RecordUpdate<StoredEvent, CalendarEvent>[],
): Promise<void> {
  const input = updates.map(({ stored, target, paths, linkKey }) => {
    const { row, repeat, exceptions, removedExceptions } = eventChanges(stored.record, target, paths);
    return {
      id: stored.id,
      link_key: linkKey ?? null,
      ...(row === undefined ? {} : { has_row: true, ...onlyColumns(row, columns) }),
      no_repeat: repeat === null,
      ...(repeat === undefined || repeat === null ? {} : { repeat }),
      exceptions,
      removed_exceptions: removedExceptions,
    };
  });
  await queryable.query('crm.event.update', updateText, [employeeId, JSON.stringify(input)]);
  await changeParticipants(
    queryable,
    updates.map(({ stored, target, paths }) => ({
      id: stored.id,
      current: stored.record.participants,
      target,
      paths,
      ownerId: stored.record.ownerId,
    })),
  );
}

interface ParticipantTarget {
  readonly id: number;
  readonly current: EventRecord['participants'];
  readonly target: CalendarEvent;
  readonly paths: readonly string[];
  readonly ownerId: number;
}

async function changeParticipants(queryable: Queryable, targets: readonly ParticipantTarget[]): Promise<void> {
  const people = await findPeople(
    queryable,
    targets.flatMap(({ current, target, paths }) => addressesToAdd(current, target.attendees ?? {}, paths)),
  );
  await writeParticipants(
    queryable,
    targets.map(({ id, current, target, paths, ownerId }) => ({
      activityId: id,
      changes: participantChanges(current, target.attendees ?? {}, paths, people, ownerId),
    })),
  );
}

/** The owner's removal deletes the appointment; another participant's takes them off it. */
async function remove(
  queryable: Queryable,
  employeeId: number,
  records: readonly Stored<StoredEvent>[],
): Promise<void> {
  const owned = records.filter((stored) => stored.owned).map((stored) => stored.id);
  const shared = records.filter((stored) => !stored.owned).map((stored) => stored.id);
  if (owned.length > 0) await queryable.query('crm.event.delete', deleteText, [owned]);
  if (shared.length > 0) await queryable.query('crm.event.leave', leaveText, [employeeId, shared]);
}
