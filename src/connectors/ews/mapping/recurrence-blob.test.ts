import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstDayOfWeek } from './recurrence-blob.ts';

/** Head of a weekly rule as a server stored it: every second week, 18 times, weeks beginning on Sunday. */
const stored = '043004300B2001000000C021000002000000000000001000000021200000120000000000000004000000806ADB0C';

function base64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

test('the first day of the week is found in a stored rule', () => {
  assert.equal(firstDayOfWeek(base64(stored)), 'sunday');
  const monday = `${stored.slice(0, 68)}01000000${stored.slice(76)}`;
  assert.equal(firstDayOfWeek(base64(monday)), 'monday');
});

test('bytes that are no weekly rule tell nothing', () => {
  const monthly = '043004300C20020000000000000001000000000000000F000000232000000A0000000000000000000000';
  for (const hex of ['', stored.slice(0, 60), monthly, `FF${stored.slice(2)}`, `${stored.slice(0, 68)}07000000`]) {
    assert.equal(firstDayOfWeek(base64(hex)), undefined);
  }
});
