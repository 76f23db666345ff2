/**
 * The time zones Outlook keeps with an appointment: PidLidTimeZoneStruct (MS-OXOCAL 2.2.1.39) has the rules of one year,
 * PidLidAppointmentTimeZoneDefinition… (2.2.1.41) a Windows key and rules by year.
 */
import type { ZoneId } from '#model/item.ts';
import type { Weekday } from '#model/recurrence.ts';
import { sameJson } from '#model/same-json.ts';
import type { ZoneRules, ZoneTransition } from '#model/zone-rules.ts';
import { transitionRules, zoneOfRules } from '#model/zone-rules.ts';
import { ianaZoneOf, offsetMinutesAt, windowsZoneOf } from '#model/zones.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { firstDayNumber, firstDayOfNumber } from './weekday-mask.ts';

/** PidLidTimeZoneStruct; undefined: the bytes are none, or its days are not yearly ones. */
export function readZoneStruct(bytes: Buffer): ZoneRules | undefined {
  const reader = new ByteReader(bytes);
  const biases = readBiases(reader);
  reader.u16();
  const ends = readMoment(reader);
  reader.u16();
  const begins = readMoment(reader);
  return reader.failed ? undefined : rulesOf(biases, begins, ends);
}

export function writeZoneStruct(rules: ZoneRules): Buffer {
  const writer = writeBiases(new ByteWriter(), rules).u16(0);
  writeMoment(writer, rules.daylight?.ends);
  writer.u16(0);
  return writeMoment(writer, rules.daylight?.begins).done();
}

export interface ZoneDefinition {
  /** Windows key; may be a name nobody knows. */
  readonly key: string;
  /** In the order of the years they are valid from. */
  readonly rules: readonly DatedRules[];
}

export interface DatedRules {
  /** TZRULE flags: 1 the rule of the series' zone structure, 2 the effective one. */
  readonly flags: number;
  readonly fromYear: number;
  /** Undefined: not to be expressed as yearly days. */
  readonly rules: ZoneRules | undefined;
}

const majorVersion = 2;
const minorVersion = 1;
const versions = (minorVersion << 8) | majorVersion;
const definitionFlags = 2;
const ruleBytes = 62;
const rulesMax = 1024;
export const ruleFlags = { ofSeries: 1, effective: 2 } as const;

/** Undefined: the bytes are no definition we understand. */
export function readZoneDefinition(bytes: Buffer): ZoneDefinition | undefined {
  const reader = new ByteReader(bytes);
  if ((reader.u16() & 255) !== majorVersion) return undefined;
  const header = reader.bytes(reader.u16());
  const inner = new ByteReader(header);
  inner.u16();
  const key = inner.bytes(inner.u16() * 2).toString('utf16le');
  const count = inner.u16();
  if (inner.failed || count > rulesMax) return undefined;
  const rules: DatedRules[] = [];
  for (let index = 0; index < count && !reader.failed; index += 1) {
    const version = reader.u16();
    const rule = reader.bytes(reader.u16());
    if ((version & 255) === majorVersion) rules.push(readRule(rule));
  }
  return reader.failed ? undefined : { key, rules };
}

function readRule(bytes: Buffer): DatedRules {
  const reader = new ByteReader(bytes);
  const flags = reader.u16();
  const fromYear = reader.u16();
  reader.bytes(14);
  const biases = readBiases(reader);
  const ends = readMoment(reader);
  const begins = readMoment(reader);
  return { flags, fromYear, rules: reader.failed ? undefined : rulesOf(biases, begins, ends) };
}

export function writeZoneDefinition({ key, rules }: ZoneDefinition): Buffer {
  const name = Buffer.from(key, 'utf16le');
  const writer = new ByteWriter()
    .u16(versions, 6 + name.length, definitionFlags, name.length / 2)
    .bytes(name)
    .u16(rules.length);
  for (const one of rules) {
    writer.u16(versions, ruleBytes, one.flags, one.fromYear, 0, 0, 0, 0, 0, 0, 0);
    const held = one.rules ?? { standardBiasMinutes: 0 };
    writeBiases(writer, held);
    writeMoment(writer, held.daylight?.ends);
    writeMoment(writer, held.daylight?.begins);
  }
  return writer.done();
}

interface Biases {
  readonly bias: number;
  readonly standard: number;
  readonly daylight: number;
}

function readBiases(reader: ByteReader): Biases {
  return { bias: reader.i32(), standard: reader.i32(), daylight: reader.i32() };
}

function writeBiases(writer: ByteWriter, { standardBiasMinutes, daylight }: ZoneRules): ByteWriter {
  return writer
    .i32(standardBiasMinutes)
    .i32(0)
    .i32(daylight === undefined ? 0 : daylight.biasMinutes - standardBiasMinutes);
}

/** A SYSTEMTIME: null for "never", undefined for a day that is no yearly one. */
function readMoment(reader: ByteReader): ZoneTransition | null | undefined {
  const [year, month, weekday, week, hour, minute, second] = Array.from({ length: 8 }, () => reader.u16()) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month === 0) return null;
  if (year !== 0 || month > 12 || weekday > 6 || week < 1 || week > 5 || hour > 24) return undefined;
  const day: Weekday = firstDayOfNumber(weekday);
  return { month, week, weekday: day, timeSeconds: (hour * 60 + minute) * 60 + second };
}

function writeMoment(writer: ByteWriter, moment: ZoneTransition | undefined): ByteWriter {
  if (moment === undefined) return writer.u16(0, 0, 0, 0, 0, 0, 0, 0);
  const { month, week, weekday, timeSeconds } = moment;
  const minutes = Math.floor(timeSeconds / 60);
  return writer.u16(
    0,
    month,
    firstDayNumber(weekday),
    week,
    Math.floor(minutes / 60),
    minutes % 60,
    timeSeconds % 60,
    0,
  );
}

function rulesOf(
  { bias, standard, daylight }: Biases,
  begins: ZoneTransition | null | undefined,
  ends: ZoneTransition | null | undefined,
): ZoneRules | undefined {
  const standardBiasMinutes = bias + standard;
  if (begins === undefined || ends === undefined) return undefined;
  if (begins === null || ends === null) return { standardBiasMinutes };
  return { standardBiasMinutes, daylight: { biasMinutes: bias + daylight, begins, ends } };
}

/**
 * The zone of an appointment. The structure decides about a series where it contradicts the definition's own rules
 * (MS-OXOCAL 2.2.1.41); else the definition's key names the zone; else rules are looked up, `preferred` first. Undefined:
 * neither tells.
 */
export function zoneOfBlobs(
  definition: ZoneDefinition | undefined,
  struct: ZoneRules | undefined,
  year: number,
  preferred: ZoneId,
): ZoneId | undefined {
  const rule = definition && ruleOfYear(definition, year);
  const contradicts = struct !== undefined && rule !== undefined && !sameJson(struct, rule);
  const named = definition && !contradicts ? ianaZoneOf(definition.key) : undefined;
  if (named !== undefined) return named;
  const rules = struct ?? rule;
  return rules && zoneOfRules(rules, year, preferred);
}

/** The rule that was in force: the effective one, else the last that begins by then, else the first. */
function ruleOfYear({ rules }: ZoneDefinition, year: number): ZoneRules | undefined {
  const effective = rules.find(({ flags }) => (flags & (ruleFlags.effective | ruleFlags.ofSeries)) !== 0);
  const begun = rules.filter(({ fromYear }) => fromYear <= year);
  return (effective ?? begun.at(-1) ?? rules[0])?.rules;
}

/** Both blobs of a zone in a year; no structure for a zone whose rules two yearly days cannot say (Ramadan). */
export function blobsOfZone(zone: ZoneId, year: number): { readonly definition: Buffer; readonly struct?: Buffer } {
  const exact = transitionRules(zone, year);
  const rules = exact ?? { standardBiasMinutes: -offsetMinutesAt(`${pad(year)}-01-01T00:00:00Z`, zone) };
  const dated = { flags: ruleFlags.effective | (exact === undefined ? 0 : ruleFlags.ofSeries), fromYear: year, rules };
  const whole = { ...rules, standardBiasMinutes: Math.round(rules.standardBiasMinutes) };
  const definition = writeZoneDefinition({ key: windowsZoneOf(zone) ?? zone, rules: [{ ...dated, rules: whole }] });
  return exact === undefined || !Number.isInteger(exact.standardBiasMinutes)
    ? { definition }
    : { definition, struct: writeZoneStruct(exact) };
}

function pad(year: number): string {
  return String(year).padStart(4, '0');
}
