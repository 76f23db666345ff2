import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BackOffGate } from './back-off.ts';

const settings = { firstMs: 1_000, maxMs: 60_000, waitMaxMs: 5_000 };
const never = new AbortController().signal;

/** A gate on a clock that a sleep moves forward at once. */
function gateAt(fraction: () => number): { gate: BackOffGate; now: () => number } {
  let now = 1_000_000;
  const timer = {
    async sleep(durationMs: number) {
      now += durationMs;
    },
  };
  return {
    gate: new BackOffGate(settings, {
      clock: { now: () => now },
      timer,
      random: { fraction, bytes: () => new Uint8Array() },
    }),
    now: () => now,
  };
}

test('nobody passes before every hint is over, and nobody waits longer than allowed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.integer({ min: 1, max: 8_000 }), { nil: undefined }), { minLength: 1, maxLength: 6 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (hints, fraction) => {
        const { gate, now } = gateAt(() => fraction);
        const start = now();
        for (const hint of hints) gate.close(hint);
        const floor = Math.max(...hints.map((hint) => hint ?? 0));
        const passed = await gate.pass(never);
        if (passed) assert.ok(now() - start >= floor && now() - start <= settings.waitMaxMs);
        else assert.ok(gate.remainingMs > settings.waitMaxMs && now() === start);
      },
    ),
  );
});

test('without a hint the wait doubles while the server stays busy, up to the most, and starts over when it is calm', () => {
  const { gate, now } = gateAt(() => 0.999999);
  const waits: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    gate.close(undefined);
    waits.push(Math.round(gate.remainingMs / 1_000));
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
  assert.ok(now() > 0);
  const calmed = gateAt(() => 0);
  calmed.gate.close(undefined);
  calmed.gate.calm();
  calmed.gate.close(undefined);
  assert.equal(calmed.gate.remainingMs, 500);
});

test('an aborted wait lets nobody through', async () => {
  const { gate } = gateAt(() => 0);
  gate.close(2_000);
  assert.equal(await gate.pass(AbortSignal.abort()), false);
  assert.equal(await gate.pass(never), true);
});
