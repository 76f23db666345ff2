import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { ownZone, serverZones, utcOf, wallOf, zoneById } from './zone.ts';
import { zoneBlob, zoneOfBlob } from './zone-blob.ts';

test('every zone the server lists is known and has its own name', () => {
  const zones = serverZones();
  assert.equal(zones.length, 139);
  assert.equal(new Set(zones.map((zone) => zone.name)).size, 139);
  assert.equal(
    zoneById('W. Europe Standard Time')?.name,
    '(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna',
  );
});

test('wall times of a zone are those of the time zone database', () => {
  const zone = zoneById('Eastern Standard Time');
  assert.ok(zone);
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2035, 0, 1) }), (utcMs) => {
      const expected = Temporal.Instant.fromEpochMilliseconds(utcMs).toZonedDateTimeISO('America/New_York');
      assert.equal(zone.offsetMs(utcMs), expected.offsetNanoseconds / 1e6);
    }),
  );
});

test('an instant survives the way to wall time and back, except in the hour that comes twice', () => {
  for (const id of [
    'W. Europe Standard Time',
    'AUS Eastern Standard Time',
    'India Standard Time',
    'Chatham Islands Standard Time',
  ]) {
    const zone = zoneById(id);
    assert.ok(zone);
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) }), (utcMs) => {
        const back = utcOf(zone, wallOf(zone, utcMs));
        assert.ok(back === utcMs || (back - utcMs === 3_600_000 && zone.offsetMs(utcMs) > zone.offsetMs(back)));
      }),
    );
  }
});

test('a zone that a client defines by its own rule behaves like the known zone with that rule', () => {
  const known = zoneById('W. Europe Standard Time');
  assert.ok(known);
  const own = ownZone('Own', 'Own', known.standardOffsetMs, known.rule);
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2037, 0, 1) }), (utcMs) => {
      assert.equal(own.offsetMs(utcMs), known.offsetMs(utcMs));
    }),
  );
  const read = zoneOfBlob(new Uint8Array(zoneBlob(own)));
  assert.deepEqual(read?.rule, known.rule);
});
