/** EmptyFolder ([MS-OXWSFOLD] 3.1.4.4). */
import { child, type XmlElement } from '#xml/reader.ts';
import type { Folder } from '../../../truth/folder.ts';
import type { Call } from '../call.ts';
import { isClass } from '../change-keys.ts';
import { EwsError } from '../ews-error.ts';
import { forEachInput } from '../messages.ts';
import { resolveFolder } from '../resolve.ts';
import { deleteModes } from './delete-item.ts';

export function emptyFolder(call: Call): string {
  const references: readonly XmlElement[] = child(call.request, 'FolderIds')?.children ?? [];
  const { DeleteType, DeleteSubFolders } = call.request.attributes;
  return forEachInput('EmptyFolder', references, '', (reference) => {
    const folder: Folder = resolveFolder(reference, call);
    if (isClass(folder.folderClass, 'IPF.Appointment') || folder.isSearch) throw new EwsError('ErrorCannotEmptyFolder');
    for (const item of [...folder.items.values()]) call.mailbox.remove(item, deleteModes[DeleteType ?? ''] ?? 'trash');
    if (DeleteSubFolders === 'true') for (const below of [...folder.children]) call.mailbox.removeFolder(below);
    return '';
  });
}
