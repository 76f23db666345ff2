import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { localOf, secondsOf } from './local-time.ts';
import { Temporal } from './temporal.ts';
import {
  canonicalZone,
  ianaZoneOf,
  isZone,
  offsetMinutesAt,
  representativeZones,
  toInstant,
  toLocal,
  windowsZoneOf,
} from './zones.ts';

const allZones = Intl.supportedValuesOf('timeZone').filter(isZone);
const zones = fc.constantFrom(...allZones);
const seconds = fc.integer({ min: secondsOf('1902-01-01T00:00:00'), max: secondsOf('2199-12-31T23:59:59') });

const distances = fc.oneof(
  fc.constantFrom(0, -1, 1, -3600, 3600, 7200, -1800),
  fc.integer({ min: -172_800, max: 172_800 }),
);

/** Times within two days of a transition of the zone, often right at it. */
const nearTransitions = fc.tuple(zones, seconds, distances).map(([zone, at, distance]): readonly [string, number] => {
  const zoned = Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone);
  const next = zoned.getTimeZoneTransition('next');
  return [zone, (next === null ? at : Math.floor(next.epochMilliseconds / 1000)) + distance];
});

const anywhere = fc.oneof(fc.tuple(zones, seconds), nearTransitions);

test('wall-clock times become the same instants as with Temporal, in every zone and around every transition', () => {
  fc.assert(
    fc.property(anywhere, ([zone, wall]) => {
      const local = localOf(wall);
      const expected = Temporal.PlainDateTime.from(local).toZonedDateTime(zone, { disambiguation: 'compatible' });
      assert.equal(toInstant(local, zone), `${localOf(Math.floor(expected.epochMilliseconds / 1000))}Z`, zone);
    }),
    { numRuns: 3000 },
  );
});

test('instants become the same wall-clock times as with Temporal', () => {
  fc.assert(
    fc.property(anywhere, ([zone, at]) => {
      const zoned = Temporal.Instant.fromEpochMilliseconds(at * 1000).toZonedDateTimeISO(zone);
      assert.equal(
        toLocal(`${localOf(at)}Z`, zone),
        zoned.toPlainDateTime().toString({ smallestUnit: 'second' }),
        zone,
      );
      assert.equal(offsetMinutesAt(`${localOf(at)}Z`, zone), zoned.offsetNanoseconds / 60e9, zone);
    }),
    { numRuns: 3000 },
  );
});

test('in a gap of the clock a time moves forward, in an overlap the earlier one is meant', () => {
  assert.equal(toInstant('2026-03-29T02:30:00', 'Europe/Berlin'), '2026-03-29T01:30:00Z');
  assert.equal(toInstant('2026-10-25T02:30:00', 'Europe/Berlin'), '2026-10-25T00:30:00Z');
  assert.equal(toInstant('2026-10-04T02:15:00', 'Australia/Lord_Howe'), '2026-10-03T15:45:00Z');
  // Samoa left out a whole day.
  assert.equal(toInstant('2011-12-30T12:00:00', 'Pacific/Apia'), '2011-12-30T22:00:00Z');
  assert.equal(toLocal('2011-12-30T22:00:00Z', 'Pacific/Apia'), '2011-12-31T12:00:00');
});

test('an unknown zone or a text that is no time is a defect of the caller', () => {
  assert.throws(() => toInstant('2026-03-29T02:30:00', 'Mars/Olympus'), RangeError);
  assert.throws(() => toInstant('2026-02-30T02:30:00', 'Europe/Berlin'), RangeError);
  assert.throws(() => toLocal('yesterday', 'Europe/Berlin'), RangeError);
});

test('every zone of the runtime has a Windows zone, but the one whose rules Windows does not have', () => {
  assert.deepEqual(
    allZones.filter((zone) => windowsZoneOf(zone) === undefined),
    ['Antarctica/Troll'],
  );
});

test('every zone has the clock of the zone that stands for it', () => {
  for (const zone of [...allZones, ...representativeZones()]) {
    for (const instant of ['2026-01-15T12:00:00Z', '2026-07-15T12:00:00Z']) {
      assert.equal(offsetMinutesAt(instant, zone), offsetMinutesAt(instant, canonicalZone(zone)), zone);
    }
  }
});

test('the zone that stands for a Windows zone stands for itself', () => {
  for (const zone of representativeZones()) {
    assert.ok(isZone(zone), zone);
    const windows = windowsZoneOf(zone);
    if (windows !== undefined && ianaZoneOf(windows) === zone) assert.equal(canonicalZone(zone), zone);
  }
  for (const zone of allZones) {
    assert.equal(canonicalZone(canonicalZone(zone)), canonicalZone(zone), zone);
    assert.equal(windowsZoneOf(canonicalZone(zone)), windowsZoneOf(zone), zone);
  }
});

test('Windows ids, IANA ids in any case and the forms of UTC are understood', () => {
  const expected: Readonly<Record<string, string>> = {
    'W. Europe Standard Time': 'Europe/Berlin',
    'w. europe standard time': 'Europe/Berlin',
    ' Pacific Standard Time\n': 'America/Los_Angeles',
    'FLE Standard Time': 'Europe/Kyiv',
    'India Standard Time': 'Asia/Kolkata',
    'Mid-Atlantic Standard Time': 'Etc/GMT+2',
    'Kamchatka Standard Time': 'Asia/Kamchatka',
    'tzone://Microsoft/Utc': 'Etc/UTC',
    UTC: 'Etc/UTC',
    'Etc/GMT': 'Etc/UTC',
    'europe/BERLIN': 'Europe/Berlin',
    'America/Argentina/Ushuaia': 'America/Argentina/Ushuaia',
  };
  for (const [name, zone] of Object.entries(expected)) assert.equal(ianaZoneOf(name), zone, name);
});

test('names that say nothing certain are not understood', () => {
  for (const name of [
    '',
    'tzone://Microsoft/Custom',
    'Customized Time Zone',
    '(UTC+01:00) Berlin',
    '+01:00',
    'a'.repeat(500),
  ]) {
    assert.equal(ianaZoneOf(name), undefined, name);
  }
  assert.equal(isZone('+01:00'), false);
});

test('old and new names of a zone are one zone', () => {
  for (const [old, now] of [
    ['Europe/Kiev', 'Europe/Kyiv'],
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['America/Godthab', 'America/Nuuk'],
  ] as const) {
    assert.equal(canonicalZone(old), now);
    assert.equal(canonicalZone(now), now);
  }
  assert.equal(windowsZoneOf('America/Ciudad_Juarez'), 'Mountain Standard Time');
  assert.equal(windowsZoneOf('America/Coyhaique'), 'Magallanes Standard Time');
});
