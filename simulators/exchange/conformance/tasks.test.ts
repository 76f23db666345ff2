import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find } from './client.ts';
import { createTask, getItem, idOf, setField, update, world } from './world.ts';

const nowMs = Date.UTC(2030, 0, 20, 12);
const { call, codes } = await world({}, { clock: { now: () => nowMs } });

const read = async (id: string) => find((await call(getItem(id))).body, 'Task');
const texts = (item: Awaited<ReturnType<typeof read>>, ...names: readonly string[]) =>
  names.map((name) => find(item, name)?.text);
const complete = (id: string) =>
  call(update(`<t:ItemId Id="${id}"/>`, setField('task:Status', 'Task', '<t:Status>Completed</t:Status>')));
const recurring = (pattern: string) =>
  createTask(
    `<t:Subject>Call</t:Subject><t:DueDate>2030-01-07T00:00:00Z</t:DueDate><t:Recurrence>${pattern}<t:NoEndRecurrence><t:StartDate>2030-01-07</t:StartDate></t:NoEndRecurrence></t:Recurrence><t:StartDate>2030-01-07T00:00:00Z</t:StartDate>`,
  );

test('TSK-01: completing a task fills in the share done and the date', async () => {
  const { id } = idOf(await call(createTask('<t:Subject>x</t:Subject>')));
  await complete(id);
  assert.deepEqual(texts(await read(id), 'PercentComplete', 'CompleteDate', 'IsComplete', 'Status'), [
    '100',
    '2030-01-20T00:00:00Z',
    'true',
    'Completed',
  ]);
  await call(
    update(
      `<t:ItemId Id="${id}"/>`,
      setField('task:PercentComplete', 'Task', '<t:PercentComplete>50</t:PercentComplete>'),
    ),
  );
  assert.deepEqual(texts(await read(id), 'PercentComplete', 'CompleteDate', 'IsComplete', 'Status'), [
    '50',
    undefined,
    'false',
    'InProgress',
  ]);
});

test('TSK-02: completing a recurring task answers a copy; the task itself is the next one', async () => {
  const { id } = idOf(
    await call(
      recurring(
        '<t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek></t:WeeklyRecurrence>',
      ),
    ),
  );
  const done = idOf(await complete(id));
  assert.notEqual(done.id, id);
  assert.deepEqual(texts(await read(done.id), 'Status', 'DueDate', 'IsRecurring'), [
    'Completed',
    '2030-01-07T00:00:00Z',
    'false',
  ]);
  assert.deepEqual(texts(await read(id), 'Status', 'DueDate', 'IsRecurring'), [
    'NotStarted',
    '2030-01-14T00:00:00Z',
    'true',
  ]);
});

test('TSK-03: a regenerating task comes again so long after its completion', async () => {
  const { id } = idOf(await call(recurring('<t:DailyRegeneration><t:Interval>3</t:Interval></t:DailyRegeneration>')));
  await complete(id);
  assert.deepEqual(texts(await read(id), 'DueDate'), ['2030-01-23T00:00:00Z']);
});

test('TSK-04: more than all, and completion in the future, are refused', async () => {
  assert.deepEqual(await codes(createTask('<t:PercentComplete>150</t:PercentComplete>')), [
    'ErrorInvalidPercentCompleteValue',
  ]);
  assert.deepEqual(await codes(createTask('<t:CompleteDate>2031-01-01T00:00:00Z</t:CompleteDate>')), [
    'ErrorInvalidCompleteDate',
  ]);
});

test('TSK: dates lose their time, and a start after the due date pulls it along', async () => {
  const { id } = idOf(
    await call(
      createTask('<t:DueDate>2030-02-05T15:30:00Z</t:DueDate><t:StartDate>2030-02-01T09:00:00Z</t:StartDate>'),
    ),
  );
  assert.deepEqual(texts(await read(id), 'StartDate', 'DueDate'), ['2030-02-01T00:00:00Z', '2030-02-05T00:00:00Z']);
  await call(
    update(
      `<t:ItemId Id="${id}"/>`,
      setField('task:StartDate', 'Task', '<t:StartDate>2030-02-10T00:00:00Z</t:StartDate>'),
    ),
  );
  assert.deepEqual(texts(await read(id), 'StartDate', 'DueDate'), ['2030-02-10T00:00:00Z', '2030-02-10T00:00:00Z']);
});

test('TSK: a date written in a zone is the midnight of that zone', async () => {
  const header = '<t:TimeZoneContext><t:TimeZoneDefinition Id="India Standard Time"/></t:TimeZoneContext>';
  const made = idOf(await call(createTask('<t:DueDate>2030-02-05T00:00:00</t:DueDate>'), { header }));
  assert.deepEqual(texts(await read(made.id), 'DueDate'), ['2030-02-04T18:30:00Z']);
});
