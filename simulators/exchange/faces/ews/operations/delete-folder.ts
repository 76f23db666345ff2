/** DeleteFolder ([MS-OXWSFOLD] 3.1.4.3). */
import { child } from '#xml/reader.ts';
import { type Folder, isWithin } from '../../../truth/folder.ts';
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
    if (toTrash) {
      folder.name = freeName(trash, folder.name);
      call.mailbox.moveFolder(folder, trash);
    } else call.mailbox.removeFolder(folder);
    return '';
  });
}

/** Deleting never fails for a name: one that Deleted Items has already gets a number. */
function freeName(parent: Folder, name: string): string {
  const taken = new Set(parent.children.map((one) => one.name.toLowerCase()));
  let free = name;
  for (let number = 1; taken.has(free.toLowerCase()); number += 1) free = `${name}${number}`;
  return free;
}
