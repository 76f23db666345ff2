import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CalendarEvent } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { series } from '#testing/arbitrary-items.ts';
import { withoutOccurrenceTexts } from '#testing/sayable-items.ts';
import {
  type AppointmentRecurrence,
  readAppointmentRecurrence,
  writeAppointmentRecurrence,
} from './appointment-recurrence.ts';
import { overrideFlags } from './exception-info.ts';
import { blobOfSeries, seriesOfBlob } from './series-blob.ts';

const weekly: CalendarEvent = normalise({
  kind: 'event',
  title: 'Stand-up',
  when: { start: '2026-03-02T09:00:00', end: '2026-03-02T09:15:00', allDay: false, zone: 'Europe/Berlin' },
  recurrence: {
    pattern: { kind: 'weekly', interval: 1, days: ['monday'], firstDay: 'monday' },
    range: { kind: 'count', count: 8 },
  },
  showAs: 'busy',
});

function throughBytes(event: CalendarEvent, stored?: AppointmentRecurrence): CalendarEvent {
  const blob = blobOfSeries(event, stored);
  assert.ok(blob !== undefined);
  const read = readAppointmentRecurrence(writeAppointmentRecurrence(blob));
  assert.deepEqual(read, { ...blob, exceptions: read?.exceptions });
  const found = read && seriesOfBlob(read, { allDay: event.when.allDay, reminder: event.reminder });
  assert.ok(found !== undefined);
  const { start, end, recurrence, overrides } = found;
  return normalise({ ...event, when: { ...event.when, start, end }, recurrence, overrides });
}

test('every series comes back from its blob with its changed and excluded occurrences', () => {
  fc.assert(
    fc.property(series.map(withoutOccurrenceTexts), (event) => {
      assert.deepEqual(throughBytes(event), event);
    }),
    { numRuns: 400 },
  );
});

test('an occurrence moved to another day stands under its old day as deleted and under its new one as changed', () => {
  const when = { start: '2026-03-10T11:00:00', end: '2026-03-10T12:00:00', allDay: false };
  const event = normalise({ ...weekly, overrides: { '2026-03-09T09:00:00': { patch: { when } } } });
  const blob = blobOfSeries(event);
  assert.equal(blob?.pattern.deleted.length, 1);
  assert.equal((blob?.pattern.modified[0] ?? 0) - (blob?.pattern.deleted[0] ?? 0), 1440);
  assert.deepEqual(throughBytes(event), event);
});

test('a reminder switched off, a toggled whole day and an emptied place are said of one occurrence alone', () => {
  const event = normalise({
    ...weekly,
    location: 'Room 1',
    reminder: { minutesBefore: 15 },
    overrides: {
      '2026-03-09T09:00:00': {
        patch: {
          reminder: null,
          location: null,
          when: { start: '2026-03-09T00:00:00', end: '2026-03-10T00:00:00', allDay: true },
        },
      },
    },
  });
  assert.deepEqual(throughBytes(event), event);
  const [exception] = blobOfSeries(event)?.exceptions ?? [];
  assert.equal(exception?.flags, overrideFlags.reminderSet | overrideFlags.location | overrideFlags.subType);
});

test('what an occurrence has beyond the model stays when the series is written again', () => {
  const first = blobOfSeries(
    normalise({
      ...weekly,
      overrides: { '2026-03-09T09:00:00': { patch: { title: 'Guests' } }, '2026-03-16T09:00:00': { excluded: true } },
    }),
  );
  assert.ok(first !== undefined);
  const [exception] = first.exceptions;
  assert.ok(exception !== undefined);
  const ownBody = {
    ...exception,
    start: exception.start + 14 * 1440,
    end: exception.end + 14 * 1440,
    originalStart: exception.originalStart + 14 * 1440,
    flags: overrideFlags.body,
    subject: undefined,
  };
  const { subject: _, ...bodyOnly } = ownBody;
  const stored: AppointmentRecurrence = {
    ...first,
    exceptions: [
      { ...exception, flags: exception.flags | overrideFlags.body | overrideFlags.color, numbers: { color: 3 } },
      bodyOnly,
    ],
  };
  const target = normalise({ ...weekly, overrides: { '2026-03-09T09:00:00': { patch: { title: 'No guests' } } } });
  const rewritten = blobOfSeries(target, stored, true);
  assert.deepEqual(
    rewritten?.exceptions.map(({ flags, numbers }) => [flags, numbers]),
    [
      [overrideFlags.subject | overrideFlags.body | overrideFlags.color, { color: 3 }],
      [overrideFlags.body, {}],
    ],
  );
  assert.deepEqual(throughBytes(target, stored), target);
  const known = blobOfSeries(target, stored);
  assert.deepEqual(
    known?.exceptions.map(({ flags }) => flags),
    [overrideFlags.subject | overrideFlags.color],
    'an event that knows the texts of its occurrences says which there are',
  );
});

test('a time with seconds cannot be said', () => {
  const when = { ...weekly.when, start: '2026-03-02T09:00:30' };
  assert.equal(blobOfSeries({ ...weekly, when }), undefined);
});
