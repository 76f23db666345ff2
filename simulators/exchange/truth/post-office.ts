/**
 * Mail between the mailboxes of the organisation, and what the calendar assistant makes of meeting mail: requests put
 * tentative copies into calendars, answers are counted on the organizer's copy, cancellations mark the copies. Addresses
 * outside are only recorded.
 */
import { completeAppointment } from './appointment-rules.ts';
import { instanceId } from './computed.ts';
import { Draft } from './draft.ts';
import { instanceDayOf } from './global-object-id.ts';
import { attachmentsOf, type Item, propertyOf, type Recipient, recipientsOf, type View } from './item.ts';
import type { Mailbox } from './mailbox.ts';
import { type PropertyKey, sameValue } from './properties.ts';
import { event, message } from './property-keys.ts';
import { occursOn } from './recurrence.ts';
import { type AppointmentSeries, occurrenceOn } from './series.ts';
import type { Truth } from './truth.ts';

/** Bits of PidLidAppointmentStateFlags. */
export const meetingState = { meeting: 1, received: 2, cancelled: 4 } as const;

/** PidLidResponseStatus. */
export const responseStatus = { organizer: 1, tentative: 2, accepted: 3, declined: 4, notResponded: 5 } as const;

export type Answer = 'accepted' | 'tentative' | 'declined';

const requestClass = 'IPM.Schedule.Meeting.Request';
const cancelClass = 'IPM.Schedule.Meeting.Canceled';
const answerClasses: Readonly<Record<Answer, string>> = {
  accepted: 'IPM.Schedule.Meeting.Resp.Pos',
  tentative: 'IPM.Schedule.Meeting.Resp.Tent',
  declined: 'IPM.Schedule.Meeting.Resp.Neg',
};
const answerPrefixes: Readonly<Record<Answer, string>> = {
  accepted: 'Accepted: ',
  tentative: 'Tentative: ',
  declined: 'Declined: ',
};

/** Properties that a meeting and its requests share. */
const sharedKeys: readonly PropertyKey[] = [
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

/** Delivers a message to everybody it is addressed to. */
export function sendMail(truth: Truth, from: Mailbox, draft: Draft): void {
  const to = draft.recipients;
  const subject = draft.get(message.subject) ?? '';
  const itemClass = draft.get(message.itemClass) ?? 'IPM.Note';
  truth.recordSent(
    { from: from.address, to: to.map((one) => one.address), itemClass, subject, atMs: from.nowMs },
    from,
  );
  for (const one of to) {
    const mailbox = truth.mailbox(one.address);
    if (mailbox === undefined) continue;
    const received = copyOf(draft);
    received.set(message.senderName, from.description.displayName);
    received.set(message.senderAddress, from.address);
    received.set(message.fromName, from.description.displayName);
    received.set(message.fromAddress, from.address);
    received.set(message.deliveryTime, mailbox.nowMs);
    const item = mailbox.create(mailbox.wellKnown('inbox'), received, from.description.displayName);
    mailbox.announceMail(item);
    attend(mailbox, from, item);
  }
}

/** Sends requests for a meeting, or updates of it, to these people. */
export function sendRequests(truth: Truth, organizer: Mailbox, view: View, to: readonly Recipient[]): void {
  if (to.length === 0) return;
  sendMail(truth, organizer, meetingMessage(view, requestClass, '', to));
}

/** Sends cancellations of a meeting, or of one occurrence, to its attendees. */
export function sendCancellations(truth: Truth, organizer: Mailbox, view: View): void {
  const to = recipientsOf(view);
  if (to.length === 0) return;
  sendMail(truth, organizer, meetingMessage(view, cancelClass, 'Canceled: ', to));
}

/** An attendee answers; with `send` the organizer is told. Declined meetings leave the calendar. */
export function answerMeeting(truth: Truth, mailbox: Mailbox, item: Item, answer: Answer, send: boolean): void {
  const id = item.properties.get(event.cleanGlobalObjectId);
  const own = id === undefined ? undefined : findMeeting(mailbox, id);
  const source = own ?? item;
  const organizer = source.properties.get(message.fromAddress);
  if (send && organizer !== undefined) {
    const to: Recipient = { kind: 'to', name: organizer, address: organizer, addressType: 'SMTP' };
    const draft = meetingMessage(
      { item: source, occurrence: undefined },
      answerClasses[answer],
      answerPrefixes[answer],
      [to],
    );
    draft.set(event.responseStatus, responseStatus[answer]);
    sendMail(truth, mailbox, draft);
  }
  if (own === undefined) return;
  if (answer === 'declined') {
    mailbox.remove(own, 'trash');
    return;
  }
  const draft = new Draft({ item: own, occurrence: undefined });
  draft.set(event.responseStatus, responseStatus[answer]);
  draft.set(event.replyTime, mailbox.nowMs);
  draft.set(event.busyStatus, answer === 'accepted' ? (draft.get(event.intendedBusyStatus) ?? 2) : 1);
  mailbox.update(draft, mailbox.description.displayName);
}

/** The appointment of a meeting in a calendar, by its global object id. */
export function findMeeting(mailbox: Mailbox, cleanGlobalObjectId: Uint8Array): Item | undefined {
  for (const item of mailbox.wellKnown('calendar').items.values()) {
    if (sameValue(item.properties.get(event.cleanGlobalObjectId), cleanGlobalObjectId)) return item;
  }
  return undefined;
}

/** What the calendar assistant does with an arrived message. */
function attend(mailbox: Mailbox, from: Mailbox, item: Item): void {
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

/** The occurrence of the attendee's own series that a message is about; undefined when it is about a whole meeting. */
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
  const status = answer.properties.get(event.responseStatus);
  const response = status === 3 ? 'accepted' : status === 4 ? 'declined' : 'tentative';
  const draft = new Draft({ item: own, occurrence: undefined });
  draft.recipients = own.recipients.map((one) =>
    one.address.toLowerCase() === from.address.toLowerCase() ? { ...one, response, replyTimeMs: mailbox.nowMs } : one,
  );
  mailbox.update(draft, from.description.displayName);
}

function meetingMessage(view: View, itemClass: string, prefix: string, to: readonly Recipient[]): Draft {
  const draft = new Draft();
  draft.set(message.itemClass, itemClass);
  draft.set(message.subject, prefix + (propertyOf(view, message.subject) ?? ''));
  for (const key of sharedKeys) {
    const value = propertyOf(view, key);
    if (value !== undefined) draft.set(key, value);
  }
  draft.set(event.busyStatus, propertyOf(view, event.busyStatus) ?? 2);
  draft.set(event.intendedBusyStatus, propertyOf(view, event.busyStatus) ?? 2);
  draft.set(event.stateFlags, meetingState.meeting | meetingState.received);
  draft.set(event.ownerCriticalChange, view.item.modifiedMs);
  draft.recipients = to;
  draft.attachments = attachmentsOf(view);
  if (view.occurrence === undefined) draft.series = view.item.series as AppointmentSeries | undefined;
  else {
    draft.set(event.start, view.occurrence.startMs);
    draft.set(event.end, view.occurrence.endMs);
    draft.set(event.recurring, false);
    draft.put(event.globalObjectId, instanceId(view, view.occurrence.day));
  }
  return draft;
}

function copyOf(draft: Draft): Draft {
  const copy = new Draft();
  for (const [key, value] of draft.content.properties.entries()) copy.set(key, value);
  copy.recipients = draft.recipients;
  copy.attachments = draft.attachments;
  copy.series = draft.series;
  return copy;
}
