/** An employee calls a meeting with colleagues in the CRM: one record, in everybody's calendar. */
import type { Database } from '#postgres/database.ts';

export interface CalledMeeting {
  readonly ownerId: number;
  /** Employees, without the owner. */
  readonly participantIds: readonly number[];
  readonly subject: string;
  /** `YYYY-MM-DD`; it is held from 10 to 11 o'clock UTC. */
  readonly day: string;
}

/** Answers the id of the record. */
export async function callMeeting(database: Database, meeting: CalledMeeting): Promise<number> {
  const { ownerId, participantIds, subject, day } = meeting;
  const [row] = await database.query<{ id: number }>(
    'people.callMeeting',
    `with meeting as (
       insert into crm.activity (display, type, owner_employee_id, description, planned_start, planned_completion, time_zone)
       values ('Calendar and Activities', 'Appointment', $1, $2, $3::date + time '10:00', $3::date + time '11:00', 'Etc/UTC')
       returning id
     ), people as (
       insert into crm.activity_employee (activity_id, employee_id) select id, unnest($4::bigint[]) from meeting
     )
     select id from meeting`,
    [ownerId, subject, day, participantIds],
  );
  if (row === undefined) throw new Error('the meeting was not stored');
  return row.id;
}
