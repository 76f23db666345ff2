import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '#contract/fault.ts';
import { defaultCadence } from './back-off.ts';
import { ServerGate } from './server-gate.ts';

const refused = fault('authentication.rejected', 'wrong password');

test('a server nobody has reached yet is tried by one pass, and by all as soon as it answered', () => {
  const gate = new ServerGate(defaultCadence);
  assert.equal(gate.waitMs('main', 0), undefined);
  assert.ok((gate.waitMs('main', 0) ?? 0) > 0);
  gate.proved('main');
  assert.equal(gate.waitMs('main', 0), undefined);
});

test('after a refused sign-in nobody knocks for a while, then one', () => {
  const gate = new ServerGate(defaultCadence);
  assert.equal(gate.waitMs('main', 0), undefined);
  assert.equal(gate.passed('main', refused, 0), defaultCadence.signInRetryMs);
  assert.equal(gate.waitMs('main', 1_000), defaultCadence.signInRetryMs - 1_000);
  assert.equal(gate.waitMs('main', defaultCadence.signInRetryMs), undefined);
  assert.ok((gate.waitMs('main', defaultCadence.signInRetryMs) ?? 0) > 0);
});

test("one mailbox's own trouble shows that its server is well", () => {
  const gate = new ServerGate(defaultCadence);
  assert.equal(gate.waitMs('main', 0), undefined);
  assert.equal(gate.passed('main', fault('mailbox.notFound', ''), 0), undefined);
  assert.equal(gate.waitMs('main', 0), undefined);
  assert.equal(gate.waitMs('main', 0), undefined);
});

test('a try that ended without an answer leaves the next one to somebody else', () => {
  const gate = new ServerGate(defaultCadence);
  assert.equal(gate.waitMs('main', 0), undefined);
  gate.abandoned('main');
  assert.equal(gate.waitMs('main', 0), undefined);
});
