/**
 * What the server itself does to a task when it is saved ([MS-OXOTASK]): status, share done and completion date are one
 * fact said three times, dates lose their time of day, and completing one instance of a recurring task makes the next.
 */
import { Draft } from './draft.ts';
import type { Item } from './item.ts';
import type { Mailbox } from './mailbox.ts';
import { message, todo } from './property-keys.ts';
import { firstDayFrom, type Rule, regeneratedDay } from './recurrence.ts';
import { utcOf, wallOf, type Zone } from './zone.ts';

/** PidLidTaskStatus. */
export const taskStatus = { notStarted: 0, inProgress: 1, completed: 2, waiting: 3, deferred: 4 } as const;

export type TaskFault = 'percentOutOfRange' | 'completedInFuture' | 'noOccurrence';

/** What a write says about dates; UTC milliseconds, read as a date in `zone`. */
export interface TaskDates {
  readonly startMs?: number | undefined;
  readonly dueMs?: number | undefined;
  readonly completedMs?: number | undefined;
  readonly rule?: Rule | 'remove' | undefined;
  readonly zone: Zone;
}

const dayMs = 86_400_000;

/** Completes a task before it is saved; answers why it may not be saved. */
export function completeTask(draft: Draft, dates: TaskDates, mailbox: Mailbox): TaskFault | undefined {
  const percent = draft.get(todo.percentComplete);
  if (percent !== undefined && (percent < 0 || percent > 1)) return 'percentOutOfRange';
  if (dates.completedMs !== undefined && dates.completedMs > mailbox.nowMs + dayMs) return 'completedInFuture';
  setDates(draft, dates);
  const fault = setRule(draft, dates);
  if (fault !== undefined) return fault;
  tieCompletion(draft, dates, mailbox);
  if (draft.get(todo.owner) === undefined) draft.set(todo.owner, mailbox.description.displayName);
  draft.set(todo.recurring, draft.series !== undefined);
  if (draft.touched.size > 0) draft.set(todo.version, (draft.get(todo.version) ?? 0) + 1);
  return undefined;
}

/**
 * Completing one instance of a recurring task: answers a draft of the one-off completed copy, and turns `draft` itself
 * into the next instance. Undefined when the draft does not complete a recurring task, or the series has ended (then the
 * task itself stays, completed).
 */
export function splitCompleted(draft: Draft, before: Item, mailbox: Mailbox): Draft | undefined {
  const { series } = draft;
  if (series?.kind !== 'task' || draft.get(todo.complete) !== true) return undefined;
  if (before.properties.get(todo.complete) === true) return undefined;
  const next = nextStartDay(draft, series.rule, mailbox.nowMs);
  if (next === undefined) return undefined;
  const done = copyOf(draft);
  const shiftDays = next - dayOfTask(draft);
  advance(draft, shiftDays, series.rule, next);
  return done;
}

/** The task's current date as a day number: start, else due. */
function dayOfTask(draft: Draft): number {
  return Math.floor((draft.get(todo.start) ?? draft.get(todo.due) ?? 0) / dayMs);
}

function nextStartDay(draft: Draft, rule: Rule, nowMs: number): number | undefined {
  const today = Math.floor((draft.get(todo.completed) ?? nowMs) / dayMs);
  const current = dayOfTask(draft);
  const remaining = rule.end.kind === 'count' ? rule.end.count : Number.POSITIVE_INFINITY;
  if (remaining <= 1) return undefined;
  if (rule.pattern.kind !== 'regenerate') {
    return firstDayFrom({ ...rule, end: rule.end.kind === 'count' ? { kind: 'none' } : rule.end }, current + 1);
  }
  const day = regeneratedDay(rule.pattern, today);
  return rule.end.kind === 'date' && day > rule.end.day ? undefined : day;
}

function copyOf(draft: Draft): Draft {
  const copy = new Draft();
  for (const [key, value] of draft.content.properties.entries()) copy.set(key, value);
  copy.recipients = draft.recipients;
  copy.attachments = draft.attachments;
  copy.set(todo.recurring, false);
  return copy;
}

function advance(draft: Draft, shiftDays: number, rule: Rule, nextDay: number): void {
  for (const key of [todo.start, todo.due, message.commonStart, message.commonEnd, message.reminderTime]) {
    const value = draft.get(key);
    if (value !== undefined) draft.set(key, value + shiftDays * dayMs);
  }
  draft.set(todo.status, taskStatus.notStarted);
  draft.set(todo.percentComplete, 0);
  draft.set(todo.complete, false);
  draft.delete(todo.completed);
  const end = rule.end.kind === 'count' ? { kind: 'count' as const, count: rule.end.count - 1 } : rule.end;
  draft.series = { kind: 'task', rule: { ...rule, startDay: nextDay, end } };
}

function setDates(draft: Draft, dates: TaskDates): void {
  if (dates.startMs !== undefined) putDate(draft, todo.start, message.commonStart, dates.startMs, dates.zone);
  if (dates.dueMs !== undefined) putDate(draft, todo.due, message.commonEnd, dates.dueMs, dates.zone);
  const start = draft.get(todo.start);
  const due = draft.get(todo.due);
  if (start === undefined || due === undefined || start <= due) return;
  // Start after due: the date that was not written follows the one that was.
  if (dates.startMs !== undefined) putDate(draft, todo.due, message.commonEnd, dates.startMs, dates.zone);
  else if (dates.dueMs !== undefined) putDate(draft, todo.start, message.commonStart, dates.dueMs, dates.zone);
}

/** The date as a floating midnight, and the writer's midnight as an instant. */
function putDate(
  draft: Draft,
  local: typeof todo.start,
  common: typeof message.commonStart,
  utcMs: number,
  zone: Zone,
): void {
  const midnight = Math.floor(wallOf(zone, utcMs) / dayMs) * dayMs;
  draft.set(local, midnight);
  draft.set(common, utcOf(zone, midnight));
}

/** Start and due of a recurring task move to the first match of its rule. */
function setRule(draft: Draft, dates: TaskDates): TaskFault | undefined {
  if (dates.rule === undefined) return undefined;
  if (dates.rule === 'remove') {
    if (draft.series !== undefined) draft.series = undefined;
    return undefined;
  }
  const rule = dates.rule;
  const first = rule.pattern.kind === 'regenerate' ? rule.startDay : firstDayFrom(rule, rule.startDay);
  if (first === undefined) return 'noOccurrence';
  const start = draft.get(todo.start);
  const due = draft.get(todo.due);
  const lengthMs = start !== undefined && due !== undefined ? due - start : 0;
  const firstMs = utcOf(dates.zone, first * dayMs);
  if (start !== undefined || due === undefined) putDate(draft, todo.start, message.commonStart, firstMs, dates.zone);
  putDate(draft, todo.due, message.commonEnd, utcOf(dates.zone, first * dayMs + lengthMs), dates.zone);
  draft.series = { kind: 'task', rule: { ...rule, startDay: first } };
  return undefined;
}

/** The last thing written decides; the others follow it. */
function tieCompletion(draft: Draft, dates: TaskDates, mailbox: Mailbox): void {
  if (draft.get(todo.status) === undefined) draft.set(todo.status, taskStatus.notStarted);
  if (draft.get(todo.percentComplete) === undefined) draft.set(todo.percentComplete, 0);
  const isDone = wantsDone(draft, dates);
  if (isDone) {
    draft.set(todo.status, taskStatus.completed);
    draft.set(todo.percentComplete, 1);
    if (dates.completedMs !== undefined) draft.set(todo.completed, midnightOf(dates.completedMs, dates.zone));
    else if (draft.get(todo.completed) === undefined) {
      draft.set(todo.completed, midnightOf(mailbox.nowMs, mailbox.description.zone));
    }
    draft.set(message.reminderIsSet, false);
  } else {
    if (draft.get(todo.status) === taskStatus.completed) {
      draft.set(
        todo.status,
        (draft.get(todo.percentComplete) ?? 0) > 0 ? taskStatus.inProgress : taskStatus.notStarted,
      );
    }
    if (draft.get(todo.percentComplete) === 1) draft.set(todo.percentComplete, 0);
    draft.delete(todo.completed);
  }
  draft.set(todo.complete, isDone);
}

function wantsDone(draft: Draft, dates: TaskDates): boolean {
  if (dates.completedMs !== undefined) return true;
  const statusWritten = draft.touched.has(todo.status);
  const percentWritten = draft.touched.has(todo.percentComplete);
  if (statusWritten && !percentWritten) return draft.get(todo.status) === taskStatus.completed;
  if (percentWritten && !statusWritten) return draft.get(todo.percentComplete) === 1;
  if (draft.touched.has(todo.completed)) return draft.get(todo.completed) !== undefined;
  return draft.get(todo.status) === taskStatus.completed || draft.get(todo.percentComplete) === 1;
}

function midnightOf(utcMs: number, zone: Zone): number {
  return Math.floor(wallOf(zone, utcMs) / dayMs) * dayMs;
}
