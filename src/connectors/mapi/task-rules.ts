/**
 * Completing a recurring task (MS-OXOTASK 3.1.4.2): the item is one live task, so what is done is put aside as a task of its
 * own and the live one moves on to its next date. Servers behind web services do this; over other faces the client does.
 */
import { taskDates } from '#model/expand.ts';
import type { PlainDate, Task, TaskProgress } from '#model/item.ts';
import {
  civilOf,
  dateOf,
  daySeconds,
  daysInMonth,
  daysOf,
  daysOfCivil,
  localOf,
  secondsOf,
} from '#model/local-time.ts';
import { normalise } from '#model/normalise.ts';
import type { Range, Regeneration, TaskRecurrence } from '#model/recurrence.ts';

export interface Advance {
  /** What is put aside: completed, and recurring no more. */
  readonly done: Task;
  /** What the live task becomes. */
  readonly next: Task;
}

/** Undefined: it was the last one, or the task does not recur; then it is simply completed. */
export function advanced(task: Task, completion: TaskProgress, today: PlainDate): Advance | undefined {
  const { recurrence, dates = {} } = task;
  if (recurrence === undefined) return undefined;
  const completed = completion.completed ?? today;
  const current = dates.due ?? dates.start ?? recurrence.start;
  const date = nextDate(recurrence, current, completed);
  const range = date === undefined ? undefined : rest(recurrence.range, date);
  if (date === undefined || range === undefined) return undefined;
  const moved = daysOf(date) - daysOf(current);
  const { recurrence: _, reminder: __, ...single } = task;
  const next: Task = {
    ...task,
    dates: {
      ...(dates.start !== undefined && { start: later(dates.start, moved) }),
      ...(dates.due !== undefined && { due: later(dates.due, moved) }),
    },
    progress: { status: 'notStarted', percent: 0 },
    recurrence: { ...recurrence, range, start: date },
    ...(task.reminder && {
      reminder: { at: `${localOf(secondsOf(task.reminder.at.slice(0, 19)) + moved * daySeconds)}Z` },
    }),
  };
  return {
    done: normalise({ ...single, progress: { status: 'completed', percent: 100, completed } }),
    next: normalise(next),
  };
}

function nextDate(rule: TaskRecurrence, current: PlainDate, completed: PlainDate): PlainDate | undefined {
  if (rule.pattern.kind === 'regenerating') return regenerated(rule.pattern, completed);
  const unbounded: TaskRecurrence = { ...rule, range: { kind: 'noEnd' } };
  const [next] = taskDates(unbounded, { from: later(current, 1), max: 1 });
  return next;
}

/** Counted from the completion; the 31st of a shorter month is its last day. */
function regenerated({ unit, interval }: Regeneration, completed: PlainDate): PlainDate {
  if (unit === 'day' || unit === 'week') return later(completed, interval * (unit === 'week' ? 7 : 1));
  const { year, month, day } = civilOf(daysOf(completed));
  const months = year * 12 + month - 1 + interval * (unit === 'year' ? 12 : 1);
  const [newYear, newMonth] = [Math.floor(months / 12), (months % 12) + 1];
  return dateOf(daysOfCivil(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth))));
}

/** What is left of a range when the task moves on to a date; undefined: nothing. */
function rest(range: Range, date: PlainDate): Range | undefined {
  switch (range.kind) {
    case 'noEnd':
      return range;
    case 'until':
      return date <= range.date ? range : undefined;
    case 'count':
      return range.count > 1 ? { kind: 'count', count: range.count - 1 } : undefined;
  }
}

function later(date: PlainDate, days: number): PlainDate {
  return dateOf(daysOf(date) + days);
}
