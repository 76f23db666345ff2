import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStore } from '#store/memory/memory-store.ts';
import { testCrm } from '#testing/sql-crm.ts';
import { virtualPorts } from '#testing/virtual-ports.ts';
import { keepHouse } from './housekeeping.ts';

test('the change feed of the CRM is trimmed while Liaison serves, and the work ends when asked', async (t) => {
  const crm = await testCrm(t);
  const ports = virtualPorts();
  const stop = new AbortController();
  const running = keepHouse(
    crm.database,
    memoryStore(),
    { keepDays: 400, keepOverruledDays: 1_100 },
    ports,
    stop.signal,
  );
  ports.advance(600_000);
  while (ports.events.length < 2) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await running;
  assert.deepEqual(
    ports.events.map(({ event, rows, entries, tombstones }) => [event, rows ?? entries, tombstones]),
    [
      ['housekeeping.trimmed', 0, undefined],
      ['housekeeping.forgotten', 0, 0],
    ],
  );
});
