import { after, before } from 'node:test';
import type { Database } from '#postgres/database.ts';
import { testDatabase } from '#testing/postgres.ts';
import { storeEquivalence } from '../conformance/equivalence.ts';
import { storeConformance } from '../conformance.ts';
import { memoryStore } from '../memory/memory-store.ts';
import type { Store } from '../port.ts';
import { openPostgresStore } from './postgres-store.ts';

let database: Database;
let store: Store;
const cleanup: (() => Promise<void>)[] = [];

before(async () => {
  ({ database } = await testDatabase({ after: (work) => void cleanup.push(work) }));
  store = await openPostgresStore(database);
});

after(async () => {
  for (const work of cleanup) await work();
});

/** The same store for all tests, emptied: a database for each would cost more than the tests. */
async function emptyStore(): Promise<Store> {
  await database.script(`
    delete from liaison.pair; delete from liaison.pair_schedule; delete from liaison.location; delete from liaison.feed;
    delete from liaison.item; delete from liaison.link; delete from liaison.intent; delete from liaison.journal; delete from liaison.brake`);
  return store;
}

storeConformance('the store in PostgreSQL', emptyStore);

storeEquivalence('PostgreSQL and memory', emptyStore, async () => memoryStore(), 60);
