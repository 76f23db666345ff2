/**
 * AppointmentRecurrencePattern (MS-OXOCAL 2.2.1.44.5): the whole of PidLidAppointmentRecur. As bytes say it: what is read is
 * written back unchanged, blocks nobody understands and stale bytes behind the end included.
 */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { type ExceptionInfo, readException, readExtended, writeException, writeExtended } from './exception-info.ts';
import { type RecurrencePattern, readPattern, writePattern } from './recurrence-pattern.ts';

export interface AppointmentRecurrence {
  readonly pattern: RecurrencePattern;
  readonly readerVersion: number;
  /** From 0x3009 on (Outlook 2007) extended exceptions have change highlights. */
  readonly writerVersion: number;
  /** Minutes after midnight; the end may lie beyond the day. */
  readonly startTimeOffset: number;
  readonly endTimeOffset: number;
  readonly exceptions: readonly ExceptionInfo[];
  readonly reserved1: Buffer;
  readonly reserved2: Buffer;
  /** What was found behind the end. */
  readonly trailing: Buffer;
}

/** Undefined: the bytes are no such structure. */
export function readAppointmentRecurrence(bytes: Buffer): AppointmentRecurrence | undefined {
  const reader = new ByteReader(bytes);
  const pattern = readPattern(reader);
  const readerVersion = reader.u32();
  const writerVersion = reader.u32();
  const startTimeOffset = reader.u32();
  const endTimeOffset = reader.u32();
  const infos = Array.from({ length: reader.countOf(reader.u16(), exceptionBytesMin) }, () => readException(reader));
  const reserved1 = reader.block();
  const exceptions = infos.map((info) => readExtended(reader, info, writerVersion));
  const reserved2 = reader.block();
  const trailing = reader.bytes(reader.left);
  if (reader.failed) return undefined;
  return {
    pattern,
    readerVersion,
    writerVersion,
    startTimeOffset,
    endTimeOffset,
    exceptions,
    reserved1,
    reserved2,
    trailing,
  };
}

/** Start, end, original start, flags. */
const exceptionBytesMin = 14;

export function writeAppointmentRecurrence(blob: AppointmentRecurrence): Buffer {
  const writer = writePattern(new ByteWriter(), blob.pattern)
    .u32(blob.readerVersion, blob.writerVersion, blob.startTimeOffset, blob.endTimeOffset)
    .u16(blob.exceptions.length);
  for (const one of blob.exceptions) writeException(writer, one);
  writer.block(blob.reserved1);
  for (const one of blob.exceptions) writeExtended(writer, one, blob.writerVersion);
  return writer.block(blob.reserved2).bytes(blob.trailing).done();
}
