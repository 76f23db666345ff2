/** What leaves a mailbox because of a calendar write. Nothing does unless the request asked for it. */
import { Draft } from '../../truth/draft.ts';
import type { Folder } from '../../truth/folder.ts';
import type { Item, Part, Recipient, View } from '../../truth/item.ts';
import { sendCancellations, sendMail, sendRequests } from '../../truth/post-office.ts';
import { event, message } from '../../truth/property-keys.ts';
import { occurrenceOn } from '../../truth/series.ts';
import { type Call, writerOf } from './call.ts';
import { EwsError } from './ews-error.ts';

/** Sends invitations for a new appointment with attendees when asked to. */
export function inviteAttendees(item: Item, call: Call, send: string | undefined): void {
  if (!isSending(send) || item.recipients.length === 0) return;
  const view: View = { item, occurrence: undefined };
  const draft = new Draft(view);
  draft.set(event.fInvited, true);
  call.mailbox.update(draft, writerOf(call));
  sendRequests(call.server.truth, call.mailbox, view, item.recipients);
  keepCopy(item, item.recipients, call, send, 'IPM.Schedule.Meeting.Request');
}

/** Sends updates of a meeting, or of one occurrence of it: to all attendees, or to those who are new. */
export function updateAttendees(
  before: readonly Recipient[],
  written: View,
  touched: ReadonlySet<Part>,
  call: Call,
  send: string | undefined,
): void {
  const { item } = written;
  if (!isSending(send) || item.recipients.length === 0 || touched.size === 0) return;
  const known = new Set(before.map((one) => one.address.toLowerCase()));
  const added = item.recipients.filter((one) => !known.has(one.address.toLowerCase()));
  const to = send?.startsWith('SendOnlyToChanged') || send?.startsWith('SendToChanged') ? added : item.recipients;
  if (to.length === 0) return;
  if (written.occurrence !== undefined && item.series?.kind === 'appointment') {
    const occurrence = occurrenceOn(item.series, written.occurrence.day);
    sendRequests(call.server.truth, call.mailbox, { item, occurrence }, to);
    keepCopy(item, to, call, send, 'IPM.Schedule.Meeting.Request');
    return;
  }
  const view: View = { item, occurrence: undefined };
  const draft = new Draft(view);
  draft.set(event.fInvited, true);
  draft.set(event.sequence, (draft.get(event.sequence) ?? 0) + 1);
  call.mailbox.update(draft, writerOf(call));
  sendRequests(call.server.truth, call.mailbox, view, to);
  keepCopy(item, to, call, send, 'IPM.Schedule.Meeting.Request');
}

/** Sends cancellations before a meeting or an occurrence is deleted. */
export function cancelAttendees(view: View, call: Call, send: string | undefined): void {
  if (!isSending(send)) return;
  const isOrganizer = ((view.item.properties.get(event.stateFlags) ?? 0) & 2) === 0;
  if (isOrganizer) sendCancellations(call.server.truth, call.mailbox, view);
}

/** The flag of a message that was never sent ([MS-OXCMSG] 2.2.1.6, mfUnsent). */
export const unsentFlag = 8;

export function noRecipientsError(): EwsError {
  const text = "At least one recipient isn't valid., A message can't be sent because it contains no recipients.";
  return new EwsError('ErrorInvalidRecipients', { text });
}

/** Sends a message that was saved to be sent; answers where it now is, or undefined when no copy is kept. */
export function sendSaved(item: Item, call: Call, keep: boolean, folder?: Folder): Item | undefined {
  const draft = new Draft({ item, occurrence: undefined });
  draft.delete(message.flags);
  draft.set(message.submitTime, call.mailbox.nowMs);
  const { address, description } = call.mailbox;
  for (const [name, of] of [
    [message.fromName, message.fromAddress],
    [message.senderName, message.senderAddress],
  ] as const) {
    if (draft.get(of) !== undefined) continue;
    draft.set(name, description.displayName);
    draft.set(of, address);
  }
  sendMail(call.server.truth, call.mailbox, draft);
  if (keep) {
    call.mailbox.update(draft, writerOf(call));
    return call.mailbox.move(item, folder ?? call.mailbox.wellKnown('sentitems'));
  }
  call.mailbox.remove(item, 'hard');
  return undefined;
}

function isSending(send: string | undefined): boolean {
  return send !== undefined && send !== 'SendToNone';
}

function keepCopy(item: Item, to: readonly Recipient[], call: Call, send: string | undefined, itemClass: string): void {
  if (!send?.endsWith('SaveCopy')) return;
  const draft = new Draft();
  draft.set(message.itemClass, itemClass);
  draft.set(message.subject, item.properties.get(message.subject) ?? '');
  draft.recipients = to;
  const copy = call.mailbox.create(call.mailbox.wellKnown('sentitems'), draft, writerOf(call));
  copy.isRead = true;
}
