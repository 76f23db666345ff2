/** Fields of TaskType, in schema order ([MS-OXWSTASK] 2.2.4.6). */
import { propertyOf, type View } from '../../../truth/item.ts';
import type { PropertyKey } from '../../../truth/properties.ts';
import { message, todo } from '../../../truth/property-keys.ts';
import { utc, utcOf } from '../../../truth/zone.ts';
import { EwsError, fieldDetail } from '../ews-error.ts';
import type { Pending } from '../pending.ts';
import { rankOf } from '../profiles.ts';
import { readRecurrence, recurrenceMarkup } from '../recurrence.ts';
import { dateTimeText, element, readDateTime } from '../text.ts';
import {
  choiceField,
  type Field,
  integerField,
  notSearched,
  readOnlyField,
  required,
  textField,
  textsField,
} from './field.ts';

export const taskStatuses = ['NotStarted', 'InProgress', 'Completed', 'WaitingOnOthers', 'Deferred'];
const statusTexts = ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'];

type MomentSlot = 'taskStart' | 'taskDue' | 'taskCompleted';

/** A date: kept as a floating midnight and as the writer's midnight; read as the latter. */
function dateField(
  name: string,
  local: PropertyKey<number>,
  common: PropertyKey<number> | undefined,
  slot: MomentSlot,
): Field {
  const uri = `task:${name}`;
  return {
    uri,
    element: name,
    shape: name === 'CompleteDate' ? 'all' : 'default',
    write(view, reply) {
      const ms = (common && propertyOf(view, common)) ?? propertyOf(view, local);
      return ms === undefined ? '' : element(name, dateTimeText(ms, reply.call.zone));
    },
    set(pending, value) {
      const moment = readDateTime(value.text);
      if (moment === undefined) throw new EwsError('ErrorInvalidPropertySet', { details: fieldDetail(uri) });
      pending[slot] = moment;
    },
    clear(pending) {
      pending.draft.delete(local);
      if (common !== undefined) pending.draft.delete(common);
    },
    value: (view) => (common && propertyOf(view, common)) ?? propertyOf(view, local),
  };
}

const readOnly = (name: string, write: Field['write'], more: Partial<Field> = {}): Field =>
  readOnlyField(`task:${name}`, 'all', write, undefined, more);

export const taskFields: readonly Field[] = [
  integerField('task:ActualWork', 'all', todo.actualMinutes),
  readOnly('AssignedTime', () => ''),
  textField('task:BillingInformation', 'all', message.billing),
  readOnlyField(
    'task:ChangeCount',
    'all',
    (view) => element('ChangeCount', String(propertyOf(view, todo.version) ?? 1)),
    (view) => propertyOf(view, todo.version) ?? 1,
  ),
  textsField('task:Companies', 'all', message.companies),
  {
    ...dateField('CompleteDate', todo.completed, undefined, 'taskCompleted'),
    write(view, reply) {
      const midnight = propertyOf(view, todo.completed);
      if (midnight === undefined) return '';
      return element('CompleteDate', dateTimeText(utcOf(utc, midnight), reply.call.zone));
    },
  },
  textsField('task:Contacts', 'all', message.contacts),
  readOnly('DelegationState', () => ''),
  readOnly('Delegator', () => ''),
  dateField('DueDate', todo.due, message.commonEnd, 'taskDue'),
  readOnly('IsAssignmentEditable', () => ''),
  readOnlyField(
    'task:IsComplete',
    'all',
    (view) => element('IsComplete', String(propertyOf(view, todo.complete) ?? false)),
    (view) => propertyOf(view, todo.complete) ?? false,
  ),
  readOnlyField(
    'task:IsRecurring',
    'all',
    (view) => element('IsRecurring', String(view.item.series !== undefined)),
    (view) => view.item.series !== undefined,
  ),
  readOnly('IsTeamTask', () => ''),
  textField('task:Mileage', 'all', message.mileage),
  readOnlyField(
    'task:Owner',
    'all',
    (view) => element('Owner', propertyOf(view, todo.owner) ?? ''),
    (view) => propertyOf(view, todo.owner),
  ),
  {
    uri: 'task:PercentComplete',
    element: 'PercentComplete',
    shape: 'default',
    write: (view) => element('PercentComplete', percentText(propertyOf(view, todo.percentComplete) ?? 0)),
    set: (pending, value) => setPercent(pending, Number(value.text)),
    value: (view) => Math.round((propertyOf(view, todo.percentComplete) ?? 0) * 10_000) / 100,
  },
  {
    uri: 'task:Recurrence',
    element: 'Recurrence',
    shape: 'all',
    singleOnly: true,
    write(view, reply) {
      const { series } = view.item;
      if (series?.kind !== 'task') return '';
      return recurrenceMarkup(series.rule, reply.call.zone, reply.call.rank >= rankOf('Exchange2010_SP1'));
    },
    set(pending, value) {
      pending.rule = readRecurrence(value);
    },
    clear(pending) {
      pending.rule = 'remove';
    },
  },
  dateField('StartDate', todo.start, message.commonStart, 'taskStart'),
  notSearched(required(choiceField('task:Status', 'default', todo.status, taskStatuses, 0))),
  readOnlyField('task:StatusDescription', 'all', (view) => element('StatusDescription', statusText(view)), statusText, {
    singleOnly: true,
  }),
  integerField('task:TotalWork', 'all', todo.totalMinutes),
];

function statusText(view: View): string {
  return statusTexts[propertyOf(view, todo.status) ?? 0] ?? '';
}

function percentText(share: number): string {
  return String(Math.round(share * 10_000) / 100);
}

function setPercent(pending: Pending, percent: number): void {
  if (!(percent >= 0 && percent <= 100)) throw new EwsError('ErrorInvalidPercentCompleteValue');
  pending.draft.set(todo.percentComplete, percent / 100);
}
