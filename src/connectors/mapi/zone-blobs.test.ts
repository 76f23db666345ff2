import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalZone, representativeZones, windowsZoneOf } from '#model/zones.ts';
import { blobVectors as vectors } from '#testing/blob-vectors.ts';
import {
  blobsOfZone,
  readZoneDefinition,
  readZoneStruct,
  writeZoneDefinition,
  writeZoneStruct,
  zoneOfBlobs,
} from './zone-blobs.ts';

const bytesOf = (hex: string) => Buffer.from(hex, 'hex');
const eastern = {
  standardBiasMinutes: 300,
  daylight: {
    biasMinutes: 240,
    begins: { month: 3, week: 2, weekday: 'sunday', timeSeconds: 7200 },
    ends: { month: 11, week: 1, weekday: 'sunday', timeSeconds: 7200 },
  },
} as const;

test('zones that other programs wrote are understood and written back byte for byte', () => {
  assert.deepEqual(readZoneStruct(bytesOf(vectors.easternStruct)), eastern);
  assert.equal(writeZoneStruct(eastern).toString('hex').toUpperCase(), vectors.easternStruct);
  const definition = readZoneDefinition(bytesOf(vectors.easternDefinition));
  assert.equal(definition?.key, 'Eastern Standard Time');
  assert.deepEqual(
    definition?.rules.map(({ fromYear }) => fromYear),
    [2006, 2007],
  );
  assert.deepEqual(definition?.rules[1]?.rules, eastern);
  assert.equal(definition && writeZoneDefinition(definition).toString('hex').toUpperCase(), vectors.easternDefinition);
});

test('every Windows zone survives its own blobs, in any year', () => {
  const zones = representativeZones().filter((zone) => windowsZoneOf(zone) !== undefined);
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 1990, max: 2035 }), (zone, year) => {
      const { definition, struct } = blobsOfZone(zone, year);
      const read = zoneOfBlobs(readZoneDefinition(definition), struct && readZoneStruct(struct), year, 'Asia/Tokyo');
      assert.equal(read && canonicalZone(read), canonicalZone(zone));
    }),
    { numRuns: 300 },
  );
});

test('where the definition contradicts the rules of the series, the rules decide', () => {
  const { definition } = blobsOfZone('Asia/Tokyo', 2026);
  assert.equal(zoneOfBlobs(readZoneDefinition(definition), eastern, 2026, 'Etc/UTC'), 'America/New_York');
});

test('an unknown key falls back to the rules, and the mailbox’s own zone is preferred among equals', () => {
  const { struct } = blobsOfZone('Europe/Berlin', 2026);
  const definition = { key: 'Mitteleuropäische Zeit', rules: [] };
  assert.equal(zoneOfBlobs(definition, readZoneStruct(struct!), 2026, 'Europe/Paris'), 'Europe/Paris');
  assert.equal(zoneOfBlobs(definition, undefined, 2026, 'Europe/Paris'), undefined);
  assert.equal(zoneOfBlobs(undefined, undefined, 2026, 'Europe/Paris'), undefined);
});

test('thirteen hours ahead, half hours and southern summers are kept', () => {
  for (const zone of ['Pacific/Tongatapu', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Australia/Sydney'] as const) {
    const { struct } = blobsOfZone(zone, 2026);
    assert.equal(zoneOfBlobs(undefined, struct && readZoneStruct(struct), 2026, zone), zone);
  }
});

test('damaged zones are answered with nothing and never with an exception', () => {
  const seeds = [vectors.easternStruct, vectors.easternDefinition].map(bytesOf);
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 5 }),
      fc.nat(200),
      (seed, edits, cut) => {
        const bytes = Buffer.from(seed.subarray(0, Math.min(seed.length, cut + 1)));
        for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
        zoneOfBlobs(readZoneDefinition(bytes), readZoneStruct(bytes), 2026, 'Etc/UTC');
      },
    ),
    { numRuns: 800 },
  );
});
