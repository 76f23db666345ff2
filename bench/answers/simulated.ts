/**
 * The simulated Exchange with many mailboxes, in a process of its own that tells what it costs: `node simulated.ts MAILBOXES`.
 * Says where it is; then answers each line on its standard input (`cost` or `open`, which looks at every mailbox); ends with it.
 */
import { createInterface } from 'node:readline';
import type { EstateInput } from '#simulators/exchange/estate.ts';
import { startExchange } from '#simulators/exchange/start-exchange.ts';
import { say } from '../lib/child.ts';
import { cpuMsSinceStart, peakMb } from '../lib/cost.ts';

/** Where it is, and what starting took. */
export interface SimulatedStart {
  readonly url: string;
  readonly startMs: number;
  readonly rssMb: number;
}

/** What it has cost until now. */
export interface SimulatedCost {
  readonly cpuMs: number;
  readonly rssMb: number;
  readonly peakMb: number;
  readonly heapMb: number;
  readonly items: number;
  readonly requests: number;
}

/** The first mailbox is the one that is worked in; the others hold 200 items each. */
export const workMailbox = 'work@example.test';

const [count = '1'] = process.argv.slice(2);
const others = Array.from({ length: Number(count) - 1 }, (_, index) => ({
  address: `person${index}@example.test`,
  password: 'x',
  seed: { contacts: 90, appointments: 70, series: 10, tasks: 30 },
}));
const estate: EstateInput = {
  mailboxes: [
    { address: workMailbox, password: 'x', seed: { contacts: 600, appointments: 450, series: 60, tasks: 200 } },
    ...others,
  ],
  serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' }],
};

const before = performance.now();
const exchange = await startExchange({ estate });
say({ url: exchange.url, startMs: performance.now() - before, rssMb: megabytes().rssMb } satisfies SimulatedStart);
for await (const line of createInterface({ input: process.stdin })) {
  // Content is made when a mailbox is looked at.
  if (line === 'open') for (const mailbox of exchange.truth.mailboxes) mailbox.counter;
  say(cost(line === 'open'));
}
await exchange.close();

function cost(isClean: boolean): SimulatedCost {
  if (isClean) globalThis.gc?.();
  let items = 0;
  for (const mailbox of exchange.truth.opened()) {
    for (const folder of mailbox.folders.values()) items += folder.items.size;
  }
  const { requests } = exchange.control.counters();
  return { cpuMs: cpuMsSinceStart(), peakMb: peakMb(), items, requests, ...megabytes() };
}

function megabytes(): { readonly rssMb: number; readonly heapMb: number } {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssMb: rss / 1_048_576, heapMb: (heapUsed + external) / 1_048_576 };
}
