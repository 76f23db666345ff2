/** The one place where trouble of the database becomes a fault of the contract. */
import type { DatabaseError } from 'pg';
import { type Fault, fault } from '#contract/fault.ts';
import type { Path } from '#model/groups.ts';
import { databaseTrouble, sqlState } from '#postgres/database.ts';

/** The canonical path a constraint of the schema guards. */
export const constraintPaths: Readonly<Record<string, Path>> = {
  contact_mailing_address: 'mailingAddress',
  contact_birthday: 'birthday',
  contact_anniversary: 'anniversary',
  contact_sensitivity: 'sensitivity',
  contact_children: 'relations.children',
  contact_categories: 'categories',
  activity_categories: 'categories',
  contact_email_slot: 'emails',
  contact_im_slot: 'ims',
  contact_phone_slot: 'phones',
  contact_address_slot: 'addresses',
  activity_priority: 'importance',
  activity_sensitivity: 'sensitivity',
  activity_planned_start: 'when',
  activity_planned_completion: 'when',
  activity_planned_order: 'when',
  activity_show_as: 'showAs',
  activity_alarm_minutes: 'reminder',
  activity_alarm_at: 'reminder',
  activity_start_date: 'dates.start',
  activity_due_date: 'dates.due',
  activity_status: 'progress',
  activity_percent_complete: 'progress',
  activity_done_date: 'progress',
  activity_repeat_every: 'recurrence',
  activity_repeat_weekdays: 'recurrence',
  activity_repeat_first_weekday: 'recurrence',
  activity_repeat_day_of_month: 'recurrence',
  activity_repeat_week: 'recurrence',
  activity_repeat_weekday: 'recurrence',
  activity_repeat_month: 'recurrence',
  activity_repeat_unit: 'recurrence',
  activity_repeat_until: 'recurrence',
  activity_repeat_occurrences: 'recurrence',
  activity_repeat_start: 'recurrence',
  activity_repeat_end: 'recurrence',
  activity_repeat_frequency: 'recurrence',
  activity_exception_planned: 'overrides',
  activity_exception_show: 'overrides',
  activity_exception_show_as: 'overrides',
  activity_exception_alarm: 'overrides',
};

/** The unique constraint of `crm.link_key`: the key belongs to another record. */
const linkKeyConstraint = 'link_key_key_key';

/** True when one record's data is the trouble, so that the others of its batch can be written without it. */
export function isDataTrouble(error: unknown): boolean {
  const trouble = databaseTrouble(error);
  return trouble === 'constraint' || trouble === 'value';
}

/** The fault of an error thrown while reading or writing; a write is unknown exactly when `isCommitUnknown`. */
export function faultOf(error: unknown): Fault {
  const state = sqlState(error);
  const more = state === undefined ? {} : { source: state };
  switch (databaseTrouble(error)) {
    case 'constraint':
      return constraintFault(error as DatabaseError);
    case 'value':
      return state === '22001'
        ? fault('item.tooLarge', 'A text is longer than its column in the CRM.', more)
        : fault('item.invalid', 'A value does not fit its column in the CRM.', more);
    case 'serialization':
      return fault('server.failure', 'Too many programs are changing the same records at once.', more);
    case 'timeout':
      return fault('server.timeout', 'The database took too long and the statement was cancelled.', more);
    case 'denied':
      return state?.startsWith('28') === true
        ? fault('authentication.rejected', 'The database refused the user or password.', more)
        : fault('mailbox.denied', 'The database user has no right to the tables of the CRM.', more);
    case 'readOnly':
      return fault(
        'server.failure',
        'The database of the CRM is read-only: name the primary instead of a standby, or make it writable again.',
        more,
      );
    case 'connection':
      return fault('server.unreachable', 'There is no connection to the database.', more);
    case 'commitUnknown':
      return fault('server.unreachable', 'The connection to the database was lost during the commit.', more);
    case 'other':
      return fault('defect.request', 'The database refused a statement.', more);
  }
}

export function isCommitUnknown(error: unknown): boolean {
  return databaseTrouble(error) === 'commitUnknown';
}

function constraintFault(error: DatabaseError): Fault {
  const source =
    error.constraint === undefined ? { source: error.code! } : { source: `${error.code} ${error.constraint}` };
  if (error.constraint === linkKeyConstraint) {
    return fault('item.conflict', 'Another record of the CRM carries this link key.', source);
  }
  const path = error.constraint === undefined ? undefined : constraintPaths[error.constraint];
  return fault(
    'item.invalid',
    'A rule of the CRM refuses the record.',
    path === undefined ? source : { ...source, path },
  );
}
