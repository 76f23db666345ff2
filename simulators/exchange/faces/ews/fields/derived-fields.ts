/**
 * Fields of every item that servers derive from others: other forms of the body, previews, icons, the flag of a message,
 * identities for MAPI readers. They stand after ConversationId in the schema, and most come only when named.
 */
import { child, childText } from '#xml/reader.ts';
import { itemEntryId } from '../../../truth/entry-id.ts';
import { familyOf, itemClassOf, propertyOf, type View } from '../../../truth/item.ts';
import { event, message } from '../../../truth/property-keys.ts';
import { type Body, bodyOf } from '../body.ts';
import { EwsError } from '../ews-error.ts';
import { rankOf } from '../profiles.ts';
import { dateTimeText, element, escapeText } from '../text.ts';
import { type Field, instantOf, type Reply, readOnlyField } from './field.ts';

/** Characters of a preview ([MS-OXWSCORE] 2.2.4.24, Preview). */
const previewMax = 255;

const flagStates = ['NotFlagged', 'Complete', 'Flagged'];

const asked = (name: string, since: Field['since'] & string, write: Field['write'], more: Partial<Field> = {}): Field =>
  readOnlyField(`item:${name}`, 'asked', write, undefined, { since, ...more });

const absent = (name: string): Field => asked(name, 'Exchange2013', () => '');

/** `UniqueBody` and its like, in the form the request wants bodies in. */
const bodyField = (name: string, since: 'Exchange2010' | 'Exchange2013', wanted: (reply: Reply) => Reply['bodyType']) =>
  asked(name, since, (view, reply) => bodyMarkup(name, bodyOf(view, wanted(reply)), reply), { singleOnly: true });

/** Whether a text was cut is said from 2013 on. */
function bodyMarkup(name: string, { type, content }: Body, { call }: Reply): string {
  const truncated = call.rank >= rankOf('Exchange2013') ? ' IsTruncated="false"' : '';
  const open = `<t:${name} BodyType="${type}"${truncated}`;
  return content === '' ? `${open}/>` : `${open}>${escapeText(content)}</t:${name}>`;
}

const flagField: Field = {
  uri: 'item:Flag',
  element: 'Flag',
  shape: 'all',
  since: 'Exchange2013',
  write(view, { call }) {
    const state = flagStates[propertyOf(view, message.flagStatus) ?? 0] ?? 'NotFlagged';
    const time = (name: string, ms: number | undefined): string =>
      ms === undefined ? '' : element(name, dateTimeText(ms, call.zone));
    const dates =
      state === 'Flagged'
        ? time('StartDate', propertyOf(view, message.commonStart)) +
          time('DueDate', propertyOf(view, message.commonEnd))
        : state === 'Complete'
          ? time('CompleteDate', propertyOf(view, message.flagCompleteTime))
          : '';
    const isMail = familyOf(itemClassOf(view)) === 'message';
    return `<t:Flag>${element('FlagStatus', state)}${isMail ? dates : ''}</t:Flag>`;
  },
  set(pending, value) {
    const { draft } = pending;
    const state = Math.max(flagStates.indexOf(childText(value, 'FlagStatus')?.trim() ?? ''), 0);
    const time = (name: string) => {
      const given = child(value, name);
      return given === undefined ? undefined : instantOf(given, pending);
    };
    const [start, due, done] = [time('StartDate'), time('DueDate'), time('CompleteDate')];
    // Dates belong to the state they describe: those of a task to a flag, the one of its end to a completed one.
    const isWrong = (state !== 2 && (start !== undefined || due !== undefined)) || (state !== 1 && done !== undefined);
    if (isWrong || (start === undefined) !== (due === undefined)) throw new EwsError('ErrorInvalidArgument');
    draft.put(message.flagStatus, state === 0 ? undefined : state);
    if (pending.family !== 'message') return;
    draft.put(message.commonStart, start);
    draft.put(message.commonEnd, due);
    draft.put(message.flagCompleteTime, state === 1 ? (done ?? pending.call.mailbox.nowMs) : undefined);
  },
  value: (view) => propertyOf(view, message.flagStatus) ?? 0,
};

/** In schema order. */
export const derivedFields: readonly Field[] = [
  bodyField('UniqueBody', 'Exchange2010', (reply) => (reply.bodyType === 'Best' ? 'HTML' : reply.bodyType)),
  flagField,
  asked('StoreEntryId', 'Exchange2010_SP2', (view, reply) => {
    const { mailbox } = reply.call;
    return element(
      'StoreEntryId',
      itemEntryId(mailbox, view.item.folder.counter, view.item.counter).toString('base64'),
    );
  }),
  readOnlyField('item:InstanceKey', 'all', (view) => element('InstanceKey', instanceKey(view)), undefined, {
    since: 'Exchange2013',
  }),
  bodyField('NormalizedBody', 'Exchange2013', (reply) => (reply.bodyType === 'Best' ? 'HTML' : reply.bodyType)),
  absent('EntityExtractionResult'),
  absent('PolicyTag'),
  absent('ArchiveTag'),
  absent('RetentionDate'),
  asked('Preview', 'Exchange2013', (view) => {
    const text = bodyOf(view, 'Text').content.replace(/\s+/g, ' ').trim().slice(0, previewMax);
    return text === '' ? '' : element('Preview', text);
  }),
  bodyField('TextBody', 'Exchange2013', () => 'Text'),
  asked('IconIndex', 'Exchange2013', (view) => element('IconIndex', iconOf(view))),
];

function instanceKey(view: View): string {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32LE(1, 0);
  bytes.writeUIntBE(view.item.folder.counter, 4, 6);
  bytes.writeUIntBE(view.item.counter, 10, 6);
  bytes.writeInt32LE(view.occurrence?.day ?? 0, 16);
  return bytes.toString('base64');
}

function iconOf(view: View): string {
  const isRecurring = view.item.series !== undefined;
  switch (familyOf(itemClassOf(view))) {
    case 'appointment': {
      const isMeeting = ((propertyOf(view, event.stateFlags) ?? 0) & 1) !== 0;
      if (isMeeting) return isRecurring ? 'AppointmentMeetRecur' : 'AppointmentMeet';
      return isRecurring ? 'AppointmentRecur' : 'AppointmentItem';
    }
    case 'task':
      return isRecurring ? 'TaskRecur' : 'TaskItem';
    case 'message':
      return view.item.isRead ? 'MailRead' : 'MailUnread';
    default:
      return 'Default';
  }
}
