/** Response objects in CreateItem: accepting, declining, cancelling, answering, forwarding ([MS-OXWSCORE] 2.2.4.42). */
import { child, type XmlElement } from '#xml/reader.ts';
import { Draft } from '../../truth/draft.ts';
import { familyOf, type Item, itemClassOf, type View } from '../../truth/item.ts';
import { type Answer, answerMeeting, findMeeting, sendCancellations, sendMail } from '../../truth/post-office.ts';
import { event, message } from '../../truth/property-keys.ts';
import { bodyOf, setBody } from './body.ts';
import { type Call, writerOf } from './call.ts';
import { EwsError } from './ews-error.ts';
import { readRecipient } from './fields/message-fields.ts';
import { itemTypeOf } from './item-types.ts';
import { itemIdMarkup } from './references.ts';
import { resolveItem } from './resolve.ts';

const answers: Readonly<Record<string, Answer>> = {
  AcceptItem: 'accepted',
  TentativelyAcceptItem: 'tentative',
  DeclineItem: 'declined',
};

const prefixes: Readonly<Record<string, string>> = { ForwardItem: 'FW: ', ReplyToItem: 'RE: ', ReplyAllToItem: 'RE: ' };

/** Elements of CreateItem that answer another item rather than being one. */
export const responseObjectNames: ReadonlySet<string> = new Set([
  ...Object.keys(answers),
  ...Object.keys(prefixes),
  'CancelCalendarItem',
  'RemoveItem',
  'SuppressReadReceipt',
]);

/** Carries out one response object; answers the markup of the items it made or changed. */
export function respond(element: XmlElement, call: Call): string {
  const reference = child(element, 'ReferenceItemId');
  if (reference === undefined) throw new EwsError('ErrorInvalidIdEmpty');
  const { view } = resolveItem(reference, call);
  const answer = answers[element.name];
  if (answer !== undefined) return answered(view, answer, call);
  switch (element.name) {
    case 'CancelCalendarItem':
      return cancelled(view, call);
    case 'RemoveItem':
      return removed(view, call);
    case 'SuppressReadReceipt':
      return '';
    default:
      return passedOn(element, view.item, call);
  }
}

function answered(view: View, answer: Answer, call: Call): string {
  const { item } = view;
  const isCancelled = ((item.properties.get(event.stateFlags) ?? 0) & 4) !== 0;
  if (isCancelled) throw new EwsError(`ErrorCalendarIsCancelledFor${answerNames[answer]}`);
  if (((item.properties.get(event.stateFlags) ?? 0) & 2) === 0) {
    throw new EwsError(`ErrorCalendarIsOrganizerFor${answerNames[answer]}`);
  }
  const isSent = call.request.attributes.MessageDisposition !== 'SaveOnly';
  answerMeeting(call.server.truth, call.mailbox, item, answer, isSent);
  const id = item.properties.get(event.cleanGlobalObjectId);
  if (familyOf(itemClassOf(view)) === 'message') call.mailbox.remove(item, 'trash');
  const own = id === undefined ? undefined : findMeeting(call.mailbox, id);
  return own === undefined ? '' : markup(own, call);
}

const answerNames: Readonly<Record<Answer, string>> = {
  accepted: 'Accept',
  tentative: 'Tentative',
  declined: 'Decline',
};

function cancelled(view: View, call: Call): string {
  if (((view.item.properties.get(event.stateFlags) ?? 0) & 2) !== 0) throw new EwsError('ErrorCalendarIsNotOrganizer');
  sendCancellations(call.server.truth, call.mailbox, view);
  const { item, occurrence } = view;
  if (occurrence !== undefined && item.series?.kind === 'appointment') {
    call.mailbox.removeOccurrence(item, item.series, occurrence.day, writerOf(call));
    return '';
  }
  const gone = call.mailbox.remove(item, 'trash');
  return gone === undefined ? '' : markup(gone, call);
}

/** Takes a cancelled meeting out of the calendar, with the message that said so. */
function removed(view: View, call: Call): string {
  const id = view.item.properties.get(event.cleanGlobalObjectId);
  const own = id === undefined ? undefined : findMeeting(call.mailbox, id);
  if (own !== undefined) call.mailbox.remove(own, 'trash');
  if (view.item !== own) call.mailbox.remove(view.item, 'trash');
  return '';
}

function passedOn(element: XmlElement, item: Item, call: Call): string {
  const draft = new Draft();
  const prefix = prefixes[element.name] ?? '';
  draft.set(message.itemClass, 'IPM.Note');
  draft.set(
    message.subject,
    child(element, 'Subject')?.text ?? `${prefix}${item.properties.get(message.subject) ?? ''}`,
  );
  const given = child(element, 'NewBodyContent');
  const quoted = bodyOf({ item, occurrence: undefined }, 'Text').content;
  setBody(draft, { type: 'Text', content: `${given?.text ?? ''}\r\n${quoted}` });
  const named = child(element, 'ToRecipients')?.children.map((one) => readRecipient(one, 'to')) ?? [];
  const sender = item.properties.get(message.fromAddress);
  const author =
    sender === undefined ? [] : [{ kind: 'to' as const, name: sender, address: sender, addressType: 'SMTP' }];
  draft.recipients = element.name === 'ForwardItem' ? named : [...author, ...named];
  const disposition = call.request.attributes.MessageDisposition;
  if (disposition !== 'SaveOnly') sendMail(call.server.truth, call.mailbox, draft);
  if (disposition === 'SendOnly') return '';
  const folder = call.mailbox.wellKnown(disposition === 'SaveOnly' ? 'drafts' : 'sentitems');
  return markup(call.mailbox.create(folder, draft, writerOf(call)), call);
}

function markup(item: Item, call: Call): string {
  const view: View = { item, occurrence: undefined };
  const type = itemTypeOf(view);
  return `<t:${type}>${itemIdMarkup(call.mailbox, view)}</t:${type}>`;
}
