/**
 * The binary form of recurrences, PidLidAppointmentRecur and PidLidTaskRecurrence ([MS-OXOCAL] 2.2.1.44, [MS-OXOTASK]
 * 2.2.2.2.15): read into its fields and written again to the same bytes. Minutes count from 1601-01-01 in the series' own
 * zone. Nothing here knows what a series is; `series-blob.ts` does.
 */
import { Bytes, type Cursor, cursorOn } from './blob-bytes.ts';

/** The first part, and the whole of a task's. */
export interface PatternBlob {
  readonly readerVersion: number;
  readonly writerVersion: number;
  /** 200A daily, 200B weekly, 200C monthly, 200D yearly. */
  readonly frequency: number;
  /** 0 day, 1 week, 2 day of month, 3 nth weekday, 4 end of month, 0A to 0C the same by the Hijri calendar. */
  readonly patternType: number;
  readonly calendarType: number;
  readonly firstDateTime: number;
  readonly period: number;
  /** 1 when the next instance is counted from the completion of the last. */
  readonly sliding: number;
  /** Nothing, a mask of weekdays or a day of the month, or a mask and an ordinal. */
  readonly specific: readonly number[];
  /** 2021 by date, 2022 after a number, 2023 never. */
  readonly endType: number;
  readonly occurrenceCount: number;
  readonly firstDayOfWeek: number;
  /** Original days of deleted and of modified instances. */
  readonly deletedDates: readonly number[];
  /** New days of modified instances. */
  readonly modifiedDates: readonly number[];
  readonly startDate: number;
  readonly endDate: number;
}

/** One modified instance: times with their time of day, and the values that differ. */
export interface ExceptionBlob {
  readonly start: number;
  readonly end: number;
  readonly originalStart: number;
  /** Bits of `overrides`. */
  readonly flags: number;
  readonly subject?: string | undefined;
  readonly meetingType?: number | undefined;
  readonly reminderDelta?: number | undefined;
  readonly reminderSet?: number | undefined;
  readonly location?: string | undefined;
  readonly busyStatus?: number | undefined;
  readonly attachment?: number | undefined;
  readonly subType?: number | undefined;
  readonly color?: number | undefined;
  /** Bytes of the extended part as they came, without its texts. */
  readonly changeHighlight: Uint8Array;
  readonly reserved1: Uint8Array;
  readonly reserved2: Uint8Array;
  /** The 8-bit texts as they came, in a code page nobody names. */
  readonly narrowSubject?: Uint8Array | undefined;
  readonly narrowLocation?: Uint8Array | undefined;
}

export interface AppointmentBlob extends PatternBlob {
  readonly readerVersion2: number;
  readonly writerVersion2: number;
  /** Minutes after midnight; the end may lie on a later day. */
  readonly startOffset: number;
  readonly endOffset: number;
  readonly exceptions: readonly ExceptionBlob[];
  readonly reserved1: Uint8Array;
  readonly reserved2: Uint8Array;
  /** Stale bytes after the end, which old clients left behind. */
  readonly trailing: Uint8Array;
}

/** Which values an exception overrides. */
export const overrides = {
  subject: 0x0001,
  meetingType: 0x0002,
  reminderDelta: 0x0004,
  reminderSet: 0x0008,
  location: 0x0010,
  busyStatus: 0x0020,
  attachment: 0x0040,
  subType: 0x0080,
  color: 0x0100,
  /** Has no field: the text lies in the hidden attachment. */
  body: 0x0200,
} as const;

export const frequencies = { daily: 0x200a, weekly: 0x200b, monthly: 0x200c, yearly: 0x200d } as const;
export const endTypes = { date: 0x2021, count: 0x2022, never: 0x2023 } as const;

/** More dates or exceptions than this are taken for damage. */
const instancesMax = 10_000;

/** The first writer whose extended exceptions have a change highlight. */
const highlightVersion = 0x3009;

/** Reads the pattern alone; undefined when the bytes are not one. */
export function readPatternBlob(bytes: Uint8Array): PatternBlob | undefined {
  const cursor = cursorOn(bytes);
  const pattern = readPattern(cursor);
  return cursor.isGood ? pattern : undefined;
}

/** Reads the whole of an appointment's; undefined when the bytes are not one. */
export function readAppointmentBlob(bytes: Uint8Array): AppointmentBlob | undefined {
  const cursor = cursorOn(bytes);
  const pattern = readPattern(cursor);
  const readerVersion2 = cursor.u32();
  const writerVersion2 = cursor.u32();
  const startOffset = cursor.u32();
  const endOffset = cursor.u32();
  const count = cursor.u16();
  if (!cursor.isGood || count > instancesMax) return undefined;
  const infos = Array.from({ length: count }, () => readException(cursor));
  const reserved1 = cursor.block();
  const exceptions = infos.map((info) => readExtended(cursor, info, writerVersion2));
  const reserved2 = cursor.block();
  if (!cursor.isGood) return undefined;
  const trailing = cursor.rest();
  return {
    ...pattern,
    readerVersion2,
    writerVersion2,
    startOffset,
    endOffset,
    exceptions,
    reserved1,
    reserved2,
    trailing,
  };
}

function readPattern(cursor: Cursor): PatternBlob {
  const readerVersion = cursor.u16();
  const writerVersion = cursor.u16();
  const frequency = cursor.u16();
  const patternType = cursor.u16();
  const calendarType = cursor.u16();
  const firstDateTime = cursor.u32();
  const period = cursor.u32();
  const sliding = cursor.u32();
  const specific = Array.from({ length: specificLength(patternType) }, () => cursor.u32());
  const endType = cursor.u32();
  const occurrenceCount = cursor.u32();
  const firstDayOfWeek = cursor.u32();
  const deletedDates = readDates(cursor);
  const modifiedDates = readDates(cursor);
  const startDate = cursor.u32();
  const endDate = cursor.u32();
  if (frequency < frequencies.daily || frequency > frequencies.yearly) cursor.fail();
  return {
    readerVersion,
    writerVersion,
    frequency,
    patternType,
    calendarType,
    firstDateTime,
    period,
    sliding,
    specific,
    endType,
    occurrenceCount,
    firstDayOfWeek,
    deletedDates,
    modifiedDates,
    startDate,
    endDate,
  };
}

function readDates(cursor: Cursor): readonly number[] {
  const count = cursor.u32();
  if (count > instancesMax) cursor.fail();
  return cursor.isGood ? Array.from({ length: count }, () => cursor.u32()) : [];
}

/** Numbers that follow the general part, by pattern type. */
function specificLength(patternType: number): number {
  switch (patternType) {
    case 0x0:
      return 0;
    case 0x3:
    case 0xb:
      return 2;
    default:
      return 1;
  }
}

const none = new Uint8Array(0);

function readException(cursor: Cursor): ExceptionBlob {
  const start = cursor.u32();
  const end = cursor.u32();
  const originalStart = cursor.u32();
  const flags = cursor.u16();
  const number = (bit: number): number | undefined => ((flags & bit) === 0 ? undefined : cursor.u32());
  const text = (bit: number): Uint8Array | undefined => ((flags & bit) === 0 ? undefined : readNarrow(cursor));
  const narrowSubject = text(overrides.subject);
  const meetingType = number(overrides.meetingType);
  const reminderDelta = number(overrides.reminderDelta);
  const reminderSet = number(overrides.reminderSet);
  const narrowLocation = text(overrides.location);
  const busyStatus = number(overrides.busyStatus);
  const attachment = number(overrides.attachment);
  const subType = number(overrides.subType);
  const color = number(overrides.color);
  return {
    start,
    end,
    originalStart,
    flags,
    narrowSubject,
    meetingType,
    reminderDelta,
    reminderSet,
    narrowLocation,
    busyStatus,
    attachment,
    subType,
    color,
    changeHighlight: Buffer.alloc(4),
    reserved1: none,
    reserved2: none,
  };
}

/** Its length stands twice: once with a terminator that is not there. */
function readNarrow(cursor: Cursor): Uint8Array {
  cursor.u16();
  return cursor.bytes(cursor.u16());
}

function readExtended(cursor: Cursor, info: ExceptionBlob, writerVersion2: number): ExceptionBlob {
  const changeHighlight = writerVersion2 >= highlightVersion ? cursor.block() : none;
  const reserved1 = cursor.block();
  const whole = { ...info, changeHighlight, reserved1 };
  if ((info.flags & (overrides.subject | overrides.location)) === 0) return whole;
  cursor.bytes(12);
  const wide = (bit: number): string | undefined =>
    (info.flags & bit) === 0 ? undefined : Buffer.from(cursor.bytes(2 * cursor.u16())).toString('utf16le');
  const subject = wide(overrides.subject);
  const location = wide(overrides.location);
  return { ...whole, subject, location, reserved2: cursor.block() };
}

/** Writes the pattern alone. */
export function writePatternBlob(pattern: PatternBlob): Uint8Array {
  const out = new Bytes();
  writePattern(out, pattern);
  return out.done();
}

/** Writes the whole of an appointment's. */
export function writeAppointmentBlob(blob: AppointmentBlob): Uint8Array {
  const out = new Bytes();
  writePattern(out, blob);
  out.u32(blob.readerVersion2).u32(blob.writerVersion2).u32(blob.startOffset).u32(blob.endOffset);
  out.u16(blob.exceptions.length);
  for (const one of blob.exceptions) writeException(out, one);
  out.block(blob.reserved1);
  for (const one of blob.exceptions) writeExtended(out, one, blob.writerVersion2);
  out.block(blob.reserved2).raw(blob.trailing);
  return out.done();
}

function writePattern(out: Bytes, one: PatternBlob): void {
  out.u16(one.readerVersion).u16(one.writerVersion).u16(one.frequency).u16(one.patternType).u16(one.calendarType);
  out.u32(one.firstDateTime).u32(one.period).u32(one.sliding);
  for (const value of one.specific) out.u32(value);
  out.u32(one.endType).u32(one.occurrenceCount).u32(one.firstDayOfWeek);
  for (const dates of [one.deletedDates, one.modifiedDates]) {
    out.u32(dates.length);
    for (const date of dates) out.u32(date);
  }
  out.u32(one.startDate).u32(one.endDate);
}

function writeException(out: Bytes, one: ExceptionBlob): void {
  out.u32(one.start).u32(one.end).u32(one.originalStart).u16(one.flags);
  const number = (value: number | undefined): void => {
    if (value !== undefined) out.u32(value);
  };
  writeNarrow(out, one.narrowSubject, one.subject);
  number(one.meetingType);
  number(one.reminderDelta);
  number(one.reminderSet);
  writeNarrow(out, one.narrowLocation, one.location);
  number(one.busyStatus);
  number(one.attachment);
  number(one.subType);
  number(one.color);
}

/** The 8-bit text as it came, else the wide one with what Latin-1 cannot hold replaced. */
function writeNarrow(out: Bytes, narrow: Uint8Array | undefined, wide: string | undefined): void {
  if (narrow === undefined && wide === undefined) return;
  const bytes = narrow ?? Buffer.from((wide ?? '').replace(/[^\0-\xff]/g, '?'), 'latin1');
  out
    .u16(bytes.length + 1)
    .u16(bytes.length)
    .raw(bytes);
}

function writeExtended(out: Bytes, one: ExceptionBlob, writerVersion2: number): void {
  if (writerVersion2 >= highlightVersion) out.block(one.changeHighlight);
  out.block(one.reserved1);
  if (one.subject === undefined && one.location === undefined) return;
  out.u32(one.start).u32(one.end).u32(one.originalStart);
  for (const text of [one.subject, one.location]) {
    if (text !== undefined) out.u16(text.length).raw(Buffer.from(text, 'utf16le'));
  }
  out.block(one.reserved2);
}
