/**
 * One transaction per batch of writes. When a record's data is refused, the batch is written again with savepoints, halved
 * until the bad records stand alone: they are rejected, all others are applied.
 */
import type { WriteOutcome } from '#contract/connector.ts';
import type { Database, Queryable } from '#postgres/database.ts';
import { databaseTrouble } from '#postgres/database.ts';
import { faultOf, isCommitUnknown, isDataTrouble } from './faults.ts';

/** Writes all items or throws; one outcome per item, in order. May run several times: it keeps nothing in memory. */
export type BatchWork<Item, Value> = (
  queryable: Queryable,
  items: readonly Item[],
) => Promise<readonly WriteOutcome<Value>[]>;

/** Deadlocks and serialization failures are tried again this often. */
const attemptsMax = 4;

export async function writeBatch<Item, Value>(
  database: Database,
  items: readonly Item[],
  work: BatchWork<Item, Value>,
): Promise<readonly WriteOutcome<Value>[]> {
  if (items.length === 0) return [];
  let attempt = work;
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await database.transaction((queryable) => attempt(queryable, items));
    } catch (error) {
      if (isDataTrouble(error) && attempt === work) {
        attempt = (queryable, part) => halved(queryable, part, work);
        continue;
      }
      if (databaseTrouble(error) === 'serialization' && attempts < attemptsMax) continue;
      const fault = faultOf(error);
      return items.map(() => (isCommitUnknown(error) ? { kind: 'unknown', fault } : { kind: 'rejected', fault }));
    }
  }
}

async function halved<Item, Value>(
  queryable: Queryable,
  items: readonly Item[],
  work: BatchWork<Item, Value>,
): Promise<readonly WriteOutcome<Value>[]> {
  await queryable.script('savepoint part');
  try {
    const outcomes = await work(queryable, items);
    await queryable.script('release savepoint part');
    return outcomes;
  } catch (error) {
    if (!isDataTrouble(error)) throw error;
    await queryable.script('rollback to savepoint part; release savepoint part');
    if (items.length === 1) return [{ kind: 'rejected', fault: faultOf(error) }];
  }
  const middle = Math.ceil(items.length / 2);
  const first = await halved(queryable, items.slice(0, middle), work);
  const second = await halved(queryable, items.slice(middle), work);
  return [...first, ...second];
}
