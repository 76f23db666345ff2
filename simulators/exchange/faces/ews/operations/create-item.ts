/** CreateItem ([MS-OXWSCORE] 3.1.4.2): several new items, of mixed kinds, into one folder. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import type { Folder, WellKnownName } from '../../../truth/folder.ts';
import { familyOf, type Item } from '../../../truth/item.ts';
import { message } from '../../../truth/property-keys.ts';
import { type Call, writerOf } from '../call.ts';
import { isClass } from '../change-keys.ts';
import { EwsError } from '../ews-error.ts';
import { defaultClasses, type ItemType, itemTypeOf, typeOfClass } from '../item-types.ts';
import { inviteAttendees, noRecipientsError, sendSaved, unsentFlag } from '../meetings.ts';
import { forEachInput } from '../messages.ts';
import { Pending } from '../pending.ts';
import { readAttachments } from '../read-attachments.ts';
import { itemIdMarkup } from '../references.ts';
import { resolveFolderIn } from '../resolve.ts';
import { respond, responseObjectNames } from '../respond.ts';
import { strikeItem, strikeWritten } from '../strikes.ts';
import { readNewItem } from '../write-item.ts';
import { newAttachmentMarkup } from './create-attachment.ts';

export function createItem(call: Call): string {
  const items = child(call.request, 'Items')?.children ?? [];
  return forEachInput('CreateItem', items, '<m:Items/>', (element, index) => {
    strikeItem(call, index);
    if (responseObjectNames.has(element.name)) {
      const made = respond(element, call);
      return made === '' ? '<m:Items/>' : `<m:Items>${made}</m:Items>`;
    }
    const item = createOne(element, call);
    if (item === undefined) return '<m:Items/>';
    const view = { item, occurrence: undefined };
    const type = itemTypeOf(view);
    const attached = item.attachments.map((one) => newAttachmentMarkup(view, one, call)).join('');
    const list = attached === '' ? '' : `<t:Attachments>${attached}</t:Attachments>`;
    strikeWritten(call, item, index);
    return `<m:Items><t:${type}>${itemIdMarkup(call.mailbox, view)}${list}</t:${type}></m:Items>`;
  });
}

/** The item made; undefined when it was sent and no copy kept. */
function createOne(element: XmlElement, call: Call): Item | undefined {
  const type = (element.name in defaultClasses ? element.name : 'Message') as ItemType;
  requireAttributes(type, call);
  const itemClass = childText(element, 'ItemClass')?.trim() || defaultClasses[type];
  if (typeOfClass(itemClass) !== type && type !== 'Item') throw new EwsError('ErrorObjectTypeChanged');
  const folder = targetFolder(type, call);
  const pending = new Pending(call, familyOf(itemClass));
  pending.draft.set(message.itemClass, itemClass);
  readNewItem(pending, type, element);
  const attachments = child(element, 'Attachments');
  if (attachments !== undefined) pending.draft.attachments = readAttachments(attachments, 1, call);
  pending.complete();
  const disposition = call.request.attributes.MessageDisposition;
  if (type === 'Message') {
    if (disposition !== 'SaveOnly' && pending.draft.recipients.length === 0) throw noRecipientsError();
    // What is saved unsent is a draft, unless the request brings flags of its own.
    if (pending.draft.get(message.flags) === undefined) pending.draft.set(message.flags, unsentFlag);
  }
  const item = call.mailbox.create(folder, pending.draft, writerOf(call));
  if (type === 'CalendarItem') inviteAttendees(item, call, call.request.attributes.SendMeetingInvitations);
  if (type !== 'Message') return item;
  item.isRead = pending.isRead ?? true;
  if (disposition === 'SaveOnly') return item;
  const named = child(call.request, 'SavedItemFolderId') === undefined ? undefined : folder;
  return sendSaved(item, call, disposition === 'SendAndSaveCopy', named);
}

function requireAttributes(type: ItemType, call: Call): void {
  const { SendMeetingInvitations, MessageDisposition } = call.request.attributes;
  if (type === 'CalendarItem' && SendMeetingInvitations === undefined) {
    throw new EwsError('ErrorSendMeetingInvitationsRequired');
  }
  if (type === 'Message' && MessageDisposition === undefined) throw new EwsError('ErrorMessageDispositionRequired');
}

const homes: Readonly<Partial<Record<ItemType, { folder: WellKnownName; base: string; refusal: string }>>> = {
  CalendarItem: {
    folder: 'calendar',
    base: 'IPF.Appointment',
    refusal: 'ErrorCannotCreateCalendarItemInNonCalendarFolder',
  },
  Contact: { folder: 'contacts', base: 'IPF.Contact', refusal: 'ErrorCannotCreateContactInNonContactFolder' },
  DistributionList: { folder: 'contacts', base: 'IPF.Contact', refusal: 'ErrorCannotCreateContactInNonContactFolder' },
  Task: { folder: 'tasks', base: 'IPF.Task', refusal: 'ErrorCannotCreateTaskInNonTaskFolder' },
};

/** The named folder, or the home of the kind; kinds with a home go to no folder of another class. */
function targetFolder(type: ItemType, call: Call): Folder {
  const home = homes[type];
  const wrapper = child(call.request, 'SavedItemFolderId');
  if (wrapper === undefined) return call.mailbox.wellKnown(home?.folder ?? 'drafts');
  const folder = resolveFolderIn(wrapper, call, 'ErrorFolderNotFound');
  if (home !== undefined && !isClass(folder.folderClass, home.base)) throw new EwsError(home.refusal);
  return folder;
}
