/**
 * Tasks (EWS `t:Task`). Dates are instants whose date `taskDateOf` decides. Status, percentage and completion day hang
 * together on the server: setting one moves the others, so they are written together and in this order.
 */
import type { LinkKey, Update } from '#contract/connector.ts';
import type { Fields, Path } from '#model/groups.ts';
import type { Instant, Item, PlainDate, Task, TaskProgress, TaskReminder, TaskStatus } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';
import { instantOf, taskDateInstant, taskDateOf } from '../../mapi/instant.ts';
import { isOfClass } from '../../mapi/item-class.ts';
import { refuse } from '../../mapi/refusal.ts';
import type { BaseDraft } from './base.ts';
import {
  baseChange,
  bodyElement,
  categoriesElement,
  emptyBase,
  importanceElement,
  readBase,
  sensitivityElement,
} from './base.ts';
import { refusal } from './check.ts';
import { extendedProperty } from './extended.ts';
import type { Leaves, Loose } from './field.ts';
import {
  extendedElement,
  itemShape,
  leafPaths,
  present,
  setField,
  setOrDelete,
  setOrDeleteExtended,
  textElement,
} from './field.ts';
import { linkKeyOf, linkKeyUri } from './link-key.ts';
import type { BuildMapping, KindMapping, MappingContext, ReadMapping } from './mapping.ts';
import { recurrenceElement, recurrenceOf, ruleIn } from './recurrence.ts';
import { binaryRuleOf, taskRuleUri } from './recurrence-blob.ts';
import { readResult } from './result.ts';

/** The mapping of tasks. */
export function taskMapping(linkKeyName: string): KindMapping {
  const keyUri = linkKeyUri(linkKeyName);
  return {
    kind: 'task',
    folder: 'tasks',
    capabilities: { fields: capableFields, patterns: taskPatterns, zones: 'windows' },
    accepts: (itemClass) => isOfClass(itemClass, 'IPM.Task'),
    shape: itemShape(uris, [taskRuleUri, keyUri]),
    shapeBefore: () => undefined,
    read: (element, context) => read(element, context, linkKeyName),
    create: (item, linkKey) => create(item, linkKey, keyUri),
    update: (update) => updates(update, keyUri),
  };
}

const taskPatterns = [
  'daily',
  'weekly',
  'monthly',
  'monthlyByWeekday',
  'yearly',
  'yearlyByWeekday',
  'regenerating',
] as const;

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

const leaves: Leaves = { dates: ['start', 'due'] };

const uris: readonly string[] = [
  'item:ItemClass',
  'item:Subject',
  'item:Sensitivity',
  'item:LastModifiedTime',
  'item:Body',
  'item:Categories',
  'item:Importance',
  'item:ReminderDueBy',
  'item:ReminderIsSet',
  'task:CompleteDate',
  'task:DueDate',
  'task:PercentComplete',
  'task:Recurrence',
  'task:StartDate',
  'task:Status',
];

/** A task while it is read. */
interface Draft extends BaseDraft {
  start: Instant | undefined;
  due: Instant | undefined;
  completed: Instant | undefined;
  percent: number;
  status: string;
  recurrence: XmlElement | undefined;
  binaryRule: string | undefined;
}

function read(element: XmlElement, context: MappingContext, linkKeyName: string): ReadMapping {
  if (element.name !== 'Task') return refuse('item.unsupported', `a ${element.name} is not a task`);
  const draft: Draft = {
    ...emptyBase(),
    start: undefined,
    due: undefined,
    completed: undefined,
    percent: 0,
    status: '',
    recurrence: undefined,
    binaryRule: undefined,
  };
  for (const child of element.children) readChild(draft, child, linkKeyName);
  const recurrence = draft.recurrence && recurrenceOf(draft.recurrence, draft.binaryRule);
  if (draft.recurrence !== undefined && recurrence === undefined) {
    return refuse('item.unsupported', 'the task has a rule that is not understood', 'recurrence');
  }
  const dateOf = (instant: Instant | undefined) => instant && taskDateOf(instant, context.mailboxZone);
  const task: Loose<Task> = {
    kind: 'task',
    title: draft.subject,
    dates: { start: dateOf(draft.start), due: dateOf(draft.due) } as Task['dates'],
    progress: progressOf(draft, dateOf(draft.completed)),
    recurrence,
    reminder: reminderOf(draft),
    importance: draft.importance,
    sensitivity: draft.sensitivity,
    categories: draft.categories,
    body: draft.body,
  };
  return readResult(draft, normalise(task as Task), [], []);
}

function readChild(draft: Draft, child: XmlElement, linkKeyName: string): void {
  switch (child.name) {
    case 'StartDate':
      draft.start = instantOf(child.text);
      break;
    case 'DueDate':
      draft.due = instantOf(child.text);
      break;
    case 'CompleteDate':
      draft.completed = instantOf(child.text);
      break;
    case 'PercentComplete':
      draft.percent = Number(child.text);
      break;
    case 'Status':
      draft.status = child.text;
      break;
    case 'Recurrence':
      draft.recurrence = ruleIn(child);
      break;
    case 'ExtendedProperty': {
      const property = extendedProperty(child);
      draft.binaryRule ??= binaryRuleOf(property);
      draft.linkKey ??= linkKeyOf(property, linkKeyName);
      break;
    }
    default:
      readBase(draft, child);
  }
}

const statusNames: Readonly<Record<TaskStatus, string>> = {
  notStarted: 'NotStarted',
  inProgress: 'InProgress',
  completed: 'Completed',
  waiting: 'WaitingOnOthers',
  deferred: 'Deferred',
};

const statuses = new Map(Object.entries(statusNames).map(([status, name]) => [name, status as TaskStatus]));

function progressOf({ status: name, percent: read }: Draft, completed: PlainDate | undefined): TaskProgress {
  const percent = read >= 0 && read <= 100 ? read : 0;
  const status = statuses.get(name) ?? 'notStarted';
  return status === 'completed' && completed !== undefined ? { status, percent, completed } : { status, percent };
}

function reminderOf({ reminderIsSet, reminderDueBy }: BaseDraft): TaskReminder | undefined {
  return reminderIsSet && reminderDueBy !== undefined ? { at: reminderDueBy } : undefined;
}

function create(item: Item, linkKey: LinkKey, keyUri: Markup): BuildMapping<Markup> {
  if (item.kind !== 'task') return refuse('defect.internal', `a ${item.kind} was given to the task mapping`);
  const refused = refusal(item);
  if (refused !== undefined) return refused;
  return {
    ok: true,
    value: xml`<t:Task>${present(
      textElement('Subject', item.title),
      sensitivityElement(item.sensitivity),
      bodyElement(item.body),
      categoriesElement(item.categories),
      importanceElement(item.importance),
      textElement('ReminderDueBy', item.reminder?.at),
      reminderElement(item.reminder),
      extendedElement(keyUri, linkKey),
      dateElement('CompleteDate', item.progress.completed),
      dateElement('DueDate', item.dates?.due),
      percentElement(item.progress),
      item.recurrence && recurrenceElement(item.recurrence),
      dateElement('StartDate', item.dates?.start),
      statusElement(item.progress),
    )}</t:Task>`,
  };
}

function reminderElement(reminder: TaskReminder | undefined): Markup {
  return xml`<t:ReminderIsSet>${reminder !== undefined}</t:ReminderIsSet>`;
}

function dateElement(name: string, date: PlainDate | undefined): Markup | undefined {
  return textElement(name, date === undefined ? undefined : taskDateInstant(date));
}

/** Where the status alone decides the percentage, the server fills it in. */
function percentElement({ status, percent }: TaskProgress): Markup | undefined {
  if (status === 'completed' || status === 'notStarted') return undefined;
  return xml`<t:PercentComplete>${percent}</t:PercentComplete>`;
}

function statusElement({ status }: TaskProgress): Markup {
  return xml`<t:Status>${statusNames[status]}</t:Status>`;
}

function updates(update: Update, keyUri: Markup): BuildMapping<readonly Markup[]> {
  const { target, paths, linkKey } = update;
  if (target.kind !== 'task') return refuse('defect.internal', `a ${target.kind} was given to the task mapping`);
  const refused = refusal(target, paths);
  if (refused !== undefined) return refused;
  const asked = leafPaths(paths, leaves);
  const changes: Markup[] = [];
  // The start goes first: a due date before it is refused.
  if (asked.has('dates.start')) changes.push(dateChange('StartDate', target.dates?.start));
  if (asked.has('dates.due')) changes.push(dateChange('DueDate', target.dates?.due));
  for (const path of asked) changes.push(...changesOf(path, target));
  if (linkKey !== undefined) changes.push(setOrDeleteExtended('Task', keyUri, linkKey));
  return { ok: true, value: changes };
}

function dateChange(name: 'StartDate' | 'DueDate', date: PlainDate | undefined): Markup {
  return setOrDelete('Task', `task:${name}`, dateElement(name, date));
}

/** The changes of one path other than the dates. */
function changesOf(path: Path, task: Task): readonly Markup[] {
  switch (path) {
    case 'progress':
      return progressChanges(task.progress);
    case 'recurrence':
      return [setOrDelete('Task', 'task:Recurrence', task.recurrence && recurrenceElement(task.recurrence))];
    case 'reminder': {
      const at = textElement('ReminderDueBy', task.reminder?.at);
      return present(
        at && setField('Task', 'item:ReminderDueBy', at),
        setField('Task', 'item:ReminderIsSet', reminderElement(task.reminder)),
      );
    }
    default: {
      const change = baseChange('Task', path, task);
      return change === undefined ? [] : [change];
    }
  }
}

function progressChanges(progress: TaskProgress): readonly Markup[] {
  const percent = percentElement(progress);
  const completed = dateElement('CompleteDate', progress.completed);
  return present(
    setField('Task', 'task:Status', statusElement(progress)),
    percent && setField('Task', 'task:PercentComplete', percent),
    completed && setField('Task', 'task:CompleteDate', completed),
  );
}
