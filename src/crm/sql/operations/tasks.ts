/** To-dos of an employee: activities shown in the to-do list that they own. */
import type { OutReason } from '#contract/connector.ts';
import type { Task } from '#model/item.ts';
import type { Queryable } from '#postgres/database.ts';
import { type TaskRecord, type TaskRow, taskChanges, taskOf, taskRecordOf } from '../mapping/task.ts';
import { lockActivities, repeatParts, repeatValue } from './activity-parts.ts';
import { age, assigned, type Columns, linkKeyPart, listed, onlyColumns, typed } from './columns.ts';
import type { KindTable, NewRecord, RecordUpdate, Stored } from './kind-table.ts';

const columns: Columns = {
  description: 'text',
  start_date: 'date',
  due_date: 'date',
  status: 'text',
  percent_complete: 'smallint',
  done_date: 'date',
  alarm: 'boolean',
  alarm_at: 'timestamptz',
  priority: 'text',
  sensitivity: 'text',
  categories: 'text[]',
  comments: 'text',
};

const readText = `
  select a.id, a.version, ${age('a')} as age_ms, k.key as link_key,
         a.display = 'To Do and Activities' and a.owner_employee_id = $1 as mine,
         case when a.display = 'To Do and Activities' then 'reassigned' else 'converted' end as out_reason,
         ${listed(columns, 'a.')}, ${repeatValue}
    from crm.activity a
    left join crm.link_key k on k.record_id = a.id and k.kind = 'task' and k.employee_id = $1
   where a.id = any ($2::bigint[])`;

const inputPart = `input as (
    select * from json_to_recordset($2::json) as x (id bigint, has_row boolean, ${typed(columns)},
      repeat json, no_repeat boolean, link_key text)
  )`;

const partsPart = `${repeatParts}, ${linkKeyPart('task')}`;

const insertText = `
  with ${inputPart}, activity as (
    insert into crm.activity (id, display, type, owner_employee_id, ${listed(columns)})
    select id, 'To Do and Activities', 'To Do', $1, ${listed(columns)} from input
  ), ${partsPart}
  select`;

const updateText = `
  with ${inputPart}, activity as (
    update crm.activity a set ${assigned(columns, 'i')} from input i where a.id = i.id and i.has_row
  ), ${partsPart}
  select`;

const deleteText = 'delete from crm.activity where id = any ($1::bigint[])';

type ReadRow = TaskRow & {
  readonly id: number;
  readonly version: number;
  readonly age_ms: number;
  readonly mine: boolean;
  readonly out_reason: OutReason;
  readonly link_key: string | null;
  readonly repeat: TaskRecord['repeat'];
};

export const taskTable: KindTable<TaskRecord, Task> = {
  kind: 'task',
  sequence: 'crm.activity_id_seq',
  lockText: lockActivities,
  itemOf: taskOf,
  read,
  insert,
  update,
  remove: async (queryable, _employeeId, records) => {
    await queryable.query('crm.task.delete', deleteText, [records.map((stored) => stored.id)]);
  },
};

async function read(
  queryable: Queryable,
  employeeId: number,
  ids: readonly number[],
): Promise<readonly Stored<TaskRecord>[]> {
  const rows = await queryable.query<ReadRow>('crm.task.read', readText, [employeeId, ids]);
  return rows.map((row) => ({
    id: row.id,
    version: row.version,
    ageMs: row.age_ms,
    mine: row.mine,
    outReason: row.out_reason,
    owned: true,
    linkKey: row.link_key,
    record: { row, repeat: row.repeat },
  }));
}

async function insert(queryable: Queryable, employeeId: number, records: readonly NewRecord<Task>[]): Promise<void> {
  const input = records.map(({ id, linkKey, item }) => {
    const { row, repeat } = taskRecordOf(item);
    return { id, link_key: linkKey, ...row, repeat };
  });
  await queryable.query('crm.task.insert', insertText, [employeeId, JSON.stringify(input)]);
}

async function update(
  queryable: Queryable,
  employeeId: number,
  updates: readonly RecordUpdate<TaskRecord, Task>[],
): Promise<void> {
  const input = updates.map(({ stored, target, paths, linkKey }) => {
    const { row, repeat } = taskChanges(stored.record, target, paths);
    return {
      id: stored.id,
      link_key: linkKey ?? null,
      ...(row === undefined ? {} : { has_row: true, ...onlyColumns(row, columns) }),
      no_repeat: repeat === null,
      ...(repeat === undefined || repeat === null ? {} : { repeat }),
    };
  });
  await queryable.query('crm.task.update', updateText, [employeeId, JSON.stringify(input)]);
}
