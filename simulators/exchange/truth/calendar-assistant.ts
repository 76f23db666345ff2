/**
 * What the calendar assistant makes of meeting mail that arrived: requests put tentative copies into calendars, answers are
 * counted on the organizer's copy, cancellations mark the copies. Messages about one occurrence touch that occurrence alone.
 */
import { completeAppointment } from './appointment-rules.ts';
import { Draft } from './draft.ts';
import { instanceDayOf } from './global-object-id.ts';
import { type Item, type Recipient, recipientsOf, type View } from './item.ts';
import type { Mailbox } from './mailbox.ts';
import { type PropertyKey, sameValue } from './properties.ts';
import { event, message } from './property-keys.ts';
import { occursOn } from './recurrence.ts';
import { occurrenceOn } from './series.ts';

/** Bits of PidLidAppointmentStateFlags. */
export const meetingState = { meeting: 1, received: 2, cancelled: 4 } as const;

/** PidLidResponseStatus. */
export const responseStatus = { organizer: 1, tentative: 2, accepted: 3, declined: 4, notResponded: 5 } as const;

/** PidLidMeetingType ([MS-OXOCAL] 2.2.6.5). */
export const meetingTypes = { request: 1, full: 0x1_0000, informational: 0x2_0000 } as const;

export const requestClass = 'IPM.Schedule.Meeting.Request';
export const cancelClass = 'IPM.Schedule.Meeting.Canceled';

/** Properties that a meeting and its requests share. */
export const sharedKeys: readonly PropertyKey[] = [
  message.body,
  message.html,
  message.sensitivity,
  message.importance,
  event.start,
  event.end,
  event.allDay,
  event.location,
  event.zoneStart,
  event.zoneEnd,
  event.zoneDescription,
  event.globalObjectId,
  event.cleanGlobalObjectId,
  event.sequence,
  event.durationMinutes,
  event.recurring,
  event.responseRequested,
];

/** The appointment of a meeting in a calendar, by its global object id. */
export function findMeeting(mailbox: Mailbox, cleanGlobalObjectId: Uint8Array): Item | undefined {
  for (const item of mailbox.wellKnown('calendar').items.values()) {
    if (sameValue(item.properties.get(event.cleanGlobalObjectId), cleanGlobalObjectId)) return item;
  }
  return undefined;
}

/** The appointment that a meeting message is about in the reader's calendar: a whole meeting, or one occurrence. */
export function meetingOf(mailbox: Mailbox, arrived: Item): View | undefined {
  const id = arrived.properties.get(event.cleanGlobalObjectId);
  const own = id === undefined ? undefined : findMeeting(mailbox, id);
  return own === undefined ? undefined : (ownOccurrence(own, arrived) ?? { item: own, occurrence: undefined });
}

/** Takes note of a message that arrived. */
export function attend(mailbox: Mailbox, from: Mailbox, item: Item): void {
  const itemClass = item.properties.get(message.itemClass) ?? '';
  const id = item.properties.get(event.cleanGlobalObjectId);
  if (id === undefined || mailbox === from) return;
  const own = findMeeting(mailbox, id);
  if (itemClass === requestClass || itemClass === cancelClass) {
    const copy = ownOccurrence(own, item);
    if (copy !== undefined) putOccurrence(mailbox, item, copy, itemClass === cancelClass);
    else if (itemClass === requestClass) putRequest(mailbox, item, own);
    else putCancellation(mailbox, own);
  }
  if (itemClass.startsWith('IPM.Schedule.Meeting.Resp') && own !== undefined) putAnswer(mailbox, from, item, own);
}

/** The occurrence of a series that a message is about; undefined when it is about a whole meeting. */
function ownOccurrence(own: Item | undefined, arrived: Item): View | undefined {
  const id = arrived.properties.get(event.globalObjectId);
  const day = id === undefined ? undefined : instanceDayOf(id);
  if (day === undefined || own?.series?.kind !== 'appointment') return undefined;
  if (own.series.deleted.has(day) || !occursOn(own.series.rule, day)) return undefined;
  return { item: own, occurrence: occurrenceOn(own.series, day) };
}

/** Properties of an occurrence that a message about it brings along; its times come with the draft's own rules. */
const occurrenceKeys: readonly PropertyKey[] = [message.body, message.html, message.importance, event.location];

/** Updates or cancels one occurrence on the attendee's copy; the series and its other occurrences stay as they are. */
function putOccurrence(mailbox: Mailbox, arrived: Item, copy: View, isCancelled: boolean): void {
  const draft = new Draft(copy);
  for (const key of occurrenceKeys) draft.put(key, arrived.properties.get(key));
  // A cancellation's own subject says already that it is one.
  draft.set(message.subject, arrived.properties.get(message.subject) ?? '');
  if (isCancelled) {
    draft.set(event.stateFlags, (draft.get(event.stateFlags) ?? 0) | meetingState.cancelled);
    draft.set(event.busyStatus, 0);
  }
  const moment = (key: typeof event.start) => {
    const utcMs = arrived.properties.get(key);
    return utcMs === undefined ? undefined : { kind: 'instant' as const, utcMs };
  };
  const by = arrived.properties.get(message.fromName) ?? mailbox.description.displayName;
  const fault = completeAppointment(draft, { start: moment(event.start), end: moment(event.end) }, mailbox);
  if (fault === undefined) mailbox.update(draft, by);
}

function putRequest(mailbox: Mailbox, request: Item, own: Item | undefined): void {
  const view = own === undefined ? undefined : { item: own, occurrence: undefined };
  const draft = new Draft(view);
  const isMoved = own === undefined || own.properties.get(event.start) !== request.properties.get(event.start);
  draft.set(message.itemClass, 'IPM.Appointment');
  draft.set(message.subject, request.properties.get(message.subject) ?? '');
  for (const key of sharedKeys) {
    const value = request.properties.get(key);
    if (value === undefined) draft.delete(key);
    else draft.set(key, value);
  }
  for (const key of [message.fromName, message.fromAddress]) draft.put(key, request.properties.get(key));
  draft.set(event.stateFlags, meetingState.meeting | meetingState.received);
  draft.set(event.intendedBusyStatus, request.properties.get(event.busyStatus) ?? 2);
  if (isMoved) {
    draft.set(event.busyStatus, 1);
    draft.set(event.responseStatus, responseStatus.notResponded);
  }
  if (own === undefined) {
    draft.set(message.reminderIsSet, true);
    draft.set(message.reminderMinutes, 15);
    draft.put(message.reminderTime, request.properties.get(event.start));
  }
  draft.recipients = request.recipients;
  if (request.series !== own?.series) draft.series = request.series;
  const by = request.properties.get(message.fromName) ?? mailbox.description.displayName;
  if (own === undefined) mailbox.create(mailbox.wellKnown('calendar'), draft, by);
  else mailbox.update(draft, by);
}

function putCancellation(mailbox: Mailbox, own: Item | undefined): void {
  if (own === undefined) return;
  const draft = new Draft({ item: own, occurrence: undefined });
  draft.set(event.stateFlags, (draft.get(event.stateFlags) ?? 0) | meetingState.cancelled);
  draft.set(event.busyStatus, 0);
  const subject = draft.get(message.subject) ?? '';
  if (!subject.startsWith('Canceled: ')) draft.set(message.subject, `Canceled: ${subject}`);
  mailbox.update(draft, mailbox.description.displayName);
}

function putAnswer(mailbox: Mailbox, from: Mailbox, answer: Item, own: Item): void {
  const view = ownOccurrence(own, answer) ?? { item: own, occurrence: undefined };
  const status = answer.properties.get(event.responseStatus);
  const response = status === 3 ? 'accepted' : status === 4 ? 'declined' : 'tentative';
  const isAnswering = (one: Recipient): boolean => one.address.toLowerCase() === from.address.toLowerCase();
  const draft = new Draft(view);
  draft.recipients = recipientsOf(view).map((one) =>
    isAnswering(one) ? { ...one, response, replyTimeMs: mailbox.nowMs } : one,
  );
  if (view.occurrence !== undefined) completeAppointment(draft, {}, mailbox);
  mailbox.update(draft, from.description.displayName);
}
