/**
 * The store in PostgreSQL (15 or later), schema `liaison`. Each table has its file with one statement per function; this
 * one only puts them together.
 */
import { fileURLToPath } from 'node:url';
import type { Database } from '#postgres/database.ts';
import { migrate } from '#postgres/migrate.ts';
import type { Store } from '../port.ts';
import { countBrakedPairs, readBrakes, releaseBrake } from './brakes.ts';
import { commitBatch } from './commit.ts';
import { readFeeds } from './feeds.ts';
import { readIntents } from './intents.ts';
import { readKnown, readNotSeen, readReview, readUnlinked, readWithMatchKeys } from './items.ts';
import { readJournal } from './journal.ts';
import { readAllLinks, readHeld, readLinks, readPendingLinks, readQuarantined } from './links.ts';
import { putLocation, readLocation } from './locations.ts';
import { readDetails, readSummary } from './overview.ts';
import { dropPair, findPair, putPairs, readPairs } from './pairs.ts';
import { putRequest, readRequests } from './requests.ts';
import { retireTombstones, trimJournal } from './retention.ts';
import {
  claimDue,
  claimPair,
  evictOwner,
  finishCycle,
  leaseOwners,
  readNextDueMs,
  releaseLease,
  renewLease,
  signalPairs,
} from './schedule.ts';
import { readTallies, readWaiting } from './totals.ts';
import { guarded } from './trouble.ts';

const migrationsFolder = fileURLToPath(new URL('./migrations/', import.meta.url));

/**
 * Brings the schema up to date and opens the store, which owns the database from now on: closing the store closes it.
 * Throws `StoreUnavailable` when the database does not answer, `MigrationRefused` when it belongs to a newer program.
 */
export async function openPostgresStore(database: Database): Promise<Store> {
  await guarded(() => migrate(database, { schema: 'liaison', folder: migrationsFolder }));
  return postgresStore(database);
}

/** The store on a database whose schema is known to be up to date. */
export function postgresStore(database: Database): Store {
  return {
    putPairs: (...given) => guarded(() => putPairs(database, ...given)),
    pairs: (...given) => guarded(() => readPairs(database, ...given)),
    findPair: (...given) => guarded(() => findPair(database, ...given)),
    dropPair: (...given) => guarded(() => dropPair(database, ...given)),
    location: (...given) => guarded(() => readLocation(database, ...given)),
    putLocation: (...given) => guarded(() => putLocation(database, ...given)),

    claim: (...given) => guarded(() => claimDue(database, ...given)),
    claimPair: (...given) => guarded(() => claimPair(database, ...given)),
    owners: (...given) => guarded(() => leaseOwners(database, ...given)),
    evict: (...given) => guarded(() => evictOwner(database, ...given)),
    release: (...given) => guarded(() => releaseLease(database, ...given)),
    renew: (...given) => guarded(() => renewLease(database, ...given)),
    finish: (...given) => guarded(() => finishCycle(database, ...given)),
    signal: (...given) => guarded(() => signalPairs(database, ...given)),
    nextDueMs: () => guarded(() => readNextDueMs(database)),

    commit: (...given) => guarded(() => commitBatch(database, ...given)),
    feeds: (...given) => guarded(() => readFeeds(database, ...given)),
    waiting: (...given) => guarded(() => readWaiting(database, ...given)),
    known: (...given) => guarded(() => readKnown(database, ...given)),
    links: (...given) => guarded(() => readLinks(database, ...given)),
    pendingLinks: (...given) => guarded(() => readPendingLinks(database, ...given)),
    unlinked: (...given) => guarded(() => readUnlinked(database, ...given)),
    withMatchKeys: (...given) => guarded(() => readWithMatchKeys(database, ...given)),
    notSeen: (...given) => guarded(() => readNotSeen(database, ...given)),
    intents: (...given) => guarded(() => readIntents(database, ...given)),
    brakes: (...given) => guarded(() => readBrakes(database, ...given)),
    brakedPairs: (...given) => guarded(() => countBrakedPairs(database, ...given)),
    releaseBrake: (...given) => guarded(() => releaseBrake(database, ...given)),

    ask: (...given) => guarded(() => putRequest(database, ...given)),
    requests: (...given) => guarded(() => readRequests(database, ...given)),

    details: (...given) => guarded(() => readDetails(database, ...given)),
    summary: (...given) => guarded(() => readSummary(database, ...given)),
    allLinks: (...given) => guarded(() => readAllLinks(database, ...given)),
    tallies: (...given) => guarded(() => readTallies(database, ...given)),
    journal: (...given) => guarded(() => readJournal(database, ...given)),
    quarantined: (...given) => guarded(() => readQuarantined(database, ...given)),
    review: (...given) => guarded(() => readReview(database, ...given)),
    held: (...given) => guarded(() => readHeld(database, ...given)),

    trimJournal: (...given) => guarded(() => trimJournal(database, ...given)),
    retireTombstones: (...given) => guarded(() => retireTombstones(database, ...given)),

    close: () => database.close(),
  };
}
