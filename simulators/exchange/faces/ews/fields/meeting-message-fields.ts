/** Fields that meeting messages add to a message, in schema order ([MS-OXWSMTGS] 2.2.4.19 to 2.2.4.25). */
import { meetingOf, meetingTypes } from '../../../truth/calendar-assistant.ts';
import { uidOf } from '../../../truth/global-object-id.ts';
import { propertyOf, type View } from '../../../truth/item.ts';
import type { PropertyKey } from '../../../truth/properties.ts';
import { event } from '../../../truth/property-keys.ts';
import type { Call } from '../call.ts';
import { rankOf } from '../profiles.ts';
import { itemIdMarkup } from '../references.ts';
import { dateTimeText, element } from '../text.ts';
import { calendarFields } from './calendar-fields.ts';
import { busyStatuses, responseTypes } from './calendar-values.ts';
import { type Field, type Reply, readOnlyField } from './field.ts';
import { messageFields } from './message-fields.ts';
import { isReceived } from './thread-values.ts';

const byUri = new Map(calendarFields.map((field) => [field.uri, field]));

/** A field of appointments as meeting messages carry it: readable, not settable. */
function ofEvent(name: string): Field {
  const field = byUri.get(`calendar:${name}`);
  if (field === undefined) throw new Error(`no calendar field ${name}`);
  const { set: _, append: __, clear: ___, ...read } = field;
  return read;
}

const since2013 = (field: Field): Field => ({ ...field, since: 'Exchange2013' });

/** Told of single messages, not in listings. */
const single = (name: string, write: Field['write']): Field =>
  readOnlyField(`meeting:${name}`, 'all', write, undefined, { singleOnly: true });

const response = (view: View): string => responseTypes[propertyOf(view, event.responseStatus) ?? 0] ?? 'Unknown';

/** What meeting requests, responses and cancellations have in common. */
export const meetingMessageFields: readonly Field[] = [
  ...messageFields.map((field) =>
    field.uri === 'message:IsResponseRequested' ? { ...field, shape: 'asked' as const } : field,
  ),
  single('AssociatedCalendarItemId', (view, reply) => meetingReference(view, reply)),
  single('IsDelegated', () => element('IsDelegated', 'false')),
  single('IsOutOfDate', (view, { call }) => element('IsOutOfDate', String(isOutOfDate(view, call)))),
  single('HasBeenProcessed', (view) => element('HasBeenProcessed', String(isReceived(view)))),
  readOnlyField('meeting:ResponseType', 'all', (view) => element('ResponseType', response(view)), response),
  readOnlyField('calendar:UID', 'all', (view) => {
    const id = propertyOf(view, event.cleanGlobalObjectId);
    return id === undefined ? '' : element('UID', uidOf(id));
  }),
  readOnlyField('calendar:RecurrenceId', 'all', (view, { call }) => {
    const own = meetingOf(call.mailbox, view.item)?.occurrence;
    return own === undefined ? '' : element('RecurrenceId', dateTimeText(own.originalStartMs, call.zone));
  }),
  readOnlyField('calendar:DateTimeStamp', 'all', (view, reply) =>
    element(
      'DateTimeStamp',
      dateTimeText(propertyOf(view, event.ownerCriticalChange) ?? view.item.createdMs, reply.call.zone),
    ),
  ),
  readOnlyField(
    'calendar:IsOrganizer',
    'all',
    (view, { call }) => element('IsOrganizer', String(isOrganizer(view, call))),
    undefined,
    { since: 'Exchange2013' },
  ),
];

/** The appointment that a meeting message is about, when the calendar has it. */
function meetingReference(view: View, reply: Reply): string {
  const { mailbox, rank } = reply.call;
  const own = rank < rankOf('Exchange2013') ? undefined : meetingOf(mailbox, view.item);
  return own === undefined ? '' : itemIdMarkup(mailbox, own).replace('t:ItemId', 't:AssociatedCalendarItemId');
}

/** Whether the reader's appointment has been updated beyond this message. */
function isOutOfDate(view: View, call: Call): boolean {
  const own = meetingOf(call.mailbox, view.item);
  return own !== undefined && (propertyOf(own, event.sequence) ?? 0) > (propertyOf(view, event.sequence) ?? 0);
}

function isOrganizer(view: View, call: Call): boolean {
  const own = meetingOf(call.mailbox, view.item);
  return own !== undefined && ((propertyOf(own, event.stateFlags) ?? 0) & 2) === 0;
}

function proposed(name: string, key: PropertyKey<number>): Field {
  return readOnlyField(
    `meeting:${name}`,
    'all',
    (view, { call }) => {
      const ms = propertyOf(view, key);
      return ms === undefined ? '' : element(name, dateTimeText(ms, call.zone));
    },
    (view) => propertyOf(view, key),
    { since: 'Exchange2013' },
  );
}

const outcome = ['Start', 'End', 'Location', 'Recurrence', 'CalendarItemType'].map((name) => since2013(ofEvent(name)));

export const meetingResponseFields: readonly Field[] = [
  ...meetingMessageFields,
  ...outcome,
  proposed('ProposedStart', event.proposedStart),
  proposed('ProposedEnd', event.proposedEnd),
  ofEvent('EnhancedLocation'),
];

export const meetingCancellationFields: readonly Field[] = [
  ...meetingMessageFields,
  ...outcome,
  ofEvent('EnhancedLocation'),
];

export const meetingRequestFields: readonly Field[] = [
  ...meetingMessageFields,
  readOnlyField(
    'meetingRequest:MeetingRequestType',
    'all',
    (view, { call }) => element('MeetingRequestType', requestType(view, call)),
    undefined,
    { singleOnly: true },
  ),
  readOnlyField('meetingRequest:IntendedFreeBusyStatus', 'all', (view) =>
    element('IntendedFreeBusyStatus', busyStatuses[propertyOf(view, event.intendedBusyStatus) ?? 2] ?? 'Busy'),
  ),
  ...['Start', 'End', 'OriginalStart', 'IsAllDayEvent', 'LegacyFreeBusyStatus', 'Location', 'When'].map(ofEvent),
  ...['IsMeeting', 'IsCancelled', 'IsRecurring', 'MeetingRequestWasSent', 'CalendarItemType'].map(ofEvent),
  ...['MyResponseType', 'Organizer', 'RequiredAttendees', 'OptionalAttendees', 'Resources'].map(ofEvent),
  ...['ConflictingMeetingCount', 'AdjacentMeetingCount', 'ConflictingMeetings', 'AdjacentMeetings'].map(ofEvent),
  ...['Duration', 'TimeZone', 'AppointmentReplyTime', 'AppointmentSequenceNumber', 'AppointmentState'].map(ofEvent),
  ...['Recurrence', 'FirstOccurrence', 'LastOccurrence', 'ModifiedOccurrences', 'DeletedOccurrences'].map(ofEvent),
  ...['MeetingTimeZone', 'StartTimeZone', 'EndTimeZone', 'ConferenceType', 'AllowNewTimeProposal'].map(ofEvent),
  ...['IsOnlineMeeting', 'MeetingWorkspaceUrl', 'NetShowUrl', 'EnhancedLocation'].map(ofEvent),
  ...['StartWallClock', 'EndWallClock', 'StartTimeZoneId', 'EndTimeZoneId'].map(ofEvent),
];

function requestType(view: View, call: Call): string {
  if (isOutOfDate(view, call)) return 'Outdated';
  switch (propertyOf(view, event.meetingType)) {
    case meetingTypes.full:
      return 'FullUpdate';
    case meetingTypes.informational:
      return 'InformationalUpdate';
    default:
      return 'NewMeetingRequest';
  }
}
