/**
 * The simulated Exchange: what many mailboxes take of memory, and what a request costs it beside what the same request costs
 * our connector to send and read. Engines are measured against it, so it must stay well below what an engine costs. 1,000 mailboxes of 200 items;
 * with `--full` 10,000, which must fit in 4 GB.
 */
import { openEwsConnector } from '#connectors/ews/connector.ts';
import { Connections } from '#connectors/transport/connections.ts';
import type { Change, Connector, Create, Snapshot, Update } from '#contract/connector.ts';
import type { Contact } from '#model/item.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { type SimulatedCost, type SimulatedStart, workMailbox } from './answers/simulated.ts';
import { type Child, nodeChild } from './lib/child.ts';
import { contentOf } from './lib/content.ts';
import { cpuMsSinceStart, median, rounded } from './lib/cost.ts';
import { type Bench, type Budget, budget, progress } from './lib/report.ts';

const mailboxCounts = { small: 1_000, full: 10_000 };
const memoryMbMax = 4_096;
/** An engine may take 1.5 ms of CPU per item with all it does (bench `whole`), and an idle pass asks three times. */
const itemMsMax = 0.3;
const requestMsMax = 2;
const rounds = 7;
const warmRounds = 100;
/** Times a round does its work, so that asking what it cost does not count. */
const timesPerRound = 10;
const batches = { page: 512, read: 100, write: 50 };

/** Milliseconds of CPU per request, of the server and of the client that sent it. */
interface RequestCost {
  readonly server: number;
  readonly client: number;
  /** Requests the connector sends for the work. */
  readonly requests: number;
}

export const simulator: Bench = async ({ isFull }) => {
  const mailboxes = isFull ? mailboxCounts.full : mailboxCounts.small;
  const child = nodeChild('answers/simulated.ts', [String(mailboxes)], { flags: ['--expose-gc'] });
  try {
    const start = await child.next<SimulatedStart>();
    const requests = await costsPerRequest(child, start.url);
    const before = await ask(child, 'cost');
    const openedAt = performance.now();
    const after = await ask(child, 'open');
    const memory = {
      mailboxes,
      startMs: rounded(start.startMs),
      startRssMb: rounded(start.rssMb),
      items: after.items,
      fillMsPerMailbox: rounded((performance.now() - openedAt) / (mailboxes - 1)),
      bytesPerItem: rounded(((after.heapMb - before.heapMb) * 1_048_576) / (after.items - before.items)),
      peakMb: rounded(after.peakMb),
    };
    progress(
      `simulator: ${after.items} items in ${mailboxes} mailboxes, ${memory.bytesPerItem} bytes each, ${memory.peakMb} MB at most`,
    );
    const budgets: Budget[] = [budget('simulator memory', memory.peakMb, 'MB', { most: memoryMbMax })];
    for (const [work, { server, client }] of Object.entries(requests)) {
      progress(`simulator, ${work}: ${server} ms CPU, client ${client}`);
      const items = Number(/\d+/.exec(work)?.[0] ?? 1);
      budgets.push(budget(`simulator ${work}`, server, 'ms CPU', { most: rounded(requestMsMax + items * itemMsMax) }));
    }
    return { results: { memory, requests }, budgets };
  } finally {
    await child.end();
  }
};

/** Each kind of request in turn, by the connector, in the mailbox that is worked in. */
async function costsPerRequest(child: Child, url: string): Promise<Readonly<Record<string, RequestCost>>> {
  const connections = new Connections();
  const connector = openEwsConnector(
    {
      endpoint: url,
      mailbox: workMailbox,
      credentials: { kind: 'basic', user: 'svc@example.test', password: 'svc-pw1' },
      impersonate: true,
      linkKeyName: 'LiaisonLink',
      pageItemsMax: batches.page,
      readBatch: batches.read,
      writeBatch: batches.write,
    },
    systemPorts(),
    connections,
  );
  const contacts = await snapshots(connector, 'contact');
  const events = await snapshots(connector, 'event');
  const quiet = await pageAfter(connector, null, 'contact');
  const costs = {
    'idle SyncFolderItems': await costOf(child, async () => void (await pageAfter(connector, quiet.cursor, 'contact'))),
    'page of 512 ids': await costOf(child, async () => void (await firstPage(connector))),
    'GetItem 100 contacts': await costOf(child, () => read(connector, 'contact', contacts)),
    'GetItem 100 appointments': await costOf(child, () => read(connector, 'event', events)),
    'CreateItem 50 contacts': await costOf(child, () => create(connector)),
    'UpdateItem 50 contacts': await costOf(child, updating(connector, contacts)),
  };
  await connector.close();
  await connections.close();
  return costs;
}

async function costOf(child: Child, work: () => Promise<void>): Promise<RequestCost> {
  for (let count = 0; count < warmRounds; count += 1) await work();
  const found: RequestCost[] = [];
  for (let count = 0; count < rounds; count += 1) {
    const before = await ask(child, 'cost');
    const own = cpuMsSinceStart();
    for (let time = 0; time < timesPerRound; time += 1) await work();
    const client = cpuMsSinceStart() - own;
    const after = await ask(child, 'cost');
    const requests = after.requests - before.requests;
    found.push({
      server: (after.cpuMs - before.cpuMs) / requests,
      client: client / requests,
      requests: requests / timesPerRound,
    });
  }
  const of = (key: keyof RequestCost) => rounded(median(found.map((one) => one[key])));
  return { server: of('server'), client: of('client'), requests: of('requests') };
}

async function ask(child: Child, question: 'cost' | 'open'): Promise<SimulatedCost> {
  child.process.stdin.write(`${question}\n`);
  return await child.next<SimulatedCost>();
}

type Side = 'contact' | 'event';

async function firstPage(connector: Connector): Promise<readonly Change[]> {
  const page = await connector.changes('contact', null);
  if (!page.ok) throw new Error(JSON.stringify(page.fault));
  return page.value.changes;
}

/** The end of the changes after a cursor. */
async function pageAfter(connector: Connector, cursor: string | null, kind: Side) {
  let changes: Change[] = [];
  for (let after = cursor; ; ) {
    const page = await connector.changes(kind, after);
    if (!page.ok) throw new Error(JSON.stringify(page.fault));
    after = page.value.cursor;
    changes = [...changes, ...page.value.changes];
    if (page.value.complete) return { changes, cursor: after };
  }
}

async function snapshots(connector: Connector, kind: Side): Promise<readonly Snapshot[]> {
  const { changes } = await pageAfter(connector, null, kind);
  const reply = await connector.read(
    kind,
    changes.slice(0, batches.read).map(({ id }) => id),
  );
  if (!reply.ok) throw new Error(JSON.stringify(reply.fault));
  return reply.value.map((outcome) => {
    if (outcome.kind !== 'present') throw new Error(JSON.stringify(outcome));
    return outcome.snapshot;
  });
}

async function read(connector: Connector, kind: Side, known: readonly Snapshot[]): Promise<void> {
  const reply = await connector.read(
    kind,
    known.map(({ id }) => id),
  );
  if (!reply.ok || reply.value.some((one) => one.kind !== 'present')) throw new Error('not read');
}

let created = 0;

async function create(connector: Connector): Promise<void> {
  const { contact } = contentOf({ contacts: batches.write, appointments: 0, series: 0, tasks: 0 });
  const creates = contact.map((item): Create => {
    created += 1;
    return { linkKey: `0123456789abcdef${String(created).padStart(16, '0')}`, item };
  });
  for (const one of await connector.create('contact', creates)) {
    if (one.kind !== 'applied') throw new Error(JSON.stringify(one.fault));
  }
}

/** A round changes one field of each of the same contacts. */
function updating(connector: Connector, known: readonly Snapshot[]): () => Promise<void> {
  const versions = new Map(known.slice(0, batches.write).map((one) => [one.id, one.version]));
  let round = 0;
  return async () => {
    round += 1;
    const updates = known.slice(0, batches.write).map(({ id, item }): Update => {
      const contact = item as Contact;
      const target = { ...contact, organization: { ...contact.organization, jobTitle: `Title ${round}` } };
      return { id, version: versions.get(id) ?? '', target, paths: ['organization.jobTitle'] };
    });
    for (const one of await connector.update('contact', updates)) {
      if (one.kind !== 'applied') throw new Error(JSON.stringify(one.fault));
      versions.set(one.value.id, one.value.version);
    }
  };
}
