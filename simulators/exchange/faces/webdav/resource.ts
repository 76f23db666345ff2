/** What a URL under `/exchange` names. */
import type { Folder } from '../../truth/folder.ts';
import type { View } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { davNameOf } from './item-names.ts';

/** The place of a mailbox as one client calls it. */
export interface Place {
  readonly mailbox: Mailbox;
  /** `https://host/exchange/alias`, as the request had it: answers use the same host and the same name of the mailbox. */
  readonly base: string;
  /** Name of the server that holds the mailbox. */
  readonly server: string;
}

export interface FolderResource {
  readonly kind: 'folder';
  readonly place: Place;
  readonly folder: Folder;
}

export interface ItemResource {
  readonly kind: 'item';
  readonly place: Place;
  /** The item, or one occurrence of it in the answer to a search. */
  readonly view: View;
}

export type Resource = FolderResource | ItemResource;

/** The folder whose other children are the hidden half of a mailbox. */
export const nonIpmName = 'NON_IPM_SUBTREE';

/** In URLs a slash inside a name is this character. */
const slashInName = '\uf8ff';

/** One segment of a URL. Braces and the sign of an address stay as they are. */
export function encodeSegment(name: string): string {
  return encodeURIComponent(name.replaceAll('/', slashInName).toWellFormed())
    .replaceAll('%7B', '{')
    .replaceAll('%7D', '}')
    .replaceAll('%40', '@');
}

/** A segment decoded; undefined when its escapes are not UTF-8. */
export function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment).replaceAll(slashInName, '/');
  } catch {
    return undefined;
  }
}

/** URL of a folder, without a slash at the end unless it is the whole mailbox. */
export function folderUrl(place: Place, folder: Folder): string {
  const names: string[] = [];
  let at: Folder | undefined = folder;
  for (; at !== undefined && at.wellKnown !== 'msgfolderroot' && at.wellKnown !== 'root'; at = at.parent) {
    names.unshift(encodeSegment(at.name));
  }
  const root = at?.wellKnown === 'root' ? [place.base, nonIpmName] : [place.base];
  return names.length === 0 ? `${root.join('/')}/` : [...root, ...names].join('/');
}

/** URL of what is inside a folder. */
export function urlInside(place: Place, folder: Folder, name: string): string {
  const above = folderUrl(place, folder);
  return `${above}${above.endsWith('/') ? '' : '/'}${encodeSegment(name)}`;
}

export function urlOf(resource: Resource): string {
  if (resource.kind === 'folder') return folderUrl(resource.place, resource.folder);
  const { item } = resource.view;
  return urlInside(resource.place, item.folder, davNameOf(item));
}

/** Folders that servers of 2007 did not have; a mailbox that lives there shows none of them. */
const later: ReadonlySet<string> = new Set([
  'recoverableitemsroot',
  'recoverableitemsdeletions',
  'recoverableitemsversions',
  'recoverableitemspurges',
  'conversationhistory',
  'imcontactlist',
  'quickcontacts',
  'galcontacts',
  'recipientcache',
]);

/** Folders below one that WebDAV shows. */
export function visibleChildren(folder: Folder): readonly Folder[] {
  return folder.children.filter(
    ({ wellKnown }) => wellKnown === undefined || !(later.has(wellKnown) || wellKnown === 'msgfolderroot'),
  );
}
