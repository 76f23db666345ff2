import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CalendarEvent, Task } from './item.ts';
import { lastDayOf } from './last-day.ts';

const lunch: CalendarEvent = {
  kind: 'event',
  when: { start: '2026-03-02T12:00:00', end: '2026-03-02T13:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
};
const weekly = { kind: 'weekly', interval: 1, days: ['monday'], firstDay: 'monday' } as const;

test('the last day of an event is the day its last occurrence ends, wherever that one was moved', () => {
  assert.equal(lastDayOf(lunch), '2026-03-02');
  const series: CalendarEvent = {
    ...lunch,
    recurrence: { pattern: weekly, range: { kind: 'count', count: 3 } },
  };
  assert.equal(lastDayOf(series), '2026-03-16');
  const moved = { start: '2026-03-20T23:00:00', end: '2026-03-21T01:00:00', allDay: false };
  assert.equal(
    lastDayOf({ ...series, overrides: { '2026-03-09T12:00:00': { patch: { when: moved } } } }),
    '2026-03-21',
  );
});

test('a series without end and a contact never become history', () => {
  assert.equal(lastDayOf({ ...lunch, recurrence: { pattern: weekly, range: { kind: 'noEnd' } } }), undefined);
  assert.equal(lastDayOf({ kind: 'contact', name: { surname: 'Ash' } }), undefined);
});

test('the last day of a task is the day it was done, else the day it is due', () => {
  const task: Task = { kind: 'task', dates: { due: '2026-03-05' }, progress: { status: 'notStarted', percent: 0 } };
  assert.equal(lastDayOf(task), '2026-03-05');
  assert.equal(
    lastDayOf({ ...task, progress: { status: 'completed', percent: 100, completed: '2026-03-07' } }),
    '2026-03-07',
  );
  assert.equal(lastDayOf({ kind: 'task', progress: { status: 'notStarted', percent: 0 } }), undefined);
});
