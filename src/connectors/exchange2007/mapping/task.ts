/**
 * Tasks (MS-OXOTASK). Dates are midnights of UTC, whatever the zone; only the pair beside them is in local midnights. Status,
 * percentage and completion say one thing three times and are written together.
 */
import type { Update } from '#contract/connector.ts';
import type { Fields } from '#model/groups.ts';
import { groupOf } from '#model/groups.ts';
import type { Instant, Item, PlainDate, Task, TaskStatus } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { toInstant, toLocal } from '#model/zones.ts';
import { taskDateInstant, taskDateOf } from '../../mapi/instant.ts';
import { readRecurrencePattern, writeRecurrencePattern } from '../../mapi/recurrence-pattern.ts';
import { patternOfRule, ruleOfPattern } from '../../mapi/recurrence-rule.ts';
import { contradiction, refuse } from '../../mapi/refusal.ts';
import { type Advance, advanced } from '../../mapi/task-rules.ts';
import type { Properties } from '../operations/multistatus.ts';
import { lid, type PropertyChange } from '../operations/property.ts';
import {
  baseChanges,
  baseProperties,
  bytes,
  classChanges,
  commonTimes,
  flag,
  iconChange,
  instantIn,
  newBase,
  number,
  readBase,
  reminderChanges,
  reminderSetProperty,
  reminderTimeProperty,
  time,
} from './base.ts';
import type { BuildChanges, BuildMapping, KindMapping, MappingContext, ReadMapping } from './mapping.ts';

const is = {
  status: lid('task', 0x8101, 'int'),
  percent: lid('task', 0x8102, 'float'),
  isTeamTask: lid('task', 0x8103, 'boolean'),
  start: lid('task', 0x8104, 'dateTime.tz'),
  due: lid('task', 0x8105, 'dateTime.tz'),
  isDead: lid('task', 0x8109, 'boolean'),
  completed: lid('task', 0x810f, 'dateTime.tz'),
  rule: lid('task', 0x8116, 'bin.base64'),
  isComplete: lid('task', 0x811c, 'boolean'),
  isRecurring: lid('task', 0x8126, 'boolean'),
  ownership: lid('task', 0x8129, 'int'),
} as const;

const capableFields: Fields = {
  title: true,
  dates: true,
  progress: true,
  recurrence: true,
  reminder: true,
  importance: true,
  sensitivity: true,
  categories: true,
  body: ['text'],
};

export const taskMapping: KindMapping = {
  kind: 'task',
  folder: 'tasks',
  capabilities: {
    fields: capableFields,
    patterns: ['daily', 'weekly', 'monthly', 'monthlyByWeekday', 'yearly', 'yearlyByWeekday', 'regenerating'],
    zones: 'windows',
  },
  itemClass: 'IPM.Task',
  properties: [
    ...baseProperties,
    reminderSetProperty,
    reminderTimeProperty,
    ...[is.status, is.percent, is.start, is.due, is.completed, is.rule, is.isComplete, is.isRecurring, is.ownership],
  ],
  read,
  create,
  update,
};

/** PidLidTaskOwnership of the copy that stays with who gave the task away. */
const delegated = 1;

/** By number. */
const statuses: readonly TaskStatus[] = ['notStarted', 'inProgress', 'completed', 'waiting', 'deferred'];

function read(found: Properties, { mailboxZone }: MappingContext): ReadMapping {
  const { subject, body, importance, sensitivity, categories } = readBase(found);
  const dateOf = (instant: Instant | undefined) => instant && taskDateOf(instant, mailboxZone);
  const recurrence = found.flag(is.isRecurring) ? ruleOf(found) : undefined;
  if (found.flag(is.isRecurring) && recurrence === undefined) {
    return refuse('item.unsupported', 'the task has a rule that is not understood', 'recurrence');
  }
  const at = found.flag(reminderSetProperty) ? instantIn(found, reminderTimeProperty) : undefined;
  const task = {
    kind: 'task',
    title: subject,
    dates: { start: dateOf(instantIn(found, is.start)), due: dateOf(instantIn(found, is.due)) },
    progress: progressOf(found, dateOf(instantIn(found, is.completed))),
    recurrence,
    reminder: at && { at },
    importance,
    sensitivity,
    categories,
    body,
  };
  return { ok: true, value: normalise(task as unknown as Task) };
}

function ruleOf(found: Properties): Task['recurrence'] {
  const blob = found.bytes(is.rule);
  const pattern = blob && readRecurrencePattern(blob);
  return pattern && ruleOfPattern(pattern);
}

function progressOf(found: Properties, completed: PlainDate | undefined): Task['progress'] {
  const percent = Math.min(100, Math.max(0, Math.round((found.number(is.percent) ?? 0) * 100)));
  const status = found.flag(is.isComplete) ? 'completed' : (statuses[found.number(is.status) ?? 0] ?? 'notStarted');
  return status === 'completed' && completed !== undefined ? { status, percent, completed } : { status, percent };
}

function create(item: Item, context: MappingContext): BuildMapping {
  if (item.kind !== 'task') return refuse('defect.internal', `a ${item.kind} was given to the task mapping`);
  const refused = contradiction(item) ?? impossibility(item);
  if (refused !== undefined) return refused;
  const rule = ruleChanges(item);
  if (!rule.ok) return rule;
  const changes = [
    ...classChanges('task', 'IPM.Task', 0x110, iconOf(item)),
    flag(is.isTeamTask, false),
    ...newBase(['title', 'importance', 'sensitivity', 'categories', 'body'], item),
    ...dateChanges(item, context),
    ...progressChanges(item, context),
    ...rule.value,
    ...taskReminderChanges(item),
  ];
  return { ok: true, value: { changes: changes.filter(({ value }) => value !== undefined) } };
}

function update({ id, target, paths }: Update, context: MappingContext, stored: Properties): BuildMapping {
  if (target.kind !== 'task') return refuse('defect.internal', `a ${target.kind} was given to the task mapping`);
  if (stored.number(is.ownership) === delegated) {
    return refuse('item.denied', 'The task was given to somebody, who alone changes it.', paths[0]);
  }
  const groups = [...new Set(paths.map(groupOf))];
  const refused = contradiction(target, paths) ?? (groups.includes('progress') ? impossibility(target) : undefined);
  if (refused !== undefined) return refused;
  const isCompleted = groups.includes('progress') && target.progress.status === 'completed';
  const today = toLocal(context.now, context.mailboxZone).slice(0, 10);
  const advance = isCompleted && isLive(stored) ? advanced(target, target.progress, today) : undefined;
  if (advance !== undefined) return advanceWrite(id, advance, groups, context);
  const written = changesOfAll(groups, target, context);
  return written.ok ? { ok: true, value: { changes: written.value } } : written;
}

/** A recurring task that is not over. */
function isLive(stored: Properties): boolean {
  const isComplete = stored.flag(is.isComplete) || statuses[stored.number(is.status) ?? 0] === 'completed';
  return stored.flag(is.isRecurring) && !isComplete;
}

/** The name of what is put aside is the same however often the write is tried, so that it is made once. */
function advanceWrite(
  id: string,
  { done, next }: Advance,
  groups: readonly string[],
  context: MappingContext,
): BuildMapping {
  const aside = create(done, context);
  if (!aside.ok) return aside;
  const moving = [...new Set([...groups, 'dates', 'progress', 'recurrence', ...(next.reminder ? ['reminder'] : [])])];
  const changes = changesOfAll(moving, next, context);
  if (!changes.ok) return changes;
  const name = `${id.slice('rid:'.length)}-${next.recurrence?.start}`;
  return { ok: true, value: { changes: changes.value, aside: { name, changes: aside.value.changes } } };
}

function changesOfAll(groups: readonly string[], task: Task, context: MappingContext): BuildChanges {
  const changes: PropertyChange[] = [];
  for (const group of groups) {
    const found = changesOf(group, task, context);
    if (!found.ok) return found;
    changes.push(...found.value);
  }
  return { ok: true, value: changes };
}

/** Exchange completes a task as soon as its percentage is 100. */
function impossibility({ progress }: Task) {
  if (progress.percent < 100 || progress.status === 'completed') return undefined;
  return refuse('item.unsupported', 'A task that is done to 100 percent is completed in Exchange.', 'progress');
}

function changesOf(group: string, task: Task, context: MappingContext): BuildChanges {
  switch (group) {
    case 'dates':
      return { ok: true, value: dateChanges(task, context) };
    case 'progress':
      return { ok: true, value: progressChanges(task, context) };
    case 'recurrence':
      return ruleChanges(task);
    case 'reminder':
      return { ok: true, value: taskReminderChanges(task) };
    default:
      return { ok: true, value: baseChanges(group, task) ?? [] };
  }
}

function iconOf({ recurrence }: Task): number {
  return recurrence === undefined ? 0x500 : 0x501;
}

function dateChanges({ dates = {} }: Task, { mailboxZone }: MappingContext): readonly PropertyChange[] {
  const utc = (date: PlainDate | undefined) => (date === undefined ? undefined : taskDateInstant(date));
  const local = (date: PlainDate | undefined) =>
    date === undefined ? undefined : toInstant(`${date}T00:00:00`, mailboxZone);
  return [
    time(is.start, utc(dates.start)),
    time(is.due, utc(dates.due)),
    ...commonTimes(local(dates.start), local(dates.due)),
  ];
}

/** A completion has a day in Exchange; where none is known it is today. */
function progressChanges({ progress }: Task, { now, mailboxZone }: MappingContext): readonly PropertyChange[] {
  const { status, percent } = progress;
  const isDone = status === 'completed';
  const day = isDone ? (progress.completed ?? toLocal(now, mailboxZone).slice(0, 10)) : undefined;
  return [
    number(is.status, statuses.indexOf(status)),
    number(is.percent, percent / 100),
    flag(is.isComplete, isDone),
    time(is.completed, day === undefined ? undefined : taskDateInstant(day)),
  ];
}

function ruleChanges(task: Task): BuildChanges {
  const { recurrence } = task;
  const pattern = recurrence && patternOfRule(recurrence);
  if (recurrence !== undefined && pattern === undefined) {
    return refuse('item.unsupported', 'The rule has no first date.', 'recurrence');
  }
  return {
    ok: true,
    value: [
      flag(is.isRecurring, recurrence !== undefined),
      flag(is.isDead, false),
      bytes(is.rule, pattern && writeRecurrencePattern(pattern)),
      iconChange(iconOf(task)),
    ],
  };
}

/** A task's reminder rings at its own time. */
function taskReminderChanges({ reminder }: Task): readonly PropertyChange[] {
  return reminderChanges(reminder && { time: reminder.at, signal: reminder.at });
}
