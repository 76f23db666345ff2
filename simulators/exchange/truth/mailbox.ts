/**
 * One mailbox: its folders, its messages and the counters all ids and change numbers come from. This is the truth every
 * face shows; it knows no protocol. Counters only grow, every saved change takes a new change number, a message that
 * moves gets a new number, and what left a folder is remembered there, so that any kind of synchronisation can be derived.
 */
import { createHash } from 'node:crypto';
import type { Ports } from '#ports/ports.ts';
import type { Draft } from './draft.ts';
import { type Folder, isWithin, type WellKnownName, wellKnownFolders } from './folder.ts';
import { type Item, noPast, type Part, pastChangesMax } from './item.ts';
import { message } from './property-keys.ts';
import type { AppointmentSeries } from './series.ts';
import type { Zone } from './zone.ts';

/** How a mailbox is described in an estate. */
export interface MailboxDescription {
  /** Primary SMTP address. */
  readonly address: string;
  readonly aliases: readonly string[];
  readonly displayName: string;
  readonly zone: Zone;
  readonly culture: string;
}

/** Something that happened in the store, for notifications. `old` says where a moved or copied message came from. */
export type StoreEvent =
  | { readonly kind: 'created' | 'modified' | 'deleted' | 'newMail'; readonly item: Item }
  | { readonly kind: 'moved' | 'copied'; readonly item: Item; readonly old: Item }
  | {
      readonly kind: 'folderCreated' | 'folderModified' | 'folderDeleted' | 'folderMoved' | 'folderCopied';
      readonly folder: Folder;
      readonly oldParent?: Folder | undefined;
    };

export type DeleteMode = 'hard' | 'soft' | 'trash';

/** A folder that was removed: its number, and the number of the change that removed it. */
export interface RemovedFolder {
  readonly counter: number;
  readonly change: number;
}

/** Removed messages a folder remembers; the oldest are forgotten, which invalidates sync states older than they are. */
export const removedItemsMax = 100_000;

export class Mailbox {
  readonly description: MailboxDescription;
  /** Mailbox GUID as text, in ids. */
  readonly guid: string;
  /** The store's provider id and replica GUID, 16 bytes each, in entry ids and change keys. */
  provider: Uint8Array;
  replica: Uint8Array;
  /** How often the mailbox was moved to another store. */
  moves = 0;
  readonly folders = new Map<number, Folder>();
  readonly removedFolders: RemovedFolder[] = [];
  /** Messages this mailbox caused to be sent. */
  sentCount = 0;
  readonly listeners = new Set<(event: StoreEvent) => void>();
  readonly #wellKnown = new Map<string, Folder>();
  #ports: Pick<Ports, 'clock' | 'random'>;
  #nextCounter: number;
  #change: number;

  /** `madeMs` is when its folders were made, UTC milliseconds; now when absent. */
  constructor(description: MailboxDescription, ports: Pick<Ports, 'clock' | 'random'>, madeMs = ports.clock.now()) {
    this.description = description;
    this.#ports = ports;
    const digest = digestOf(description.address);
    this.guid = guidText(digest.subarray(0, 16));
    this.provider = new Uint8Array(digest.subarray(16, 32));
    this.replica = new Uint8Array(digest.subarray(32, 48));
    this.#change = digest.readUInt32BE(48);
    this.#nextCounter = 0x0101;
    this.under({ clock: { now: () => madeMs }, random: ports.random }, () => {
      for (const one of wellKnownFolders) this.#addWellKnown(one);
    });
    this.#nextCounter = 0x1_0000_0000 + digest.readUInt32BE(52);
  }

  /** Store-wide number of the latest change. */
  get change(): number {
    return this.#change;
  }

  /** The highest number given to any message or folder so far. */
  get counter(): number {
    return this.#nextCounter - 1;
  }

  get nowMs(): number {
    return this.#ports.clock.now();
  }

  get random(): Ports['random'] {
    return this.#ports.random;
  }

  /** Does some work at another time and with other randomness: content made late must not show when it was made. */
  under<T>(ports: Pick<Ports, 'clock' | 'random'>, work: () => T): T {
    const own = this.#ports;
    this.#ports = ports;
    try {
      return work();
    } finally {
      this.#ports = own;
    }
  }

  get address(): string {
    return this.description.address;
  }

  wellKnown(name: WellKnownName): Folder {
    const found = this.#wellKnown.get(name);
    if (found === undefined) throw new Error(`no well-known folder ${name}`);
    return found;
  }

  /** A well-known folder by a name from outside; undefined when this mailbox has none of that name. */
  findWellKnown(name: string): Folder | undefined {
    return this.#wellKnown.get(name);
  }

  item(folderCounter: number, counter: number): Item | undefined {
    const folder = this.folders.get(folderCounter);
    return folder?.items.get(counter) ?? folder?.associated.get(counter);
  }

  createFolder(parent: Folder, name: string, folderClass: string): Folder {
    const folder = this.#newFolder(parent, name, folderClass, undefined, false);
    this.#emit({ kind: 'folderCreated', folder });
    return folder;
  }

  /** Records that a folder's own properties changed (rename, class). */
  touchFolder(folder: Folder): void {
    folder.change = this.#bump();
    this.#emit({ kind: 'folderModified', folder });
  }

  moveFolder(folder: Folder, parent: Folder): void {
    const oldParent = folder.parent;
    if (oldParent !== undefined) oldParent.children.splice(oldParent.children.indexOf(folder), 1);
    folder.parent = parent;
    parent.children.push(folder);
    this.#change += 1;
    folder.change = this.#bump();
    this.#emit({ kind: 'folderMoved', folder, oldParent });
  }

  /** Removes a folder with everything below it. */
  removeFolder(folder: Folder): void {
    for (const below of [...folder.children]) this.removeFolder(below);
    folder.parent?.children.splice(folder.parent.children.indexOf(folder), 1);
    this.folders.delete(folder.counter);
    this.removedFolders.push({ counter: folder.counter, change: this.#bump() });
    this.#emit({ kind: 'folderDeleted', folder });
  }

  /** Saves a draft of a new message. `by` is the display name of the writer. */
  create(folder: Folder, draft: Draft, by: string, associated = false): Item {
    draft.content.properties.compact();
    const item = this.#place(folder, {
      isRead: false,
      createdMs: this.nowMs,
      modifiedMs: this.nowMs,
      modifiedBy: by,
      properties: draft.content.properties,
      recipients: draft.recipients,
      attachments: draft.attachments,
      series: draft.series,
      origin: this.#nextCounter,
      associated,
    });
    this.#emit({ kind: 'created', item });
    return item;
  }

  /** Saves a draft of an existing message, or of one occurrence of it. A draft that touched nothing saves nothing. */
  update(draft: Draft, by: string): Item {
    const item = draft.item;
    if (item === undefined) throw new Error('an update needs an existing item');
    if (draft.touched.size === 0) return item;
    const { properties, recipients, attachments } = draft.content;
    if (draft.occurrence === undefined) {
      item.properties = properties;
      if (recipients !== undefined) item.recipients = recipients;
      if (attachments !== undefined) item.attachments = attachments;
    }
    item.series = draft.series;
    this.#saved(item, draft.touched, by);
    return item;
  }

  /** A save that changes nothing a user sees, as servers and assistants make them. */
  touch(item: Item): void {
    this.#saved(item, new Set<Part>([message.modified]), item.modifiedBy);
  }

  setRead(item: Item, isRead: boolean): void {
    if (item.isRead === isRead) return;
    item.isRead = isRead;
    item.readChange = this.#bump();
    item.folder.contentsChange = item.readChange;
    item.folder.committedMs = this.nowMs;
    this.#emit({ kind: 'modified', item });
  }

  /** Moves a message; the moved one is a new item with a new number and the same content. */
  move(item: Item, target: Folder): Item {
    this.#drop(item);
    const moved = this.#place(target, { ...item, folder: target });
    this.#emit({ kind: 'moved', item: moved, old: item });
    return moved;
  }

  copy(item: Item, target: Folder): Item {
    const copied = this.#place(target, {
      ...item,
      folder: target,
      properties: item.properties.clone(),
      createdMs: this.nowMs,
      modifiedMs: this.nowMs,
    });
    this.#emit({ kind: 'copied', item: copied, old: item });
    return copied;
  }

  /** Deletes; answers where the message now is, or undefined when it is gone for good. */
  remove(item: Item, mode: DeleteMode): Item | undefined {
    const trash = this.wellKnown('deleteditems');
    if (mode === 'trash' && !isWithin(item.folder, trash)) return this.move(item, trash);
    const recoverable = this.wellKnown('recoverableitemsroot');
    if (mode !== 'hard' && !isWithin(item.folder, recoverable)) {
      this.#drop(item);
      this.#emit({ kind: 'deleted', item });
      return this.#place(this.wellKnown('recoverableitemsdeletions'), { ...item });
    }
    this.#drop(item);
    this.#emit({ kind: 'deleted', item });
    return undefined;
  }

  /** Takes one occurrence out of a series. */
  removeOccurrence(item: Item, series: AppointmentSeries, day: number, by: string): void {
    const exceptions = new Map(series.exceptions);
    exceptions.delete(day);
    item.series = { ...series, exceptions, deleted: new Set(series.deleted).add(day) };
    this.#saved(item, new Set<Part>(['series']), by);
  }

  /**
   * Moves the whole mailbox to another store: all content stays, and everything in it gets a new number under new store ids, so
   * that no id, change key or synchronisation state from before is good for anything.
   */
  relocate(): void {
    this.settle(this.moves + 1);
    for (const folder of this.folders.values()) {
      for (const all of [folder.items, folder.associated]) {
        const items = [...all.values()];
        all.clear();
        for (const item of items) this.#place(folder, { ...item, folder });
      }
      folder.change = this.#bump();
      folder.removed.length = 0;
    }
    this.removedFolders.length = 0;
  }

  /** The store ids after so many moves. */
  settle(moves: number): void {
    this.moves = moves;
    if (moves === 0) return;
    const digest = digestOf(`${this.description.address} ${moves}`);
    this.provider = new Uint8Array(digest.subarray(16, 32));
    this.replica = new Uint8Array(digest.subarray(32, 48));
  }

  /** Tells listeners that a message arrived. */
  announceMail(item: Item): void {
    this.#emit({ kind: 'newMail', item });
  }

  /** Puts back a folder of a snapshot: a well-known one is brought to its state, any other is made. */
  restoreFolder(
    kept: Omit<Folder, 'parent' | 'items' | 'associated' | 'children'>,
    parent: number | undefined,
  ): Folder {
    const above = parent === undefined ? undefined : this.folders.get(parent);
    const known = this.folders.get(kept.counter);
    if (known !== undefined) return Object.assign(known, kept);
    const folder: Folder = { ...kept, parent: above, items: new Map(), associated: new Map(), children: [] };
    above?.children.push(folder);
    this.folders.set(folder.counter, folder);
    return folder;
  }

  /** Puts back a message of a snapshot with the number it had. */
  restoreItem(item: Item): void {
    (item.associated ? item.folder.associated : item.folder.items).set(item.counter, item);
  }

  /** Continues numbering where a snapshot stopped. */
  restoreCounters(change: number, counter: number, removed: readonly RemovedFolder[], sentCount: number): void {
    this.#change = change;
    this.#nextCounter = counter + 1;
    this.removedFolders.push(...removed);
    this.sentCount = sentCount;
  }

  #saved(item: Item, touched: ReadonlySet<Part>, by: string): void {
    item.change = this.#bump();
    item.modifiedMs = this.nowMs;
    item.modifiedBy = by;
    item.past = [...item.past, { change: item.change, keys: new Set(touched) }].slice(-pastChangesMax);
    item.folder.contentsChange = item.change;
    item.folder.committedMs = this.nowMs;
    this.#emit({ kind: 'modified', item });
  }

  #place(
    folder: Folder,
    content: Omit<Item, 'counter' | 'change' | 'readChange' | 'past' | 'folder'> & { readonly folder?: Folder },
  ): Item {
    const item: Item = {
      counter: this.#nextCounter++,
      folder,
      change: this.#bump(),
      readChange: 0,
      isRead: content.isRead,
      createdMs: content.createdMs,
      modifiedMs: content.modifiedMs,
      modifiedBy: content.modifiedBy,
      properties: content.properties,
      recipients: content.recipients,
      attachments: content.attachments,
      series: content.series,
      origin: content.origin,
      past: noPast,
      associated: content.associated,
    };
    (item.associated ? folder.associated : folder.items).set(item.counter, item);
    folder.contentsChange = item.change;
    folder.committedMs = this.nowMs;
    return item;
  }

  #drop(item: Item): void {
    const { folder } = item;
    (item.associated ? folder.associated : folder.items).delete(item.counter);
    folder.deletedCount += 1;
    folder.contentsChange = this.#bump();
    folder.committedMs = this.nowMs;
    folder.removed.push(item.counter, folder.contentsChange);
    if (folder.removed.length > 2 * removedItemsMax) folder.removed.splice(0, 2);
  }

  #addWellKnown(one: (typeof wellKnownFolders)[number]): void {
    const parent = one.parent === undefined ? undefined : this.#wellKnown.get(one.parent);
    const folder = this.#newFolder(parent, one.name, one.folderClass, one.id, one.hidden);
    this.#wellKnown.set(one.id, folder);
  }

  #newFolder(
    parent: Folder | undefined,
    name: string,
    folderClass: string,
    wellKnown: WellKnownName | undefined,
    hidden: boolean,
  ): Folder {
    const change = this.#bump();
    const folder: Folder = {
      counter: this.#nextCounter++,
      parent,
      name,
      folderClass,
      wellKnown,
      isSearch: false,
      hidden,
      change,
      contentsChange: change,
      committedMs: this.nowMs,
      deletedCount: 0,
      items: new Map(),
      associated: new Map(),
      removed: [],
      children: [],
    };
    parent?.children.push(folder);
    this.folders.set(folder.counter, folder);
    return folder;
  }

  #bump(): number {
    this.#change += 1;
    return this.#change;
  }

  #emit(event: StoreEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

/** The GUID of the mailbox with this primary address; known without the mailbox itself. */
export function guidOf(address: string): string {
  return guidText(digestOf(address).subarray(0, 16));
}

function digestOf(address: string): Buffer {
  return createHash('sha512').update(address.toLowerCase()).digest();
}

function guidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
