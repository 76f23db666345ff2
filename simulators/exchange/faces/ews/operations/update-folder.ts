/** UpdateFolder ([MS-OXWSFOLD] 3.1.4.9): renaming and reclassifying. */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import type { Folder } from '../../../truth/folder.ts';
import type { Call } from '../call.ts';
import { EwsError, fieldDetail } from '../ews-error.ts';
import { forEachInput } from '../messages.ts';
import { resolveFolder } from '../resolve.ts';
import { folderAnswer, requireFreeName } from './create-folder.ts';

export function updateFolder(call: Call): string {
  const changes = child(call.request, 'FolderChanges')?.children ?? [];
  return forEachInput('UpdateFolder', changes, '<m:Folders/>', (change) => {
    const [reference] = change.children;
    if (reference === undefined) throw new EwsError('ErrorInvalidIdEmpty');
    const folder = resolveFolder(reference, call);
    for (const update of child(change, 'Updates')?.children ?? []) apply(folder, update);
    call.mailbox.touchFolder(folder);
    return folderAnswer(call, folder);
  });
}

function apply(folder: Folder, update: XmlElement): void {
  const [path, holder] = update.children;
  const uri = path?.attributes.FieldURI ?? '';
  const details = fieldDetail(uri);
  if (update.name === 'DeleteFolderField') throw new EwsError('ErrorInvalidPropertyDelete', { details });
  if (uri === 'folder:DisplayName') {
    const name = childText(holder, 'DisplayName')?.trim() ?? '';
    if (name === '') throw new EwsError('ErrorFolderSavePropertyError', { details });
    if (folder.wellKnown !== undefined) throw new EwsError('ErrorFolderSavePropertyError', { details });
    if (folder.parent !== undefined) requireFreeName(folder.parent, name, 'ErrorFolderExists', folder);
    folder.name = name;
  } else if (uri === 'folder:FolderClass') {
    folder.folderClass = childText(holder, 'FolderClass')?.trim() ?? folder.folderClass;
  } else if (path?.name !== 'ExtendedFieldURI') {
    throw new EwsError('ErrorInvalidPropertySet', { details });
  }
}
