import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { project } from '#model/project.ts';
import { tasks } from '#testing/arbitrary-items.ts';
import { sqlCrmCapabilities } from '../capabilities.ts';
import { taskChanges, taskOf, taskRecordOf } from './task.ts';
import { priorities, statuses } from './values.ts';

const { fields, zones } = sqlCrmCapabilities.kinds.task!;

test('a task comes back as what the CRM can hold of it', () => {
  fc.assert(
    fc.property(tasks, (task) => {
      assert.deepEqual(taskOf(taskRecordOf(task)), project(task, fields, zones));
    }),
  );
});

test('priority and status texts survive any edit that does not change their meaning', () => {
  const priority = fc.constantFrom(...priorities.map(([text]) => text), null);
  const status = fc.constantFrom(...statuses.map(([text]) => text), null);
  fc.assert(
    fc.property(tasks, priority, status, (task, priorityText, statusText) => {
      const { row, repeat } = taskRecordOf(task);
      const current = { row: { ...row, priority: priorityText, status: statusText }, repeat };
      const same = taskOf(current);
      const paths = Object.keys(fields);
      assert.equal(taskChanges(current, { ...same, title: 'Other' }, paths).row?.priority, priorityText);
      assert.equal(taskChanges(current, { ...same, title: 'Other' }, paths).row?.status, statusText);
    }),
  );
});
