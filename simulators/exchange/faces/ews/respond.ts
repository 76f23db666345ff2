/** Response objects in CreateItem: accepting, declining, cancelling, answering, forwarding ([MS-OXWSCORE] 2.2.4.42). */
import { child, type XmlElement } from '#xml/reader.ts';
import { findMeeting } from '../../truth/calendar-assistant.ts';
import { Draft } from '../../truth/draft.ts';
import type { Folder } from '../../truth/folder.ts';
import {
  familyOf,
  type Item,
  itemClassOf,
  propertyOf,
  type Recipient,
  recipientsOf,
  type View,
} from '../../truth/item.ts';
import { type Answer, answerMeeting, requestDraft } from '../../truth/post-office.ts';
import { event, message } from '../../truth/property-keys.ts';
import { utc, utcOf } from '../../truth/zone.ts';
import { bodyOf, setBody } from './body.ts';
import { type Call, writerOf } from './call.ts';
import { EwsError } from './ews-error.ts';
import { readRecipient } from './fields/message-fields.ts';
import { conversationTopicOf, messageIdOf } from './fields/thread-values.ts';
import { itemTypeOf } from './item-types.ts';
import { cancelAttendees, dispatch, noRecipientsError, unsentFlag } from './meetings.ts';
import { itemIdMarkup } from './references.ts';
import { resolveFolderIn, resolveItem } from './resolve.ts';
import { readDateTime } from './text.ts';

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
  if (call.request.attributes.MessageDisposition === undefined && element.name !== 'SuppressReadReceipt') {
    throw new EwsError('ErrorMessageDispositionRequired');
  }
  const answer = answers[element.name];
  if (answer !== undefined) return answered(element, view, answer, call);
  switch (element.name) {
    case 'CancelCalendarItem':
      return cancelled(element, view, call);
    case 'RemoveItem':
      return removed(view, call);
    case 'SuppressReadReceipt':
      return '';
    default:
      return passedOn(element, view, call);
  }
}

function answered(element: XmlElement, view: View, answer: Answer, call: Call): string {
  const { item } = view;
  const state = propertyOf(view, event.stateFlags) ?? 0;
  if ((state & 4) !== 0) throw new EwsError(`ErrorCalendarIsCancelledFor${answerNames[answer]}`);
  if ((state & 2) === 0) throw new EwsError(`ErrorCalendarIsOrganizerFor${answerNames[answer]}`);
  const { own, response } = answerMeeting(call.mailbox, view, answer, (draft) => dress(draft, element, call));
  const disposition = call.request.attributes.MessageDisposition;
  const made = own === undefined ? '' : markup(own, call);
  const isMessage = familyOf(itemClassOf(view)) === 'message';
  const request = isMessage ? call.mailbox.remove(item, 'trash') : undefined;
  const kept = response === undefined ? undefined : sentOrSaved(response, disposition, call);
  return made + (request === undefined ? '' : markup(request, call)) + (kept === undefined ? '' : markup(kept, call));
}

const answerNames: Readonly<Record<Answer, string>> = {
  accepted: 'Accept',
  tentative: 'Tentative',
  declined: 'Decline',
};

/** Gives a response the text and the times that came with it. */
function dress(draft: Draft, element: XmlElement, call: Call): void {
  const body = child(element, 'Body') ?? child(element, 'NewBodyContent');
  if (body !== undefined) {
    setBody(draft, { type: body.attributes.BodyType === 'HTML' ? 'HTML' : 'Text', content: body.text });
  }
  for (const [name, key] of [
    ['ProposedStart', event.proposedStart],
    ['ProposedEnd', event.proposedEnd],
  ] as const) {
    const moment = readDateTime(child(element, name)?.text ?? '');
    if (moment === undefined) continue;
    draft.set(key, moment.kind === 'instant' ? moment.utcMs : utcOf(call.zone ?? utc, moment.wallMs));
    draft.set(event.counterProposal, true);
  }
}

/** Sends a message or saves it as a draft; answers what is kept of it. */
function sentOrSaved(draft: Draft, disposition: string | undefined, call: Call): Item | undefined {
  const wrapper = child(call.request, 'SavedItemFolderId');
  const named = (): Folder | undefined =>
    wrapper === undefined ? undefined : resolveFolderIn(wrapper, call, 'ErrorFolderNotFound');
  if (disposition === 'SaveOnly') {
    draft.set(message.flags, unsentFlag);
    return call.mailbox.create(named() ?? call.mailbox.wellKnown('drafts'), draft, writerOf(call));
  }
  if (draft.recipients.length === 0) throw noRecipientsError();
  const folder = named();
  const kept = dispatch(draft, call, disposition === 'SendAndSaveCopy' ? 'SaveCopy' : undefined);
  return kept === undefined || folder === undefined ? kept : call.mailbox.move(kept, folder);
}

function cancelled(element: XmlElement, view: View, call: Call): string {
  const state = propertyOf(view, event.stateFlags) ?? 0;
  if ((state & 2) !== 0) throw new EwsError('ErrorCalendarIsNotOrganizer');
  const disposition = call.request.attributes.MessageDisposition;
  const send = disposition === 'SendAndSaveCopy' ? 'SendToAllAndSaveCopy' : 'SendOnlyToAll';
  cancelAttendees(view, call, disposition === 'SaveOnly' ? undefined : send, (draft) => dress(draft, element, call));
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
  const isOrganizer = own !== undefined && ((own.properties.get(event.stateFlags) ?? 0) & 2) === 0;
  if (isOrganizer) throw new EwsError('ErrorCalendarIsOrganizerForRemove');
  if (own !== undefined) call.mailbox.remove(own, 'trash');
  if (view.item !== own) call.mailbox.remove(view.item, 'trash');
  return '';
}

/** A reply to a message, or the message itself, or a meeting, for somebody else. */
function passedOn(element: XmlElement, view: View, call: Call): string {
  const people = (name: string, kind: Recipient['kind']): readonly Recipient[] =>
    child(element, name)?.children.map((one) => readRecipient(one, kind)) ?? [];
  const named = [...people('ToRecipients', 'to'), ...people('CcRecipients', 'cc'), ...people('BccRecipients', 'bcc')];
  const isMeeting = familyOf(itemClassOf(view)) === 'appointment' && element.name === 'ForwardItem';
  const draft = isMeeting ? requestDraft(view, named, 'request') : new Draft();
  if (!isMeeting) draft.set(message.itemClass, 'IPM.Note');
  const topic = (propertyOf(view, message.subject) ?? '').replace(/^(?:RE|FW): /i, '');
  draft.set(message.subject, child(element, 'Subject')?.text ?? `${prefixes[element.name] ?? ''}${topic}`);
  draft.set(message.conversationTopic, conversationTopicOf(view));
  const original = messageIdOf(view, call.mailbox, call.server.hostName);
  if (!isMeeting) draft.set(message.inReplyTo, original);
  draft.set(message.references, original);
  const text = child(element, 'NewBodyContent');
  const type = text?.attributes.BodyType === 'HTML' ? 'HTML' : 'Text';
  const quoted = bodyOf(view, type).content;
  setBody(draft, {
    type,
    content: type === 'HTML' ? `${text?.text ?? ''}${quoted}` : `${text?.text ?? ''}\r\n${quoted}`,
  });
  // Lists that the request gives replace those an answer would begin with.
  const given = new Set(named.map((one) => one.kind));
  const usual = element.name === 'ForwardItem' ? [] : answerees(element.name, view, call);
  draft.recipients = [...usual.filter((one) => !given.has(one.kind)), ...named];
  if (element.name === 'ForwardItem') draft.attachments = view.item.attachments;
  const kept = sentOrSaved(draft, call.request.attributes.MessageDisposition, call);
  return kept === undefined ? '' : markup(kept, call);
}

/** The author of a message; for an answer to all everybody else it went to, too. */
function answerees(name: string, view: View, call: Call): readonly Recipient[] {
  const address = propertyOf(view, message.fromAddress);
  const author = propertyOf(view, message.fromName) ?? address ?? '';
  const first: readonly Recipient[] =
    address === undefined ? [] : [{ kind: 'to', name: author, address, addressType: 'SMTP' }];
  if (name !== 'ReplyAllToItem') return first;
  const known = new Set([call.mailbox.address.toLowerCase(), address?.toLowerCase()]);
  const others = recipientsOf(view).filter((one) => one.kind !== 'bcc' && !known.has(one.address.toLowerCase()));
  return [...first, ...others];
}

function markup(item: Item, call: Call): string {
  const view: View = { item, occurrence: undefined };
  const type = itemTypeOf(view);
  return `<t:${type}>${itemIdMarkup(call.mailbox, view)}</t:${type}>`;
}
