/** What leaves a mailbox because of a calendar write. Nothing does unless the request asked for it. */
import type { Item, Part, View } from '../../truth/item.ts';
import { subjectOf } from '../../truth/mailbox.ts';
import { message } from '../../truth/property-keys.ts';
import type { Call } from './call.ts';

/** Sends invitations for a new appointment with attendees when asked to. */
export function inviteAttendees(item: Item, call: Call, send: string | undefined): void {
  if (send === undefined || send === 'SendToNone' || item.recipients.length === 0) return;
  record(item, call, 'IPM.Schedule.Meeting.Request');
}

export function updateAttendees(item: Item, touched: ReadonlySet<Part>, call: Call, send: string | undefined): void {
  if (send === undefined || send === 'SendToNone' || item.recipients.length === 0 || touched.size === 0) return;
  record(item, call, 'IPM.Schedule.Meeting.Request');
}

export function cancelAttendees(view: View, call: Call, send: string | undefined): void {
  if (send === undefined || send === 'SendToNone' || view.item.recipients.length === 0) return;
  record(view.item, call, 'IPM.Schedule.Meeting.Canceled');
}

/** Sends a message that was saved to be sent. */
export function sendMessage(item: Item, call: Call): void {
  record(item, call, item.properties.get(message.itemClass) ?? 'IPM.Note');
}

function record(item: Item, call: Call, itemClass: string): void {
  const { truth } = call.server;
  truth.recordSent(
    {
      from: call.mailbox.address,
      to: item.recipients.map((one) => one.address),
      itemClass,
      subject: subjectOf(item),
      atMs: call.mailbox.nowMs,
    },
    call.mailbox,
  );
}
