/** Measures the store in this process: `node store.ts DATABASE-URL`; says one line. */
import { openDatabase } from '#postgres/database.ts';
import { claimNew, feedRow, itemRow, linkRow } from '#store/conformance/rows.ts';
import { openPostgresStore } from '#store/postgres/postgres-store.ts';
import { say } from '../lib/child.ts';
import { contentOf } from '../lib/content.ts';
import { costOf, median, rounded } from '../lib/cost.ts';

const batch = 500;
const rounds = 9;

const database = openDatabase(process.argv[2] ?? '');
const store = await openPostgresStore(database);
const lease = await claimNew(store, 'benchone');
const contacts = contentOf({ contacts: batch, appointments: 0, series: 0, tasks: 0 }).contact;

/** Ids as long as Exchange's. */
const idOf = (round: number, index: number) => `AAMkADBh${String(round * batch + index).padStart(144, '0')}`;
const keyOf = (round: number, index: number) => `benchone${String(round * batch + index).padStart(24, '0')}`;

const found = {
  [`commit of ${batch} new items`]: await each((round) =>
    store.commit(lease, {
      feeds: [feedRow()],
      items: contacts.map((item, index) =>
        itemRow(idOf(round, index), { item, pending: true, matchKeys: [`mail:${item.emails?.[1]}`, `name:${index}`] }),
      ),
    }),
  ),
  [`look-up of ${batch} known items`]: await each(async (round) => {
    await store.known(
      'benchone',
      'mailbox',
      'contact',
      contacts.map((_, index) => idOf(round, index)),
    );
  }),
  [`commit of ${batch} links`]: await each((round) =>
    store.commit(lease, {
      links: contacts.map((base, index) => {
        const ids = { crm: String(round * batch + index), mailbox: idOf(round, index) };
        return linkRow(keyOf(round, index), { ids, base });
      }),
    }),
  ),
  'idle: what waits': await each(async () => void (await store.waiting('benchone'))),
};
await database.close();
say(found);

/** The median of rounds after one that warms up. */
async function each(work: (round: number) => Promise<unknown>) {
  await work(0);
  const costs = [];
  for (let round = 1; round <= rounds; round += 1) costs.push(await costOf(() => work(round)));
  return {
    cpuMs: rounded(median(costs.map((cost) => cost.cpuMs))),
    wallMs: rounded(median(costs.map((cost) => cost.wallMs))),
  };
}
