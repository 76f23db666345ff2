/**
 * `liaison serve` as people run it, killed by SIGKILL again and again while it works: at any moment of the first sync and of
 * ongoing work. Whatever it was doing, the next start must finish it: nothing lost, nothing doubled, nobody mailed.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { comparePair } from '#audit/compare.ts';
import { openEwsConnector } from '#connectors/ews/connector.ts';
import type { Connector } from '#contract/connector.ts';
import type { CalendarEvent, Contact, Item, Kind, Task } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { editRandomly } from '#simulators/exchange/people/edit-randomly.ts';
import { below, seededRandom } from '#simulators/exchange/people/seeded-random.ts';
import { type RunningExchange, startExchange } from '#simulators/exchange/start-exchange.ts';
import { openPostgresStore } from '#store/postgres/postgres-store.ts';
import { events } from '#testing/arbitrary-items.ts';
import { type TestCrm, testCrm } from '#testing/sql-crm.ts';

const mailboxAddress = 'alice@example.test';
const login = 'ada';
const entry = fileURLToPath(new URL('./main.ts', import.meta.url));
const quietMsMax = 120_000;

interface Whole {
  readonly exchange: RunningExchange;
  readonly crm: TestCrm;
  readonly sides: { readonly crm: Connector; readonly mailbox: Connector };
  /** Starts the engine. */
  serve(): ChildProcess;
}

test('an engine killed at random moments of the first sync and of ongoing work loses nothing, doubles nothing and mails nobody', async (t) => {
  const seed = Number(process.env.LIAISON_SEED ?? 20260302);
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const whole = await build(t, seed);
  const expected = await counts(whole);

  for (let kill = 0; kill < 6; kill += 1) await serveAndKill(whole, 700 + below(random, 1_500));
  const mailbox = [...whole.exchange.truth.mailboxes].find((one) => one.address === mailboxAddress);
  assert.ok(mailbox !== undefined);
  for (let kill = 0; kill < 6; kill += 1) {
    const killed = serveAndKill(whole, 700 + below(random, 1_800));
    for (let edit = 0; edit < 6; edit += 1) {
      const { kind, family } = editRandomly(whole.exchange.truth, mailbox, random, `k${kill}e${edit}`);
      if (family === 'contact' && kind === 'add') expected.contact += 1;
      if (family === 'contact' && kind === 'remove') expected.contact -= 1;
      await editInCrm(whole.sides.crm, `crm ${kill}.${edit}`, below(random, 10));
      await delay(100);
    }
    await killed;
  }

  const engine = whole.serve();
  await quiet(whole);
  const exited = once(engine, 'exit');
  engine.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);

  const now = await counts(whole);
  assert.equal(now.contact, expected.contact, 'contacts on both sides');
  assert.equal(whole.exchange.truth.sent.length, 0, 'messages sent');
});

async function build(t: TestContext, seed: number): Promise<Whole> {
  const exchange = await startExchange({
    estate: {
      seed,
      mailboxes: [
        {
          address: mailboxAddress,
          password: 'alice-pw1',
          timeZone: 'W. Europe Standard Time',
          seed: { contacts: 80, appointments: 60, series: 8, tasks: 30 },
        },
      ],
      serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' }],
    },
  });
  t.after(() => exchange.close());
  const crm = await testCrm(t);
  await crm.employ(login, { email: mailboxAddress });
  const sides = {
    crm: crm.connector(login),
    mailbox: openEwsConnector(
      {
        endpoint: exchange.url,
        mailbox: mailboxAddress,
        credentials: { kind: 'basic', user: 'svc@example.test', password: 'svc-pw1' },
        impersonate: true,
        linkKeyName: 'LiaisonLinkKey',
      },
      systemPorts(),
    ),
  };
  t.after(async () => {
    await sides.crm.close();
    await sides.mailbox.close();
  });
  await fillCrm(sides.crm, seed);
  const store = await openPostgresStore(crm.database);
  await store.putPairs([
    {
      pairId: 'crashtst',
      crmUser: login,
      mailbox: mailboxAddress,
      enabled: true,
      server: 'main',
      levels: { contact: 'full', event: 'full', task: 'full' },
    },
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'liaison-crash-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'liaison.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      servers: {
        main: {
          kind: 'ews',
          url: exchange.url,
          signIn: { kind: 'basic', user: 'svc@example.test', password: { env: 'SERVICE_PASSWORD' } },
          // The simulated server is done with a request as soon as it has it.
          settleSeconds: 2,
        },
      },
      sync: { intervalSeconds: 1, retrySeconds: 1 },
    }),
  );
  const running = new Set<ChildProcess>();
  t.after(() => {
    for (const child of running) child.kill('SIGKILL');
  });
  return {
    exchange,
    crm,
    sides,
    serve() {
      const child = spawn(process.execPath, [entry, 'serve', '--config', config], {
        env: { ...process.env, DATABASE_URL: crm.url, SERVICE_PASSWORD: 'svc-pw1' },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      running.add(child);
      child.once('exit', () => running.delete(child));
      return child;
    },
  };
}

async function serveAndKill(whole: Whole, afterMs: number): Promise<void> {
  const child = whole.serve();
  const exited = once(child, 'exit');
  await Promise.race([delay(afterMs), exited]);
  assert.equal(child.exitCode, null, 'the engine ended by itself');
  child.kill('SIGKILL');
  await exited;
}

/** Until a comparison of both sides' real contents finds no difference twice in a row. */
async function quiet(whole: Whole): Promise<void> {
  const until = Date.now() + quietMsMax;
  let last = '';
  for (let equal = 0; equal < 2; ) {
    assert.ok(Date.now() < until, `not in sync in time: ${last}`);
    await delay(1_000);
    const audit = await comparePair(whole.sides.crm, whole.sides.mailbox, { values: true });
    assert.ok(audit.ok, JSON.stringify(audit));
    last = JSON.stringify(audit.value.kinds);
    equal = audit.value.inSync ? equal + 1 : 0;
  }
}

async function counts(whole: Whole): Promise<Record<Kind, number>> {
  const result: Record<Kind, number> = { contact: 0, event: 0, task: 0 };
  const audit = await comparePair(whole.sides.crm, whole.sides.mailbox);
  assert.ok(audit.ok);
  for (const kind of kinds) {
    const one = audit.value.kinds.find((candidate) => candidate.kind === kind);
    if (one === undefined) continue;
    result[kind] = one.equal + one.different.length + one.onlyInCrm.length + one.onlyInMailbox.length;
  }
  return result;
}

async function fillCrm(crm: Connector, seed: number): Promise<void> {
  const contacts = Array.from(
    { length: 60 },
    (_, index): Contact => ({
      kind: 'contact',
      name: { given: `Crm${index}`, surname: 'Person' },
      emails: { '1': `crm${index}@customer.example` },
      phones: { business: `+49 30 ${1_000 + index}` },
    }),
  );
  const tasks = Array.from(
    { length: 20 },
    (_, index): Task => ({
      kind: 'task',
      title: `CRM task ${index}`,
      dates: { due: '2026-12-01' },
      progress: { status: 'notStarted', percent: 0 },
    }),
  );
  const meetings = fc.sample(events, { numRuns: 30, seed }).map(withoutOrganizer);
  const groups: readonly (readonly [Kind, readonly Item[]])[] = [
    ['contact', contacts],
    ['task', tasks],
    ['event', meetings],
  ];
  for (const [kind, items] of groups) {
    const outcomes = await crm.create(
      kind,
      items.map((item, index) => ({ linkKey: `otherone-${kind}${String(index).padStart(4, '0')}`, item })),
    );
    for (const outcome of outcomes) assert.equal(outcome.kind, 'applied', JSON.stringify(outcome));
  }
}

function withoutOrganizer({ meeting: _meeting, responses: _responses, ...event }: CalendarEvent): CalendarEvent {
  return event;
}

/** Renames one of the first contacts, by the CRM's own hand. */
async function editInCrm(crm: Connector, name: string, index: number): Promise<void> {
  const page = await crm.changes('contact', null);
  assert.ok(page.ok);
  const change = page.value.changes[index];
  if (change?.kind !== 'present') return;
  const read = await crm.read('contact', [change.id]);
  assert.ok(read.ok);
  const outcome = read.value[0];
  if (outcome?.kind !== 'present') return;
  const { snapshot } = outcome;
  const target: Contact = { ...(snapshot.item as Contact), relations: { spouse: name } };
  // A refusal means that the engine was faster: nothing was edited then.
  await crm.update('contact', [{ id: snapshot.id, version: snapshot.version, target, paths: ['relations.spouse'] }]);
}
