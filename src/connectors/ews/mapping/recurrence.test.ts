import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TaskRecurrence } from '#model/recurrence.ts';
import { tasks } from '#testing/arbitrary-items.ts';
import { elementOf } from '#testing/ews-stored.ts';
import { recurrenceElement, recurrenceOf } from './recurrence.ts';

function read(inner: string) {
  return recurrenceOf(elementOf(`<t:Recurrence>${inner}</t:Recurrence>`));
}

const noEnd = '<t:NoEndRecurrence><t:StartDate>2026-01-05</t:StartDate></t:NoEndRecurrence>';

test('every rule of a task is read back as it was written', () => {
  fc.assert(
    fc.property(tasks, ({ recurrence }) => {
      fc.pre(recurrence !== undefined);
      assert.deepEqual(recurrenceOf(elementOf(recurrenceElement(recurrence))), canonical(recurrence));
    }),
    { numRuns: 300 },
  );
});

test('in an every-week rule the first day of the week means nothing and is not written', () => {
  const weekly = { kind: 'weekly', interval: 1, days: ['friday'], firstDay: 'monday' } as const;
  const rule = { pattern: weekly, range: { kind: 'noEnd' }, start: '2026-01-02' } as const;
  assert.doesNotMatch(recurrenceElement(rule).text, /FirstDayOfWeek/);
  assert.match(recurrenceElement({ ...rule, pattern: { ...weekly, interval: 2 } }).text, /FirstDayOfWeek>Monday</);
});

/** As `normalise` has it. */
function canonical(rule: TaskRecurrence): TaskRecurrence {
  const { pattern } = rule;
  return pattern.kind === 'weekly' && pattern.interval === 1
    ? { ...rule, pattern: { ...pattern, firstDay: 'sunday' } }
    : rule;
}

test('a date is taken as it stands, whatever zone the server hangs on it', () => {
  const range = (start: string, end: string) =>
    `<t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:EndDateRecurrence><t:StartDate>${start}</t:StartDate><t:EndDate>${end}</t:EndDate></t:EndDateRecurrence>`;
  for (const suffix of ['', 'Z', '+02:00', '-11:00']) {
    const found = read(range(`2019-02-17${suffix}`, `2019-02-28${suffix}`));
    assert.deepEqual([found?.start, found?.range], ['2019-02-17', { kind: 'until', date: '2019-02-28' }]);
  }
});

test('weekly days come in the order of the week, classes of days are understood', () => {
  const weekly = (days: string) =>
    read(
      `<t:WeeklyRecurrence><t:Interval>2</t:Interval><t:DaysOfWeek>${days}</t:DaysOfWeek></t:WeeklyRecurrence>${noEnd}`,
    )?.pattern;
  assert.deepEqual(weekly('Sunday  Monday'), {
    kind: 'weekly',
    interval: 2,
    days: ['monday', 'sunday'],
    firstDay: 'sunday',
  });
  assert.deepEqual(weekly('WeekendDay'), {
    kind: 'weekly',
    interval: 2,
    days: ['saturday', 'sunday'],
    firstDay: 'sunday',
  });
  assert.equal(weekly(''), undefined);
});

test('where a server leaves out the first day of the week, the binary rule tells it', () => {
  const weekly = `<t:WeeklyRecurrence><t:Interval>2</t:Interval><t:DaysOfWeek>Friday</t:DaysOfWeek></t:WeeklyRecurrence>${noEnd}`;
  const binary = Buffer.from(
    '043004300B2001000000C0210000020000000000000010000000212000001200000001000000',
    'hex',
  ).toString('base64');
  const found = recurrenceOf(elementOf(`<t:Recurrence>${weekly}</t:Recurrence>`), binary);
  assert.deepEqual(found?.pattern, { kind: 'weekly', interval: 2, days: ['friday'], firstDay: 'monday' });
});

test('a rule with a part missing or unknown is no rule', () => {
  for (const inner of [
    noEnd,
    '<t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence>',
    `<t:DailyRecurrence><t:Interval>often</t:Interval></t:DailyRecurrence>${noEnd}`,
    `<t:AbsoluteMonthlyRecurrence><t:Interval>1</t:Interval></t:AbsoluteMonthlyRecurrence>${noEnd}`,
    `<t:RelativeMonthlyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek><t:DayOfWeekIndex>Fifth</t:DayOfWeekIndex></t:RelativeMonthlyRecurrence>${noEnd}`,
    `<t:AbsoluteYearlyRecurrence><t:DayOfMonth>1</t:DayOfMonth><t:Month>Smarch</t:Month></t:AbsoluteYearlyRecurrence>${noEnd}`,
    '<t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2026-01-05</t:StartDate></t:NumberedRecurrence>',
    '<t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NoEndRecurrence><t:StartDate>2026-02-30</t:StartDate></t:NoEndRecurrence>',
  ]) {
    assert.equal(read(inner), undefined, inner);
  }
});
