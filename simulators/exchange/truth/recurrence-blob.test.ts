import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { dateOf, dayOf, occurrenceDays } from './recurrence.ts';
import { readAppointmentBlob, readPatternBlob, writeAppointmentBlob, writePatternBlob } from './recurrence-blob.ts';
import { readSeries, readTaskRule, writeSeries, writeTaskRule } from './series-blob.ts';
import { utc, zoneById } from './zone.ts';

/** Byte vectors: S of the specification, M of tools that read real mailboxes, d derived from the formulas. */
const vectors = new Map(
  readFileSync(new URL('recurrence-vectors.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => /^[A-Za-z]\d /.test(line))
    .map((line) => line.split(' ') as [string, string]),
);
const bytesOf = (name: string): Uint8Array => new Uint8Array(Buffer.from(vectors.get(name) ?? '', 'hex'));
const hex = (bytes: Uint8Array | undefined): string =>
  Buffer.from(bytes ?? [])
    .toString('hex')
    .toUpperCase();

const patternOnly = ['M2', 'M3', 'd5', 'd6'];

for (const name of vectors.keys()) {
  test(`28 ${name}: the recurrence is read and written again to the same bytes`, () => {
    const bytes = bytesOf(name);
    const pattern = readPatternBlob(bytes);
    assert.ok(pattern);
    if (patternOnly.includes(name)) assert.equal(hex(writePatternBlob(pattern)), vectors.get(name));
    else {
      const whole = readAppointmentBlob(bytes);
      assert.ok(whole);
      assert.equal(hex(writeAppointmentBlob(whole)), vectors.get(name));
    }
  });
}

for (const name of ['S1', 'S2', 'd1', 'd2', 'd3', 'd4', 'd7']) {
  test(`28 ${name}: the series behind the bytes is written to the same bytes`, () => {
    const series = readSeries(bytesOf(name), utc);
    assert.ok(series);
    assert.equal(hex(writeSeries(series)), vectors.get(name));
  });
}

test('28: stale bytes after the end of a recurrence are kept and do no harm', () => {
  const junk = new Uint8Array([...bytesOf('S2'), ...new Uint8Array(316).fill(7)]);
  const whole = readAppointmentBlob(junk);
  assert.equal(whole?.trailing.length, 316);
  assert.ok(whole);
  assert.deepEqual(writeAppointmentBlob(whole), junk);
  assert.equal(readSeries(junk, utc)?.deleted.size, 2);
});

test('44: a regenerating task and one of every weekday keep their rules', () => {
  const regenerating = readTaskRule(bytesOf('d6'));
  assert.deepEqual(regenerating?.pattern, { kind: 'regenerate', unit: 'day', interval: 3 });
  assert.ok(regenerating);
  assert.equal(hex(writeTaskRule(regenerating)), vectors.get('d6'));
  const weekdays = readTaskRule(bytesOf('d5'));
  assert.deepEqual(weekdays?.pattern, { kind: 'weekly', interval: 1, days: [1, 2, 3, 4, 5], firstDayOfWeek: 0 });
});

function datesOf(name: string, count: number): readonly string[] {
  const rule = patternOnly.includes(name) ? readTaskRule(bytesOf(name)) : readSeries(bytesOf(name), utc)?.rule;
  assert.ok(rule);
  const dates: string[] = [];
  for (const day of occurrenceDays(rule)) {
    const { year, month, day: date } = dateOf(day);
    dates.push(`${year}-${month}-${date}`);
    if (dates.length === count) break;
  }
  return dates;
}

test('29: a series of every second month, on day 31 or on 29 February falls on the right days', () => {
  assert.deepEqual(datesOf('d2', 9), ['2010-3-30', '2010-5-25', '2010-7-27', '2010-9-28', '2010-11-30', '2011-1-25']);
  assert.deepEqual(datesOf('d3', 4), ['2012-2-29', '2013-2-28', '2014-2-28', '2015-2-28']);
  assert.deepEqual(datesOf('d4', 9), ['2010-11-25', '2011-11-24', '2012-11-22', '2013-11-28', '2014-11-27']);
  assert.deepEqual(datesOf('d7', 3), ['2010-5-31', '2010-6-30', '2010-7-31']);
  assert.deepEqual(datesOf('M2', 9), ['2010-8-23', '2010-9-6', '2010-9-20', '2010-10-4', '2010-10-18', '2010-11-1']);
  assert.equal(datesOf('S1', 20).length, 12);
});

test('30: an exception keeps its new time, its subject and its place', () => {
  const series = readSeries(bytesOf('S1'), zoneById('Pacific Standard Time') ?? utc);
  const exception = series?.exceptions.get(dayOf(2007, 4, 16));
  assert.equal(new Date(exception?.startWallMs ?? 0).toISOString(), '2007-04-16T11:00:00.000Z');
  assert.deepEqual(
    [...(exception?.properties.entries() ?? [])].map(([, value]) => value),
    ['Simple Recurrence with exceptions', '34/4141'],
  );
  assert.equal(series?.deleted.size, 0);
});

test('damaged recurrences are refused and never read past their end', () => {
  fc.assert(
    fc.property(fc.constantFrom(...vectors.keys()), fc.nat(900), fc.nat(255), (name, at, value) => {
      const bytes = bytesOf(name);
      bytes[at % bytes.length] = value;
      readAppointmentBlob(bytes);
      readSeries(bytes.subarray(0, at), utc);
      return readPatternBlob(bytes.subarray(0, Math.min(at, 40))) === undefined;
    }),
    { numRuns: 500 },
  );
});
