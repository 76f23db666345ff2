import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { occurrences, taskDates } from '#model/expand.ts';
import { normaliseTaskRule } from '#model/normalise-rule.ts';
import { taskRecurrences } from '#testing/arbitrary-rules.ts';
import { blobVectors as vectors } from '#testing/blob-vectors.ts';
import { readAppointmentRecurrence, writeAppointmentRecurrence } from './appointment-recurrence.ts';
import { readRecurrencePattern, writeRecurrencePattern } from './recurrence-pattern.ts';
import { patternOfRule, ruleOfPattern } from './recurrence-rule.ts';
import { seriesOfBlob } from './series-blob.ts';

const appointments = [
  'weeklyWithException',
  'everyThirdDay',
  'everySecondThursday',
  'monthlyDay15',
  'lastTuesdayOfEverySecondMonth',
  'yearlyLeapDay',
  'fourthThursdayOfNovember',
  'lastDayOfMonth',
] as const;
const patternsOnly = ['everySecondMonday', 'manyExceptions', 'taskEveryWeekday', 'taskRegenerating'] as const;

const bytesOf = (hex: string) => Buffer.from(hex, 'hex');

function seriesOf(name: (typeof appointments)[number]) {
  const blob = readAppointmentRecurrence(bytesOf(vectors[name]));
  assert.ok(blob !== undefined, name);
  const series = seriesOfBlob(blob, { allDay: name === 'yearlyLeapDay' });
  assert.ok(series !== undefined, name);
  return series;
}

test('rules that other programs wrote are written back byte for byte', () => {
  for (const name of appointments) {
    const blob = readAppointmentRecurrence(bytesOf(vectors[name]));
    assert.equal(blob && writeAppointmentRecurrence(blob).toString('hex').toUpperCase(), vectors[name], name);
  }
  for (const name of patternsOnly) {
    const pattern = readRecurrencePattern(bytesOf(vectors[name]));
    assert.equal(pattern && writeRecurrencePattern(pattern).toString('hex').toUpperCase(), vectors[name], name);
  }
});

test('a rule built from its meaning has the bytes others gave it', () => {
  for (const name of [...appointments, 'everySecondMonday', 'taskRegenerating'] as const) {
    const bytes = bytesOf(vectors[name]);
    const stored = readRecurrencePattern(bytes);
    assert.ok(stored !== undefined);
    const rule = ruleOfPattern(stored);
    assert.ok(rule !== undefined, name);
    const built = patternOfRule(rule, stored);
    // Where a rule ends by date, programs do not agree whether occurrences are counted, nor does anybody read it.
    const ours = built && { ...built, occurrenceCount: stored.occurrenceCount, firstDayOfWeek: stored.firstDayOfWeek };
    assert.deepEqual(ours, stored, name);
  }
});

test('the rules mean what their authors say', () => {
  assert.deepEqual(seriesOf('weeklyWithException'), {
    start: '2007-03-26T10:00:00',
    end: '2007-03-26T10:30:00',
    recurrence: {
      pattern: { kind: 'weekly', interval: 1, days: ['monday', 'thursday', 'friday'], firstDay: 'sunday' },
      range: { kind: 'count', count: 12 },
    },
    overrides: {
      '2007-04-16T10:00:00': {
        patch: {
          title: 'Simple Recurrence with exceptions',
          location: '34/4141',
          when: { start: '2007-04-16T11:00:00', end: '2007-04-16T11:30:00', allDay: false },
        },
      },
    },
  });
  assert.deepEqual(seriesOf('everyThirdDay').overrides, {
    '2011-04-19T08:00:00': { excluded: true },
    '2011-04-22T08:00:00': { excluded: true },
  });
  const thursday = seriesOf('everySecondThursday');
  assert.equal(Object.values(thursday.overrides).filter((one) => 'excluded' in one).length, 3);
  assert.deepEqual(Object.keys(thursday.overrides).sort(), [
    '2011-02-17T14:30:00',
    '2011-03-03T14:30:00',
    '2011-03-17T14:30:00',
    '2011-03-31T14:30:00',
  ]);
});

test('the occurrences of each rule fall on the right days', () => {
  const first = (name: (typeof appointments)[number], max: number) => {
    const { start, recurrence } = seriesOf(name);
    return [...occurrences(start, recurrence, { max })].map((local) => local.slice(0, 10));
  };
  assert.deepEqual(first('weeklyWithException', 99).at(-1), '2007-04-20');
  assert.deepEqual(first('everyThirdDay', 99).at(-1), '2011-05-04');
  assert.deepEqual(first('everySecondThursday', 3), ['2010-10-28', '2010-11-11', '2010-11-25']);
  assert.deepEqual(first('lastTuesdayOfEverySecondMonth', 99), [
    '2010-03-30',
    '2010-05-25',
    '2010-07-27',
    '2010-09-28',
    '2010-11-30',
    '2011-01-25',
  ]);
  assert.deepEqual(first('yearlyLeapDay', 3), ['2012-02-29', '2013-02-28', '2014-02-28']);
  assert.deepEqual(first('fourthThursdayOfNovember', 2), ['2010-11-25', '2011-11-24']);
  assert.deepEqual(first('lastDayOfMonth', 99).slice(0, 4), ['2010-05-31', '2010-06-30', '2010-07-31', '2010-08-31']);
  const task = ruleOfPattern(readRecurrencePattern(bytesOf(vectors.taskEveryWeekday))!);
  assert.deepEqual([...taskDates(task!, { max: 6 })].at(-1), '2010-05-10');
  assert.deepEqual(ruleOfPattern(readRecurrencePattern(bytesOf(vectors.taskRegenerating))!)?.pattern, {
    kind: 'regenerating',
    unit: 'day',
    interval: 3,
  });
});

test('a pattern of several weeks begins in the week its phase tells, where start and phase disagree', () => {
  const stored = readRecurrencePattern(bytesOf(vectors.everySecondMonday))!;
  const shifted = { ...stored, firstDateTime: (stored.firstDateTime + 7 * 1440) % (14 * 1440) };
  assert.equal(ruleOfPattern(stored)?.start, '2010-08-23');
  assert.equal(ruleOfPattern(shifted)?.start, '2010-08-30');
});

test('what the model has no words for is refused, never approximated', () => {
  const stored = readRecurrencePattern(bytesOf(vectors.lastTuesdayOfEverySecondMonth))!;
  assert.equal(ruleOfPattern({ ...stored, specific: [0b110, 5] }), undefined, 'two weekdays');
  assert.equal(ruleOfPattern({ ...stored, specific: [4, 6] }), undefined, 'a sixth Tuesday');
  assert.equal(ruleOfPattern({ ...stored, calendarType: 6 }), undefined, 'Hijri months');
  assert.equal(ruleOfPattern({ ...stored, endType: 7 }), undefined, 'an unknown end');
  assert.equal(ruleOfPattern({ ...stored, period: 0 }), undefined, 'no period');
});

test('bytes behind the end are kept, and cut-off bytes are no rule', () => {
  const whole = vectors.weeklyWithException;
  const withJunk = readAppointmentRecurrence(bytesOf(`${whole}DEADBEEF`));
  assert.equal(withJunk && writeAppointmentRecurrence(withJunk).toString('hex').toUpperCase(), `${whole}DEADBEEF`);
  for (let length = 0; length < whole.length / 2; length += 1) {
    assert.equal(readAppointmentRecurrence(bytesOf(whole).subarray(0, length)), undefined, `${length} bytes`);
  }
});

test('every rule of a task comes back from its bytes, whatever its pattern and its end', () => {
  fc.assert(
    fc.property(taskRecurrences.map(normaliseTaskRule), (rule) => {
      const pattern = patternOfRule(rule);
      assert.ok(pattern !== undefined);
      const bytes = writeRecurrencePattern(pattern);
      const read = readRecurrencePattern(bytes);
      assert.deepEqual(read, pattern);
      const found = read && ruleOfPattern(read);
      assert.deepEqual(found && normaliseTaskRule(found), rule);
    }),
    { numRuns: 400 },
  );
});

test('damaged and random bytes are answered quickly and never with an exception', () => {
  const seeds = [...appointments, ...patternsOnly].map((name) => bytesOf(vectors[name]));
  const damaged = fc
    .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { minLength: 1, maxLength: 6 }))
    .map(([seed, edits]) => {
      const copy = Buffer.from(seed);
      for (const [at, byte] of edits) copy[at % copy.length] = byte;
      return copy;
    });
  const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(damaged, damaged, random), (bytes) => {
      const blob = readAppointmentRecurrence(bytes);
      if (blob !== undefined) {
        assert.deepEqual(writeAppointmentRecurrence(blob).length, bytes.length);
        seriesOfBlob(blob, { allDay: false });
      }
      const pattern = readRecurrencePattern(bytes);
      if (pattern !== undefined) ruleOfPattern(pattern);
    }),
    { numRuns: 1500 },
  );
});
