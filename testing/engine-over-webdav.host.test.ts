/** The real engine between a CRM and a mailbox of the simulated Exchange 2007: they become the same, stay quiet, lose nothing. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { openExchange2007Connector } from '#connectors/exchange2007/connector.ts';
import { type CycleResult, cycle } from '#engine/cycle.ts';
import { newPairId } from '#engine/link-key.ts';
import { defaultPolicy } from '#engine/policy.ts';
import { defaultTunables, domainsOf, sharedForm, type Task } from '#engine/task.ts';
import { type Item, type Kind, kinds } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { withValue } from '#model/project.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { type RunningExchange, startExchange } from '#simulators/exchange/start-exchange.ts';
import { memoryStore } from '#store/memory/memory-store.ts';
import type { Pair } from '#store/port.ts';
import { contacts, events, tasks } from './arbitrary-items.ts';
import { MapSide } from './map-side.ts';
import { withPlainNames } from './sayable-items.ts';
import { virtualPorts } from './virtual-ports.ts';

const address = 'alice@example.test';
const leaseMs = 60_000;
const perKind = 12;

interface Office {
  readonly exchange: RunningExchange;
  readonly crm: MapSide;
  pass(): Promise<CycleResult>;
  /** Passes until one writes nothing on either side. */
  settle(): Promise<void>;
  /** Items of the mailbox and of the CRM in the form both can hold, in one order. */
  both(kind: Kind): Promise<readonly [readonly string[], readonly string[]]>;
}

async function office(t: TestContext): Promise<Office> {
  const exchange = await startExchange({
    estate: {
      version: '2007sp3',
      mailboxes: [
        { address, password: 'alice-pw1', seed: { contacts: 10, appointments: 8, series: 4, tasks: 6 } },
        { address: 'bob@example.test', password: 'bob-pw1' },
      ],
      serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' }],
    },
  });
  t.after(() => exchange.close());
  const crm = new MapSide({ name: 'c' });
  const ports = virtualPorts();
  const store = memoryStore();
  const level = 'full' as const;
  const pair: Pair = {
    pairId: newPairId(ports.random),
    crmUser: 'SADMIN',
    mailbox: address,
    enabled: true,
    server: 'main',
    levels: { contact: level, event: level, task: level },
  };
  await store.putPairs([pair]);
  const open = () =>
    openExchange2007Connector(
      {
        endpoint: `${exchange.origin}/exchange/`,
        mailbox: address,
        credentials: { kind: 'basic', user: 'svc@example.test', password: 'svc-pw1' },
        linkKeyName: 'liaison-link',
        mailboxZone: 'Europe/Berlin',
      },
      systemPorts(),
    );
  const taskOf = (mailbox: ReturnType<typeof open>): Omit<Task, 'lease'> => {
    const connectors = { crm: crm.connector(), mailbox };
    const tunables = { ...defaultTunables, leaseMs };
    const domains = domainsOf(pair, connectors, defaultPolicy);
    return { pair, store, connectors, policy: defaultPolicy, ports, domains, tunables, progress: () => {} };
  };
  const writes = () =>
    Object.entries(exchange.control.counters().byOperation)
      .filter(([method]) => /^(PROPPATCH|PUT|MOVE|DELETE)$/.test(method))
      .reduce((sum, [, count]) => sum + count, crm.writes.length);
  const pass = async () => {
    const claim = await store.claimPair(pair.pairId, 'test', ports.clock.now(), leaseMs);
    assert.ok(claim !== undefined);
    const mailbox = open();
    try {
      return await cycle({ ...taskOf(mailbox), lease: claim.lease });
    } finally {
      await mailbox.close();
      const at = new Date(ports.clock.now()).toISOString();
      await store.finish(claim.lease, { at, result: 'quiet', durationMs: 0 }, ports.clock.now(), 0);
      ports.advance(300_000);
    }
  };
  const settle = async () => {
    for (let count = 1; count <= 12; count += 1) {
      const before = writes();
      const result = await pass();
      if (writes() === before && result.troubles.length === 0 && result.waitUntilMs === undefined) return;
      if (count === 12) assert.fail(`not quiet: ${JSON.stringify(result)}`);
    }
  };
  const both = async (kind: Kind) => {
    const mailbox = open();
    t.after(() => mailbox.close());
    const domain = taskOf(mailbox).domains.find((one) => one.kind === kind);
    assert.ok(domain !== undefined);
    const listed = await mailbox.changes(kind, null);
    assert.ok(listed.ok);
    const read = await mailbox.read(
      kind,
      listed.value.changes.map(({ id }) => id),
    );
    assert.ok(read.ok);
    const theirs = read.value.map((one) =>
      one.kind === 'present' ? one.snapshot.item : assert.fail(JSON.stringify(one)),
    );
    const ours = [...crm.items.values()].filter((one) => one.kind === kind).map(({ item }) => item);
    const texts = (items: readonly Item[]) => items.map((item) => JSON.stringify(sharedForm(item, domain))).sort();
    return [texts(theirs), texts(ours)] as const;
  };
  return { exchange, crm, pass, settle, both };
}

function sample(kind: Kind): readonly Item[] {
  const arbitrary: fc.Arbitrary<Item> = { contact: contacts, event: events, task: tasks }[kind];
  return fc.sample(arbitrary, { numRuns: perKind, seed: 20260322 }).map((item) => {
    const {
      meeting: _,
      responses: __,
      ...kept
    } = withPlainNames(item) as Item & { meeting?: unknown; responses?: unknown };
    if (kept.kind !== 'task') return normalise(kept as Item);
    const { recurrence: ___, reminder: ____, ...task } = kept;
    const progress =
      task.progress.status === 'completed' ? { ...task.progress, completed: '2025-12-31' } : task.progress;
    return normalise({ ...task, progress } as Item);
  });
}

test('a CRM and a mailbox over WebDAV become the same, stay the same through edits and lost answers, and are then quiet', async (t) => {
  const { exchange, crm, settle, both } = await office(t);
  for (const kind of kinds) for (const item of sample(kind)) crm.add(item);
  await settle();
  for (const kind of kinds) {
    const [theirs, ours] = await both(kind);
    assert.deepEqual(theirs, ours, kind);
    assert.ok(theirs.length > perKind, `${kind}: ${theirs.length}`);
  }

  // Edits and removals in the CRM, while the server loses answers.
  for (const operation of ['PROPPATCH', 'PUT', 'MOVE']) {
    exchange.control.inject({ kind: 'loseReply', operation, times: 2, after: 1 });
    exchange.control.inject({ kind: 'dropRequest', operation, times: 1, after: 4 });
  }
  for (const [id, { item }] of [...crm.items].slice(0, 20)) {
    const [path, text] = item.kind === 'contact' ? ['webPage', 'https://new.test/'] : ['title', 'New title'];
    crm.edit(id, (now) => withValue(now, path, text));
  }
  for (const [id] of [...crm.items].slice(-6)) crm.delete(id);
  for (const item of sample('contact').slice(0, 3)) crm.add(withValue(item, 'organization.office', 'late'));
  await settle();
  const { faultsStruck } = exchange.control.counters();
  assert.ok((faultsStruck.loseReply ?? 0) > 0 && (faultsStruck.dropRequest ?? 0) > 0, JSON.stringify(faultsStruck));
  exchange.control.calm();
  for (const kind of kinds) {
    const [theirs, ours] = await both(kind);
    assert.deepEqual(theirs, ours, kind);
  }
  assert.equal(exchange.truth.sent.length, 0);

  // A pass over a pair where nothing happened reads four answers and writes nothing.
  const before = exchange.control.counters().requests;
  await settle();
  assert.ok(
    exchange.control.counters().requests - before <= 4,
    `${exchange.control.counters().requests - before} requests`,
  );
});
