/** MoveFolder ([MS-OXWSFOLD] 3.1.4.8): the id stays, the change key does not. */
import { child } from '#xml/reader.ts';
import { isWithin } from '../../../truth/folder.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { forEachInput } from '../messages.ts';
import { resolveFolder, resolveFolderIn } from '../resolve.ts';
import { folderAnswer, requireFreeName } from './create-folder.ts';

export function moveFolder(call: Call): string {
  const references = child(call.request, 'FolderIds')?.children ?? [];
  return forEachInput('MoveFolder', references, '<m:Folders/>', (reference) => {
    const target = resolveFolderIn(child(call.request, 'ToFolderId'), call, 'ErrorFolderNotFound');
    const folder = resolveFolder(reference, call);
    if (folder.wellKnown !== undefined) throw new EwsError('ErrorMoveDistinguishedFolder');
    if (isWithin(target, folder)) throw new EwsError('ErrorMoveCopyFailed');
    requireFreeName(target, folder.name, 'ErrorMoveCopyFailed', folder);
    call.mailbox.moveFolder(folder, target);
    return folderAnswer(call, folder);
  });
}
