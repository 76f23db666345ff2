import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Path } from '#model/groups.ts';
import type { Task } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { diffPaths, project, valueAt, withValue } from '#model/project.ts';
import { tasks } from '#testing/arbitrary-items.ts';
import {
  appliedTo,
  createEnvelope,
  elementOf,
  itemsOfAnswer,
  propertyText,
  readEnvelope,
  storedItem,
  updateEnvelope,
} from '#testing/ews-stored.ts';
import { schemaErrors } from '#testing/ews-validate.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { MappingContext } from './mapping.ts';
import { taskMapping } from './task.ts';

const mapping = taskMapping('liaison-link');
const context: MappingContext = {
  mailboxZone: 'Asia/Kolkata',
  mailbox: 'alex.sample@example.test',
  smtpOf: () => undefined,
  serverKnowsZones: true,
};

function readTask(element: XmlElement, mailboxZone = context.mailboxZone) {
  const read = mapping.read(element, { ...context, mailboxZone });
  assert.ok(read.ok, read.ok ? '' : read.fault.message);
  return { ...read.value, task: read.value.item as Task };
}

function created(task: Task): XmlElement {
  const built = mapping.create(task, 'key-1', context);
  assert.ok(built.ok, built.ok ? '' : built.fault.message);
  assert.deepEqual(schemaErrors(createEnvelope(built.value)), []);
  return settled(storedItem(built.value));
}

function changes(target: Task, paths: readonly Path[]) {
  const built = mapping.update({ id: 'A', version: 'V', target, paths }, context);
  assert.ok(built.ok, built.ok ? '' : built.fault.message);
  if (built.value.length > 0) assert.deepEqual(schemaErrors(updateEnvelope(built.value)), []);
  return built.value;
}

/** What a server ties together: the percentage follows a status that decides it, the day of completion goes with it. */
function settled(element: XmlElement): XmlElement {
  const status = propertyText(element, 'Status');
  const percent = { Completed: '100', NotStarted: '0' }[status ?? ''];
  const kept = element.children.filter(
    ({ name }) =>
      !(name === 'PercentComplete' && percent !== undefined) && !(name === 'CompleteDate' && status !== 'Completed'),
  );
  const extra = percent === undefined ? [] : [elementOf(`<t:PercentComplete>${percent}</t:PercentComplete>`)];
  return { ...element, children: [...kept, ...extra] };
}

test('a recurring task recorded in India has its dates, a day later than the literal ones', () => {
  const url = new URL(
    '../../../../testing/ews-samples/recorded/getitem-task-allproperties-online15.1.xml',
    import.meta.url,
  );
  const { task } = readTask(itemsOfAnswer(readFileSync(url, 'utf8'))[0]!);
  assert.deepEqual(task, {
    kind: 'task',
    title: 'Sample subject',
    dates: { start: '2021-12-14', due: '2021-12-23' },
    progress: { status: 'inProgress', percent: 20 },
    recurrence: {
      pattern: { kind: 'weekly', interval: 1, days: ['tuesday', 'wednesday', 'thursday'], firstDay: 'monday' },
      range: { kind: 'until', date: '2021-12-24' },
      start: '2021-12-14',
    },
    reminder: { at: '2021-12-22T02:30:00Z' },
    importance: 'high',
    body: { text: 'Sample body', html: 'Sample body' },
  });
});

test('a task that is created is read back the same', () => {
  fc.assert(
    fc.property(tasks, (task) => {
      const { task: read, linkKey } = readTask(created(task));
      assert.equal(linkKey, 'key-1');
      assert.deepEqual(read, project(task, mapping.capabilities.fields, 'windows'));
    }),
    { numRuns: 200 },
  );
});

test('an update of the differing paths turns one task into the other', () => {
  fc.assert(
    fc.property(tasks, tasks, (one, two) => {
      const before = created(one);
      const after = settled(withoutOldCompletion(appliedTo(before, changes(two, diffPaths(one, two))), two));
      assert.deepEqual(readTask(after).task, two);
    }),
    { numRuns: 200 },
  );
});

test('an update touches nothing but the paths it was given', () => {
  fc.assert(
    fc.property(tasks, tasks, fc.nat(), (one, two, pick) => {
      const paths = diffPaths(one, two);
      fc.pre(paths.length > 0);
      const path = paths[pick % paths.length]!;
      const target = normalise(withValue(one, path, valueAt(two, path)));
      fc.pre((target.dates?.start ?? '') <= (target.dates?.due ?? '9'));
      const after = settled(withoutOldCompletion(appliedTo(created(one), changes(target, [path])), target));
      assert.deepEqual(readTask(after).task, target);
    }),
    { numRuns: 200 },
  );
});

/** A completed task keeps its day when it is completed again without one; the property is not about that. */
function withoutOldCompletion(element: XmlElement, target: Task): XmlElement {
  if (target.progress.completed !== undefined) return element;
  return { ...element, children: element.children.filter(({ name }) => name !== 'CompleteDate') };
}

for (const [instant, zone, expected] of [
  ['2030-01-03T00:00:00Z', 'America/Los_Angeles', '2030-01-03'],
  ['2030-01-03T00:00:00Z', 'Pacific/Auckland', '2030-01-03'],
  ['2030-01-02T18:30:00Z', 'Asia/Kolkata', '2030-01-03'],
  ['2030-01-03T08:00:00Z', 'America/Los_Angeles', '2030-01-03'],
  ['2030-07-02T23:00:00Z', 'Europe/Berlin', '2030-07-03'],
  ['2030-01-03T14:15:00Z', 'Europe/Berlin', '2030-01-03'],
  ['2030-01-03T00:00:00+05:30', 'Asia/Kolkata', '2030-01-03'],
] as const) {
  test(`TSK-05: a task due at ${instant} in a mailbox of ${zone} is due on ${expected}`, () => {
    const element = elementOf(`<t:Task><t:ItemId Id="A"/><t:DueDate>${instant}</t:DueDate></t:Task>`);
    assert.deepEqual(readTask(element, zone).task.dates, { due: expected });
  });
}

test('a task is completed by its status and day, and the percentage is left to the server', () => {
  const task: Task = { kind: 'task', progress: { status: 'completed', percent: 100, completed: '2026-02-03' } };
  const names = changes(task, ['progress']).map(({ text }) => /FieldURI="(\w+:\w+)"/.exec(text)?.[1]);
  assert.deepEqual(names, ['task:Status', 'task:CompleteDate']);
});

test('a task is reopened by its status and percentage', () => {
  const task: Task = { kind: 'task', progress: { status: 'inProgress', percent: 40 } };
  const names = changes(task, ['progress']).map(({ text }) => /FieldURI="(\w+:\w+)"/.exec(text)?.[1]);
  assert.deepEqual(names, ['task:Status', 'task:PercentComplete']);
});

test('the start of a task is written before its due date', () => {
  const task: Task = {
    kind: 'task',
    progress: { status: 'notStarted', percent: 0 },
    dates: { start: '2026-05-01', due: '2026-05-02' },
  };
  for (const paths of [['dates.due', 'dates.start'], ['dates']]) {
    const names = changes(task, paths).map(({ text }) => /FieldURI="(\w+:\w+)"/.exec(text)?.[1]);
    assert.deepEqual(names, ['task:StartDate', 'task:DueDate']);
  }
});

test('a task that is done to 100 percent without being completed is refused by name', () => {
  const task: Task = { kind: 'task', progress: { status: 'waiting', percent: 100 } };
  const built = mapping.create(task, 'key-1', context);
  assert.deepEqual(!built.ok && [built.fault.code, built.fault.path], ['item.unsupported', 'progress']);
});

test('a status or percentage nobody knows reads as not begun', () => {
  const text = '<t:Task><t:ItemId Id="A"/><t:PercentComplete>NaN</t:PercentComplete><t:Status>Odd</t:Status></t:Task>';
  assert.deepEqual(readTask(elementOf(text)).task, { kind: 'task', progress: { status: 'notStarted', percent: 0 } });
});

test('a reminder that is off, or has no time, is none', () => {
  for (const inner of [
    '<t:ReminderDueBy>2026-01-01T08:00:00Z</t:ReminderDueBy><t:ReminderIsSet>false</t:ReminderIsSet>',
    '<t:ReminderIsSet>true</t:ReminderIsSet>',
  ]) {
    assert.equal(readTask(elementOf(`<t:Task><t:ItemId Id="A"/>${inner}</t:Task>`)).task.reminder, undefined);
  }
});

test('tasks are accepted, task requests are not', () => {
  assert.deepEqual(
    ['IPM.Task', 'IPM.Task.Own', 'IPM.TaskRequest.Accept'].map((name) => mapping.accepts(name)),
    [true, true, false],
  );
});

test('what is asked of the server is valid', () => {
  assert.deepEqual(schemaErrors(readEnvelope(mapping.shape)), []);
});
