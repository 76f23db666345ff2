import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utc, zoneById } from './zone.ts';
import { zoneBlob } from './zone-blob.ts';
import { zoneOfSeries, zoneStruct } from './zone-struct.ts';

const eastern = zoneById('Eastern Standard Time') ?? utc;
const easternStruct = Buffer.from(
  '2C01000000000000C4FFFFFF000000000B00000001000200000000000000000000000300000002000200000000000000',
  'hex',
);

test('33: the older form of a zone is that of real mailboxes, byte for byte', () => {
  assert.deepEqual(Buffer.from(zoneStruct(eastern)), easternStruct);
});

test('33: a zone is known again by its offsets, under the name of a definition that agrees or of the mailbox', () => {
  assert.equal(zoneOfSeries(easternStruct, zoneBlob(eastern), undefined, utc), eastern);
  assert.equal(zoneOfSeries(easternStruct, undefined, undefined, eastern), eastern);
  const bare = zoneOfSeries(easternStruct, zoneBlob(utc), 'Somewhere', utc);
  assert.equal(bare?.id, 'Somewhere');
  assert.equal(bare?.offsetMs(Date.UTC(2030, 6, 1)), -4 * 3_600_000);
});

test('34: zones south of the equator, far east and without summer time survive the older form', () => {
  for (const id of [
    'AUS Eastern Standard Time',
    'Tonga Standard Time',
    'India Standard Time',
    'New Zealand Standard Time',
  ]) {
    const zone = zoneById(id) ?? utc;
    const bare = zoneOfSeries(zoneStruct(zone), undefined, id, utc);
    for (const month of [0, 3, 6, 9]) {
      const instant = Date.UTC(2026, month, 15);
      assert.equal(bare?.offsetMs(instant), zone.offsetMs(instant), `${id} ${month}`);
    }
  }
  assert.equal(zoneOfSeries(undefined, undefined, undefined, eastern), undefined);
  assert.equal(zoneOfSeries(new Uint8Array(3), undefined, undefined, eastern), undefined);
});
