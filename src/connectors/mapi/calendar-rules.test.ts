import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CalendarEvent } from '#model/item.ts';
import { secondsOf } from '#model/local-time.ts';
import { normalise } from '#model/normalise.ts';
import { problems } from '#model/validate.ts';
import { events } from '#testing/arbitrary-items.ts';
import { appointmentFacts, isSignificantChange, mayChange, reminderTimes } from './calendar-rules.ts';

const zone = 'Europe/Berlin';
const single: CalendarEvent = {
  kind: 'event',
  title: 'Review',
  when: { start: '2026-03-05T09:00:00', end: '2026-03-05T10:30:00', allDay: false, zone },
  showAs: 'busy',
};
const weekly: CalendarEvent = {
  ...single,
  recurrence: {
    pattern: { kind: 'weekly', interval: 1, days: ['thursday'], firstDay: 'monday' },
    range: { kind: 'count', count: 6 },
  },
};

test('a single appointment says that it does not recur, and its span is its own time', () => {
  assert.deepEqual(appointmentFacts(single, zone), {
    start: '2026-03-05T08:00:00Z',
    end: '2026-03-05T09:30:00Z',
    clipStart: '2026-03-05T08:00:00Z',
    clipEnd: '2026-03-05T09:30:00Z',
    durationMinutes: 90,
    isRecurring: false,
    recurrenceType: 0,
    stateFlags: 0,
    responseStatus: 0,
    iconIndex: 0x400,
  });
});

test('a series spans from its first midnight to the end of its last occurrence, also when the clocks change between', () => {
  const facts = appointmentFacts(weekly, zone);
  assert.equal(facts.clipStart, '2026-03-04T23:00:00Z');
  assert.equal(facts.clipEnd, '2026-04-09T08:30:00Z', 'an hour earlier in UTC by summer time');
  assert.deepEqual([facts.isRecurring, facts.recurrenceType, facts.iconIndex], [true, 2, 0x401]);
  const endless = { ...weekly, recurrence: { ...weekly.recurrence!, range: { kind: 'noEnd' as const } } };
  assert.equal(appointmentFacts(endless, zone).clipEnd, '4500-08-31T23:59:00Z');
});

test('whole days and appointments without length keep their duration', () => {
  const allDay = { ...single, when: { start: '2026-03-29T00:00:00', end: '2026-03-30T00:00:00', allDay: true } };
  const facts = appointmentFacts(allDay, zone);
  assert.equal(facts.durationMinutes, 1440, 'the day the clocks go forward is a whole day too');
  assert.equal(secondsOf(facts.end.slice(0, 19)) - secondsOf(facts.start.slice(0, 19)), 23 * 3600);
  const point = { ...single, when: { ...single.when, end: single.when.start } };
  assert.equal(appointmentFacts(point, zone).durationMinutes, 0);
});

test('whatever the event, its times are in order and inside its span', () => {
  fc.assert(
    fc.property(events, (event) => {
      const facts = appointmentFacts(event, event.when.zone ?? zone);
      assert.ok(facts.clipStart <= facts.start && facts.start <= facts.end && facts.end <= facts.clipEnd);
      assert.equal(facts.isRecurring, facts.recurrenceType !== 0);
    }),
  );
});

test('the state of a meeting follows from who organizes it, what was answered and whether it was cancelled', () => {
  const stateOf = (more: Partial<CalendarEvent>) => {
    const { stateFlags, responseStatus, iconIndex } = appointmentFacts({ ...single, ...more }, zone);
    return [stateFlags, responseStatus, iconIndex];
  };
  assert.deepEqual(stateOf({ attendees: { 'bob@example.test': { role: 'required' } } }), [1, 1, 0x402]);
  assert.deepEqual(stateOf({ meeting: { organizing: false } }), [3, 5, 0x402]);
  assert.deepEqual(stateOf({ meeting: { organizing: false, myResponse: 'accepted' } }), [3, 3, 0x402]);
  assert.deepEqual(stateOf({ meeting: { organizing: true, cancelled: true } }), [5, 1, 0x402]);
});

test('a reminder rings before the start; of a series before the next occurrence that takes place', () => {
  const reminder = { minutesBefore: 15 };
  assert.deepEqual(reminderTimes({ ...single, reminder }, zone, '2026-01-01T00:00:00Z'), {
    time: '2026-03-05T08:00:00Z',
    signal: '2026-03-05T07:45:00Z',
  });
  const series: CalendarEvent = normalise({
    ...weekly,
    reminder,
    overrides: {
      '2026-03-12T09:00:00': { excluded: true },
      '2026-03-19T09:00:00': {
        patch: { when: { start: '2026-03-19T11:00:00', end: '2026-03-19T12:00:00', allDay: false } },
      },
    },
  });
  assert.equal(reminderTimes(series, zone, '2026-03-06T00:00:00Z')?.time, '2026-03-19T10:00:00Z');
  assert.equal(reminderTimes(series, zone, '2027-01-01T00:00:00Z')?.time, '2026-03-05T08:00:00Z', 'all are over');
  assert.equal(reminderTimes(single, zone, '2026-01-01T00:00:00Z'), undefined);
});

test('times, rule, occurrences and place are what attendees must answer again; a text is not', () => {
  assert.ok(isSignificantChange(['title', 'when']));
  assert.ok(isSignificantChange(['overrides.2026-03-05T09:00:00']));
  assert.ok(!isSignificantChange(['title', 'body', 'showAs', 'reminder', 'categories']));
});

test('on somebody else’s meeting only what is one’s own may be changed', () => {
  const theirs: CalendarEvent = { ...single, meeting: { organizing: false } };
  assert.deepEqual(
    ['when', 'title', 'attendees', 'recurrence', 'overrides', 'showAs', 'reminder', 'categories'].filter((group) =>
      mayChange(theirs, group),
    ),
    ['showAs', 'reminder', 'categories'],
  );
  assert.ok(mayChange(single, 'when') && mayChange({ ...single, meeting: { organizing: true } }, 'when'));
});

test('an occurrence stays between its neighbours', () => {
  const moved = (start: string, end: string): CalendarEvent => ({
    ...weekly,
    overrides: { '2026-03-12T09:00:00': { patch: { when: { start, end, allDay: false } } } },
  });
  const codes = (event: CalendarEvent) => problems(event).map(({ code }) => code);
  assert.deepEqual(codes(moved('2026-03-18T09:00:00', '2026-03-18T10:00:00')), []);
  assert.deepEqual(codes(moved('2026-03-19T20:00:00', '2026-03-19T21:00:00')), ['overrideCrossesNeighbour']);
});
