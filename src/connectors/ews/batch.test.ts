import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fault } from '#contract/fault.ts';
import { xml } from '#xml/writer.ts';
import { BatchSize, type Caller, runBatch } from './batch.ts';
import type { Entry } from './operations/response.ts';
import type { Trouble } from './transport/classify.ts';

const broken: Trouble = { fault: fault('server.garbled', 'x'), certain: false };
const element = { name: 'GetItemResponse', ns: '', attributes: {}, children: [], text: '' };

interface World {
  /** Inputs that make a request fail as a whole. */
  readonly poison: ReadonlySet<number>;
  /** Inputs the server stops before, once each. */
  readonly stopped: ReadonlySet<number>;
  /** Trouble of every request after so many. */
  readonly failsAfter: number;
}

interface Run {
  readonly outcomes: readonly (number | string)[];
  readonly requests: readonly (readonly number[])[];
}

async function run(inputs: number, size: number, world: World): Promise<Run> {
  const requests: (readonly number[])[] = [];
  const stoppedYet = new Set<number>();
  let present: readonly number[] = [];
  const session: Caller = {
    call: async () => {
      requests.push(present);
      if (requests.length > world.failsAfter) {
        return { ok: false, trouble: { fault: fault('mailbox.denied', 'x'), certain: true } };
      }
      if (present.some((input) => world.poison.has(input))) return { ok: false, trouble: broken };
      return { ok: true, element, elapsedMs: 1 };
    },
    holdBack: () => {},
  };
  const outcomes = await runBatch(
    session,
    () => 0,
    Array.from({ length: inputs }, (_, index) => index),
    {
      build(part) {
        present = part;
        return { operation: 'GetItem', effect: 'read', body: xml`` };
      },
      read: () =>
        present.map((input, index): Entry<number> => {
          // A server never stops before the first entry.
          if (index === 0 || !world.stopped.has(input) || stoppedYet.has(input)) return { kind: 'value', value: input };
          stoppedYet.add(input);
          return { kind: 'response', code: 'ErrorBatchProcessingStopped', details: { values: {} } };
        }),
      size: new BatchSize(size),
      splits: (trouble) => trouble === broken,
    },
  );
  return { outcomes: outcomes.map((one) => (one.kind === 'value' ? one.value : one.trouble.fault.code)), requests };
}

const some = (inputs: number, most: number) =>
  fc.uniqueArray(fc.nat(inputs - 1), { maxLength: most }).map((list) => new Set(list));

test('every input has its own outcome in order, and only the ones that break a request fail', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 64 }),
      fc.nat(),
      async (inputs, size, seed) => {
        const [poison, stopped] =
          fc.sample(fc.tuple(some(inputs, 2), some(inputs, 3)), { numRuns: 1, seed })[0] ?? assert.fail();
        const { outcomes } = await run(inputs, size, { poison, stopped, failsAfter: Number.POSITIVE_INFINITY });
        assert.deepEqual(
          outcomes,
          Array.from({ length: inputs }, (_, index) => (poison.has(index) ? 'server.garbled' : index)),
        );
      },
    ),
  );
});

test('no request is larger than allowed, and a server that breaks on everything is not asked forever', async () => {
  const poison = new Set(Array.from({ length: 500 }, (_, index) => index));
  const { outcomes, requests } = await run(500, 50, {
    poison,
    stopped: new Set(),
    failsAfter: Number.POSITIVE_INFINITY,
  });
  assert.ok(outcomes.every((one) => one === 'server.garbled'));
  assert.ok(requests.length <= 26, String(requests.length));
  assert.ok(requests.every((one) => one.length <= 50));
});

test('trouble that is not about the entries ends the run, and what was not sent says so', async () => {
  const { outcomes, requests } = await run(30, 10, { poison: new Set(), stopped: new Set(), failsAfter: 1 });
  assert.deepEqual(outcomes.slice(0, 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.ok(outcomes.slice(10).every((one) => one === 'mailbox.denied'));
  assert.equal(requests.length, 2);
});

test('a batch shrinks to half and grows back to its limit, never beyond and never to nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.integer({ min: 0, max: 60_000 })), (most, times) => {
      const size = new BatchSize(most);
      for (const elapsedMs of times) {
        const before = size.items;
        size.took(elapsedMs);
        assert.ok(size.items >= 1 && size.items <= most);
        if (elapsedMs > 20_000) assert.equal(size.items, Math.max(1, before >> 1));
        else assert.ok(size.items > before || before === most);
      }
    }),
  );
});
