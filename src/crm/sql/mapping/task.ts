/** A to-do: an activity shown in the to-do list, and back. Pure. */
import type { Path } from '#model/groups.ts';
import type { Importance, Task, TaskProgress, TaskStatus } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { columnsAt, type Places, withColumns } from './places.ts';
import { type RepeatRow, repeatRowOf, taskRecurrenceOf } from './repeat.ts';
import { meaningOf, priorities, sensitivities, statuses, textOf } from './values.ts';

/** Columns of `crm.activity` that a to-do uses. */
export interface TaskRow {
  readonly description: string | null;
  readonly start_date: string | null;
  readonly due_date: string | null;
  readonly status: string | null;
  readonly percent_complete: number;
  readonly done_date: string | null;
  readonly alarm: boolean;
  readonly alarm_at: string | null;
  readonly priority: string | null;
  readonly sensitivity: string | null;
  readonly categories: readonly string[];
  readonly comments: string | null;
}

export interface TaskRecord {
  readonly row: TaskRow;
  readonly repeat: RepeatRow | null;
}

export interface TaskChanges {
  readonly row?: TaskRow;
  /** Null removes the rule. */
  readonly repeat?: RepeatRow | null;
}

export const taskPlaces: Places = {
  title: ['activity.description'],
  'dates.start': ['activity.start_date'],
  'dates.due': ['activity.due_date'],
  progress: ['activity.status', 'activity.percent_complete', 'activity.done_date'],
  recurrence: [
    'activity_repeat.frequency',
    'activity_repeat.every',
    'activity_repeat.weekdays',
    'activity_repeat.first_weekday',
    'activity_repeat.day_of_month',
    'activity_repeat.week',
    'activity_repeat.weekday',
    'activity_repeat.month',
    'activity_repeat.unit',
    'activity_repeat.until_date',
    'activity_repeat.occurrences',
    'activity_repeat.start_date',
  ],
  reminder: ['activity.alarm', 'activity.alarm_at'],
  importance: ['activity.priority'],
  sensitivity: ['activity.sensitivity'],
  categories: ['activity.categories'],
  body: ['activity.comments'],
};

/** The normalised task a record says. */
export function taskOf({ row, repeat }: TaskRecord): Task {
  const recurrence = repeat === null ? undefined : taskRecurrenceOf(repeat, row.start_date ?? row.due_date);
  const importance = meaningOf(priorities, row.priority, undefined);
  const sensitivity = meaningOf(sensitivities, row.sensitivity, undefined);
  return normalise<Task>({
    kind: 'task',
    ...(row.description === null ? {} : { title: row.description }),
    dates: {
      ...(row.start_date === null ? {} : { start: row.start_date }),
      ...(row.due_date === null ? {} : { due: row.due_date }),
    },
    progress: progressOf(row),
    ...(recurrence === undefined ? {} : { recurrence }),
    ...(row.alarm && row.alarm_at !== null ? { reminder: { at: row.alarm_at } } : {}),
    ...(importance === undefined ? {} : { importance }),
    ...(sensitivity === undefined ? {} : { sensitivity }),
    categories: row.categories,
    ...(row.comments === null ? {} : { body: { text: row.comments } }),
  });
}

/** The record for a task; texts that mean the same as the stored ones stay as they are. */
export function taskRecordOf(task: Task, stored?: TaskRow): TaskRecord {
  const { dates, progress, reminder, recurrence } = task;
  return {
    row: {
      description: task.title ?? null,
      start_date: dates?.start ?? null,
      due_date: dates?.due ?? null,
      status: textOf<TaskStatus>(statuses, progress.status, stored?.status, 'notStarted'),
      percent_complete: progress.percent,
      done_date: progress.completed ?? null,
      alarm: reminder !== undefined,
      alarm_at: reminder?.at ?? null,
      priority: textOf<Importance | undefined>(priorities, task.importance, stored?.priority, undefined),
      sensitivity: textOf(sensitivities, task.sensitivity, stored?.sensitivity, undefined),
      categories: task.categories ?? [],
      comments: task.body?.text ?? null,
    },
    repeat: recurrence === undefined ? null : repeatRowOf(recurrence),
  };
}

/** What brings `current` to `target` at `paths`, and nothing else. */
export function taskChanges(current: TaskRecord, target: Task, paths: readonly Path[]): TaskChanges {
  const wanted = taskRecordOf(target, current.row);
  const row = withColumns(current.row, wanted.row, columnsAt(taskPlaces, 'activity', paths));
  return {
    ...(row === undefined ? {} : { row }),
    ...(paths.includes('recurrence') ? { repeat: wanted.repeat } : {}),
  };
}

function progressOf(row: TaskRow): TaskProgress {
  const status = meaningOf<TaskStatus>(statuses, row.status, 'notStarted');
  return {
    status,
    percent: row.percent_complete,
    ...(status === 'completed' && row.done_date !== null ? { completed: row.done_date } : {}),
  };
}
