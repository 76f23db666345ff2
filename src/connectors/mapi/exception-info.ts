/**
 * ExceptionInfo and ExtendedException (MS-OXOCAL 2.2.1.44.2 and .4): what one changed occurrence has of its own. Texts stand
 * twice, in some code page and in UTF-16; only the latter is to be trusted, and it is missing in old blobs.
 */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

export const overrideFlags = {
  subject: 0x0001,
  meetingType: 0x0002,
  reminderDelta: 0x0004,
  reminderSet: 0x0008,
  location: 0x0010,
  busyStatus: 0x0020,
  attachment: 0x0040,
  subType: 0x0080,
  color: 0x0100,
  body: 0x0200,
} as const;

type NumberName = 'meetingType' | 'reminderDelta' | 'reminderSet' | 'busyStatus' | 'attachment' | 'subType' | 'color';

/** A text in both its forms. */
export interface ExceptionText {
  /** In the writer's code page, as found. */
  readonly narrow: Buffer;
  readonly wide: string;
}

export interface ExceptionInfo {
  /** All three in minutes (`blob-time.ts`), with the time of day. */
  readonly start: number;
  readonly end: number;
  readonly originalStart: number;
  /** OverrideFlags; also of things that have no field here. */
  readonly flags: number;
  readonly subject?: ExceptionText;
  readonly location?: ExceptionText;
  readonly numbers: { readonly [name in NumberName]?: number };
  /** Undefined below writer version 0x3009. */
  readonly changeHighlight?: Buffer;
  readonly reservedBefore: Buffer;
  readonly reservedAfter: Buffer;
}

const empty = Buffer.alloc(0);

/** Change highlights came with Outlook 2007. */
const highlightVersion = 0x3009;

/** In the order of the wire; `subject` and `location` stand among them. */
const order = [
  'subject',
  'meetingType',
  'reminderDelta',
  'reminderSet',
  'location',
  'busyStatus',
  'attachment',
  'subType',
  'color',
] as const;

/** The first part, without what `readExtended` adds. */
export function readException(reader: ByteReader): ExceptionInfo {
  const start = reader.u32();
  const end = reader.u32();
  const originalStart = reader.u32();
  const flags = reader.u16();
  const texts: { subject?: ExceptionText; location?: ExceptionText } = {};
  const numbers: { [name in NumberName]?: number } = {};
  for (const name of order) {
    if ((flags & overrideFlags[name]) === 0) continue;
    if (name === 'subject' || name === 'location') texts[name] = narrowText(reader);
    else numbers[name] = reader.u32();
  }
  return { start, end, originalStart, flags, ...texts, numbers, reservedBefore: empty, reservedAfter: empty };
}

/** Two lengths, one with a terminator that is not there, and the characters. */
function narrowText(reader: ByteReader): ExceptionText {
  reader.u16();
  const narrow = reader.bytes(reader.u16());
  return { narrow, wide: narrow.toString('latin1') };
}

/** The exception with what stands in its extended part. */
export function readExtended(reader: ByteReader, info: ExceptionInfo, writerVersion: number): ExceptionInfo {
  const changeHighlight = writerVersion >= highlightVersion ? reader.block() : undefined;
  const reservedBefore = reader.block();
  const known = { ...info, ...(changeHighlight !== undefined && { changeHighlight }), reservedBefore };
  if (!hasTexts(info)) return known;
  // The three times again; the first part decides.
  reader.bytes(12);
  const subject = info.subject && { ...info.subject, wide: wideText(reader) };
  const location = info.location && { ...info.location, wide: wideText(reader) };
  const reservedAfter = reader.block();
  return { ...known, ...(subject && { subject }), ...(location && { location }), reservedAfter };
}

function wideText(reader: ByteReader): string {
  return reader.bytes(reader.u16() * 2).toString('utf16le');
}

function hasTexts(info: ExceptionInfo): boolean {
  return (info.flags & (overrideFlags.subject | overrideFlags.location)) !== 0;
}

export function writeException(writer: ByteWriter, info: ExceptionInfo): void {
  writer.u32(info.start, info.end, info.originalStart).u16(info.flags);
  for (const name of order) {
    if ((info.flags & overrideFlags[name]) === 0) continue;
    if (name === 'subject' || name === 'location') {
      const narrow = info[name]?.narrow ?? empty;
      writer.u16(narrow.length + 1, narrow.length).bytes(narrow);
    } else writer.u32(info.numbers[name] ?? 0);
  }
}

export function writeExtended(writer: ByteWriter, info: ExceptionInfo, writerVersion: number): void {
  if (writerVersion >= highlightVersion) writer.block(info.changeHighlight ?? noHighlight);
  writer.block(info.reservedBefore);
  if (!hasTexts(info)) return;
  writer.u32(info.start, info.end, info.originalStart);
  for (const text of [info.subject, info.location]) {
    if (text !== undefined) writer.u16(text.wide.length).bytes(Buffer.from(text.wide, 'utf16le'));
  }
  writer.block(info.reservedAfter);
}

/** ChangeHighlightValue 0. */
const noHighlight = Buffer.alloc(4);

/** A new text in both forms; characters beyond Latin-1 are question marks in the narrow one. */
export function exceptionText(text: string): ExceptionText {
  const narrow = Buffer.from(text.replace(/[\u0100-\uffff]/g, '?'), 'latin1');
  return { narrow, wide: text };
}
