/**
 * A small company of real processes for trouble of the real sort: a PostgreSQL, a simulated Exchange, and `liaison serve` as
 * people run it. Everything can be killed; what both sides hold can be listed at any time without asking Liaison.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { comparePair } from '#audit/compare.ts';
import { openEwsConnector } from '#connectors/ews/connector.ts';
import type { Connector } from '#contract/connector.ts';
import { openSqlCrm } from '#crm/sql/adapter.ts';
import { prepareSqlCrm } from '#crm/sql/prepare.ts';
import type { Contact, Kind } from '#model/item.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { type Database, openDatabase } from '#postgres/database.ts';
import { editRandomly } from '#simulators/exchange/people/edit-randomly.ts';
import { seededRandom } from '#simulators/exchange/people/seeded-random.ts';
import { type RunningExchange, startExchange } from '#simulators/exchange/start-exchange.ts';
import { openPostgresStore } from '#store/postgres/postgres-store.ts';

const login = 'ada';
const address = 'alice@example.test';
const entry = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const quietMsMax = 120_000;
const pollMs = 500;
const logChars = 10_000;

/** Long trouble at night, short trouble with every change. */
export const isLong = process.env.LIAISON_LONG !== undefined;

export interface Company {
  readonly exchange: RunningExchange;
  /** An engine that is at work. */
  serve(): Promise<ChildProcess>;
  /** People on both sides change something; new contacts are counted. */
  edit(name: string): Promise<void>;
  /** Until both sides hold the same, everything that was made once and only once, and nobody was mailed. */
  inSync(): Promise<void>;
}

export interface CompanySetting {
  readonly databaseUrl: string;
  /** Where the engine finds the mailbox server; absent: where it is. */
  readonly via?: (exchange: RunningExchange) => Promise<string>;
  readonly seed?: number;
}

export async function openCompany(t: TestContext, setting: CompanySetting): Promise<Company> {
  const seed = setting.seed ?? 7;
  const exchange = await startExchange({
    estate: {
      seed,
      mailboxes: [{ address, password: 'alice-pw1', seed: { contacts: 40, appointments: 20, series: 4, tasks: 10 } }],
      serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' }],
    },
  });
  t.after(() => exchange.close());
  const database = openDatabase(setting.databaseUrl, { max: 3, applicationName: 'liaison-test' });
  t.after(() => database.close());
  await prepareSqlCrm(database);
  await employ(database);
  const sides = { crm: openSqlCrm({ database, employeeLogin: login }, systemPorts()), mailbox: mailboxOf(exchange) };
  t.after(async () => {
    await sides.crm.close();
    await sides.mailbox.close();
  });
  await mapUser(database);
  const url = setting.via === undefined ? exchange.url : await setting.via(exchange);
  const config = configFile(t, url);
  const running = new Set<ChildProcess>();
  t.after(() => {
    for (const child of running) child.kill('SIGKILL');
  });
  const random = seededRandom(seed);
  const made = { contact: (await holdings(sides.crm)) + (await holdings(sides.mailbox)) };
  return {
    exchange,
    async serve() {
      const child = spawn(process.execPath, [entry, 'serve', '--config', config], {
        env: { ...process.env, DATABASE_URL: setting.databaseUrl, SERVICE_PASSWORD: 'svc-pw1' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      running.add(child);
      child.once('exit', () => running.delete(child));
      await started(child);
      return child;
    },
    async edit(name) {
      const mailbox = exchange.truth.mailbox(address);
      assert.ok(mailbox !== undefined);
      const { kind, family } = editRandomly(exchange.truth, mailbox, random, name);
      if (family === 'contact' && kind === 'add') made.contact += 1;
      if (family === 'contact' && kind === 'remove') made.contact -= 1;
      made.contact += await hire(sides.crm, name);
    },
    async inSync() {
      await settled(sides);
      assert.equal(await holdings(sides.crm), made.contact, 'contacts in the CRM');
      assert.equal(await holdings(sides.mailbox), made.contact, 'contacts in the mailbox');
      assert.equal(exchange.truth.sent.length, 0, 'messages sent');
    },
  };
}

/** Starts the engine, lets it work for a while, and kills it. */
export async function serveAndKill(company: Company, afterMs: number): Promise<void> {
  const child = await company.serve();
  await delay(afterMs);
  assert.equal(child.exitCode, null, 'the engine ended by itself');
  await kill(child);
}

/** Until it says so itself. */
async function started(child: ChildProcess): Promise<void> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(-logChars);
      if (text.includes('"serve.started"')) resolve();
    });
    child.once('exit', () => reject(new Error(`the engine ended by itself: ${text}`)));
  });
}

export async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function employ(database: Database): Promise<void> {
  await database.query(
    'test.employ',
    'insert into crm.employee (login, last_name, email, time_zone) values ($1, $1, $2, $3)',
    [login, address, 'Europe/Berlin'],
  );
}

function mailboxOf(exchange: RunningExchange): Connector {
  return openEwsConnector(
    {
      endpoint: exchange.url,
      mailbox: address,
      credentials: { kind: 'basic', user: 'svc@example.test', password: 'svc-pw1' },
      impersonate: true,
      linkKeyName: 'LiaisonLinkKey',
    },
    systemPorts(),
  );
}

async function mapUser(database: Database): Promise<void> {
  const store = await openPostgresStore(database);
  await store.putPairs([
    {
      pairId: 'realtest',
      crmUser: login,
      mailbox: address,
      enabled: true,
      server: 'main',
      levels: { contact: 'full', event: 'full', task: 'full' },
    },
  ]);
}

function configFile(t: TestContext, url: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-real-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'liaison.yaml');
  const signIn = { kind: 'basic', user: 'svc@example.test', password: { env: 'SERVICE_PASSWORD' } };
  const main = { kind: 'ews', url, signIn, connectSeconds: 2, requestSeconds: 3, settleSeconds: 2 };
  writeFileSync(
    config,
    JSON.stringify({ servers: { main }, sync: { intervalSeconds: 1, retrySeconds: 1, retrySecondsMax: 2 } }),
  );
  return config;
}

/** A new contact of the CRM; @returns 1, or 0 when the CRM could not be reached. */
async function hire(crm: Connector, name: string): Promise<number> {
  const item: Contact = {
    kind: 'contact',
    name: { given: 'Crm', surname: name },
    emails: { '1': `${name}@crm.example` },
  };
  const [outcome] = await crm.create('contact', [{ linkKey: `otherone-${name.padEnd(20, 'x')}`, item }]);
  return outcome?.kind === 'applied' ? 1 : 0;
}

async function holdings(side: Connector, kind: Kind = 'contact'): Promise<number> {
  let count = 0;
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<Connector['changes']>> = await side.changes(kind, cursor);
    assert.ok(page.ok, JSON.stringify(page));
    count += page.value.changes.filter((one) => one.kind === 'present').length;
    if (page.value.complete) return count;
    cursor = page.value.cursor;
  }
}

/** Until a comparison of both sides' real contents finds no difference twice in a row. */
async function settled(sides: { readonly crm: Connector; readonly mailbox: Connector }): Promise<void> {
  const until = Date.now() + quietMsMax;
  let last = '';
  for (let equal = 0; equal < 2; ) {
    assert.ok(Date.now() < until, `not in sync in time: ${last}`);
    await delay(pollMs);
    const audit = await comparePair(sides.crm, sides.mailbox, { values: true });
    // A database that is just coming back answers at the next look.
    if (!audit.ok) continue;
    last = JSON.stringify(audit.value.kinds);
    equal = audit.value.inSync ? equal + 1 : 0;
  }
}
