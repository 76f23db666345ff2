/**
 * A small company for tests of trouble: a CRM, a simulated Exchange, a configuration, and the commands as real processes.
 * What both sides hold can be listed at any time without asking Liaison, so that losses and doubles show.
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
import type { Fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import type { PersonRecord } from '#simulators/exchange/people/fixtures.ts';
import { addContact } from '#simulators/exchange/people/outlook-items.ts';
import { type ExchangeOptions, type RunningExchange, startExchange } from '#simulators/exchange/start-exchange.ts';
import { contact, message } from '#simulators/exchange/truth/property-keys.ts';
import type { Pair } from '#store/port.ts';
import { type TestCrm, testCrm } from './sql-crm.ts';

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that goes on. */
export interface Running {
  readonly child: ChildProcess;
  /** Standard output and error so far. */
  text(): string;
  /** Asks it to stop and waits for its end. */
  stop(): Promise<Ended>;
}

export interface Shell {
  readonly folder: string;
  /** Runs one command to its end, with `--config` of this folder unless the words name another one. */
  run(...words: readonly string[]): Promise<Ended>;
  start(...words: readonly string[]): Running;
  /** Writes the configuration of this folder: YAML, or a value that is written as such. */
  configure(content: unknown): void;
  /** Writes another file of this folder; answers its path. */
  write(name: string, content: string | Uint8Array): string;
  /** Changes the environment of the commands that follow. */
  set(name: string, value: string | undefined): void;
}

export interface Office extends Shell {
  readonly exchange: RunningExchange;
  readonly crm: TestCrm;
  /** The configuration of the office, with changes to its only server and other keys. */
  configuration(server?: object, more?: object): object;
  /** Puts users (login, server) into the user map. */
  mapUsers(users: readonly (readonly [login: string, server: string])[]): Promise<void>;
  /** What one user has on both sides, as sorted names: `crm contact Ada Crm1`, `mailbox event Lunch`. */
  holdings(login: string): Promise<readonly string[]>;
}

const entry = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
/** No command may take longer; the bound also ends commands that hang. */
const commandMsMax = 60_000;
const pollMs = 100;

export const addressOf = (login: string): string => `${login}@example.test`;

/** A folder, and commands that run in it; nothing else. */
export function openShell(t: TestContext, environment: Readonly<Record<string, string>> = {}): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-bad-'));
  const running = new Set<ChildProcess>();
  const { DATABASE_URL: _, ...inherited } = process.env;
  const env: Record<string, string | undefined> = { ...inherited, ...environment };
  t.after(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (...words: readonly string[]): Running => {
    const config = words.includes('--config') ? [] : ['--config', join(folder, 'liaison.yaml')];
    const child = spawn(process.execPath, [entry, ...words, ...config], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    const parts = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      parts.out += part;
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      parts.err += part;
    });
    const ended = once(child, 'close').then(([code]): Ended => {
      running.delete(child);
      return { code: code as number | null, ...parts };
    });
    return {
      child,
      text: () => parts.out + parts.err,
      stop() {
        child.kill('SIGTERM');
        return ended;
      },
    };
  };
  return {
    folder,
    start,
    async run(...words) {
      const { child, stop } = start(...words);
      const late = setTimeout(() => child.kill('SIGKILL'), commandMsMax);
      if (child.exitCode === null) await once(child, 'close');
      clearTimeout(late);
      return await stop();
    },
    configure(content) {
      writeFileSync(
        join(folder, 'liaison.yaml'),
        typeof content === 'string' ? content : JSON.stringify(content, null, 2),
      );
    },
    write(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    set(name, value) {
      env[name] = value;
    },
  };
}

/** Users with two contacts of their own on each side; nobody is in the user map yet. */
export async function openOffice(
  t: TestContext,
  { users, ...more }: { readonly users: readonly string[] } & Pick<ExchangeOptions, 'validateResponses'>,
): Promise<Office> {
  const exchange = await startExchange({
    ...more,
    estate: {
      mailboxes: users.map((login) => ({ address: addressOf(login), password: `${login}-pw1` })),
      serviceAccounts: [
        { userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' },
        { userName: 'plain@example.test', password: 'plain-pw1', impersonates: [] },
        { userName: 'part@example.test', password: 'part-pw1', impersonates: [addressOf('half2')] },
      ],
    },
  });
  t.after(() => exchange.close());
  const crm = await testCrm(t);
  const shell = openShell(t, {
    DATABASE_URL: crm.url,
    SERVICE_PASSWORD: 'svc-pw1',
    WRONG_PASSWORD: 'not-it',
    PLAIN_PASSWORD: 'plain-pw1',
    PART_PASSWORD: 'part-pw1',
  });
  for (const login of users) {
    await crm.employ(login, { email: addressOf(login) });
    for (const n of [1, 2]) {
      await addCrmContact(crm, login, `${login}-crm-${n}`);
      addMailboxContact(exchange, login, `${login}-outlook-${n}`);
    }
  }
  const configuration = (server: object = {}, rest: object = {}): object => ({
    servers: {
      main: {
        kind: 'ews',
        url: exchange.url,
        signIn: { kind: 'basic', user: 'svc@example.test', password: { env: 'SERVICE_PASSWORD' } },
        connectSeconds: 2,
        requestSeconds: 5,
        settleSeconds: 1,
        ...server,
      },
    },
    sync: { intervalSeconds: 1, retrySeconds: 1, retrySecondsMax: 2 },
    ...rest,
  });
  shell.configure(configuration());
  return {
    ...shell,
    exchange,
    crm,
    configuration,
    holdings: (login) => holdings(exchange, crm, login),
    async mapUsers(map) {
      const lines = map.map(([login, server]) => `${login},${addressOf(login)},${server}`);
      const file = shell.write('users.csv', ['crmLogin,mailbox,server', ...lines].join('\n'));
      const imported = await shell.run('users', 'import', file);
      assert.equal(imported.code, 0, imported.err);
    },
  };
}

/** What `liaison status --json` says of one user, as far as tests look at it. */
export interface Report {
  readonly state: string;
  readonly lastOutcome: { readonly fault?: Fault } | null;
  readonly tallies: readonly { readonly kind: Kind; readonly quarantined: number }[];
}

/** By CRM login. */
export async function statusOf(shell: Shell): Promise<ReadonlyMap<string, Report>> {
  const { out, err } = await shell.run('status', '--json');
  assert.notEqual(out, '', err);
  const reports = JSON.parse(out) as readonly (Report & { readonly pair: Pair })[];
  return new Map(reports.map((report) => [report.pair.crmUser, report]));
}

/** A contact of the employee's sync list. */
export async function addCrmContact(crm: TestCrm, login: string, surname: string): Promise<void> {
  await crm.database.query(
    'test.contact',
    `with person as (insert into crm.contact (first_name, last_name) values ('Crm', $2) returning id)
     insert into crm.sync_list (contact_id, employee_id)
     select person.id, employee.id from person, crm.employee where login = $1`,
    [login, surname],
  );
}

/** A contact as Outlook writes it. */
export function addMailboxContact(exchange: RunningExchange, login: string, surname: string): void {
  const company = { name: 'Acme', domain: 'acme.example', street: 'High Street 1', city: 'London', postalCode: 'E1' };
  const person: PersonRecord = {
    given: 'Out',
    surname,
    company: { ...company, country: 'United Kingdom', phone: '+44 20 1' },
    jobTitle: 'Buyer',
    department: 'Sales',
    emails: [`${surname}@acme.example`],
    categories: [],
  };
  addContact(mailboxOf(exchange, login), person);
}

export function mailboxOf(exchange: RunningExchange, login: string) {
  const mailbox = exchange.truth.mailbox(addressOf(login));
  assert.ok(mailbox !== undefined);
  return mailbox;
}

async function holdings(exchange: RunningExchange, crm: TestCrm, login: string): Promise<readonly string[]> {
  const rows = await crm.database.query<{ name: string }>(
    'test.holdings',
    `with me as (select id from crm.employee where login = $1)
     select 'crm contact ' || coalesce(contact.last_name, '') as name
       from me join crm.sync_list on employee_id = me.id join crm.contact on contact.id = contact_id
     union all
     select 'crm ' || case display when 'Calendar and Activities' then 'event ' else 'task ' end || coalesce(description, '')
       from me join crm.activity on owner_employee_id = me.id
      where display in ('Calendar and Activities', 'To Do and Activities')`,
    [login],
  );
  const mailbox = mailboxOf(exchange, login);
  const surnames = [...mailbox.wellKnown('contacts').items.values()].map(
    (item) => `mailbox contact ${item.properties.get(contact.surname) ?? ''}`,
  );
  const titles = (['calendar', 'tasks'] as const).flatMap((name) =>
    [...mailbox.wellKnown(name).items.values()].map(
      (item) => `mailbox ${name === 'tasks' ? 'task' : 'event'} ${item.properties.get(message.subject) ?? ''}`,
    ),
  );
  return [...rows.map(({ name }) => name), ...surnames, ...titles].sort();
}

/** What both sides hold when these names of one kind exist once on each. */
export function onBothSides(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [`crm ${name}`, `mailbox ${name}`]).sort();
}

/** The contacts every user begins with, after they have crossed. */
export function ownContacts(login: string): readonly string[] {
  return ['crm-1', 'crm-2', 'outlook-1', 'outlook-2'].map((end) => `contact ${login}-${end}`);
}

/** The words in which the program speaks of its own mistakes, or a stack: never the answer to somebody else's. */
export function isDefect(text: string): boolean {
  return /defect|\n +at /.test(text);
}

/** Waits until `isSo` holds; fails with `what` and the last state after `msMax`. */
export async function until(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  state: () => unknown = () => '',
  msMax = 30_000,
): Promise<void> {
  const deadline = Date.now() + msMax;
  while (!(await isSo())) {
    assert.ok(Date.now() < deadline, `not within ${msMax} ms: ${what}; ${JSON.stringify(await state())}`);
    await delay(pollMs);
  }
}
