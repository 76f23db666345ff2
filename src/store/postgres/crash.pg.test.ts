import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testDatabase } from '#testing/postgres.ts';
import { pairRow, startMs } from '../conformance/rows.ts';
import type { Store } from '../port.ts';
import { itemsPerBatch, numberedBatch } from './crash-writer.ts';
import { openPostgresStore } from './postgres-store.ts';

const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));
const rounds = 5;

test('an engine that is killed while it writes leaves every acknowledged batch whole and no batch half', async (t) => {
  const { url, database } = await testDatabase(t);
  const store = await openPostgresStore(database);
  await store.putPairs([pairRow('p1')]);
  let last = 0;
  for (let round = 0; round < rounds; round += 1) {
    const nowMs = startMs + 10 * round;
    const acknowledged = await killAfter(url, last + 1, nowMs, 3 + 4 * round);
    assert.ok(acknowledged >= last + 3 + 4 * round);
    // The killed engine's last statement may still be under way in the server; taking the pair over waits for it.
    await store.claimPair('p1', 'reader', nowMs + 5, 1);
    last = await assertWhole(store, acknowledged);
  }
});

/** Starts the writer, kills it in the middle of a batch after `batches` acknowledgements, answers the last number. */
async function killAfter(url: string, first: number, nowMs: number, batches: number): Promise<number> {
  const args = ['--disable-warning=ExperimentalWarning', writer, url, 'p1', String(first), String(nowMs)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let acknowledged = first - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    if (acknowledged === first - 1 + batches) child.kill('SIGKILL');
  }
  assert.deepEqual(await closed, [null, 'SIGKILL']);
  return acknowledged;
}

/** Every batch up to the acknowledged one is there, at most one more, and nothing of any other. Answers the last. */
async function assertWhole(store: Store, acknowledged: number): Promise<number> {
  const journal = await store.journal('p1', { limit: 10_000 });
  const numbers = journal.map((entry) => entry.detail.number as number);
  const last = numbers.at(-1)!;
  assert.ok(last === acknowledged || last === acknowledged + 1, `${last} written, ${acknowledged} acknowledged`);
  assert.deepEqual(
    numbers,
    Array.from({ length: last }, (_, index) => index + 1),
  );

  const tried = numbers.concat(last + 1);
  const ids = tried.flatMap((number) => numberedBatch(number).items!.map((item) => item.id));
  assert.equal((await store.known('p1', 'mailbox', 'contact', ids)).size, last * itemsPerBatch);
  const links = await store.links(
    'p1',
    tried.map((number) => `k${number}`),
  );
  assert.equal(links.length, last);
  assert.deepEqual(
    (await store.feeds('p1')).map((feed) => feed.cursor),
    [String(last)],
  );
  assert.deepEqual(
    (await store.intents('p1', null, 10)).map((intent) => intent.intentId),
    [`n${last}`],
  );
  return last;
}
