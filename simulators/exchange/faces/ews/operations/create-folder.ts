/** CreateFolder ([MS-OXWSFOLD] 3.1.4.2). */
import { child, childrenNamed, childText, type XmlElement } from '#xml/reader.ts';
import type { Folder } from '../../../truth/folder.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { folderElementOf, setFolderProperty } from '../folders.ts';
import { forEachInput } from '../messages.ts';
import { setPermissions } from '../permissions.ts';
import { folderIdMarkup } from '../references.ts';
import { resolveFolderIn } from '../resolve.ts';

const classes: Readonly<Record<string, string>> = {
  Folder: '',
  CalendarFolder: 'IPF.Appointment',
  ContactsFolder: 'IPF.Contact',
  TasksFolder: 'IPF.Task',
};

export function createFolder(call: Call): string {
  const folders = child(call.request, 'Folders')?.children ?? [];
  return forEachInput('CreateFolder', folders, '<m:Folders/>', (element) => {
    const parent = resolveFolderIn(child(call.request, 'ParentFolderId'), call, 'ErrorParentFolderNotFound');
    const name = nameOf(element);
    if (element.name === 'SearchFolder') throw new EwsError('ErrorInvalidFolderTypeForOperation');
    requireFreeName(parent, name, 'ErrorFolderExists');
    const folder = call.mailbox.createFolder(
      parent,
      name,
      childText(element, 'FolderClass') ?? classes[element.name] ?? '',
    );
    for (const one of childrenNamed(element, 'ExtendedProperty')) setFolderProperty(folder, one);
    const permissions = child(element, 'PermissionSet');
    if (permissions !== undefined) setPermissions(folder, permissions, call);
    return folderAnswer(call, folder);
  });
}

/** `m:Folders` with the id alone. */
export function folderAnswer(call: Call, folder: Folder): string {
  const element = folderElementOf(folder);
  return `<m:Folders><t:${element}>${folderIdMarkup(call.mailbox, folder)}</t:${element}></m:Folders>`;
}

/** Refuses a name that a sibling already has; names are not case-sensitive. */
export function requireFreeName(parent: Folder, name: string, code: string, except?: Folder): void {
  const taken = parent.children.some((one) => one !== except && one.name.toLowerCase() === name.toLowerCase());
  if (taken) throw new EwsError(code);
}

function nameOf(element: XmlElement): string {
  const name = childText(element, 'DisplayName')?.trim() ?? '';
  if (name === '') throw new EwsError('ErrorFolderSavePropertyError');
  return name;
}
