import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connector, Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import { defaultPolicy } from '#engine/policy.ts';
import { defaultTunables } from '#engine/task.ts';
import type { Contact } from '#model/item.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { memoryStore } from '#store/memory/memory-store.ts';
import { type Pair, type Side, StoreUnavailable } from '#store/port.ts';
import { MapSide } from '#testing/map-side.ts';
import { defaultCadence } from './back-off.ts';
import { dispatch } from './dispatcher.ts';

const cadence = { ...defaultCadence, intervalMs: 20, retryMs: 20, signInRetryMs: 60_000 };

function pair(index: number, server = 'main'): Pair {
  return {
    pairId: `pair000${index}`,
    crmUser: `user${index}`,
    mailbox: `user${index}@example.test`,
    enabled: true,
    server,
    levels: { contact: 'full', event: 'full', task: 'full' },
  };
}

function contact(index: number): Contact {
  return { kind: 'contact', name: { given: `Person ${index}` }, emails: { '1': `p${index}@example.test` } };
}

interface Office {
  readonly sides: ReadonlyMap<string, Record<Side, MapSide>>;
  /** Connector openings by pair id, mailbox side. */
  readonly opened: string[];
  /** Runs until the condition holds, or fails after a while. */
  until(condition: () => boolean): Promise<void>;
}

async function office(
  pairs: readonly Pair[],
  refuse: (pair: Pair) => ReturnType<typeof fault> | undefined = () => undefined,
  concurrency = 3,
  serverOf?: (pair: Pair) => Promise<string>,
): Promise<Office> {
  const store = memoryStore();
  await store.putPairs(pairs);
  const opened: string[] = [];
  const sides = new Map(
    pairs.map(({ pairId }) => [pairId, { crm: new MapSide({ name: 'c' }), mailbox: new MapSide({ name: 'm' }) }]),
  );
  const ports = systemPorts();
  return {
    sides,
    opened,
    async until(condition) {
      const stop = new AbortController();
      const running = dispatch(
        {
          store,
          open: async (one, side): Promise<Reply<Connector>> => {
            if (side === 'mailbox') {
              opened.push(one.pairId);
              const trouble = refuse(one);
              if (trouble !== undefined) return { ok: false, fault: trouble };
            }
            return { ok: true, value: (sides.get(one.pairId) as Record<Side, MapSide>)[side].connector() };
          },
          policy: () => defaultPolicy,
          cadence,
          tunables: defaultTunables,
          ports,
          owner: 'test',
          concurrency,
          pollMs: 10,
          ...(serverOf !== undefined && { serverOf }),
        },
        stop.signal,
      );
      const givenUpMs = Date.now() + 10_000;
      while (!condition() && Date.now() < givenUpMs) await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      await running;
      assert.ok(condition(), 'not reached in time');
    },
  };
}

test('all mailboxes are served, more of them than there are places, again and again', async () => {
  const pairs = Array.from({ length: 12 }, (_, index) => pair(index));
  const world = await office(pairs);
  for (const [index, one] of pairs.entries()) world.sides.get(one.pairId)?.crm.add(contact(index));
  await world.until(() => pairs.every((one) => world.sides.get(one.pairId)?.mailbox.items.size === 1));
  for (const [index, one] of pairs.entries()) world.sides.get(one.pairId)?.mailbox.add(contact(100 + index));
  await world.until(() => pairs.every((one) => world.sides.get(one.pairId)?.crm.items.size === 2));
});

test('a mailbox that fails does not stop the others', async () => {
  const pairs = [pair(1), pair(2)];
  const world = await office(pairs, (one) =>
    one.pairId === 'pair0001' ? fault('mailbox.denied', 'no right') : undefined,
  );
  world.sides.get('pair0002')?.crm.add(contact(1));
  await world.until(() => world.sides.get('pair0002')?.mailbox.items.size === 1);
  assert.equal(world.sides.get('pair0001')?.mailbox.items.size, 0);
});

test('a refused service account is not tried by every mailbox of its server', async () => {
  const pairs = [...Array.from({ length: 9 }, (_, index) => pair(index)), { ...pair(9, 'other') }];
  const world = await office(
    pairs,
    (one) => (one.server === 'main' ? fault('authentication.rejected', 'wrong password') : undefined),
    1,
  );
  world.sides.get('pair0009')?.crm.add(contact(1));
  await world.until(() => world.sides.get('pair0009')?.mailbox.items.size === 1);
  assert.equal(world.opened.filter((pairId) => pairId !== 'pair0009').length, 1);
});

test('where the map leaves the server open, a mailbox waits for the one it is on, and for no other', async () => {
  const pairs = Array.from({ length: 10 }, (_, index) => pair(index, 'auto'));
  const place = ({ pairId }: Pair): string => (pairId === 'pair0009' ? 'well' : 'dead');
  const world = await office(
    pairs,
    (one) => (place(one) === 'dead' ? fault('authentication.rejected', 'wrong password') : undefined),
    1,
    async (one) => place(one),
  );
  world.sides.get('pair0009')?.crm.add(contact(1));
  await world.until(() => world.sides.get('pair0009')?.mailbox.items.size === 1);
  assert.equal(world.opened.filter((pairId) => pairId !== 'pair0009').length, 1);
});

test('a defect in one pass is booked as a failure, and the mailbox is tried again', async () => {
  const pairs = [pair(1)];
  let calls = 0;
  const world = await office(pairs, () => {
    calls += 1;
    if (calls === 1) throw new Error('a mistake of ours');
    return undefined;
  });
  world.sides.get('pair0001')?.crm.add(contact(1));
  await world.until(() => world.sides.get('pair0001')?.mailbox.items.size === 1);
});

test('while the store reads but cannot write, passes are not repeated without a pause', async () => {
  let tries = 0;
  const startedMs = Date.now();
  const world = await office([pair(1)], () => {
    tries += 1;
    if (tries <= 5) throw new StoreUnavailable('no room on the disk');
    return undefined;
  });
  world.sides.get('pair0001')?.crm.add(contact(1));
  await world.until(() => world.sides.get('pair0001')?.mailbox.items.size === 1);
  assert.ok(Date.now() - startedMs >= 5 * cadence.retryMs);
});
