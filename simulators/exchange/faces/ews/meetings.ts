/** What leaves a mailbox because of a write. Nothing does unless the request asked for it. */
import { Draft } from '../../truth/draft.ts';
import type { Folder } from '../../truth/folder.ts';
import { type Item, type Part, type Recipient, recipientsOf, type View } from '../../truth/item.ts';
import { cancellationDraft, keepSent, requestDraft, sendMail } from '../../truth/post-office.ts';
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
  dispatch(requestDraft(view, item.recipients, 'request'), call, send);
}

/** What a change of these asks everybody to answer anew ([MS-OXOCAL] 3.1.4.7.4, significant change). */
const significant: ReadonlySet<Part> = new Set<Part>([event.start, event.end, event.zoneStart, 'series']);

/**
 * Sends updates of a meeting, or of one occurrence of it: to all attendees, or to those who are new. Who is no longer
 * invited gets a cancellation.
 */
export function updateAttendees(
  before: readonly Recipient[],
  written: View,
  touched: ReadonlySet<Part>,
  call: Call,
  send: string | undefined,
): void {
  const { item } = written;
  if (!isSending(send) || touched.size === 0) return;
  const view = renewed(written);
  const now = recipientsOf(view);
  const removed = without(before, now);
  const added = without(now, before);
  const to = send?.startsWith('SendOnlyToChanged') || send?.startsWith('SendToChanged') ? added : now;
  if (to.length === 0 && removed.length === 0) return;
  if (view.occurrence === undefined) {
    const draft = new Draft(view);
    draft.set(event.fInvited, true);
    draft.set(event.sequence, (draft.get(event.sequence) ?? 0) + 1);
    call.mailbox.update(draft, writerOf(call));
  }
  const isNew = before.length === 0;
  const isFull = [...touched].some((part) => significant.has(part));
  const type = isNew ? 'request' : isFull ? 'full' : 'informational';
  const sent: View = view.occurrence === undefined ? { item, occurrence: undefined } : view;
  if (to.length > 0) dispatch(requestDraft(sent, to, type), call, send);
  if (removed.length > 0) dispatch(cancellationDraft(sent, removed), call, send);
}

/** Sends cancellations before a meeting or an occurrence is deleted. */
export function cancelAttendees(
  view: View,
  call: Call,
  send: string | undefined,
  dress = (_: Draft): void => {},
): void {
  const isOrganizer = ((view.item.properties.get(event.stateFlags) ?? 0) & 2) === 0;
  if (!isSending(send) || !isOrganizer || recipientsOf(view).length === 0) return;
  const draft = cancellationDraft(view);
  draft.set(event.sequence, (draft.get(event.sequence) ?? 0) + 1);
  dress(draft);
  dispatch(draft, call, send);
}

/** Sends a message, and keeps a copy when `send` says so; answers the copy. */
export function dispatch(draft: Draft, call: Call, send: string | undefined): Item | undefined {
  sendMail(call.server.truth, call.mailbox, draft);
  return send?.endsWith('SaveCopy') ? keepSent(call.mailbox, draft, writerOf(call)) : undefined;
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

/** What was written, as it now is. */
function renewed({ item, occurrence }: View): View {
  if (occurrence === undefined || item.series?.kind !== 'appointment') return { item, occurrence: undefined };
  return { item, occurrence: occurrenceOn(item.series, occurrence.day) };
}

function without(list: readonly Recipient[], others: readonly Recipient[]): readonly Recipient[] {
  const known = new Set(others.map((one) => one.address.toLowerCase()));
  return list.filter((one) => !known.has(one.address.toLowerCase()));
}
