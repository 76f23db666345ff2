import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayOf, type Rule } from './recurrence.ts';
import { readRuleText, ruleText } from './recurrence-text.ts';

const startDay = dayOf(2030, 1, 31);
const dayIn = (utcMs: number): number => Math.floor(utcMs / 86_400_000);
const endMs = (day: number): number => (day + 1) * 86_400_000 - 1000;
const read = (text: string): Rule | undefined => readRuleText(text, startDay, dayIn);

test('rules survive as text, with the last day of a month said as iCalendar says it', () => {
  const texts = [
    'FREQ=DAILY;INTERVAL=3;COUNT=5',
    'FREQ=WEEKLY;WKST=MO;INTERVAL=2;BYDAY=MO,TH',
    'FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1',
    'FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=28,29,30;BYSETPOS=-1',
    'FREQ=MONTHLY;INTERVAL=2;BYDAY=-1TU;UNTIL=20311231T235959Z',
    'FREQ=MONTHLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2',
    'FREQ=YEARLY;INTERVAL=1;BYMONTHDAY=4;BYMONTH=7',
    'FREQ=YEARLY;INTERVAL=1;BYDAY=4TH;BYMONTH=11',
  ];
  for (const text of texts) {
    const rule = read(text);
    assert.ok(rule, text);
    assert.equal(ruleText(rule, endMs), text);
  }
});

test('35: what Exchange cannot hold is refused', () => {
  const texts = [
    'FREQ=HOURLY',
    'FREQ=DAILY;INTERVAL=1000',
    'FREQ=WEEKLY;BYMONTH=3',
    'FREQ=MONTHLY;BYMONTHDAY=1,15',
    'FREQ=MONTHLY;BYDAY=1MO,3MO',
    'FREQ=YEARLY;BYWEEKNO=20',
    'FREQ=DAILY;COUNT=1000',
    'FREQ=YEARLY;INTERVAL=9',
    'FREQ=DAILY;UNTIL=someday',
    '',
  ];
  for (const text of texts) assert.equal(read(text), undefined, text);
  assert.deepEqual(read('FREQ=DAILY;UNTIL=99991231T235959Z')?.end, { kind: 'none' });
  assert.deepEqual(read('FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR')?.pattern.kind, 'weekly');
});
