import { after, before } from 'node:test';
import type { Database } from '#postgres/database.ts';
import { testDatabase } from '#testing/postgres.ts';
import { storeConformance } from '../conformance.ts';
import type { Store } from '../port.ts';
import { openPostgresStore } from './postgres-store.ts';

let database: Database;
let store: Store;

before(async () => {
  ({ database } = await testDatabase({ after: (work) => after(work) }));
  store = await openPostgresStore(database);
});

/** The same store for all tests, emptied: a database for each would cost more than the tests. */
async function emptyStore(): Promise<Store> {
  await database.script(`
    delete from liaison.pair; delete from liaison.pair_schedule; delete from liaison.feed; delete from liaison.item;
    delete from liaison.link; delete from liaison.intent; delete from liaison.journal; delete from liaison.brake`);
  return store;
}

storeConformance('the store in PostgreSQL', emptyStore);
