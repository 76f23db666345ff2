/**
 * RecurrencePattern (MS-OXOCAL 2.2.1.44.1): the whole of PidLidTaskRecurrence and the first part of PidLidAppointmentRecur.
 * This is the structure as bytes say it, number by number, so that what is read can be written back unchanged;
 * `recurrence-rule.ts` says what it means.
 */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

export const frequencies = { daily: 0x200a, weekly: 0x200b, monthly: 0x200c, yearly: 0x200d } as const;
export const patternTypes = { day: 0, week: 1, month: 2, monthNth: 3, monthEnd: 4 } as const;
export const endTypes = { byDate: 0x2021, afterCount: 0x2022, never: 0x2023, neverToo: 0xffff_ffff } as const;

export interface RecurrencePattern {
  /** One of `frequencies`. */
  readonly frequency: number;
  /** One of `patternTypes`, or a Hijri form (0x0A to 0x0C). */
  readonly patternType: number;
  readonly calendarType: number;
  /** Phase of the pattern: minutes modulo the period, or of the first month modulo the period. */
  readonly firstDateTime: number;
  /** Minutes for days, weeks for weeks, months for months and years. */
  readonly period: number;
  /** 1: counted from the completion of the last one (tasks only). */
  readonly sliding: number;
  /** PatternTypeSpecific, none to two numbers: weekdays; the day of the month; weekdays and which of them. */
  readonly specific: readonly number[];
  readonly endType: number;
  readonly occurrenceCount: number;
  /** 0 is Sunday. */
  readonly firstDayOfWeek: number;
  /** Midnights of the original dates of deleted and modified occurrences. */
  readonly deleted: readonly number[];
  /** Midnights of the new dates of modified occurrences. */
  readonly modified: readonly number[];
  readonly startDate: number;
  readonly endDate: number;
}

const version = 0x3004;

/** Reads a blob that is only a pattern (tasks); bytes behind it are passed over. Undefined: it is none. */
export function readRecurrencePattern(bytes: Buffer): RecurrencePattern | undefined {
  const reader = new ByteReader(bytes);
  const pattern = readPattern(reader);
  return reader.failed ? undefined : pattern;
}

export function writeRecurrencePattern(pattern: RecurrencePattern): Buffer {
  return writePattern(new ByteWriter(), pattern).done();
}

/** Reads the pattern at the reader's place. */
export function readPattern(reader: ByteReader): RecurrencePattern {
  const readerVersion = reader.u16();
  const writerVersion = reader.u16();
  if (readerVersion !== version || writerVersion !== version) reader.fail();
  const frequency = reader.u16();
  const patternType = reader.u16();
  const calendarType = reader.u16();
  const firstDateTime = reader.u32();
  const period = reader.u32();
  const sliding = reader.u32();
  const specific = Array.from({ length: specificCount(patternType, reader) }, () => reader.u32());
  return {
    frequency,
    patternType,
    calendarType,
    firstDateTime,
    period,
    sliding,
    specific,
    endType: reader.u32(),
    occurrenceCount: reader.u32(),
    firstDayOfWeek: reader.u32(),
    deleted: dates(reader),
    modified: dates(reader),
    startDate: reader.u32(),
    endDate: reader.u32(),
  };
}

export function writePattern(writer: ByteWriter, pattern: RecurrencePattern): ByteWriter {
  return writer
    .u16(version, version, pattern.frequency, pattern.patternType, pattern.calendarType)
    .u32(pattern.firstDateTime, pattern.period, pattern.sliding, ...pattern.specific)
    .u32(pattern.endType, pattern.occurrenceCount, pattern.firstDayOfWeek)
    .u32(pattern.deleted.length, ...pattern.deleted)
    .u32(pattern.modified.length, ...pattern.modified)
    .u32(pattern.startDate, pattern.endDate);
}

function specificCount(patternType: number, reader: ByteReader): number {
  switch (patternType) {
    case 0x00:
      return 0;
    case 0x01:
    case 0x02:
    case 0x04:
    case 0x0a:
    case 0x0c:
      return 1;
    case 0x03:
    case 0x0b:
      return 2;
    default:
      // How many numbers follow is not known, so nothing behind can be read.
      reader.fail();
      return 0;
  }
}

function dates(reader: ByteReader): readonly number[] {
  return Array.from({ length: reader.countOf(reader.u32(), 4) }, () => reader.u32());
}
