/** UpdateItem ([MS-OXWSCORE] 3.1.4.9): property by property, in order, with the conflict check of the chosen mode. */
import { child, type XmlElement } from '#xml/reader.ts';
import { type Item, recipientsOf } from '../../../truth/item.ts';
import { splitCompleted } from '../../../truth/task-rules.ts';
import { type Call, writerOf } from '../call.ts';
import { shortKey } from '../change-keys.ts';
import { type ConflictMode, checkConflict, requireKey } from '../conflict.ts';
import { EwsError, fieldDetail, indexedFieldDetail } from '../ews-error.ts';
import { readExtendedPath, setExtended } from '../extended.ts';
import { entryKeys, entryPaths, setEntry } from '../fields/contact-fields.ts';
import { deleteMember, memberPath } from '../fields/distribution-list-fields.ts';
import { fieldOfPath, type ItemType, itemTypeOf } from '../item-types.ts';
import { noRecipientsError, sendSaved, updateAttendees } from '../meetings.ts';
import { forEachInput } from '../messages.ts';
import { Pending } from '../pending.ts';
import { itemIdMarkup, itemReference } from '../references.ts';
import { resolveItem } from '../resolve.ts';
import { strikeConflict, strikeItem, strikeWritten } from '../strikes.ts';
import { setField } from '../write-item.ts';

export function updateItem(call: Call): string {
  const changes = child(call.request, 'ItemChanges')?.children ?? [];
  const mode = (call.request.attributes.ConflictResolution ?? 'AutoResolve') as ConflictMode;
  return forEachInput('UpdateItem', changes, '<m:Items/>', (change, index) => {
    strikeItem(call, index);
    return updateOne(change, mode, call, index);
  });
}

function updateOne(change: XmlElement, mode: ConflictMode, call: Call, index: number): string {
  const [reference] = change.children;
  if (reference === undefined) throw new EwsError('ErrorInvalidIdEmpty');
  const { view, change: knownChange } = resolveItem(reference, call);
  const { item } = view;
  const type = itemTypeOf(view);
  strikeConflict(call, item, index);
  requireKey(knownChange, mode, item);
  const { SendMeetingInvitationsOrCancellations: send } = call.request.attributes;
  if (type === 'CalendarItem' && send === undefined) {
    throw new EwsError('ErrorSendMeetingInvitationsOrCancellationsRequired');
  }
  if (type === 'Message' && call.request.attributes.MessageDisposition === undefined) {
    throw new EwsError('ErrorMessageDispositionRequired');
  }
  const attendees = recipientsOf(view);
  const pending = Pending.of(call, view);
  for (const one of child(change, 'Updates')?.children ?? []) applyUpdate(pending, type, one);
  pending.complete();
  checkConflict(knownChange, mode, item, pending.draft.touched);
  const copy = pending.family === 'task' ? splitCompleted(pending.draft, item, call.mailbox) : undefined;
  const isReadOnly = pending.isRead !== undefined && pending.draft.touched.size === 0;
  if (pending.isRead !== undefined) call.mailbox.setRead(item, pending.isRead);
  call.mailbox.update(pending.draft, writerOf(call));
  const { MessageDisposition: disposition = 'SaveOnly' } = call.request.attributes;
  if (type === 'Message' && disposition !== 'SaveOnly') return sent(item, disposition, call);
  if (type === 'CalendarItem') updateAttendees(attendees, view, pending.draft.touched, call, send);
  const done = copy === undefined ? undefined : call.mailbox.create(item.folder, copy, writerOf(call));
  const id = isReadOnly
    ? itemReference('ItemId', call.mailbox, item, shortKey(9))
    : itemIdMarkup(call.mailbox, done === undefined ? view : { item: done, occurrence: undefined });
  strikeWritten(call, item, index);
  return `<m:Items><t:${type}>${id}</t:${type}></m:Items><m:ConflictResults><t:Count>0</t:Count></m:ConflictResults>`;
}

/** A draft that was changed and sent in one go. */
function sent(item: Item, disposition: string, call: Call): string {
  if (item.recipients.length === 0) throw noRecipientsError();
  const copy = sendSaved(item, call, disposition === 'SendAndSaveCopy');
  const items =
    copy === undefined
      ? '<m:Items/>'
      : `<m:Items><t:Message>${itemIdMarkup(call.mailbox, { item: copy, occurrence: undefined })}</t:Message></m:Items>`;
  return `${items}<m:ConflictResults><t:Count>0</t:Count></m:ConflictResults>`;
}

function applyUpdate(pending: Pending, type: ItemType, update: XmlElement): void {
  const [path, holder] = update.children;
  if (path === undefined) throw new EwsError('ErrorIncorrectUpdatePropertyCount');
  if (update.name === 'DeleteItemField') {
    deletePath(pending, type, path);
    return;
  }
  if (holder === undefined || holder.children.length !== 1) throw new EwsError('ErrorIncorrectUpdatePropertyCount');
  const value = holder.children[0] as XmlElement;
  const isAppend = update.name === 'AppendToItemField';
  switch (path.name) {
    case 'ExtendedFieldURI':
      setExtendedPath(pending, path, value, isAppend);
      return;
    case 'IndexedFieldURI':
      setIndexedPath(pending, path, value, isAppend);
      return;
    default: {
      const uri = path.attributes.FieldURI ?? '';
      const field = fieldOfPath(type, uri);
      if (field === undefined) throw new EwsError('ErrorInvalidPropertyRequest', { details: fieldDetail(uri) });
      if (field.element !== value.name)
        throw new EwsError('ErrorUpdatePropertyMismatch', { details: fieldDetail(uri) });
      if (!isAppend) setField(pending, field, value, holder.name);
      else if (field.append === undefined)
        throw new EwsError('ErrorInvalidPropertyAppend', { details: fieldDetail(uri) });
      else field.append(pending, value);
    }
  }
}

function setExtendedPath(pending: Pending, path: XmlElement, value: XmlElement, isAppend: boolean): void {
  const { key, markup } = readExtendedPath(path);
  if (isAppend) throw new EwsError('ErrorInvalidPropertyAppend', { details: markup });
  const inside = value.name === 'ExtendedProperty' ? value.children[0] : undefined;
  if (inside === undefined || readExtendedPath(inside).key !== key) throw new EwsError('ErrorUpdatePropertyMismatch');
  setExtended(pending, value);
}

function setIndexedPath(pending: Pending, path: XmlElement, value: XmlElement, isAppend: boolean): void {
  const uri = path.attributes.FieldURI ?? '';
  const index = path.attributes.FieldIndex ?? '';
  const details = indexedFieldDetail(uri, index);
  if (isAppend) throw new EwsError('ErrorInvalidPropertyAppend', { details });
  const dictionary = entryPaths[uri]?.split(':')[1];
  if (dictionary === undefined || pending.family !== 'contact')
    throw new EwsError('ErrorInvalidPropertyRequest', { details });
  const [entry] = value.children;
  if (value.name !== dictionary || value.children.length !== 1 || entry?.attributes.Key !== index) {
    throw new EwsError('ErrorUpdatePropertyMismatch', { details });
  }
  setEntry(pending, uri, index, entry);
}

function deletePath(pending: Pending, type: ItemType, path: XmlElement): void {
  if (path.name === 'ExtendedFieldURI') {
    pending.draft.delete(readExtendedPath(path).key);
    return;
  }
  const uri = path.attributes.FieldURI ?? '';
  if (path.name === 'IndexedFieldURI') {
    const index = path.attributes.FieldIndex ?? '';
    if (uri === memberPath) {
      if (!deleteMember(pending, index)) throw new EwsError('ErrorDistributionListMemberNotExist');
      return;
    }
    const keys = pending.family === 'contact' ? entryKeys(uri, index) : undefined;
    if (keys === undefined)
      throw new EwsError('ErrorInvalidPropertyDelete', { details: indexedFieldDetail(uri, index) });
    for (const key of keys) pending.draft.delete(key);
    return;
  }
  const field = fieldOfPath(type, uri);
  if (field === undefined) throw new EwsError('ErrorInvalidPropertyRequest', { details: fieldDetail(uri) });
  if (field.clear === undefined) throw new EwsError('ErrorInvalidPropertyDelete', { details: fieldDetail(uri) });
  field.clear(pending);
}
