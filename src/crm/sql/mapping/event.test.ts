import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CalendarEvent } from '#model/item.ts';
import { project } from '#model/project.ts';
import { events } from '#testing/arbitrary-items.ts';
import { sqlCrmCapabilities } from '../capabilities.ts';
import { type EventRecord, eventChanges, eventOf, eventRecordOf } from './event.ts';
import { attendeesOf, type ParticipantRow, participantChanges } from './participant.ts';

const { fields, zones } = sqlCrmCapabilities.kinds.event!;
const ownerId = 1;

test('an event comes back as what the CRM can hold of it', () => {
  fc.assert(
    fc.property(events, (event) => {
      assert.deepEqual(eventOf(recordOf(event)), project(event, fields, zones));
    }),
  );
});

test('an edit of the whole groups writes nothing to the row when both say the same', () => {
  fc.assert(
    fc.property(events, (event) => {
      assert.equal(eventChanges(recordOf(event), event, Object.keys(fields)).row, undefined);
      const { participants } = recordOf(event);
      assert.deepEqual(participantChanges(participants, event.attendees ?? {}, ['attendees'], new Map(), ownerId), {
        remove: [],
        put: [],
      });
    }),
  );
});

test('any list of attendees becomes any other, whoever the addresses belong to', () => {
  const person = fc.record({
    employee_id: fc.option(fc.integer({ min: 1, max: 3 })),
    contact_id: fc.option(fc.integer({ min: 1, max: 3 })),
  });
  fc.assert(
    fc.property(events, events, fc.infiniteStream(person), (from, to, people) => {
      const known = new Map(
        [...Object.keys(from.attendees ?? {}), ...Object.keys(to.attendees ?? {})].map((address) => [
          address,
          people.next().value!,
        ]),
      );
      const first = applyTo([], from);
      assert.deepEqual(attendeesOf(first), from.attendees ?? {});
      assert.deepEqual(sorted(attendeesOf(applyTo(first, to))), to.attendees ?? {});

      function applyTo(rows: readonly ParticipantRow[], target: CalendarEvent): readonly ParticipantRow[] {
        const { remove, put } = participantChanges(rows, target.attendees ?? {}, ['attendees'], known, ownerId);
        const kept = rows.filter((row) => !remove.includes(row) && !put.some((each) => key(each) === key(row)));
        const keys = put.map(key);
        assert.equal(new Set(keys).size, keys.length);
        return [...kept, ...put];
      }
    }),
  );
});

test('an exception of a day-long series is found by its day, whatever time of day somebody typed', () => {
  const event: CalendarEvent = {
    kind: 'event',
    when: { start: '2026-03-05T00:00:00', end: '2026-03-06T00:00:00', allDay: true },
    recurrence: { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'noEnd' } },
    showAs: 'free',
  };
  const { exceptions, ...rest } = recordOf({ ...event, overrides: { '2026-03-07T09:00:00': { excluded: true } } });
  const current = { ...rest, exceptions };
  assert.deepEqual(eventOf(current).overrides, { '2026-03-07T00:00:00': { excluded: true } });
  const { removedExceptions } = eventChanges(current, event, ['overrides.2026-03-07T00:00:00']);
  assert.deepEqual(removedExceptions, ['2026-03-07T09:00:00']);
});

function recordOf(event: CalendarEvent): EventRecord {
  const participants = participantChanges([], event.attendees ?? {}, ['attendees'], new Map(), ownerId).put;
  return { ...eventRecordOf(event), participants };
}

function key(row: ParticipantRow): string {
  return `${row.employee_id}/${row.contact_id}/${row.employee_id === null && row.contact_id === null ? row.address : ''}`;
}

function sorted(attendees: CalendarEvent['attendees']): CalendarEvent['attendees'] {
  return Object.fromEntries(Object.entries(attendees ?? {}).sort(([one], [two]) => (one < two ? -1 : 1)));
}
