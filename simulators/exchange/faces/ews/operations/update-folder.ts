/** UpdateFolder ([MS-OXWSFOLD] 3.1.4.9): names, classes, permissions and properties. */
import { child, type XmlElement } from '#xml/reader.ts';
import type { Folder } from '../../../truth/folder.ts';
import type { Call } from '../call.ts';
import { EwsError, fieldDetail } from '../ews-error.ts';
import { readExtendedPath } from '../extended.ts';
import { setFolderProperty } from '../folders.ts';
import { forEachInput } from '../messages.ts';
import { setPermissions } from '../permissions.ts';
import { resolveFolder } from '../resolve.ts';
import { folderAnswer, requireFreeName } from './create-folder.ts';

export function updateFolder(call: Call): string {
  const changes = child(call.request, 'FolderChanges')?.children ?? [];
  return forEachInput('UpdateFolder', changes, '<m:Folders/>', (change) => {
    const [reference] = change.children;
    if (reference === undefined) throw new EwsError('ErrorInvalidIdEmpty');
    const folder = resolveFolder(reference, call);
    for (const update of child(change, 'Updates')?.children ?? []) apply(folder, update, call);
    call.mailbox.touchFolder(folder);
    return folderAnswer(call, folder);
  });
}

function apply(folder: Folder, update: XmlElement, call: Call): void {
  const [path, holder] = update.children;
  if (path === undefined) throw new EwsError('ErrorIncorrectUpdatePropertyCount');
  const uri = path.attributes.FieldURI ?? '';
  const details = fieldDetail(uri);
  if (update.name === 'DeleteFolderField') {
    if (path.name !== 'ExtendedFieldURI') throw new EwsError('ErrorInvalidPropertyDelete', { details });
    folder.properties?.delete(readExtendedPath(path).key);
    return;
  }
  if (update.name === 'AppendToFolderField') throw new EwsError('ErrorInvalidPropertyAppend', { details });
  if (holder?.children.length !== 1) throw new EwsError('ErrorIncorrectUpdatePropertyCount');
  const value = holder.children[0] as XmlElement;
  if (path.name === 'ExtendedFieldURI') {
    if (value.name !== 'ExtendedProperty') throw new EwsError('ErrorUpdatePropertyMismatch');
    setFolderProperty(folder, value);
    return;
  }
  if (uri !== `folder:${value.name}`) throw new EwsError('ErrorUpdatePropertyMismatch', { details });
  switch (uri) {
    case 'folder:DisplayName':
      rename(folder, value.text.trim(), details);
      return;
    case 'folder:FolderClass':
      reclassify(folder, value.text.trim(), details);
      return;
    case 'folder:PermissionSet':
      setPermissions(folder, value, call);
      return;
    default:
      throw new EwsError('ErrorInvalidPropertySet', { details });
  }
}

function rename(folder: Folder, name: string, details: string): void {
  if (name === '' || folder.wellKnown !== undefined) throw new EwsError('ErrorFolderSavePropertyError', { details });
  if (folder.parent !== undefined) requireFreeName(folder.parent, name, 'ErrorFolderExists', folder);
  folder.name = name;
}

/** A class may become a narrower one of the same kind; a folder's kind is fixed when it is made. */
function reclassify(folder: Folder, wanted: string, details: string): void {
  const base = (name: string): string => name.split('.').slice(0, 2).join('.').toLowerCase();
  if (folder.folderClass !== '' && base(folder.folderClass) !== base(wanted)) {
    throw new EwsError('ErrorObjectTypeChanged', { details });
  }
  folder.folderClass = wanted;
}
