import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { civilOf, dateOf, daysInMonth, daysOf, daysOfCivil, localOf, secondsOf, weekdayOf } from './local-time.ts';

const days = fc.integer({ min: daysOf('0001-01-01'), max: daysOf('9999-12-31') });

test('dates agree with the calendar of the runtime, in every year from 1 to 9999', () => {
  fc.assert(
    fc.property(days, (day) => {
      const date = new Date(day * 86_400_000);
      assert.equal(dateOf(day), date.toISOString().slice(0, 10));
      assert.equal(daysOf(dateOf(day)), day);
      assert.equal(weekdayOf(day), (date.getUTCDay() + 6) % 7);
      const { year, month, day: dayOfMonth } = civilOf(day);
      assert.equal(daysOfCivil(year, month, dayOfMonth), day);
      assert.equal(daysInMonth(year, month), new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate());
    }),
    { numRuns: 1000 },
  );
});

test('wall-clock times survive the way to seconds and back', () => {
  fc.assert(
    fc.property(days, fc.integer({ min: 0, max: 86_399 }), (day, second) => {
      const seconds = day * 86_400 + second;
      assert.equal(localOf(seconds), new Date(seconds * 1000).toISOString().slice(0, 19));
      assert.equal(secondsOf(localOf(seconds)), seconds);
    }),
  );
});

test('what is no date or time is not taken for one', () => {
  for (const text of ['', '2026-02-29', '2026-13-01', '2026-00-10', '2026-1-01', '26-01-01', '2026-01-01T00:00:00Z']) {
    assert.ok(Number.isNaN(daysOf(text)), text);
  }
  for (const text of ['2026-02-28', '2026-02-28T24:00:00', '2026-02-28 10:00:00', '2026-02-30T10:00:00', 'x']) {
    assert.ok(Number.isNaN(secondsOf(text)), text);
  }
});
