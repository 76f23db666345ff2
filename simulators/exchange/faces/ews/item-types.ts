/** The element each message becomes, and the fields that element has. */
import { byItemClass, itemClassOf, type View } from '../../truth/item.ts';
import { calendarFields } from './fields/calendar-fields.ts';
import { contactFields } from './fields/contact-fields.ts';
import { distributionListFields } from './fields/distribution-list-fields.ts';
import type { Field } from './fields/field.ts';
import { itemFieldsAfter, itemFieldsBefore } from './fields/item-fields.ts';
import {
  meetingCancellationFields,
  meetingRequestFields,
  meetingResponseFields,
} from './fields/meeting-message-fields.ts';
import { messageFields } from './fields/message-fields.ts';
import { taskFields } from './fields/task-fields.ts';

export type ItemType =
  | 'Item'
  | 'Message'
  | 'CalendarItem'
  | 'Contact'
  | 'DistributionList'
  | 'Task'
  | 'MeetingRequest'
  | 'MeetingResponse'
  | 'MeetingCancellation';

/** Fields after the base part, by element. */
const ownFields: Readonly<Record<ItemType, readonly Field[]>> = {
  Item: [],
  Message: messageFields,
  CalendarItem: calendarFields,
  Contact: contactFields,
  DistributionList: distributionListFields,
  Task: taskFields,
  MeetingRequest: meetingRequestFields,
  MeetingResponse: meetingResponseFields,
  MeetingCancellation: meetingCancellationFields,
};

/** The class a new item gets when the request names none. */
export const defaultClasses: Readonly<Record<ItemType, string>> = {
  Item: 'IPM.Note',
  Message: 'IPM.Note',
  CalendarItem: 'IPM.Appointment',
  Contact: 'IPM.Contact',
  DistributionList: 'IPM.DistList',
  Task: 'IPM.Task',
  MeetingRequest: 'IPM.Schedule.Meeting.Request',
  MeetingResponse: 'IPM.Schedule.Meeting.Resp.Pos',
  MeetingCancellation: 'IPM.Schedule.Meeting.Canceled',
};

export function itemTypeOf(view: View): ItemType {
  return typeOfClass(itemClassOf(view));
}

export const typeOfClass = byItemClass((itemClass): ItemType => {
  const name = itemClass.toLowerCase();
  if (/^ipm\.appointment(\.|$)/.test(name) || name.startsWith('ipm.ole.class.{00061055')) return 'CalendarItem';
  if (/^ipm\.contact(\.|$)/.test(name)) return 'Contact';
  if (/^ipm\.distlist(\.|$)/.test(name)) return 'DistributionList';
  if (/^ipm\.task(\.|$)/.test(name)) return 'Task';
  if (name.startsWith('ipm.schedule.meeting.request')) return 'MeetingRequest';
  if (name.startsWith('ipm.schedule.meeting.resp')) return 'MeetingResponse';
  if (name.startsWith('ipm.schedule.meeting.canceled')) return 'MeetingCancellation';
  return 'Message';
});

/** The type's own fields, after ExtendedProperty and the rest of the base part. */
export function fieldsAfter(type: ItemType): readonly Field[] {
  return [...itemFieldsAfter, ...ownFields[type]];
}

export { itemFieldsBefore };

const byUri = new Map<string, Field>();
const byTypeAndElement = new Map<ItemType, Map<string, Field>>();
for (const type of Object.keys(ownFields) as ItemType[]) {
  const byElement = new Map<string, Field>();
  byTypeAndElement.set(type, byElement);
  for (const field of [...itemFieldsBefore, ...fieldsAfter(type)]) {
    byElement.set(field.element, field);
    if (!byUri.has(field.uri)) byUri.set(field.uri, field);
  }
}

/** The field of an element inside an item element of a type. */
export function fieldOfElement(type: ItemType, element: string): Field | undefined {
  return byTypeAndElement.get(type)?.get(element);
}

/** The field of a path for items of a type; undefined when such items do not have it. */
export function fieldOfPath(type: ItemType, uri: string): Field | undefined {
  const field = fieldOfElement(type, uri.slice(uri.lastIndexOf(':') + 1));
  return field?.uri === uri ? field : undefined;
}

/** Any field with this path, whatever items have it. */
export function anyFieldOfPath(uri: string): Field | undefined {
  return byUri.get(uri);
}
