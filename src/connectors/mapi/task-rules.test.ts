import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { taskDates } from '#model/expand.ts';
import type { Task } from '#model/item.ts';
import { normaliseTaskRule } from '#model/normalise-rule.ts';
import type { TaskRecurrence } from '#model/recurrence.ts';
import { problems } from '#model/validate.ts';
import { taskRecurrences } from '#testing/arbitrary-rules.ts';
import { advanced } from './task-rules.ts';

const done = { status: 'completed', percent: 100, completed: '2026-03-10' } as const;

function task(recurrence: TaskRecurrence): Task {
  return {
    kind: 'task',
    title: 'Report',
    dates: { start: '2026-03-04', due: recurrence.start },
    progress: { status: 'inProgress', percent: 50 },
    recurrence,
    reminder: { at: '2026-03-06T07:30:00Z' },
  };
}

const fridays: TaskRecurrence = {
  pattern: { kind: 'weekly', interval: 2, days: ['friday'], firstDay: 'monday' },
  range: { kind: 'count', count: 3 },
  start: '2026-03-06',
};

test('completing one of a recurring task puts it aside and moves the task on, with one less to come', () => {
  const advance = advanced(task(fridays), done, '2026-03-11');
  assert.deepEqual(advance?.done, {
    kind: 'task',
    title: 'Report',
    dates: { start: '2026-03-04', due: '2026-03-06' },
    progress: done,
  });
  assert.deepEqual(advance?.next, {
    kind: 'task',
    title: 'Report',
    dates: { start: '2026-03-18', due: '2026-03-20' },
    progress: { status: 'notStarted', percent: 0 },
    recurrence: { ...fridays, range: { kind: 'count', count: 2 }, start: '2026-03-20' },
    reminder: { at: '2026-03-20T07:30:00Z' },
  });
});

test('a task that regenerates counts from the day it was done', () => {
  const regenerating = (unit: 'day' | 'week' | 'month' | 'year', interval: number, completed: string) => {
    const rule: TaskRecurrence = {
      pattern: { kind: 'regenerating', unit, interval },
      range: { kind: 'noEnd' },
      start: '2026-03-06',
    };
    return advanced(task(rule), { ...done, completed }, '2026-03-11')?.next.dates?.due;
  };
  assert.equal(regenerating('day', 3, '2026-03-10'), '2026-03-13');
  assert.equal(regenerating('week', 1, '2026-03-10'), '2026-03-17');
  assert.equal(regenerating('month', 1, '2026-01-31'), '2026-02-28');
  assert.equal(regenerating('year', 1, '2024-02-29'), '2025-02-28');
});

test('the last one is simply completed, and so is a task that does not recur', () => {
  const last = { ...fridays, range: { kind: 'count', count: 1 } } as const;
  assert.equal(advanced(task(last), done, '2026-03-11'), undefined);
  const over = { ...fridays, range: { kind: 'until', date: '2026-03-19' } } as const;
  assert.equal(advanced(task(over), done, '2026-03-11'), undefined);
  assert.equal(
    advanced({ kind: 'task', progress: { status: 'notStarted', percent: 0 } }, done, '2026-03-11'),
    undefined,
  );
});

test('completed again and again, a task goes through all dates of its rule and ends', () => {
  fc.assert(
    fc.property(taskRecurrences.map(normaliseTaskRule), (rule) => {
      if (rule.pattern.kind === 'regenerating' || rule.range.kind !== 'count') return;
      const seen: (string | undefined)[] = [];
      let live: Task | undefined = {
        kind: 'task',
        dates: { due: rule.start },
        progress: { status: 'notStarted', percent: 0 },
        recurrence: rule,
      };
      while (live !== undefined) {
        assert.deepEqual(problems(live), []);
        seen.push(live.dates?.due);
        live = advanced(live, { status: 'completed', percent: 100 }, '2026-03-11')?.next;
      }
      assert.deepEqual(seen, [...taskDates(rule, { max: 1000 })]);
    }),
    { numRuns: 150 },
  );
});
