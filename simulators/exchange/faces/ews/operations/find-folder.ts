/** FindFolder ([MS-OXWSSRCH] 3.1.4.1): folders below folders. */
import { child, type XmlElement } from '#xml/reader.ts';
import type { Folder } from '../../../truth/folder.ts';
import type { PropertyKey } from '../../../truth/properties.ts';
import type { Call } from '../call.ts';
import { folderMarkup, folderProperty, readFolderShape, unreadCount } from '../folders.ts';
import { forEachInput } from '../messages.ts';
import { page, readPaging } from '../paging.ts';
import { resolveFolder } from '../resolve.ts';
import { matches, type Subject } from '../restriction.ts';

export function findFolder(call: Call): string {
  const parents = child(call.request, 'ParentFolderIds')?.children ?? [];
  return forEachInput('FindFolder', parents, '', (reference) => {
    const shape = readFolderShape(child(call.request, 'FolderShape'), call, false);
    const parent = resolveFolder(reference, call, 'ErrorFolderNotFound');
    const restriction = child(call.request, 'Restriction')?.children[0];
    const { Traversal } = call.request.attributes;
    // Folders leave at once and with all they hold, so none are kept for recovery.
    const found = Traversal === 'SoftDeleted' ? [] : Traversal === 'Deep' ? below(parent) : parent.children;
    const all = [...found].filter((one) => isMatch(restriction, one, call));
    const paged = page(all, readPaging(call.request), Number.POSITIVE_INFINITY);
    const folders = paged.rows.map((one) => folderMarkup(one, shape)).join('');
    return `<m:RootFolder ${paged.attributes}>${folders === '' ? '<t:Folders/>' : `<t:Folders>${folders}</t:Folders>`}</m:RootFolder>`;
  });
}

/** All folders below, parents before their children. */
export function* below(folder: Folder): Generator<Folder> {
  for (const one of folder.children) {
    yield one;
    yield* below(one);
  }
}

function isMatch(restriction: XmlElement | undefined, folder: Folder, call: Call): boolean {
  if (restriction === undefined) return true;
  const subject: Subject = {
    field: (uri) => fields[uri]?.(folder),
    isSearchable: (uri) => uri in fields,
    property: (key: PropertyKey) => folderProperty(folder, key, call.mailbox),
  };
  return matches(restriction, subject);
}

const fields: Readonly<Record<string, (folder: Folder) => string | number>> = {
  'folder:DisplayName': (folder) => folder.name,
  'folder:FolderClass': (folder) => folder.folderClass,
  'folder:TotalCount': (folder) => folder.items.size,
  'folder:ChildFolderCount': (folder) => folder.children.length,
  'folder:UnreadCount': unreadCount,
};
