/**
 * Synchronisation states: what a client has been told so far, as opaque text that looks like the servers' (base64 of gzip,
 * different with every answer). Inside, as in ICS, stands which changes were seen. When a round is complete that is one
 * number; while a round is being paged, also the ranges seen and the messages given in it.
 */
import { crc32, gunzipSync } from 'node:zlib';
import type { Random } from '#ports/ports.ts';

export interface SyncState {
  readonly scope: 'items' | 'hierarchy';
  /** Mailbox and folder the state belongs to. */
  readonly guid: string;
  readonly folder: number;
  /** Every change up to this number was seen. */
  readonly seenTo: number;
  /** Every message with a number up to this one that existed when `seenTo` was reached is known to the client. */
  readonly knownTo: number;
  /** Ranges of later changes that were seen, [first, last], ascending and apart. */
  readonly seen: readonly (readonly [number, number])[];
  /** Messages given since `seenTo`. */
  readonly given: readonly number[];
}

/** The state of a client that knows nothing. */
export function emptyState(scope: SyncState['scope'], guid: string, folder: number): SyncState {
  return { scope, guid, folder, seenTo: 0, knownTo: 0, seen: [], given: [] };
}

/** States longer than this many characters are not read. */
const lengthMax = 16_000_000;

export function writeSyncState(state: SyncState, random: Random): string {
  const numbers: number[] = [state.folder, state.seenTo, state.knownTo, state.seen.length];
  for (const [first, last] of state.seen) numbers.push(first - state.seenTo, last - first);
  let previous = state.knownTo;
  for (const counter of [...state.given].sort((a, b) => a - b)) {
    numbers.push(counter - previous);
    previous = counter;
  }
  const table = `${state.scope === 'items' ? 'I' : 'H'}${state.guid}${Buffer.from(random.bytes(filler)).toString('latin1')}`;
  const content = Buffer.concat([Buffer.from(table, 'latin1'), varints(numbers)]);
  const checked = Buffer.alloc(4 + content.length);
  checked.writeUInt32LE(crc32(content));
  content.copy(checked, 4);
  return storedGzip(checked).toString('base64');
}

/** Reads a state back; undefined when it is not a whole state of this server. */
export function readSyncState(text: string): SyncState | undefined {
  if (text.length > lengthMax || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) return undefined;
  try {
    const zipped = Buffer.from(text, 'base64');
    return parse(storedContent(zipped) ?? gunzipSync(zipped));
  } catch {
    return undefined;
  }
}

/** Whether a change was seen by the client. */
export function isSeen(state: SyncState, change: number): boolean {
  if (change <= state.seenTo) return true;
  for (const [first, last] of state.seen) if (change >= first && change <= last) return true;
  return false;
}

/** The seen ranges with one more, joined where they meet. */
export function withSeen(
  seen: readonly (readonly [number, number])[],
  range: readonly [number, number],
): readonly (readonly [number, number])[] {
  const all = [...seen, range].sort((left, right) => left[0] - right[0]);
  const joined: [number, number][] = [];
  for (const [first, last] of all) {
    const before = joined[joined.length - 1];
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

/** The servers' gzip names "fastest" and "FAT" in its header. */
const gzipHead = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0);
const storedMax = 0xffff;

/**
 * Gzip with blocks that are stored as they are (RFC 1951 3.2.4): states are mostly noise that does not compress, and
 * setting up a compressor would cost more than all the rest of an answer without changes.
 */
function storedGzip(content: Buffer): Buffer {
  const parts: Buffer[] = [gzipHead];
  for (let at = 0; at < content.length; at += storedMax) {
    const block = content.subarray(at, at + storedMax);
    const head = Buffer.allocUnsafe(5);
    head[0] = at + storedMax >= content.length ? 1 : 0;
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(block.length ^ storedMax, 3);
    parts.push(head, block);
  }
  const tail = Buffer.allocUnsafe(8);
  tail.writeUInt32LE(crc32(content), 0);
  tail.writeUInt32LE(content.length, 4);
  return Buffer.concat([...parts, tail]);
}

/** What is in a gzip of one stored block, without unpacking; undefined for any other. */
function storedContent(zipped: Buffer): Buffer | undefined {
  if (zipped.length < 23 || zipped[10] !== 1 || !zipped.subarray(0, 10).equals(gzipHead)) return undefined;
  const length = zipped.readUInt16LE(11);
  return zipped.length === length + 23 ? zipped.subarray(15, 15 + length) : undefined;
}

/** Bytes that make every answer's state another text and give even an empty one its recorded size. */
const filler = 240;
const headLength = 1 + 36 + filler;

function parse(bytes: Buffer): SyncState | undefined {
  if (bytes.length < 4 + headLength || crc32(bytes.subarray(4)) !== bytes.readUInt32LE(0)) return undefined;
  const kind = String.fromCharCode(bytes[4] ?? 0);
  if (kind !== 'I' && kind !== 'H') return undefined;
  const guid = bytes.toString('latin1', 5, 41);
  const numbers = readVarints(bytes.subarray(4 + headLength));
  const [folder, seenTo, knownTo, ranges] = numbers;
  if (folder === undefined || seenTo === undefined || knownTo === undefined || ranges === undefined) return undefined;
  const seen: [number, number][] = [];
  for (let at = 4; at < 4 + 2 * ranges; at += 2) {
    const first = seenTo + (numbers[at] ?? 0);
    seen.push([first, first + (numbers[at + 1] ?? 0)]);
  }
  const given: number[] = [];
  let previous = knownTo;
  for (const step of numbers.slice(4 + 2 * ranges)) {
    previous += step;
    given.push(previous);
  }
  return { scope: kind === 'I' ? 'items' : 'hierarchy', guid, folder, seenTo, knownTo, seen, given };
}

function varints(numbers: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (const number of numbers) {
    let rest = number;
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
  }
  return Buffer.from(bytes);
}

function readVarints(bytes: Buffer): number[] {
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte % 0x80) * scale;
    if (byte >= 0x80) scale *= 0x80;
    else {
      numbers.push(value);
      value = 0;
      scale = 1;
    }
  }
  return numbers;
}
