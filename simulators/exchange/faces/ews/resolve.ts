/** From ids in requests to folders and items. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import type { Folder } from '../../truth/folder.ts';
import type { Item, View } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { occursOn } from '../../truth/recurrence.ts';
import { dayOfIndex, occurrenceOn } from '../../truth/series.ts';
import type { Call } from './call.ts';
import { readChangeKey } from './change-keys.ts';
import { isHidden, requirePermission } from './delegate-access.ts';
import { EwsError, valueDetail } from './ews-error.ts';
import { type EwsId, readId } from './ids.ts';

/** An item that a request names, with the change number of the key it sent (undefined when it sent none). */
export interface ResolvedItem {
  readonly view: View;
  readonly change: number | undefined;
}

/** Finds what an ItemId, OccurrenceItemId or RecurringMasterItemId names. */
export function resolveItem(reference: XmlElement, call: Call): ResolvedItem {
  switch (reference.name) {
    case 'OccurrenceItemId':
      return resolveOccurrence(reference, call);
    case 'RecurringMasterItemId':
      return resolveMaster(reference, call);
    default: {
      const change = changeOf(reference);
      const id = idOf(reference.attributes.Id);
      if (id.kind === 'folder') throw new EwsError('ErrorCannotUseFolderIdForItemId');
      return { view: viewOf(id, call), change };
    }
  }
}

/** Finds a folder named by FolderId or DistinguishedFolderId; `missing` is the code when it does not exist. */
export function resolveFolder(reference: XmlElement, call: Call, missing = 'ErrorItemNotFound'): Folder {
  const folder = folderOf(reference, call, missing);
  requirePermission(call, folder);
  return folder;
}

function folderOf(reference: XmlElement, call: Call, missing: string): Folder {
  if (reference.name === 'DistinguishedFolderId') return distinguishedFolder(reference, call, missing);
  const id = idOf(reference.attributes.Id);
  changeOf(reference);
  if (id.kind !== 'folder') throw new EwsError('ErrorCannotUseItemIdForFolderId');
  const folder = mailboxOf(id, call, missing).folders.get(id.folder);
  if (folder === undefined) throw new EwsError(missing);
  return folder;
}

/** The folder inside a wrapper such as m:SyncFolderId. */
export function resolveFolderIn(wrapper: XmlElement | undefined, call: Call, missing?: string): Folder {
  const reference = wrapper?.children[0];
  if (reference === undefined) throw new EwsError('ErrorInvalidIdEmpty');
  return resolveFolder(reference, call, missing);
}

/** Reads any id; refuses what is not one. */
export function idOf(text: string | undefined): EwsId {
  if (text === undefined || text === '') throw new EwsError('ErrorInvalidIdEmpty');
  const id = readId(text);
  if (id === undefined) throw new EwsError('ErrorInvalidIdMalformed');
  return id;
}

/** The item of an id in the acting mailbox. */
export function itemOf(id: Exclude<EwsId, { kind: 'folder' }>, call: Call): Item {
  const item = mailboxOf(id, call, 'ErrorItemNotFound').item(id.folder, id.item);
  if (item === undefined || isHidden(call, item)) throw new EwsError('ErrorItemNotFound');
  requirePermission(call, item.folder);
  return item;
}

function changeOf(reference: XmlElement): number | undefined {
  const text = reference.attributes.ChangeKey;
  if (text === undefined || text === '') return undefined;
  const change = readChangeKey(text);
  if (change === undefined) throw new EwsError('ErrorInvalidChangeKey');
  return change;
}

/** The item or occurrence of an id in the acting mailbox. */
export function viewOf(id: Exclude<EwsId, { kind: 'folder' }>, call: Call): View {
  const item = itemOf(id, call);
  if (id.kind === 'item') return { item, occurrence: undefined };
  const { series } = item;
  if (series?.kind !== 'appointment' || series.deleted.has(id.day) || !occursOn(series.rule, id.day)) {
    throw new EwsError('ErrorItemNotFound');
  }
  return { item, occurrence: occurrenceOn(series, id.day) };
}

function resolveOccurrence(reference: XmlElement, call: Call): ResolvedItem {
  const change = changeOf(reference);
  const id = idOf(reference.attributes.RecurringMasterId);
  if (id.kind !== 'item') throw new EwsError('ErrorCalendarCannotUseIdForRecurringMasterId');
  const item = itemOf(id, call);
  const { series } = item;
  if (series?.kind !== 'appointment') throw new EwsError('ErrorCalendarCannotUseIdForRecurringMasterId');
  const day = dayOfIndex(series.rule, Number(reference.attributes.InstanceIndex));
  if (day === undefined) throw new EwsError('ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange');
  if (series.deleted.has(day)) throw new EwsError('ErrorCalendarOccurrenceIsDeletedFromRecurrence');
  return { view: { item, occurrence: occurrenceOn(series, day) }, change };
}

function resolveMaster(reference: XmlElement, call: Call): ResolvedItem {
  const change = changeOf(reference);
  const id = idOf(reference.attributes.OccurrenceId);
  if (id.kind !== 'occurrence') throw new EwsError('ErrorCalendarCannotUseIdForOccurrenceId');
  return { view: { item: itemOf(id, call), occurrence: undefined }, change };
}

function distinguishedFolder(reference: XmlElement, call: Call, missing: string): Folder {
  const mailbox = child(reference, 'Mailbox');
  const address = childText(mailbox, 'EmailAddress')?.trim();
  if (address !== undefined) {
    const other = call.server.truth.mailbox(address);
    if (other === undefined) {
      throw new EwsError('ErrorNonExistentMailbox', { details: valueDetail('SmtpAddress', address) });
    }
    // Of calendars everybody may know that they exist, of other folders nobody.
    if (other !== call.mailbox) {
      throw new EwsError(reference.attributes.Id === 'calendar' ? 'ErrorAccessDenied' : 'ErrorFolderNotFound');
    }
  }
  if (reference.attributes.Id === 'publicfoldersroot') throw new EwsError('ErrorNoPublicFolderReplicaAvailable');
  const folder = call.mailbox.findWellKnown(reference.attributes.Id ?? '');
  if (folder === undefined) throw new EwsError(missing === 'ErrorItemNotFound' ? 'ErrorFolderNotFound' : missing);
  return folder;
}

/** The acting mailbox when the id is one of its own. */
function mailboxOf(id: EwsId, call: Call, missing: string): Mailbox {
  if (id.guid === call.mailbox.guid) return call.mailbox;
  if (call.server.truth.mailboxByGuid(id.guid) !== undefined) throw new EwsError(missing);
  throw new EwsError('ErrorNonExistentMailbox', {
    text: 'No mailbox with such guid.',
    details: valueDetail('MailboxGuid', id.guid),
  });
}
