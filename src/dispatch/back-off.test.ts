import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fault, faultCodes } from '#contract/fault.ts';
import { defaultCadence, serverWideWait, waitAfter } from './back-off.ts';

const codes = fc.constantFrom(...faultCodes);
const attempts = fc.integer({ min: 1, max: 1_000 });
const jitter = fc.double({ min: 0, max: 0.999, noNaN: true });

test('after a good pass a mailbox is due again in its usual rhythm', () => {
  assert.equal(waitAfter(undefined, 0, defaultCadence, 0.5), defaultCadence.intervalMs);
});

test("a server's hint is a floor, however it failed and however often", () => {
  fc.assert(
    fc.property(codes, attempts, jitter, fc.integer({ min: 0, max: 3_600_000 }), (code, count, chance, hint) => {
      const wait = waitAfter(fault(code, '', { retryAfterMs: hint }), count, defaultCadence, chance);
      assert.ok(wait >= hint);
    }),
  );
});

test('waits grow with every failure, spread out, and stay within their bounds', () => {
  fc.assert(
    fc.property(codes, attempts, jitter, (code, count, chance) => {
      const wait = waitAfter(fault(code, ''), count, defaultCadence, chance);
      assert.ok(wait >= defaultCadence.retryMs / 2);
      assert.ok(wait <= Math.max(defaultCadence.retryMsMax, defaultCadence.signInRetryMs));
      assert.ok(waitAfter(fault(code, ''), count + 1, defaultCadence, chance) >= wait);
    }),
  );
});

test('a refused sign-in is tried rarely, and by nobody else on that server meanwhile', () => {
  const refused = fault('authentication.rejected', '');
  assert.ok(waitAfter(refused, 1, defaultCadence, 0) >= defaultCadence.signInRetryMs / 2);
  assert.equal(serverWideWait(refused, defaultCadence), defaultCadence.signInRetryMs);
});

test("one mailbox's trouble does not close its server to the others", () => {
  for (const code of faultCodes) {
    const wide = serverWideWait(fault(code, ''), defaultCadence) !== undefined;
    assert.equal(wide, code.startsWith('server.') || code === 'authentication.rejected', code);
  }
});
