/** Time zone definitions as stored on appointments: PidLidAppointmentTimeZoneDefinition… ([MS-OXOCAL] 2.2.1.41). */
import { ownZone, type Transition, type Zone, zoneById } from './zone.ts';

const blobs = new WeakMap<Zone, Uint8Array>();
const zones = new WeakMap<Uint8Array, Zone>();

/** The stored form; one shared array per zone. */
export function zoneBlob(zone: Zone): Uint8Array {
  const known = blobs.get(zone);
  if (known !== undefined) return known;
  const blob = encode(zone);
  blobs.set(zone, blob);
  zones.set(blob, zone);
  return blob;
}

/** The zone of a stored form; undefined when it cannot be read. */
export function zoneOfBlob(blob: Uint8Array): Zone | undefined {
  const known = zones.get(blob);
  if (known !== undefined) return known;
  const zone = decode(Buffer.from(blob));
  if (zone !== undefined) zones.set(blob, zone);
  return zone;
}

const ruleBytes = 66;

function encode(zone: Zone): Uint8Array {
  const name = Buffer.from(zone.id, 'utf16le');
  const bytes = Buffer.alloc(10 + name.length + ruleBytes);
  bytes.set([2, 1], 0);
  bytes.writeUInt16LE(6 + name.length, 2);
  bytes.writeUInt16LE(2, 4);
  bytes.writeUInt16LE(zone.id.length, 6);
  name.copy(bytes, 8);
  const at = 8 + name.length;
  bytes.writeUInt16LE(1, at);
  const rule = at + 2;
  bytes.set([2, 1], rule);
  bytes.writeUInt16LE(0x3e, rule + 2);
  bytes.writeUInt16LE(2, rule + 4);
  bytes.writeInt32LE(-zone.standardOffsetMs / 60_000, rule + 22);
  if (zone.rule !== undefined) {
    bytes.writeInt32LE((zone.standardOffsetMs - zone.rule.daylightOffsetMs) / 60_000, rule + 30);
    writeTransition(bytes, rule + 34, zone.rule.toStandard);
    writeTransition(bytes, rule + 50, zone.rule.toDaylight);
  }
  return new Uint8Array(bytes);
}

function writeTransition(bytes: Buffer, at: number, transition: Transition): void {
  bytes.writeUInt16LE(transition.month, at + 2);
  bytes.writeUInt16LE(transition.weekday, at + 4);
  bytes.writeUInt16LE(transition.occurrence < 0 ? 5 : transition.occurrence, at + 6);
  bytes.writeUInt16LE(Math.floor(transition.timeMs / 3_600_000), at + 8);
  bytes.writeUInt16LE(Math.floor(transition.timeMs / 60_000) % 60, at + 10);
}

function decode(bytes: Buffer): Zone | undefined {
  if (bytes.length < 10 || bytes[0] !== 2) return undefined;
  const nameEnd = 8 + 2 * bytes.readUInt16LE(6);
  if (bytes.length < nameEnd + 2) return undefined;
  const id = bytes.subarray(8, nameEnd).toString('utf16le');
  const known = zoneById(id);
  if (known !== undefined) return known;
  const count = bytes.readUInt16LE(nameEnd);
  const rule = nameEnd + 2 + (count - 1) * ruleBytes;
  if (count < 1 || bytes.length < rule + ruleBytes) return undefined;
  const standardOffsetMs = -bytes.readInt32LE(rule + 22) * 60_000;
  const toStandard = readTransition(bytes, rule + 34);
  const toDaylight = readTransition(bytes, rule + 50);
  const daylightOffsetMs = standardOffsetMs - bytes.readInt32LE(rule + 30) * 60_000;
  const yearly = toStandard && toDaylight ? { daylightOffsetMs, toStandard, toDaylight } : undefined;
  return ownZone(id, id, standardOffsetMs, yearly);
}

function readTransition(bytes: Buffer, at: number): Transition | undefined {
  const month = bytes.readUInt16LE(at + 2);
  if (month === 0) return undefined;
  const occurrence = bytes.readUInt16LE(at + 6);
  return {
    month,
    weekday: bytes.readUInt16LE(at + 4),
    occurrence: occurrence === 5 ? -1 : occurrence,
    timeMs: bytes.readUInt16LE(at + 8) * 3_600_000 + bytes.readUInt16LE(at + 10) * 60_000,
  };
}
