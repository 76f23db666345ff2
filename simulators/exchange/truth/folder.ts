/** Folders: the tree, the well-known ones, and what each remembers of messages that left it. */
import type { Item } from './item.ts';
import type { Properties } from './properties.ts';

/** What somebody may do in a folder. */
export interface FolderPermission {
  /** An address, `Default` or `Anonymous`. */
  readonly user: string;
  readonly level: string;
  /** Single rights by name, as the service words them. */
  readonly rights: Readonly<Record<string, string>>;
}

export interface Folder {
  /** 48-bit number in the store; stays when the folder is moved or renamed. */
  readonly counter: number;
  parent: Folder | undefined;
  name: string;
  /** IPF.… ; empty for a folder without a class. */
  folderClass: string;
  readonly wellKnown: WellKnownName | undefined;
  readonly isSearch: boolean;
  hidden: boolean;
  /** Permissions that somebody set; absent for those every folder begins with. */
  permissions?: readonly FolderPermission[] | undefined;
  /** Properties that clients gave it, beside its own. */
  properties?: Properties | undefined;
  /** Store-wide number of the last change of the folder itself (not of its contents). */
  change: number;
  /** Store-wide number of the last change of anything inside. */
  contentsChange: number;
  /** UTC milliseconds of the last change inside (PidTagLocalCommitTimeMax). */
  committedMs: number;
  /** Messages ever removed (PidTagDeletedCountTotal). */
  deletedCount: number;
  readonly items: Map<number, Item>;
  /** Folder-associated messages. */
  readonly associated: Map<number, Item>;
  /** Removed messages as pairs: number of the message, number of the change that removed it. */
  readonly removed: number[];
  readonly children: Folder[];
}

/** Names that EWS calls distinguished folder ids, each with its place, display name and class. */
export const wellKnownFolders = [
  folder('root', undefined, '', ''),
  folder('msgfolderroot', 'root', 'Top of Information Store', ''),
  folder('searchfolders', 'root', 'Finder', ''),
  folder('recoverableitemsroot', 'root', 'Recoverable Items', ''),
  folder('recoverableitemsdeletions', 'recoverableitemsroot', 'Deletions', ''),
  folder('recoverableitemsversions', 'recoverableitemsroot', 'Versions', ''),
  folder('recoverableitemspurges', 'recoverableitemsroot', 'Purges', ''),
  folder('calendar', 'msgfolderroot', 'Calendar', 'IPF.Appointment'),
  folder('contacts', 'msgfolderroot', 'Contacts', 'IPF.Contact'),
  folder('conversationhistory', 'msgfolderroot', 'Conversation History', 'IPF.Note'),
  folder('deleteditems', 'msgfolderroot', 'Deleted Items', 'IPF.Note'),
  folder('drafts', 'msgfolderroot', 'Drafts', 'IPF.Note'),
  folder('inbox', 'msgfolderroot', 'Inbox', 'IPF.Note'),
  folder('journal', 'msgfolderroot', 'Journal', 'IPF.Journal'),
  folder('junkemail', 'msgfolderroot', 'Junk Email', 'IPF.Note'),
  folder('notes', 'msgfolderroot', 'Notes', 'IPF.StickyNote'),
  folder('outbox', 'msgfolderroot', 'Outbox', 'IPF.Note'),
  folder('sentitems', 'msgfolderroot', 'Sent Items', 'IPF.Note'),
  folder('tasks', 'msgfolderroot', 'Tasks', 'IPF.Task'),
  folder('imcontactlist', 'contacts', '{A9E2BC46-B3A0-4243-B315-60D991004455}', 'IPF.Contact.MOC.ImContactList', true),
  folder('quickcontacts', 'contacts', '{06967759-274D-40B2-A3EB-D7F9E73727D7}', 'IPF.Contact.MOC.QuickContacts', true),
  folder('galcontacts', 'contacts', 'GAL Contacts', 'IPF.Contact.GalContacts', true),
  folder('recipientcache', 'contacts', 'Recipient Cache', 'IPF.Contact.RecipientCache', true),
] as const;

export type WellKnownName = (typeof wellKnownFolders)[number]['id'];

export interface WellKnownFolder<Id extends string = string> {
  readonly id: Id;
  readonly parent: string | undefined;
  readonly name: string;
  readonly folderClass: string;
  readonly hidden: boolean;
}

function folder<Id extends string>(
  id: Id,
  parent: string | undefined,
  name: string,
  folderClass: string,
  hidden = false,
): WellKnownFolder<Id> {
  return { id, parent, name, folderClass, hidden };
}

/** Whether `folder` is `ancestor` or lies below it. */
export function isWithin(folder: Folder, ancestor: Folder): boolean {
  for (let at: Folder | undefined = folder; at !== undefined; at = at.parent) if (at === ancestor) return true;
  return false;
}
