/**
 * Our connector doing one work against the ready-made answers: `node liaison.ts URL WORK ROUNDS [HOST]`. With HOST (JSON, see
 * `work.ts`) it runs at that connector host, whose CPU and that of its processes is counted in.
 */
import { openEwsConnector } from '#connectors/ews/connector.ts';
import { Connections } from '#connectors/transport/connections.ts';
import type { Connector, Create, Cursor, Snapshot } from '#contract/connector.ts';
import { type Item, type Kind, kinds } from '#model/item.ts';
import { sameJson } from '#model/same-json.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { linkKeyName } from '../answers/mailbox.ts';
import { say } from '../lib/child.ts';
import { allItems, contentOf, owner, standardCounts } from '../lib/content.ts';
import { type Cost, costOf, cpuMsSinceStart, peakMb } from '../lib/cost.ts';
import { reachHost } from './host.ts';
import { createCounts, type HostAt, type WorkName, type WorkReport } from './work.ts';

const [url = '', work = 'download', rounds = '1', host] = process.argv.slice(2);
const connections = new Connections();
const hosted = host === undefined ? undefined : await reachHost(JSON.parse(host) as HostAt);

const prepared = await costOf(() =>
  ({ check: checking, download: downloading, create: creating, idle: idling })[work as WorkName | 'check'](),
);
const round = prepared.value;
const items = await round();
const coldMs = cpuMsSinceStart() - prepared.cpuMs + ((await hosted?.cpuMs()) ?? 0);
const costs: Cost[] = [];
const before = (await hosted?.cpuMs()) ?? 0;
for (let count = 0; count < Number(rounds); count += 1) costs.push(await costOf(round));
// The kernel's books are too coarse for one round: what the others used is spread over all of them.
const elsewhereMs = (((await hosted?.cpuMs()) ?? 0) - before) / Math.max(1, costs.length);
const report: WorkReport = {
  items,
  coldMs,
  roundsMs: costs.map((cost) => cost.cpuMs + elsewhereMs),
  wallsMs: costs.map((cost) => cost.wallMs),
  peakMb: peakMb(),
};
await connections.close();
hosted?.close();
say(report);

async function open(): Promise<Connector> {
  const options = {
    endpoint: `${url}/EWS/Exchange.asmx`,
    mailbox: owner,
    credentials: { kind: 'basic', user: 'svc@example.test', password: 'not checked' },
    impersonate: true,
    linkKeyName,
  } as const;
  return hosted === undefined ? openEwsConnector(options, systemPorts(), connections) : await hosted.open(options);
}

/** Every item of the mailbox as a canonical item. */
function downloading(): () => Promise<number> {
  return async () => (await everything()).length;
}

/** The same, and that they are the very items the answers were made of. */
function checking(): () => Promise<number> {
  const expected = allItems(contentOf(standardCounts));
  return async () => {
    const found = await everything();
    check(found, expected);
    return found.length;
  };
}

async function everything(): Promise<readonly Item[]> {
  const connector = await open();
  const found: Item[] = [];
  for (const kind of kinds) {
    for (const { item } of await download(connector, kind)) found.push(item);
  }
  await connector.close();
  return found;
}

async function download(connector: Connector, kind: Kind): Promise<readonly Snapshot[]> {
  const found: Snapshot[] = [];
  let cursor: Cursor | null = null;
  for (let complete = false; !complete; ) {
    const page = await connector.changes(kind, cursor);
    if (!page.ok) throw new Error(JSON.stringify(page.fault));
    ({ cursor, complete } = page.value);
    const ids = page.value.changes.map((change) => change.id);
    const read = await connector.read(kind, ids);
    if (!read.ok) throw new Error(JSON.stringify(read.fault));
    for (const outcome of read.value) {
      if (outcome.kind !== 'present') throw new Error(JSON.stringify(outcome));
      found.push(outcome.snapshot);
    }
  }
  return found;
}

function check(found: readonly Item[], expected: readonly Item[]): void {
  expected.forEach((item, index) => {
    if (sameJson(item, found[index])) return;
    throw new Error(`read wrong:\n${JSON.stringify(found[index])}\nexpected:\n${JSON.stringify(item)}`);
  });
}

function creating(): () => Promise<number> {
  const content = contentOf({ ...createCounts, series: 50, tasks: 0 });
  const creates: Readonly<Record<'contact' | 'event', readonly Create[]>> = {
    contact: content.contact.map(createOf),
    event: content.event.map(({ overrides, ...item }, index) => createOf(item, index)),
  };
  return async () => {
    const connector = await open();
    for (const kind of ['contact', 'event'] as const) {
      for (const outcome of await connector.create(kind, creates[kind])) {
        if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome.fault));
      }
    }
    await connector.close();
    return creates.contact.length + creates.event.length;
  };
}

function createOf(item: Item, index: number): Create {
  return { linkKey: `0123456789abcdef${String(index).padStart(16, '0')}`, item };
}

/** One visit: a new connector that asks its three folders and finds nothing. */
function idling(): () => Promise<number> {
  const cursors = new Map<Kind, Cursor>();
  return async () => {
    const connector = await open();
    for (const kind of kinds) {
      for (let complete = false; !complete; ) {
        const page = await connector.changes(kind, cursors.get(kind) ?? null);
        if (!page.ok) throw new Error(JSON.stringify(page.fault));
        cursors.set(kind, page.value.cursor);
        complete = page.value.complete;
      }
    }
    await connector.close();
    return 1;
  };
}
