/** PermissionSet of folders ([MS-OXWSFOLD] 2.2.4.15): who may do what. It is kept and told; delegates' rights are what counts. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { sidOf } from '../../sign-in/directory.ts';
import type { Folder, FolderPermission } from '../../truth/folder.ts';
import type { Call } from './call.ts';
import { isClass } from './change-keys.ts';
import { EwsError } from './ews-error.ts';
import { element } from './text.ts';

/** Flags in schema order, and what the named levels mean ([MS-OXCPERM] 2.2.7, as the service documents them). */
const flagNames = [
  'CanCreateItems',
  'CanCreateSubFolders',
  'IsFolderOwner',
  'IsFolderVisible',
  'IsFolderContact',
] as const;
const scopeNames = ['EditItems', 'DeleteItems', 'ReadItems'] as const;

const level = (flags: string, edit: string, remove: string, read: string): FolderPermission['rights'] => ({
  ...Object.fromEntries(flagNames.map((name, at) => [name, String(flags[at] === '1')])),
  EditItems: edit,
  DeleteItems: remove,
  ReadItems: read,
});

const levels: Readonly<Record<string, FolderPermission['rights']>> = {
  None: level('00000', 'None', 'None', 'None'),
  FreeBusyTimeOnly: level('00000', 'None', 'None', 'TimeOnly'),
  FreeBusyTimeAndSubjectAndLocation: level('00000', 'None', 'None', 'TimeAndSubjectAndLocation'),
  Contributor: level('10010', 'None', 'None', 'None'),
  Reviewer: level('00010', 'None', 'None', 'FullDetails'),
  NoneditingAuthor: level('10010', 'None', 'Owned', 'FullDetails'),
  Author: level('10010', 'Owned', 'Owned', 'FullDetails'),
  PublishingAuthor: level('11010', 'Owned', 'Owned', 'FullDetails'),
  Editor: level('10010', 'All', 'All', 'FullDetails'),
  PublishingEditor: level('11010', 'All', 'All', 'FullDetails'),
  Owner: level('11111', 'All', 'All', 'FullDetails'),
};

export function permissionSetMarkup(folder: Folder, isCalendar: boolean, call: Call): string {
  const kind = isCalendar ? 'CalendarPermission' : 'Permission';
  const list = folder.permissions ?? [
    { user: 'Default', level: isCalendar ? 'FreeBusyTimeOnly' : 'None' },
    { user: 'Anonymous', level: 'None' },
  ];
  const entries = list.map(
    ({ user, level: name, rights }: Partial<FolderPermission> & { user: string; level: string }) => {
      const held = rights ?? levels[name] ?? {};
      const told = [...flagNames, ...scopeNames].map((right) => element(right, held[right] ?? 'None')).join('');
      return `<t:${kind}>${userMarkup(user, call)}${told}${element(`${kind}Level`, name)}</t:${kind}>`;
    },
  );
  return `<t:PermissionSet><t:${kind}s>${entries.join('')}</t:${kind}s></t:PermissionSet>`;
}

/** Replaces a folder's permissions by those of a PermissionSet element. */
export function setPermissions(folder: Folder, set: XmlElement, call: Call): void {
  const isCalendar = child(set, 'CalendarPermissions') !== undefined;
  if (isCalendar !== isClass(folder.folderClass, 'IPF.Appointment')) {
    const kind = isCalendar ? 'CalendarPermissionOnNonCalendarFolder' : 'NonCalendarPermissionOnCalendarFolder';
    throw new EwsError(`ErrorCannotSet${kind}`);
  }
  const list = (child(set, 'Permissions') ?? child(set, 'CalendarPermissions'))?.children ?? [];
  const read = list.map((one) => readPermission(one, isCalendar, call));
  const users = new Set(read.map((one) => one.user.toLowerCase()));
  if (users.size < read.length) throw new EwsError('ErrorDuplicateUserIdsSpecified');
  folder.permissions = read;
}

function readPermission(entry: XmlElement, isCalendar: boolean, call: Call): FolderPermission {
  const id = child(entry, 'UserId');
  const distinguished = childText(id, 'DistinguishedUser')?.trim();
  const address = childText(id, 'PrimarySmtpAddress')?.trim() ?? '';
  const mailbox = call.server.truth.mailbox(address);
  if (distinguished === undefined && mailbox === undefined) throw new EwsError('ErrorMissingUserIdInformation');
  const name = childText(entry, isCalendar ? 'CalendarPermissionLevel' : 'PermissionLevel')?.trim() ?? 'None';
  const given = Object.fromEntries(
    [...flagNames, ...scopeNames].flatMap((right) => {
      const text = childText(entry, right)?.trim();
      return text === undefined ? [] : [[right, text]];
    }),
  );
  // A named level stands for its rights; rights of one's own need the level Custom.
  if (name !== 'Custom' && Object.keys(given).length > 0) throw new EwsError('ErrorInvalidPermissionSettings');
  const base = name === 'Custom' ? { ...levels.None, ...given } : (levels[name] ?? {});
  return { user: distinguished ?? mailbox?.address ?? address, level: name, rights: base };
}

function userMarkup(user: string, call: Call): string {
  if (user === 'Default' || user === 'Anonymous') {
    return `<t:UserId>${element('DistinguishedUser', user)}</t:UserId>`;
  }
  const name = call.server.truth.mailbox(user)?.description.displayName ?? user;
  return `<t:UserId>${element('SID', sidOf(user))}${element('PrimarySmtpAddress', user)}${element('DisplayName', name)}</t:UserId>`;
}
