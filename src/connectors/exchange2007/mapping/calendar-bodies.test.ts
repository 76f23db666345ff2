import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyTexts } from '#testing/arbitrary-items.ts';
import { bodiesIn, withBodies } from './calendar-bodies.ts';

const zone = 'Europe/Berlin';
const calendar = [
  'BEGIN:VCALENDAR',
  'BEGIN:VEVENT',
  'RRULE:FREQ=WEEKLY',
  'DESCRIPTION:of the series',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'RECURRENCE-ID;TZID="W. Europe":20260309T003000',
  'DESCRIPTION;ALTREP="cid:x:y":one\\, two\\nthree\\\\',
  'BEGIN:VALARM',
  'DESCRIPTION:REMINDER',
  'END:VALARM',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'RECURRENCE-ID:20260315T233000Z',
  'SUMMARY:x',
  'END:VEVENT',
  'BEGIN:VEVENT',
  'RECURRENCE-ID;VALUE=DATE:20260323',
  'DESCRIPTION:',
  'END:VEVENT',
  'END:VCALENDAR',
];

test('texts of occurrences are read by their original date on the clock of the series', () => {
  assert.deepEqual(
    [...bodiesIn(calendar, zone)],
    [
      ['2026-03-09', 'one, two\nthree\\'],
      ['2026-03-16', null],
      ['2026-03-23', null],
    ],
  );
});

test('whatever text an occurrence gets, it has, and nothing else changes', () => {
  fc.assert(
    fc.property(fc.option(bodyTexts), fc.constantFrom('2026-03-09', '2026-03-16', '2026-03-23'), (text, date) => {
      const changed = withBodies(calendar, new Map([[date, text]]), zone);
      assert.ok(changed !== undefined);
      const expected = new Map(bodiesIn(calendar, zone)).set(date, text);
      assert.deepEqual(bodiesIn(changed, zone), expected);
      const without = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('DESCRIPTION'));
      assert.deepEqual(without(changed), without(calendar));
      assert.ok(changed.includes('DESCRIPTION:REMINDER') && changed.includes('DESCRIPTION:of the series'));
    }),
  );
});

test('a text for an occurrence that the server does not show is refused', () => {
  assert.equal(withBodies(calendar, new Map([['2026-03-30', 'x']]), zone), undefined);
  assert.deepEqual(withBodies(calendar, new Map(), zone), calendar);
});
