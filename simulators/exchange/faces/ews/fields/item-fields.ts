/** Fields of the base ItemType, in schema order ([MS-OXWSCORE] 2.2.4.24). */
import { sizeOf } from '../../../truth/computed.ts';
import { attachmentsOf, familyOf, itemClassOf, propertyOf, recipientsOf, type View } from '../../../truth/item.ts';
import { message } from '../../../truth/property-keys.ts';
import { occurrences } from '../../../truth/series.ts';
import { attachmentsMarkup } from '../attachments.ts';
import { bodyOf, clearBody, setBody } from '../body.ts';
import type { Call } from '../call.ts';
import { cultureOf, localeId } from '../cultures.ts';
import { EwsError, fieldDetail } from '../ews-error.ts';
import { conversationIdText } from '../ids.ts';
import { rankOf } from '../profiles.ts';
import { itemIdMarkup, parentFolderMarkup } from '../references.ts';
import { dateTimeText, element, escapeText } from '../text.ts';
import { derivedFields } from './derived-fields.ts';
import {
  booleanField,
  choiceField,
  type Field,
  instantOf,
  integerField,
  readOnlyField,
  required,
  shown,
  textField,
  textsField,
} from './field.ts';
import { mimeMarkup } from './mime-content.ts';
import { responseObjects } from './response-objects.ts';
import { conversationOf, isReceived } from './thread-values.ts';
import { editForm, readForm } from './web-forms.ts';

export const sensitivities = ['Normal', 'Personal', 'Private', 'Confidential'];
export const importances = ['Low', 'Normal', 'High'];

const noneAbove = { view: undefined, numbers: [] };

const isFamily = (view: View, family: string): boolean => familyOf(itemClassOf(view)) === family;

const time = (
  uri: string,
  shape: Field['shape'],
  read: (view: View) => number | undefined,
  more: Partial<Field> = {},
) =>
  readOnlyField(
    uri,
    shape,
    (view, reply) => {
      const ms = read(view);
      return ms === undefined ? '' : element(uri.slice(5), dateTimeText(ms, reply.call.zone));
    },
    read,
    more,
  );

const constant = (uri: string, value: boolean | ((view: View) => boolean)): Field =>
  readOnlyField(
    uri,
    'all',
    (view) => element(uri.slice(5), String(typeof value === 'boolean' ? value : value(view))),
    (view) => (typeof value === 'boolean' ? value : value(view)),
  );

/** Everything before ExtendedProperty. */
export const itemFieldsBefore: readonly Field[] = [
  readOnlyField('item:MimeContent', 'asked', mimeMarkup, undefined, { singleOnly: true }),
  readOnlyField('item:ItemId', 'id', (view, reply) => itemIdMarkup(reply.call.mailbox, view)),
  readOnlyField('item:ParentFolderId', 'all', (view, reply) =>
    parentFolderMarkup(reply.call.mailbox, view.item.folder),
  ),
  {
    ...required(textField('item:ItemClass', 'all', message.itemClass)),
    write: (view) => element('ItemClass', itemClassOf(view)),
    value: itemClassOf,
  },
  {
    ...textField('item:Subject', 'default', message.subject),
    write: (view, reply) => {
      const subject = propertyOf(view, message.subject);
      return subject === undefined || subject === '' ? '' : element('Subject', shown(subject, reply));
    },
  },
  required(
    choiceField('item:Sensitivity', 'all', message.sensitivity, sensitivities, 0, {
      set(pending, value) {
        const code = Math.max(sensitivities.indexOf(value.text.trim()), 0);
        pending.draft.set(message.sensitivity, code);
        pending.draft.set(message.isPrivate, code >= 2);
      },
    }),
  ),
  {
    uri: 'item:Body',
    element: 'Body',
    shape: 'all',
    singleOnly: true,
    write(view, reply) {
      const body = bodyOf(view, reply.bodyType);
      const truncated = reply.call.rank >= rankOf('Exchange2013') ? ' IsTruncated="false"' : '';
      const open = `<t:Body BodyType="${body.type}"${truncated}`;
      return body.content === '' ? `${open}/>` : `${open}>${escapeText(body.content)}</t:Body>`;
    },
    set(pending, value) {
      setBody(pending.draft, { type: value.attributes.BodyType === 'HTML' ? 'HTML' : 'Text', content: value.text });
    },
    append(pending, value) {
      const view = { item: pending.draft.item, occurrence: pending.draft.occurrence };
      const type = value.attributes.BodyType === 'HTML' ? 'HTML' : 'Text';
      const before =
        view.item === undefined ? '' : bodyOf({ item: view.item, occurrence: view.occurrence }, type).content;
      setBody(pending.draft, { type, content: before + value.text });
    },
    clear: (pending) => clearBody(pending.draft),
    value: (view) => bodyOf(view, 'Text').content,
  },
  {
    uri: 'item:Attachments',
    element: 'Attachments',
    shape: 'default',
    singleOnly: true,
    write(view, { call, above = noneAbove }) {
      const place = { view: above.view ?? view, above: above.numbers };
      return attachmentsMarkup(call.mailbox, place, attachmentsOf(view), call.rank);
    },
  },
  time('item:DateTimeReceived', 'all', (view) => propertyOf(view, message.deliveryTime) ?? view.item.createdMs),
  readOnlyField(
    'item:Size',
    'all',
    (view) => element('Size', String(sizeOf(view.item))),
    (view) => sizeOf(view.item),
  ),
  textsField('item:Categories', 'all', message.categories),
  required(choiceField('item:Importance', 'all', message.importance, importances, 1)),
  textField('item:InReplyTo', 'all', message.inReplyTo),
  constant('item:IsSubmitted', false),
  constant('item:IsDraft', (view) => isFamily(view, 'contact') || ((propertyOf(view, message.flags) ?? 0) & 8) !== 0),
  constant('item:IsFromMe', false),
  constant('item:IsResend', false),
  constant('item:IsUnmodified', (view) => isFamily(view, 'message') && isReceived(view) && view.item.past.length === 0),
  time('item:DateTimeSent', 'all', (view) => propertyOf(view, message.submitTime) ?? view.item.createdMs),
  time('item:DateTimeCreated', 'all', (view) => view.item.createdMs),
  readOnlyField('item:ResponseObjects', 'all', (view) => responseObjects(view), undefined, {
    singleOnly: true,
  }),
  {
    uri: 'item:ReminderDueBy',
    element: 'ReminderDueBy',
    shape: 'all',
    write(view, reply) {
      const due = reminderDue(view, reply.call);
      return due === undefined ? '' : element('ReminderDueBy', dateTimeText(due, reply.call.zone));
    },
    set: (pending, value) => {
      const due = instantOf(value, pending);
      pending.draft.set(message.reminderTime, due);
      pending.draft.set(message.reminderSignalTime, due);
    },
  },
  required(
    booleanField('item:ReminderIsSet', 'all', message.reminderIsSet, undefined, {
      write: (view) => {
        const isSet = propertyOf(view, message.reminderIsSet) ?? (hasReminder(view) ? false : undefined);
        return isSet === undefined ? '' : element('ReminderIsSet', String(isSet));
      },
    }),
  ),
  readOnlyField(
    'item:ReminderNextTime',
    'all',
    (view, reply) => {
      const at = propertyOf(view, message.reminderSignalTime);
      if (at === undefined || propertyOf(view, message.reminderIsSet) !== true) return '';
      return element('ReminderNextTime', dateTimeText(at, reply.call.zone));
    },
    undefined,
    { since: 'Exchange2013' },
  ),
  required(
    integerField('item:ReminderMinutesBeforeStart', 'all', message.reminderMinutes, {
      write: (view) => {
        const minutes = propertyOf(view, message.reminderMinutes) ?? (hasReminder(view) ? 0 : undefined);
        return minutes === undefined ? '' : element('ReminderMinutesBeforeStart', String(minutes));
      },
    }),
  ),
  namesField('DisplayCc', 'cc'),
  namesField('DisplayTo', 'to'),
  readOnlyField(
    'item:HasAttachments',
    'default',
    (view) =>
      element('HasAttachments', String(attachmentsOf(view).some((one) => !one.isInline && !one.isContactPhoto))),
    (view) => attachmentsOf(view).length > 0,
  ),
];

/** Everything after ExtendedProperty. */
export const itemFieldsAfter: readonly Field[] = [
  {
    uri: 'item:Culture',
    element: 'Culture',
    shape: 'all',
    write: (view, reply) =>
      element('Culture', cultureOf(propertyOf(view, message.locale)) ?? reply.call.mailbox.description.culture),
    set: (pending, value) => {
      const id = localeId(value.text.trim());
      if (id === undefined) throw new EwsError('ErrorInvalidPropertySet', { details: fieldDetail('item:Culture') });
      pending.draft.set(message.locale, id);
    },
  },
  readOnlyField('item:EffectiveRights', 'all', (_view, reply) => {
    const viewPrivate = reply.call.rank >= rankOf('Exchange2010_SP1') ? element('ViewPrivateItems', 'true') : '';
    return `<t:EffectiveRights><t:CreateAssociated>false</t:CreateAssociated><t:CreateContents>false</t:CreateContents><t:CreateHierarchy>false</t:CreateHierarchy><t:Delete>true</t:Delete><t:Modify>true</t:Modify><t:Read>true</t:Read>${viewPrivate}</t:EffectiveRights>`;
  }),
  readOnlyField(
    'item:LastModifiedName',
    'all',
    (view) => element('LastModifiedName', view.item.modifiedBy),
    (view) => view.item.modifiedBy,
  ),
  time('item:LastModifiedTime', 'all', (view) => view.item.modifiedMs),
  readOnlyField(
    'item:IsAssociated',
    'all',
    (view) => element('IsAssociated', String(view.item.associated)),
    (view) => view.item.associated,
    { since: 'Exchange2010' },
  ),
  readOnlyField('item:WebClientReadFormQueryString', 'all', (view, reply) => readForm(view, reply.call), undefined, {
    since: 'Exchange2010',
  }),
  readOnlyField('item:WebClientEditFormQueryString', 'all', (view, reply) => editForm(view, reply.call), undefined, {
    since: 'Exchange2010',
  }),
  readOnlyField(
    'item:ConversationId',
    'all',
    (view, reply) =>
      `<t:ConversationId Id="${conversationIdText(reply.call.mailbox, conversationOf(view, reply.call.mailbox))}"/>`,
    undefined,
    { since: 'Exchange2010' },
  ),
  ...derivedFields,
];

function hasReminder(view: View): boolean {
  return isFamily(view, 'appointment') || isFamily(view, 'task');
}

/** The next due time of a living series is that of its next occurrence. It stays when a reminder is switched off. */
function reminderDue(view: View, call: Call): number | undefined {
  const due = propertyOf(view, message.reminderTime);
  if (due === undefined) return undefined;
  const { item, occurrence } = view;
  if (item.series?.kind !== 'appointment') return due;
  if (occurrence !== undefined) return due;
  const nowMs = call.server.ports.clock.now();
  for (const one of occurrences(item.series)) if (one.endMs > nowMs) return one.startMs;
  return due;
}

function namesField(name: string, kind: 'to' | 'cc'): Field {
  return readOnlyField(
    `item:${name}`,
    'all',
    (view, reply) => element(name, shown(namesOf(view, kind), reply)),
    (view) => namesOf(view, kind),
  );
}

function namesOf(view: View, kind: 'to' | 'cc'): string {
  return recipientsOf(view)
    .filter((one) => one.kind === kind)
    .map((one) => one.name)
    .join('; ');
}
