/**
 * PidLidGlobalObjectId and PidLidCleanGlobalObjectId (MS-OXOCAL 2.2.1.27, 2.2.1.28): what all copies of one meeting share.
 * The clean id is without the date of an exception. An id that came from another calendar holds its iCalendar UID.
 */
import type { PlainDate } from '#model/item.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

export interface GlobalObjectId {
  /** Original date of an exception; undefined for a series and for single appointments. */
  readonly date?: PlainDate;
  /** Eight bytes of a FILETIME. */
  readonly created: Buffer;
  readonly data: Buffer;
}

const head = Buffer.from('040000008200e00074c5b7101a82e008', 'hex');
const foreignMark = Buffer.concat([Buffer.from('vCal-Uid', 'latin1'), Buffer.from([1, 0, 0, 0])]);
/** Where year, month and day of an exception stand. */
const dateAt = head.length;
const dateEnd = dateAt + 4;

/** Longer ones are not ours and not Outlook's. */
const dataBytesMax = 4096;

/** Undefined: the bytes are no such id. */
export function readGlobalObjectId(bytes: Buffer): GlobalObjectId | undefined {
  const reader = new ByteReader(bytes);
  if (!reader.bytes(head.length).equals(head)) return undefined;
  const [high = 0, low = 0, month = 0, day = 0] = reader.bytes(4);
  const created = reader.bytes(8);
  reader.bytes(8);
  const data = reader.block();
  if (reader.failed || data.length > dataBytesMax) return undefined;
  const year = high * 256 + low;
  return year === 0 ? { created, data } : { date: `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`, created, data };
}

export function writeGlobalObjectId({ date, created, data }: GlobalObjectId): Buffer {
  const [year = 0, month = 0, day = 0] = date?.split('-').map(Number) ?? [];
  return new ByteWriter()
    .bytes(head)
    .bytes(Buffer.from([year >> 8, year & 255, month, day]))
    .bytes(created)
    .bytes(Buffer.alloc(8))
    .block(data)
    .done();
}

/** The id of the series an exception belongs to; two items are of one meeting when these are equal. */
export function cleanGlobalObjectId(bytes: Buffer): Buffer {
  if (bytes.length < dateEnd || !bytes.subarray(0, head.length).equals(head)) return bytes;
  const clean = Buffer.from(bytes);
  clean.fill(0, dateAt, dateEnd);
  return clean;
}

/** A new id: creation time in milliseconds since 1970, and 16 random bytes. */
export function newGlobalObjectId(createdMs: number, random: Uint8Array): Buffer {
  const created = Buffer.alloc(8);
  created.writeBigUInt64LE(BigInt(Math.trunc(createdMs) + epochDifferenceMs) * 10_000n);
  return writeGlobalObjectId({ created, data: Buffer.from(random) });
}

/** From 1601-01-01 to 1970-01-01. */
const epochDifferenceMs = 11_644_473_600_000;

/** The iCalendar UID: a foreign one as it came, else the clean id in upper-case hexadecimal. */
export function calendarUidOf(bytes: Buffer): string {
  const data = readGlobalObjectId(bytes)?.data;
  if (data?.subarray(0, foreignMark.length).equals(foreignMark) === true) {
    const text = data.subarray(foreignMark.length).toString('utf8');
    return text.endsWith('\0') ? text.slice(0, -1) : text;
  }
  return cleanGlobalObjectId(bytes).toString('hex').toUpperCase();
}

/** The id of an iCalendar UID: the bytes it spells when it is one of Exchange's own, else one that holds it. */
export function globalObjectIdOfUid(uid: string): Buffer {
  if (/^[0-9a-f]+$/i.test(uid) && uid.length % 2 === 0) {
    const bytes = Buffer.from(uid, 'hex');
    if (readGlobalObjectId(bytes) !== undefined) return cleanGlobalObjectId(bytes);
  }
  const data = Buffer.concat([foreignMark, Buffer.from(uid, 'utf8'), Buffer.alloc(1)]);
  return writeGlobalObjectId({ created: Buffer.alloc(8), data });
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
