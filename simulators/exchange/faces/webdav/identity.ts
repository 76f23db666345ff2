/**
 * Identities of items and folders in WebDAV, as recorded: all of them are made of the store's replica GUID and its counters
 * (wire evidence, section 8). What a folder or item is called in one of these forms changes when it gets a new counter, as in a move.
 */
import type { Folder } from '../../truth/folder.ts';
import type { Item } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import type { Resource } from './resource.ts';

/** 32 digits of the replica and 12 of a counter. */
function longId(mailbox: Mailbox, counter: number): string {
  return `${replicaOf(mailbox)}${counter.toString(16).padStart(12, '0')}`;
}

const replicas = new WeakMap<Uint8Array, string>();

function replicaOf(mailbox: Mailbox): string {
  const known = replicas.get(mailbox.replica);
  if (known !== undefined) return known;
  const text = Buffer.from(mailbox.replica).toString('hex');
  replicas.set(mailbox.replica, text);
  return text;
}

function counterOf(resource: Resource): number {
  return resource.kind === 'folder' ? resource.folder.counter : resource.view.item.counter;
}

/** Number of the last change that a resource tag shows. */
export function changeOf(resource: Resource): number {
  return resource.kind === 'folder' ? resource.folder.change : resource.view.item.change;
}

/** `rid:` and 44 digits: kept for the life of the item in its folder. */
export function replUid(resource: Resource): string {
  return replUidOf(resource.place.mailbox, counterOf(resource));
}

/** The same of something that may be gone. */
export function replUidOf(mailbox: Mailbox, counter: number): string {
  return `rid:${longId(mailbox, counter)}`;
}

/** `rt:`, the identity and the last change. */
export function resourceTag(resource: Resource): string {
  const { mailbox } = resource.place;
  return `rt:${longId(mailbox, counterOf(resource))}${longId(mailbox, changeOf(resource))}`;
}

/** The item and change that a resource tag of this mailbox names; undefined for any other text. */
export function readResourceTag(
  mailbox: Mailbox,
  text: string,
): { readonly counter: number; readonly change: number } | undefined {
  const replica = replicaOf(mailbox);
  const match = /^rt:([0-9a-f]{32})([0-9a-f]{12})([0-9a-f]{32})([0-9a-f]{12})$/.exec(text.trim().toLowerCase());
  if (match === null || match[1] !== replica || match[3] !== replica) return undefined;
  return { counter: Number.parseInt(match[2] ?? '', 16), change: Number.parseInt(match[4] ?? '', 16) };
}

/** The second half of the resource tag, in quotes. */
export function entityTag(resource: Resource): string {
  return `"${longId(resource.place.mailbox, changeOf(resource))}"`;
}

/** Changes whenever something inside a folder does. */
export function contentTag(mailbox: Mailbox, folder: Folder): string {
  return `"${longId(mailbox, folder.contentsChange)}"`;
}

/** Name of an item or folder in the flat space: its counter without leading zeros. */
function flatName(mailbox: Mailbox, counter: number): string {
  return `${replicaOf(mailbox)}-${counter.toString(16)}`;
}

export function readFlatName(mailbox: Mailbox, name: string): number | undefined {
  const match = /^([0-9a-f]{32})-([0-9a-f]{1,12})$/.exec(name.toLowerCase());
  return match !== null && match[1] === replicaOf(mailbox) ? Number.parseInt(match[2] ?? '', 16) : undefined;
}

/** The URL that survives renaming, but not moving. */
export function permanentUrl(resource: Resource): string {
  const { place } = resource;
  const folder = resource.kind === 'folder' ? resource.folder : resource.view.item.folder;
  const above = `${place.base}/-FlatUrlSpace-/${flatName(place.mailbox, folder.counter)}`;
  return resource.kind === 'folder' ? above : `${above}/${flatName(place.mailbox, resource.view.item.counter)}`;
}

/** Eight bytes: replica number 1, then the counter. */
function shortId(counter: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes[0] = 1;
  bytes.writeUIntBE(counter, 2, 6);
  return bytes;
}

/** `DAV:id`. */
export function davId(resource: Resource): string {
  const folder = resource.kind === 'folder' ? resource.folder.parent : resource.view.item.folder;
  const parts = [Buffer.of(1), shortId(folder?.counter ?? 0), shortId(counterOf(resource)), Buffer.alloc(4)];
  return Buffer.concat(parts).toString('base64');
}

/** `DAV:uid`. */
export function davUid(resource: Resource): string {
  return Buffer.concat([Buffer.of(1), shortId(counterOf(resource)), Buffer.alloc(12)]).toString('base64');
}

/** The item's id as the signed number that the `mid` property shows. */
export function messageId(item: Item): bigint {
  return shortId(item.counter).readBigInt64LE();
}

/** PR_STORE_ENTRYID: the server and the owner's legacy name are in it. */
export function storeEntryId(server: string, legacyDn: string): Uint8Array {
  return new Uint8Array(
    Buffer.concat([
      Buffer.alloc(4),
      Buffer.from('1b55fa20aa6611cd9bc800aa002fc45a0c000000', 'hex'),
      Buffer.from(`${server}\0${legacyDn}\0`, 'latin1'),
    ]),
  );
}
