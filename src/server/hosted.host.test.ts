/** The whole engine with its mailbox at a connector host, whose processes are killed while they write. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultCadence } from '#dispatch/back-off.ts';
import { runPair } from '#dispatch/run-pair.ts';
import { defaultPolicy } from '#engine/policy.ts';
import { defaultTunables } from '#engine/task.ts';
import type { Contact } from '#model/item.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { startExchange } from '#simulators/exchange/start-exchange.ts';
import { memoryStore } from '#store/memory/memory-store.ts';
import type { Pair } from '#store/port.ts';
import { engineFor, hostFor, until } from '#testing/connector-hosts.ts';
import { MapSide } from '#testing/map-side.ts';

const contacts = 240;
const killsMax = 4;
const pair: Pair = {
  pairId: 'hostedab',
  crmUser: 'ada',
  mailbox: 'alice@example.test',
  enabled: true,
  server: 'main',
  levels: { contact: 'full', event: 'none', task: 'none' },
};

test('connector processes killed while they write: the engine finds what was written, doubles nothing and finishes the rest', async (t) => {
  const exchange = await startExchange({
    estate: {
      mailboxes: [{ address: pair.mailbox, password: 'alice-pw1' }],
      serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' }],
    },
  });
  t.after(() => exchange.close());
  const host = await hostFor(t);
  const engine = await engineFor(t, [host]);
  const crm = new MapSide({ name: 'c', pageItems: 100 });
  for (let number = 0; number < contacts; number += 1) crm.add(contactOf(number));
  const store = memoryStore();
  await store.putPairs([pair]);
  const ports = systemPorts();
  const visits: string[] = [];
  const settings = {
    endpoint: exchange.url,
    mailbox: pair.mailbox,
    credentials: { kind: 'basic', user: 'svc@example.test', password: 'svc-pw1' },
    impersonate: true,
    linkKeyName: 'liaison',
    writeBatch: 10,
    // The simulated server is done with a request as soon as it has it.
    settleMs: 200,
  };
  const pass = async (): Promise<string | undefined> => {
    const claim = await store.claimPair(pair.pairId, 'test', ports.clock.now(), 60_000);
    assert.ok(claim !== undefined);
    const outcome = await runPair(claim, {
      store,
      open: async (_, side, visit) => {
        if (side === 'crm') return { ok: true, value: crm.connector() };
        visits.push(visit);
        return await engine.open({ connectorKind: 'ews', settings, server: 'main', user: 'alice', visit });
      },
      policy: () => defaultPolicy,
      cadence: { ...defaultCadence, retryMs: 1 },
      tunables: defaultTunables,
      ports,
    });
    return outcome?.result;
  };

  const written = () => exchange.truth.mailbox(pair.mailbox)?.wellKnown('contacts').items.size ?? 0;
  for (let kill = 0; kill < killsMax; kill += 1) {
    const before = written();
    let isOver = false;
    const passing = pass().finally(() => {
      isOver = true;
    });
    await until(() => isOver || written() > before + 10);
    for (const { pid } of host.pool.report()) process.kill(pid, 'SIGKILL');
    await passing;
    await until(() => host.pool.report().length === 0);
  }
  assert.ok(written() < contacts, 'the kills came while there was work');
  await until(async () => (await pass()) === 'quiet');

  const names = new Set(crm.all('contact').map((item) => (item as Contact).name?.given));
  assert.equal(names.size, contacts);
  assert.equal(crm.all('contact').length, contacts);
  assert.equal(written(), contacts);
  assert.deepEqual([visits[0], visits.at(-1)], ['initial', 'ongoing']);
});

function contactOf(number: number): Contact {
  return { kind: 'contact', name: { given: `Person ${number}` }, emails: { '1': `p${number}@example.test` } };
}
