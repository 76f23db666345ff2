/**
 * `liaison serve` as people run it, against an EWS server that is not Microsoft's and has many oddities at once: everything
 * both sides have at first, every later change and every deletion reaches the other side, and nothing else happens.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openEwsConnector } from '#connectors/ews/connector.ts';
import type { Connector, Snapshot } from '#contract/connector.ts';
import { type Fault, scopeOf } from '#contract/fault.ts';
import type { CalendarEvent, Contact, Item, Kind, Task } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { openPostgresStore } from '#store/postgres/postgres-store.ts';
import {
  type OddExchange,
  oddAddress,
  oddPassword,
  oddUser,
  startOddExchange,
} from '#testing/odd-exchange/start-odd-exchange.ts';
import type { Trait } from '#testing/odd-exchange/traits.ts';
import { testCrm } from '#testing/sql-crm.ts';
import type { PairAudit } from './commands/audit.ts';

const login = 'ada';
const entry = fileURLToPath(new URL('./main.ts', import.meta.url));
const quietMsMax = 120_000;

const oddities: readonly Trait[] = [
  'hidesVersion',
  'strangePrefixes',
  'sendsUnknownParts',
  'faultsUnder200',
  'tersesMessages',
  'unknownAsPage',
  'localTimes',
  'fractionalTimes',
  'zonedDates',
  'emptyElements',
  'setIdsAsGuid',
  'hidesItemClass',
  'hidesMeetingParts',
  'untiedTasks',
  'strangeIds',
  'longIds',
  'shortChangeKeys',
  'keylessUpdates',
  'longSyncState',
  'hidesLastPage',
  'pagesOfTen',
  'repeatsChanges',
  'updatesForNew',
  'shufflesAnswers',
  'dropsMessages',
  'stopsBatches',
  'ignoresConflicts',
  'ignoresSearch',
  'deletesAsNotFound',
  'closesConnections',
  'gzips',
];

test('a very odd EWS server and the CRM are brought to the same state and kept there, through changes and deletions on both sides', async (t) => {
  const whole = await build(t);
  const { crm, mailbox } = whole;
  await fill(crm, 'crm');
  await fill(mailbox, 'mailbox');
  const engine = whole.serve();
  await inSync(whole, { contact: 2 * people, event: 6, task: 2 * chores });

  // From here on every eleventh request is turned away.
  whole.traits.busySometimes = true;
  await edit(crm, 'contact', 'crm 3', (item) => ({ ...(item as Contact), webPage: 'https://crm.example/' }), 'webPage');
  await edit(
    mailbox,
    'contact',
    'mailbox 4',
    (item) => ({ ...(item as Contact), webPage: 'https://m.example/' }),
    'webPage',
  );
  await edit(mailbox, 'task', 'crm task 1', (item) => ({ ...(item as Task), body: { text: 'Done soon' } }), 'body');
  await edit(crm, 'event', 'mailbox lunch', (item) => ({ ...(item as CalendarEvent), location: 'Garden' }), 'location');
  await make(crm, 'contact', person('crm', 90));
  await make(mailbox, 'task', chore('mailbox', 90));
  await inSync(whole, { contact: 2 * people + 1, event: 6, task: 2 * chores + 1 });
  assert.equal(((await look(mailbox, 'contact', 'crm 3')).item as Contact).webPage, 'https://crm.example/');
  assert.equal(((await look(crm, 'contact', 'mailbox 4')).item as Contact).webPage, 'https://m.example/');
  assert.equal(((await look(crm, 'task', 'crm task 1')).item as Task).body?.text, 'Done soon');
  assert.equal(((await look(mailbox, 'event', 'mailbox lunch')).item as CalendarEvent).location, 'Garden');

  await remove(crm, 'contact', 'mailbox 5');
  await remove(mailbox, 'contact', 'crm 6');
  await remove(mailbox, 'event', 'crm series');
  await remove(crm, 'task', 'mailbox task 2');
  await inSync(whole, { contact: 2 * people - 1, event: 5, task: 2 * chores });
  assert.equal(whole.server.mailbox.inFolder('Contact').length, 2 * people - 1);
  engine.kill('SIGTERM');
  await once(engine, 'exit');
});

const people = 15;
const chores = 6;

function person(side: string, number: number): Contact {
  return normalise({
    kind: 'contact',
    name: { given: side, surname: String(number) },
    emails: { '1': `${side}${number}@customer.example` },
    phones: { business: `+49 30 ${number}` },
    body: { text: 'First line\nSecond line' },
  });
}

function chore(side: string, number: number): Task {
  return normalise({
    kind: 'task',
    title: `${side} task ${number}`,
    dates: { due: '2026-12-01' },
    progress: number % 2 === 0 ? { status: 'notStarted', percent: 0 } : { status: 'inProgress', percent: 50 },
  });
}

function appointments(side: string): readonly CalendarEvent[] {
  const day = side === 'crm' ? '05' : '06';
  const event = (title: string, hour: number): CalendarEvent => ({
    kind: 'event',
    title: `${side} ${title}`,
    when: {
      start: `2026-03-${day}T${hour}:00:00`,
      end: `2026-03-${day}T${hour}:30:00`,
      allDay: false,
      zone: 'Europe/Berlin',
    },
    showAs: 'busy',
  });
  const series: CalendarEvent = {
    ...event('series', 10),
    recurrence: { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'count', count: 10 } },
    overrides: {
      '2026-03-08T10:00:00': { patch: { location: 'Room 5' } },
      '2026-03-09T10:00:00': { excluded: true },
      '2026-03-10T10:00:00': { patch: { title: 'Another title' } },
    },
  };
  const days: CalendarEvent = {
    kind: 'event',
    title: `${side} journey`,
    when: { start: `2026-04-${day}T00:00:00`, end: '2026-04-09T00:00:00', allDay: true },
    showAs: 'outOfOffice',
  };
  return [event('lunch', 12), series, days].map(normalise);
}

interface Whole {
  readonly server: OddExchange;
  readonly traits: Partial<Record<Trait, boolean>>;
  readonly crm: Connector;
  /** Another program at the same mailbox. */
  readonly mailbox: Connector;
  serve(): ChildProcess;
  audit(): Promise<PairAudit | undefined>;
}

async function build(t: TestContext): Promise<Whole> {
  const traits: Partial<Record<Trait, boolean>> = Object.fromEntries(oddities.map((one) => [one, true]));
  const server = await startOddExchange(traits);
  t.after(() => server.close());
  const testing = await testCrm(t);
  await testing.employ(login, { email: oddAddress });
  const crm = testing.connector(login);
  const mailbox = openEwsConnector(
    {
      endpoint: server.url,
      mailbox: oddAddress,
      credentials: { kind: 'basic', user: oddUser, password: oddPassword },
      impersonate: true,
      linkKeyName: 'another-program',
      mailboxZone: 'Europe/Berlin',
    },
    systemPorts(),
  );
  t.after(async () => {
    await crm.close();
    await mailbox.close();
  });
  const store = await openPostgresStore(testing.database);
  await store.putPairs([
    {
      pairId: 'oddserve',
      crmUser: login,
      mailbox: oddAddress,
      enabled: true,
      server: 'main',
      levels: { contact: 'full', event: 'full', task: 'full' },
    },
  ]);
  const config = configured(t, server.url);
  const env = { ...process.env, DATABASE_URL: testing.url, SERVICE_PASSWORD: oddPassword };
  return {
    server,
    traits,
    crm,
    mailbox,
    serve() {
      const child = spawn(process.execPath, [entry, 'serve', '--config', config], {
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      t.after(() => child.kill('SIGKILL'));
      return child;
    },
    audit: () =>
      new Promise((resolve) => {
        execFile(process.execPath, [entry, 'audit', '--json', '--config', config], { env }, (_error, out) => {
          const [audit] = out.trim() === '' ? [] : (JSON.parse(out) as PairAudit[]);
          resolve(audit);
        });
      }),
  };
}

function configured(t: TestContext, url: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-odd-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'liaison.yaml');
  const signIn = { kind: 'basic', user: oddUser, password: { env: 'SERVICE_PASSWORD' } };
  writeFileSync(
    config,
    JSON.stringify({
      servers: { main: { kind: 'ews', url, signIn, zone: 'Europe/Berlin', settleSeconds: 1 } },
      sync: { intervalSeconds: 1, retrySeconds: 1 },
    }),
  );
  return config;
}

/** Until an audit of both sides finds no difference and this many items of each kind. */
async function inSync(whole: Whole, expected: Readonly<Record<Kind, number>>): Promise<void> {
  const until = Date.now() + quietMsMax;
  let last = '';
  for (;;) {
    const audit = await whole.audit();
    const counts = Object.fromEntries(audit?.result.kinds.map(({ kind, crm }) => [kind, crm]) ?? []);
    last = JSON.stringify(audit?.result.kinds);
    if (audit?.inSync === true && audit.result.inSync && sameCounts(counts, expected)) return;
    assert.ok(Date.now() < until, `not in sync in time: ${last}`);
    await delay(500);
  }
}

function sameCounts(counts: Readonly<Record<string, number>>, expected: Readonly<Record<Kind, number>>): boolean {
  return Object.entries(expected).every(([kind, count]) => counts[kind] === count);
}

async function fill(side: Connector, name: string): Promise<void> {
  for (let number = 0; number < people; number += 1) await make(side, 'contact', person(name, number));
  for (let number = 0; number < chores; number += 1) await make(side, 'task', chore(name, number));
  for (const event of appointments(name)) await make(side, 'event', event);
}

let serial = 0;

/** As a person would: what a busy server turned away is tried again. */
async function make(side: Connector, kind: Kind, item: Item): Promise<void> {
  await insisting(async () => {
    serial += 1;
    const [outcome] = await side.create(kind, [{ linkKey: `otherone-${String(serial).padStart(8, '0')}`, item }]);
    return outcome?.kind;
  });
}

async function edit(
  side: Connector,
  kind: Kind,
  name: string,
  change: (item: Item) => Item,
  path: string,
): Promise<void> {
  await insisting(async () => {
    const found = await find(side, kind, name);
    if (found === undefined) return undefined;
    const { id, version, item } = found;
    const [outcome] = await side.update(kind, [{ id, version, target: change(item), paths: [path] }]);
    return outcome?.kind;
  });
}

async function remove(side: Connector, kind: Kind, name: string): Promise<void> {
  await insisting(async () => {
    const found = await find(side, kind, name);
    if (found === undefined) return undefined;
    const { id, version } = found;
    const [outcome] = await side.remove(kind, [{ id, version }]);
    return outcome?.kind;
  });
}

const triesMax = 10;

async function insisting(attempt: () => Promise<string | undefined>): Promise<void> {
  for (let tries = 0; tries < triesMax; tries += 1) if ((await attempt()) === 'applied') return;
  assert.fail('the person gave up');
}

async function look(side: Connector, kind: Kind, name: string): Promise<Snapshot> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const found = await find(side, kind, name);
    if (found !== undefined) return found;
  }
  return assert.fail('the person gave up');
}

/** The item of this name, read as the side has it now; undefined when a busy server turned the person away. */
async function find(side: Connector, kind: Kind, name: string): Promise<Snapshot | undefined> {
  const ids = new Set<string>();
  let cursor: string | null = null;
  for (let complete = false; !complete; ) {
    const page = await side.changes(kind, cursor);
    if (!page.ok) return turnedAway(page.fault);
    for (const change of page.value.changes) if (change.kind === 'present') ids.add(change.id);
    ({ cursor, complete } = page.value);
  }
  const read = await side.read(kind, [...ids]);
  if (!read.ok) return turnedAway(read.fault);
  for (const outcome of read.value) {
    if (outcome.kind === 'failed' && scopeOf(outcome.fault.code) === 'budget') return undefined;
    if (outcome.kind === 'present' && nameOf(outcome.snapshot.item) === name) return outcome.snapshot;
  }
  return assert.fail(`no ${kind} called ${name}`);
}

/** Being busy is the only excuse. */
function turnedAway(fault: Fault): undefined {
  assert.equal(scopeOf(fault.code), 'budget', JSON.stringify(fault));
  return undefined;
}

function nameOf(item: Item): string {
  return item.kind === 'contact' ? `${item.name?.given} ${item.name?.surname}` : (item.title ?? '');
}
