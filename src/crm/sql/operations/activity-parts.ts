/** Pieces of the statements that appointments and to-dos share. */
import { assigned, type Columns, listed, typed } from './columns.ts';

export const repeatColumns: Columns = {
  frequency: 'text',
  every: 'integer',
  weekdays: 'text[]',
  first_weekday: 'text',
  day_of_month: 'smallint',
  week: 'text',
  weekday: 'text',
  month: 'smallint',
  unit: 'text',
  until_date: 'date',
  occurrences: 'integer',
  start_date: 'date',
};

/** The rule of activity `a` as one JSON value, null when it does not repeat. */
export const repeatValue = `(select row_to_json(r) from (select ${listed(repeatColumns)}
   from crm.activity_repeat where activity_id = a.id) r) as repeat`;

/** Of `input (id, repeat, no_repeat)`: writes the rule that is given, removes the one that is to go. */
export const repeatParts = `repeat_gone as (
    delete from crm.activity_repeat part using input i where part.activity_id = i.id and i.no_repeat
  ), repeat_put as (
    insert into crm.activity_repeat (activity_id, ${listed(repeatColumns)})
    select i.id, ${listed(repeatColumns, 'r.')} from input i, json_to_record(i.repeat) as r (${typed(repeatColumns)})
     where json_typeof(i.repeat) = 'object'
    on conflict (activity_id) do update set ${assigned(repeatColumns, 'excluded')}
  )`;

export const lockActivities = 'select id from crm.activity where id = any ($1::bigint[]) order by id for no key update';
