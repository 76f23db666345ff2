/**
 * The one suite that holds every store to the words of the port. `open` gives each test an empty store, and closes it
 * after the test.
 */
import type { TestContext } from 'node:test';
import { describe } from 'node:test';
import { commitConformance } from './conformance/commit.ts';
import { peopleConformance } from './conformance/people.ts';
import { queryConformance } from './conformance/queries.ts';
import { retentionConformance } from './conformance/retention.ts';
import { scheduleConformance } from './conformance/schedule.ts';
import { userMapConformance } from './conformance/user-map.ts';
import type { Store } from './port.ts';

/** Registers the suite with `node:test` under `name`. */
export function storeConformance(name: string, open: (t: TestContext) => Promise<Store>): void {
  describe(name, () => {
    userMapConformance(open);
    scheduleConformance(open);
    commitConformance(open);
    queryConformance(open);
    peopleConformance(open);
    retentionConformance(open);
  });
}
