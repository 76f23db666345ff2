/** Folder elements ([MS-OXWSFOLD]) under a folder shape. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import { folderEntryId } from '../../truth/entry-id.ts';
import type { Folder } from '../../truth/folder.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { Properties, type PropertyKey, type PropertyValue } from '../../truth/properties.ts';
import { folderKeys, message } from '../../truth/property-keys.ts';
import type { Call } from './call.ts';
import { isClass } from './change-keys.ts';
import { EwsFault } from './ews-error.ts';
import { type ExtendedPath, extendedValueMarkup, readExtended, readExtendedPath } from './extended.ts';
import { permissionSetMarkup } from './permissions.ts';
import { rankOf } from './profiles.ts';
import { folderIdMarkup, parentFolderMarkup } from './references.ts';
import type { BaseShape } from './shape.ts';
import { element } from './text.ts';

export type FolderElement = 'Folder' | 'CalendarFolder' | 'ContactsFolder' | 'TasksFolder' | 'SearchFolder';

export interface FolderShape {
  readonly call: Call;
  readonly base: BaseShape;
  readonly asked: ReadonlySet<string>;
  readonly extended: readonly ExtendedPath[];
  /** Permissions come with GetFolder only. */
  readonly isSingle: boolean;
}

export function readFolderShape(shape: XmlElement | undefined, call: Call, isSingle: boolean): FolderShape {
  const asked = new Set<string>();
  const extended: ExtendedPath[] = [];
  for (const path of child(shape, 'AdditionalProperties')?.children ?? []) {
    if (path.name === 'ExtendedFieldURI') extended.push(readExtendedPath(path));
    else asked.add(path.attributes.FieldURI ?? '');
  }
  if (asked.has('folder:DistinguishedFolderId') && call.rank < rankOf('Exchange2013')) {
    throw new EwsFault('ErrorIncorrectSchemaVersion');
  }
  return { call, base: (childText(shape, 'BaseShape') ?? 'Default') as BaseShape, asked, extended, isSingle };
}

/** The element a folder becomes: by its class, subclasses included. */
export function folderElementOf(folder: Folder): FolderElement {
  if (folder.isSearch) return 'SearchFolder';
  if (isClass(folder.folderClass, 'IPF.Appointment')) return 'CalendarFolder';
  if (isClass(folder.folderClass, 'IPF.Contact')) return 'ContactsFolder';
  if (isClass(folder.folderClass, 'IPF.Task')) return 'TasksFolder';
  return 'Folder';
}

export function folderMarkup(folder: Folder, shape: FolderShape): string {
  const name = folderElementOf(folder);
  const { call } = shape;
  const { mailbox } = call;
  const isPlain = name !== 'CalendarFolder' && name !== 'ContactsFolder';
  const wants = (uri: string, inDefault: boolean): boolean =>
    shape.asked.has(uri) || shape.base === 'AllProperties' || (shape.base === 'Default' && inDefault);
  const countInDefault = isPlain || call.profile.countsInCalendarFolderDefault;
  let markup = folderIdMarkup(mailbox, folder);
  if (wants('folder:ParentFolderId', false) && folder.parent !== undefined) {
    markup += parentFolderMarkup(mailbox, folder.parent);
  }
  if (wants('folder:FolderClass', false) && folder.folderClass !== '') {
    markup += element('FolderClass', folder.folderClass);
  }
  if (wants('folder:DisplayName', true)) markup += element('DisplayName', folder.name);
  if (wants('folder:TotalCount', countInDefault)) markup += element('TotalCount', String(folder.items.size));
  if (wants('folder:ChildFolderCount', true)) markup += element('ChildFolderCount', String(folder.children.length));
  for (const path of shape.extended) {
    markup += extendedValueMarkup(path, folderProperty(folder, path.key, mailbox), call.zone);
  }
  if (wants('folder:EffectiveRights', false)) markup += effectiveRights(call);
  if (shape.asked.has('folder:DistinguishedFolderId') && folder.wellKnown !== undefined) {
    markup += element('DistinguishedFolderId', folder.wellKnown);
  }
  if (shape.isSingle && wants('folder:PermissionSet', false)) {
    markup += permissionSetMarkup(folder, name === 'CalendarFolder', call);
  }
  if (isPlain && wants('folder:UnreadCount', true)) markup += element('UnreadCount', String(unreadCount(folder)));
  return `<t:${name}>${markup}</t:${name}>`;
}

/** A folder property as a MAPI reader would get it. */
export function folderProperty(folder: Folder, key: PropertyKey, mailbox: Mailbox): PropertyValue | undefined {
  switch (key) {
    case folderKeys.hidden as PropertyKey:
      return folder.hidden;
    case folderKeys.containerClass as PropertyKey:
      return folder.folderClass === '' ? undefined : folder.folderClass;
    case folderKeys.localCommitTimeMax as PropertyKey:
      return folder.committedMs;
    case folderKeys.deletedCountTotal as PropertyKey:
      return folder.deletedCount;
    case message.displayName as PropertyKey:
      return folder.name;
    case message.entryId as PropertyKey:
      return new Uint8Array(folderEntryId(mailbox, folder.counter));
    case message.parentEntryId as PropertyKey:
      return new Uint8Array(folderEntryId(mailbox, (folder.parent ?? folder).counter));
    case folderKeys.contentCount as PropertyKey:
      return folder.items.size;
    case folderKeys.unreadCount as PropertyKey:
      return unreadCount(folder);
    case folderKeys.hasSubfolders as PropertyKey:
      return folder.children.length > 0;
    default:
      return folder.properties?.get(key);
  }
}

/** Takes a property that a client gives a folder; the folder's own ones are set by their own elements. */
export function setFolderProperty(folder: Folder, property: XmlElement): void {
  const { key, value } = readExtended(property);
  if (key === (folderKeys.hidden as PropertyKey)) folder.hidden = value === true;
  else {
    folder.properties ??= new Properties();
    folder.properties.set(key, value);
  }
}

function effectiveRights(call: Call): string {
  const viewPrivate = call.rank >= rankOf('Exchange2010_SP1') ? element('ViewPrivateItems', 'true') : '';
  return `<t:EffectiveRights><t:CreateAssociated>true</t:CreateAssociated><t:CreateContents>true</t:CreateContents><t:CreateHierarchy>true</t:CreateHierarchy><t:Delete>true</t:Delete><t:Modify>true</t:Modify><t:Read>true</t:Read>${viewPrivate}</t:EffectiveRights>`;
}

export function unreadCount(folder: Folder): number {
  let count = 0;
  for (const item of folder.items.values()) {
    const itemClass = item.properties.get(message.itemClass) ?? '';
    if (!item.isRead && /^IPM\.(?:Note|Schedule)/.test(itemClass)) count += 1;
  }
  return count;
}
