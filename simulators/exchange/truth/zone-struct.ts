/** PidLidTimeZoneStruct ([MS-OXOCAL] 2.2.1.39): offsets and one yearly pair of transitions, without a name. */
import { ownZone, type Transition, type YearRule, type Zone } from './zone.ts';
import { zoneOfBlob } from './zone-blob.ts';

const structBytes = 48;
const minuteMs = 60_000;

export function zoneStruct(zone: Zone): Uint8Array {
  const bytes = Buffer.alloc(structBytes);
  bytes.writeInt32LE(-zone.standardOffsetMs / minuteMs, 0);
  if (zone.rule !== undefined) {
    bytes.writeInt32LE((zone.standardOffsetMs - zone.rule.daylightOffsetMs) / minuteMs, 8);
    writeTransition(bytes, 16, zone.rule.toStandard);
    writeTransition(bytes, 34, zone.rule.toDaylight);
  }
  return new Uint8Array(bytes);
}

/**
 * The zone a series lives in. The struct decides about offsets; a definition blob that agrees with it, or else the mailbox's
 * own zone when that agrees, gives the name. Without a struct the definition decides, without both nothing does.
 */
export function zoneOfSeries(
  struct: Uint8Array | undefined,
  definition: Uint8Array | undefined,
  description: string | undefined,
  own: Zone,
): Zone | undefined {
  const defined = definition === undefined ? undefined : zoneOfBlob(definition);
  if (struct === undefined) return defined;
  const bare = readStruct(Buffer.from(struct), description ?? 'Customized Time Zone');
  if (bare === undefined) return defined;
  return [defined, own].find((zone) => zone !== undefined && isSameRule(zone, bare)) ?? bare;
}

function readStruct(bytes: Buffer, name: string): Zone | undefined {
  if (bytes.length < structBytes) return undefined;
  const standardOffsetMs = -(bytes.readInt32LE(0) + bytes.readInt32LE(4)) * minuteMs;
  const daylightOffsetMs = -(bytes.readInt32LE(0) + bytes.readInt32LE(8)) * minuteMs;
  const toStandard = readTransition(bytes, 16);
  const toDaylight = readTransition(bytes, 34);
  const rule = toStandard && toDaylight ? { daylightOffsetMs, toStandard, toDaylight } : undefined;
  return ownZone(name, name, standardOffsetMs, rule);
}

function isSameRule(left: Zone, right: Zone): boolean {
  return left.standardOffsetMs === right.standardOffsetMs && ruleText(left.rule) === ruleText(right.rule);
}

function ruleText(rule: YearRule | undefined): string {
  if (rule === undefined) return '';
  const transition = (one: Transition) => `${one.month}/${one.weekday}/${one.occurrence}/${one.timeMs}`;
  return `${rule.daylightOffsetMs} ${transition(rule.toStandard)} ${transition(rule.toDaylight)}`;
}

/** SYSTEMTIME of the nth weekday of a month; `at` is its month. */
function writeTransition(bytes: Buffer, at: number, transition: Transition): void {
  bytes.writeUInt16LE(transition.month, at);
  bytes.writeUInt16LE(transition.weekday, at + 2);
  bytes.writeUInt16LE(transition.occurrence < 0 ? 5 : transition.occurrence, at + 4);
  bytes.writeUInt16LE(Math.floor(transition.timeMs / 3_600_000), at + 6);
  bytes.writeUInt16LE(Math.floor(transition.timeMs / minuteMs) % 60, at + 8);
}

function readTransition(bytes: Buffer, at: number): Transition | undefined {
  const month = bytes.readUInt16LE(at);
  if (month === 0) return undefined;
  const occurrence = bytes.readUInt16LE(at + 4);
  return {
    month,
    weekday: bytes.readUInt16LE(at + 2),
    occurrence: occurrence === 5 ? -1 : occurrence,
    timeMs: bytes.readUInt16LE(at + 6) * 3_600_000 + bytes.readUInt16LE(at + 8) * minuteMs,
  };
}
