/**
 * One batch, one transaction: the fence first, then one statement per table and manner of change. Whatever is refused
 * rolls everything back.
 *
 * Crash points: before the commit reaches the disk nothing happened; after it everything did, and a caller whose
 * connection broke in between gets `StoreUnavailable` and reads what is there.
 */
import type { Database, Queryable } from '#postgres/database.ts';
import type { Lease, PairId, StateBatch } from '../port.ts';
import { putBrakes } from './brakes.ts';
import { putFeeds } from './feeds.ts';
import { putIntents, settleIntents } from './intents.ts';
import { forgetItems, markSeen, putItems } from './items.ts';
import { appendJournal } from './journal.ts';
import { putLinks } from './links.ts';
import { answerRequests } from './requests.ts';
import { checkFence, holdFence } from './schedule.ts';

type Write<Rows> = (queryable: Queryable, pairId: PairId, rows: Rows) => Promise<void>;

export async function commitBatch(database: Database, lease: Lease, batch: StateBatch): Promise<void> {
  const isEmpty = Object.values(batch).every((rows) => rows.length === 0);
  if (isEmpty) return checkFence(database, lease);
  await database.transaction(async (queryable) => {
    await holdFence(queryable, lease);
    const write = async <Row>(rows: readonly Row[] | undefined, statement: Write<readonly Row[]>) => {
      if (rows !== undefined && rows.length > 0) await statement(queryable, lease.pairId, rows);
    };
    await write(batch.feeds, putFeeds);
    await write(batch.forget, forgetItems);
    await write(batch.items, putItems);
    await write(batch.seen, markSeen);
    await write(batch.links, putLinks);
    await write(batch.settled, settleIntents);
    await write(batch.intents, putIntents);
    await write(batch.journal, appendJournal);
    await write(batch.brakes, putBrakes);
    await write(batch.answered, answerRequests);
  });
}
