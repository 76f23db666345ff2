/** Global object ids of meetings ([MS-OXOCAL] 2.2.1.27) and the iCalendar UID they stand for. */
import type { Random } from '#ports/ports.ts';
import { dayOf } from './recurrence.ts';

const prefix = Buffer.from('040000008200e00074c5b7101a82e008', 'hex');
const foreignMark = Buffer.from('vCal-Uid\x01\0\0\0', 'latin1');

/** 100-nanosecond steps between 1601-01-01 and 1970-01-01. */
const fileTimeEpoch = 116_444_736_000_000_000n;

/** A fresh id whose date part is empty: that of a series or a single appointment. */
export function newGlobalObjectId(createdMs: number, random: Random): Uint8Array {
  const fileTime = Buffer.alloc(8);
  fileTime.writeBigUInt64LE(BigInt(Math.trunc(createdMs)) * 10_000n + fileTimeEpoch);
  return assemble(fileTime, Buffer.from(random.bytes(16)));
}

/** The id for a UID that another system gave: native hex text is taken as it is, anything else is wrapped. */
export function globalObjectIdOf(uid: string): Uint8Array {
  if (/^040000008200e00074c5b7101a82e008[0-9a-f]{48,}$/i.test(uid)) {
    const bytes = Buffer.from(uid, 'hex');
    bytes.fill(0, 16, 20);
    return bytes;
  }
  return assemble(Buffer.alloc(8), Buffer.concat([foreignMark, Buffer.from(uid, 'utf8'), Buffer.from([0])]));
}

/** The UID text of an id: upper-case hex, or the wrapped foreign text. */
export function uidOf(globalObjectId: Uint8Array): string {
  const bytes = Buffer.from(globalObjectId);
  const data = bytes.subarray(40);
  if (data.length > foreignMark.length && data.subarray(0, foreignMark.length).equals(foreignMark)) {
    return data.subarray(foreignMark.length, data.length - 1).toString('utf8');
  }
  return bytes.toString('hex').toUpperCase();
}

/** The id of one occurrence: the series' id with the occurrence's original date in it. */
export function withInstanceDate(globalObjectId: Uint8Array, year: number, month: number, day: number): Uint8Array {
  const bytes = Buffer.from(globalObjectId);
  bytes.writeUInt16BE(year, 16);
  bytes[18] = month;
  bytes[19] = day;
  return bytes;
}

/** The original day of the occurrence an id names, as a day number; undefined for the id of a whole series or meeting. */
export function instanceDayOf(globalObjectId: Uint8Array): number | undefined {
  const bytes = Buffer.from(globalObjectId);
  if (bytes.length < 20 || bytes.readUInt32BE(16) === 0) return undefined;
  return dayOf(bytes.readUInt16BE(16), bytes[18] as number, bytes[19] as number);
}

function assemble(fileTime: Buffer, data: Buffer): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  return Buffer.concat([prefix, Buffer.alloc(4), fileTime, Buffer.alloc(8), size, data]);
}
