/** GetFolder ([MS-OXWSFOLD] 3.1.4.6). */
import { child } from '#xml/reader.ts';
import type { Call } from '../call.ts';
import { folderMarkup, readFolderShape } from '../folders.ts';
import { forEachInput } from '../messages.ts';
import { resolveFolder } from '../resolve.ts';
import { strikeItem } from '../strikes.ts';

export function getFolder(call: Call): string {
  const references = child(call.request, 'FolderIds')?.children ?? [];
  return forEachInput('GetFolder', references, '<m:Folders/>', (reference, index) => {
    strikeItem(call, index);
    const shape = readFolderShape(child(call.request, 'FolderShape'), call, true);
    return `<m:Folders>${folderMarkup(resolveFolder(reference, call), shape)}</m:Folders>`;
  });
}
