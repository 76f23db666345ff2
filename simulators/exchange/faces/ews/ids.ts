/**
 * EWS identifiers of items, folders and occurrences, as recorded servers build them: base64 of a flag byte, the mailbox
 * GUID as text and a MAPI entry id, run-length compressed exactly when that is shorter. All of it is derived from the
 * store's counters, so an item's id changes when it moves, and an occurrence's id is its master's plus a date.
 */
import { folderEntryBytes, folderEntryId, itemEntryBytes, itemEntryId } from '../../truth/entry-id.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { sixBytesText } from './six-bytes.ts';

/** What an id points at. Days are counted since 1970-01-01. */
export type EwsId =
  | { readonly kind: 'folder'; readonly guid: string; readonly folder: number }
  | { readonly kind: 'item'; readonly guid: string; readonly folder: number; readonly item: number }
  | {
      readonly kind: 'occurrence';
      readonly guid: string;
      readonly folder: number;
      readonly item: number;
      readonly day: number;
    };

/** Ids are never longer than this many bytes of text. */
export const idLengthMax = 512;

const guidLength = 36;
const ticksAtUnixEpoch = 621_355_968_000_000_000n;
const ticksPerDay = 864_000_000_000n;

export function folderIdText(mailbox: Mailbox, folder: number): string {
  return finish(mailbox, 0, folderEntryId(mailbox, folder));
}

/** Answers hold thousands of these, and all but the last eight bytes are the same for the items of a folder. */
export function itemIdText(mailbox: Mailbox, folder: number, item: number): string {
  const head = headOf(mailbox, folder);
  if (head.packed.length + shortestTail > itemIdLength) return `${head.text}${sixBytesText(item)}AAA=`;
  if (plainByte(item) === head.last) return finish(mailbox, 0, itemEntryId(mailbox, folder, item));
  plain.writeUIntBE(item, headBytes, 6);
  plain.fill(0, headBytes + 6, itemIdLength);
  const length = shorten(plain, headBytes, itemIdLength, head.packed.length);
  if (length >= itemIdLength) return `${head.text}${sixBytesText(item)}AAA=`;
  packed.set(head.packed);
  return packed.toString('base64', 0, length);
}

export function occurrenceIdText(mailbox: Mailbox, folder: number, item: number, day: number): string {
  return finish(mailbox, 1, occurrenceEntry(itemEntryId(mailbox, folder, item), day));
}

function occurrenceEntry(entry: Buffer, day: number): Buffer {
  const bytes = Buffer.allocUnsafe(11 + entry.length).fill(0);
  bytes[0] = 0x08;
  bytes.writeBigUInt64BE(BigInt(day) * ticksPerDay + ticksAtUnixEpoch, 1);
  bytes[9] = entry.length;
  entry.copy(bytes, 10);
  bytes[10 + entry.length] = 0x10;
  return bytes;
}

/** The uncompressed bytes of an item's or an occurrence's id, which longer ids begin with. */
export function itemIdBytes(mailbox: Mailbox, entry: Buffer, day: number | undefined): Buffer {
  const whole = day === undefined ? entry : occurrenceEntry(entry, day);
  const bytes = Buffer.alloc(7 + guidLength + whole.length);
  bytes.set([0, 3, guidLength, 0], 0);
  bytes.write(mailbox.guid, 4, 'latin1');
  bytes.set([day === undefined ? 0 : 1, whole.length, 0], 4 + guidLength);
  whole.copy(bytes, 7 + guidLength);
  return bytes;
}

/** Conversation ids have a form of their own and are only ever read. */
export function conversationIdText(mailbox: Mailbox, conversation: Uint8Array): string {
  const bytes = Buffer.alloc(7 + guidLength + conversation.length);
  bytes.set([0, 4, guidLength, 0], 0);
  bytes.write(mailbox.guid, 4, 'latin1');
  bytes.set([0, conversation.length, 0], 4 + guidLength);
  bytes.set(conversation, 7 + guidLength);
  return bytes.toString('base64');
}

/** Reads an id; undefined when it is not one that this server could have made. */
export function readId(text: string): EwsId | undefined {
  if (text.length > idLengthMax || !/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return readIdBytes(Buffer.from(text, 'base64'));
}

/** Reads the bytes of an id. */
export function readIdBytes(raw: Buffer): EwsId | undefined {
  const bytes = raw[0] === 1 ? expanded(raw.subarray(1)) : raw.subarray(1);
  if (bytes === undefined || bytes.length < 3 + guidLength + 3) return undefined;
  if (bytes[0] !== 3 || bytes.readUInt16LE(1) !== guidLength) return undefined;
  const guid = bytes.toString('latin1', 3, 3 + guidLength);
  const flag = bytes[3 + guidLength];
  const length = bytes.readUInt16LE(4 + guidLength);
  const entry = bytes.subarray(6 + guidLength);
  if (entry.length !== length) return undefined;
  if (flag === 1) return readOccurrence(guid, entry);
  if (flag !== 0) return undefined;
  return readEntry(guid, entry);
}

/** Ids are put together here: answers hold thousands of them. The first byte says whether the rest is shortened. */
const plain = Buffer.alloc(256);
const packed = Buffer.alloc(512);

function finish(mailbox: Mailbox, flag: number, entry: Buffer): string {
  const length = 7 + guidLength + entry.length;
  plain[0] = 0;
  plain[1] = 3;
  plain.writeUInt16LE(guidLength, 2);
  plain.write(mailbox.guid, 4, 'latin1');
  plain[4 + guidLength] = flag;
  plain.writeUInt16LE(entry.length, 5 + guidLength);
  plain.set(entry, 7 + guidLength);
  packed[0] = 1;
  const shorter = shorten(plain, 1, length, 1);
  return shorter < length ? packed.toString('base64', 0, shorter) : plain.toString('base64', 0, length);
}

function readOccurrence(guid: string, entry: Buffer): EwsId | undefined {
  if (entry.length !== itemEntryBytes + 11 || entry[0] !== 0x08 || entry[9] !== itemEntryBytes) return undefined;
  const master = readEntry(guid, entry.subarray(10, 10 + itemEntryBytes));
  if (master?.kind !== 'item') return undefined;
  const day = Number((entry.readBigUInt64BE(1) - ticksAtUnixEpoch) / ticksPerDay);
  return { kind: 'occurrence', guid, folder: master.folder, item: master.item, day };
}

function readEntry(guid: string, entry: Buffer): EwsId | undefined {
  if (entry.length === folderEntryBytes && entry[20] === 0x01) {
    return { kind: 'folder', guid, folder: entry.readUIntBE(38, 6) };
  }
  if (entry.length === itemEntryBytes && entry[20] === 0x07) {
    return { kind: 'item', guid, folder: entry.readUIntBE(38, 6), item: entry.readUIntBE(62, 6) };
  }
  return undefined;
}

/**
 * Shortens bytes of `from` into `packed`, from `at` on: after two equal bytes comes the number of further repeats. Answers
 * where it ended.
 */
function shorten(from: Buffer, start: number, end: number, at: number): number {
  let to = at;
  for (let next = start; next < end; ) {
    const value = from[next] as number;
    let run = 1;
    while (run < 257 && next + run < end && from[next + run] === value) run += 1;
    packed[to++] = value;
    if (run > 1) {
      packed[to++] = value;
      packed[to++] = run - 2;
    }
    next += run;
  }
  return to;
}

/** What the ids of all items of a folder begin with: 105 bytes, which are whole groups of base64. */
interface Head {
  readonly text: string;
  /** The same bytes shortened. */
  readonly packed: Uint8Array;
  /** Equal bytes after this one would be part of its run. */
  readonly last: number;
}

const headBytes = 105;
const itemIdLength = 113;
/** Eight bytes do not become fewer than these. */
const shortestTail = 3;
const heads = new WeakMap<Mailbox, Map<number, Head>>();

function headOf(mailbox: Mailbox, folder: number): Head {
  let known = heads.get(mailbox);
  if (known === undefined) {
    known = new Map();
    heads.set(mailbox, known);
  }
  let head = known.get(folder);
  if (head !== undefined) return head;
  finish(mailbox, 0, itemEntryId(mailbox, folder, 0));
  packed[0] = 1;
  const length = shorten(plain, 1, headBytes, 1);
  head = {
    text: plain.toString('base64', 0, headBytes),
    packed: new Uint8Array(packed.subarray(0, length)),
    last: plain[headBytes - 1] as number,
  };
  known.set(folder, head);
  return head;
}

/** The first of the six bytes of a counter. */
function plainByte(counter: number): number {
  return Math.floor(counter / 2 ** 40);
}

function expanded(bytes: Buffer): Buffer | undefined {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const value = bytes[at] as number;
    out.push(value);
    if (bytes[at + 1] !== value) continue;
    const further = bytes[at + 2];
    if (further === undefined) return undefined;
    for (let n = 0; n <= further; n += 1) out.push(value);
    at += 2;
  }
  return Buffer.from(out);
}
