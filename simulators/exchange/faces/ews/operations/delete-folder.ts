/** DeleteFolder ([MS-OXWSFOLD] 3.1.4.3). */
import { child } from '#xml/reader.ts';
import { isWithin } from '../../../truth/folder.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { forEachInput } from '../messages.ts';
import { resolveFolder } from '../resolve.ts';

export function deleteFolder(call: Call): string {
  const references = child(call.request, 'FolderIds')?.children ?? [];
  return forEachInput('DeleteFolder', references, '', (reference) => {
    const folder = resolveFolder(reference, call);
    if (folder.wellKnown !== undefined) throw new EwsError('ErrorDeleteDistinguishedFolder');
    const trash = call.mailbox.wellKnown('deleteditems');
    const toTrash = call.request.attributes.DeleteType === 'MoveToDeletedItems' && !isWithin(folder, trash);
    if (toTrash) call.mailbox.moveFolder(folder, trash);
    else call.mailbox.removeFolder(folder);
    return '';
  });
}
