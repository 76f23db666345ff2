/** CopyFolder ([MS-OXWSFOLD] 3.1.4.1): the folder, its items and everything below get new ids. */
import { child } from '#xml/reader.ts';
import { type Folder, isWithin } from '../../../truth/folder.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { forEachInput } from '../messages.ts';
import { resolveFolder, resolveFolderIn } from '../resolve.ts';
import { folderAnswer, requireFreeName } from './create-folder.ts';

export function copyFolder(call: Call): string {
  const references = child(call.request, 'FolderIds')?.children ?? [];
  return forEachInput('CopyFolder', references, '<m:Folders/>', (reference) => {
    const target = resolveFolderIn(child(call.request, 'ToFolderId'), call, 'ErrorFolderNotFound');
    const folder = resolveFolder(reference, call);
    if (isWithin(target, folder)) throw new EwsError('ErrorMoveCopyFailed');
    requireFreeName(target, folder.name, 'ErrorMoveCopyFailed');
    return folderAnswer(call, copied(folder, target, call));
  });
}

function copied(folder: Folder, target: Folder, call: Call): Folder {
  const copy = call.mailbox.createFolder(target, folder.name, folder.folderClass);
  for (const item of folder.items.values()) call.mailbox.copy(item, copy);
  for (const below of folder.children) copied(below, copy, call);
  return copy;
}
