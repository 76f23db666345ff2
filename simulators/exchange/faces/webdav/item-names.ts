/**
 * Names of items in URLs (PidTagUrlCompName, 0x10F3). One that a WebDAV client gave stays; any other item gets one when it is
 * first shown: its subject and `.EML`, with `-2`, `-3` … when that is taken. Names are not case-sensitive and unique in a folder.
 */
import type { Folder } from '../../truth/folder.ts';
import type { Item } from '../../truth/item.ts';
import { tagged } from '../../truth/properties.ts';
import { message } from '../../truth/property-keys.ts';

const urlCompName = tagged<string>(0x10f3, 'String');

/** Names the server makes are cut to this many characters before the extension. */
const stemLengthMax = 200;

/** The names of one folder, as far as they were needed. */
interface FolderNames {
  readonly byName: Map<string, Item>;
  readonly byItem: WeakMap<Item, string>;
  /** Number of the last change inside that is taken into account. */
  change: number;
}

const known = new WeakMap<Folder, FolderNames>();

/** The name of an item in its folder. */
export function davNameOf(item: Item): string {
  const names = namesOf(item.folder);
  return names.byItem.get(item) ?? give(names, item);
}

/** The item with a name; undefined when there is none. */
export function itemNamed(folder: Folder, name: string): Item | undefined {
  const names = namesOf(folder);
  if (names.change !== folder.contentsChange) {
    for (const item of [...folder.items.values(), ...folder.associated.values()]) {
      if (!names.byItem.has(item)) give(names, item);
    }
    if (names.byName.size > 2 * folder.items.size + 100) forgetGone(folder, names);
    names.change = folder.contentsChange;
  }
  const found = names.byName.get(name.toLowerCase());
  return found !== undefined && isThere(folder, found) ? found : undefined;
}

/** Gives an item the name a client chose; the caller has checked that it is free. */
export function nameItem(item: Item, name: string): void {
  const names = namesOf(item.folder);
  const before = names.byItem.get(item);
  if (before !== undefined) names.byName.delete(before.toLowerCase());
  keep(names, item, name);
}

/** A name that nobody in the folder has: the wanted one, or one with a number. */
export function freeName(folder: Folder, wanted: string): string {
  if (itemNamed(folder, wanted) === undefined) return wanted;
  const { stem, extension } = parts(wanted);
  for (let n = 2; ; n += 1) {
    const name = `${stem}-${n}${extension}`;
    if (itemNamed(folder, name) === undefined) return name;
  }
}

function forgetGone(folder: Folder, names: FolderNames): void {
  for (const [name, item] of names.byName) if (!isThere(folder, item)) names.byName.delete(name);
}

function namesOf(folder: Folder): FolderNames {
  const names = known.get(folder);
  if (names !== undefined) return names;
  const made: FolderNames = { byName: new Map(), byItem: new WeakMap(), change: -1 };
  known.set(folder, made);
  return made;
}

function give(names: FolderNames, item: Item): string {
  const wanted = item.properties.get(urlCompName) ?? `${stemOf(item)}.EML`;
  const { stem, extension } = parts(wanted);
  let name = wanted;
  for (let n = 2; isTaken(names, item, name); n += 1) name = `${stem}-${n}${extension}`;
  keep(names, item, name);
  return name;
}

function isTaken(names: FolderNames, item: Item, name: string): boolean {
  const holder = names.byName.get(name.toLowerCase());
  return holder !== undefined && holder !== item && isThere(item.folder, holder);
}

function keep(names: FolderNames, item: Item, name: string): void {
  names.byName.set(name.toLowerCase(), item);
  names.byItem.set(item, name);
  // Part of the item from now on, without being a change of it: it must survive a restart.
  item.properties.set(urlCompName, name);
}

function isThere(folder: Folder, item: Item): boolean {
  return folder.items.get(item.counter) === item || folder.associated.get(item.counter) === item;
}

function stemOf(item: Item): string {
  const subject = item.properties.get(message.subject) || item.properties.get(message.displayName) || 'No Subject';
  return subject.slice(0, stemLengthMax).trim();
}

function parts(name: string): { readonly stem: string; readonly extension: string } {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? { stem: name, extension: '' } : { stem: name.slice(0, dot), extension: name.slice(dot) };
}
