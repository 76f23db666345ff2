/** Mail between the mailboxes of the organisation, meeting mail among it. Addresses outside are only recorded. */
import { completeAppointment } from './appointment-rules.ts';
import {
  attend,
  cancelClass,
  meetingOf,
  meetingState,
  meetingTypes,
  requestClass,
  responseStatus,
  sharedKeys,
} from './calendar-assistant.ts';
import { instanceId } from './computed.ts';
import { Draft } from './draft.ts';
import { attachmentsOf, type Item, propertyOf, type Recipient, recipientsOf, type View } from './item.ts';
import type { Mailbox } from './mailbox.ts';
import { event, message } from './property-keys.ts';
import type { AppointmentSeries } from './series.ts';
import type { Truth } from './truth.ts';

export type Answer = 'accepted' | 'tentative' | 'declined';

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
    signAs(received, from);
    received.set(message.deliveryTime, mailbox.nowMs);
    const item = mailbox.create(mailbox.wellKnown('inbox'), received, from.description.displayName);
    mailbox.announceMail(item);
    attend(mailbox, from, item);
  }
}

/** Keeps a copy of what was sent in Sent Items. */
export function keepSent(mailbox: Mailbox, draft: Draft, by: string): Item {
  const copy = copyOf(draft);
  signAs(copy, mailbox);
  const item = mailbox.create(mailbox.wellKnown('sentitems'), copy, by);
  item.isRead = true;
  return item;
}

/** A request for a meeting, or an update of it, to these people. */
export function requestDraft(view: View, to: readonly Recipient[], type: keyof typeof meetingTypes): Draft {
  const draft = meetingMessage(view, requestClass, '', to);
  draft.set(event.meetingType, meetingTypes[type]);
  draft.set(event.responseStatus, responseStatus.notResponded);
  return draft;
}

/** A cancellation of a meeting, or of one occurrence, for these people. */
export function cancellationDraft(view: View, to: readonly Recipient[] = recipientsOf(view)): Draft {
  return meetingMessage(view, cancelClass, 'Canceled: ', to);
}

/** What an answer came to: the attendee's own appointment, and the message for the organizer. */
export interface Answered {
  /** The appointment as it now is; declined ones are in Deleted Items. Undefined when the calendar had none. */
  readonly own: Item | undefined;
  readonly response: Draft | undefined;
}

/**
 * An attendee answers a request, or an appointment, or one occurrence. The message is only made here: `dress` gives it a text
 * of its own. Declined meetings leave the calendar.
 */
export function answerMeeting(
  mailbox: Mailbox,
  asked: View,
  answer: Answer,
  dress: (response: Draft) => void,
): Answered {
  const own = asked.occurrence === undefined ? meetingOf(mailbox, asked.item) : asked;
  const source = own ?? asked;
  const organizer = propertyOf(source, message.fromAddress);
  const response =
    organizer === undefined ? undefined : answerDraft(source, answer, organizer, propertyOf(source, message.fromName));
  if (response !== undefined) dress(response);
  if (own === undefined) return { own: undefined, response };
  const { item, occurrence } = own;
  if (answer === 'declined') {
    if (occurrence === undefined || item.series?.kind !== 'appointment') {
      return { own: mailbox.remove(item, 'trash'), response };
    }
    mailbox.removeOccurrence(item, item.series, occurrence.day, mailbox.description.displayName);
    return { own: item, response };
  }
  const draft = new Draft(own);
  draft.set(event.responseStatus, responseStatus[answer]);
  draft.set(event.replyTime, mailbox.nowMs);
  draft.set(event.busyStatus, answer === 'accepted' ? (draft.get(event.intendedBusyStatus) ?? 2) : 1);
  if (occurrence !== undefined) completeAppointment(draft, {}, mailbox);
  return { own: mailbox.update(draft, mailbox.description.displayName), response };
}

function answerDraft(source: View, answer: Answer, address: string, name = address): Draft {
  const to: Recipient = { kind: 'to', name, address, addressType: 'SMTP' };
  const draft = meetingMessage(source, answerClasses[answer], answerPrefixes[answer], [to]);
  draft.set(event.responseStatus, responseStatus[answer]);
  draft.delete(message.body);
  draft.delete(message.html);
  draft.attachments = [];
  return draft;
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

function signAs(draft: Draft, from: Mailbox): void {
  for (const [name, address] of [
    [message.senderName, message.senderAddress],
    [message.fromName, message.fromAddress],
  ] as const) {
    draft.set(name, from.description.displayName);
    draft.set(address, from.address);
  }
}

function copyOf(draft: Draft): Draft {
  const copy = new Draft();
  for (const [key, value] of draft.content.properties.entries()) copy.set(key, value);
  copy.recipients = draft.recipients;
  copy.attachments = draft.attachments;
  copy.series = draft.series;
  return copy;
}
