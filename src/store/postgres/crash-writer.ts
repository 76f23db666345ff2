/**
 * The program that `crash.pg.test.ts` kills: commits numbered batches without pause and prints each number once its
 * commit was acknowledged. Arguments: database address, pair, first number.
 */
import { openDatabase } from '#postgres/database.ts';
import { feedRow, intentRow, itemRow, journalEntry, linkRow } from '../conformance/rows.ts';
import type { StateBatch } from '../port.ts';
import { openPostgresStore } from './postgres-store.ts';

/** Enough rows that a kill often falls between two statements. */
export const itemsPerBatch = 60;

/** Every row of a batch carries its number. */
export function numberedBatch(number: number): StateBatch {
  const names = Array.from({ length: itemsPerBatch }, (_, index) => `${number}-${index}`);
  return {
    feeds: [feedRow({ cursor: String(number) })],
    items: names.map((name) => itemRow(name, { parked: 'crash' })),
    links: [linkRow(`k${number}`)],
    intents: [intentRow(`n${number}`, `k${number}`)],
    settled: [`n${number - 1}`],
    journal: [journalEntry('crash', { detail: { number } })],
  };
}

async function writeUntilKilled(url: string, pairId: string, first: number, nowMs: number): Promise<void> {
  const store = await openPostgresStore(openDatabase(url, { max: 1 }));
  const claim = await store.claimPair(pairId, 'writer', nowMs, 1);
  if (claim === undefined) throw new Error(`${pairId} is taken`);
  for (let number = first; ; number += 1) {
    await store.commit(claim.lease, numberedBatch(number));
    process.stdout.write(`${number}\n`);
  }
}

if (import.meta.main) {
  const [url = '', pairId = '', first = '', nowMs = ''] = process.argv.slice(2);
  await writeUntilKilled(url, pairId, Number(first), Number(nowMs));
}
