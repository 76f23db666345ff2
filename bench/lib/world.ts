/**
 * Everything an engine needs around it, each in processes of its own: PostgreSQL with production settings, a simulated
 * Exchange with a seeded mailbox, a CRM with one employee, and a configuration file.
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { certificateFiles } from '#host/certificates/certificate-files.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { type Database, openDatabase } from '#postgres/database.ts';
import { startEmbeddedPostgres } from '#postgres/embedded.ts';
import type { HostAt } from '../clients/work.ts';
import { Child } from './child.ts';
import type { ContentCounts } from './content.ts';

export interface World {
  readonly folder: string;
  readonly configFile: string;
  readonly logFile: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly database: Database;
  /** Requests answered by the simulated Exchange so far. */
  requests(): Promise<number>;
  close(): Promise<void>;
}

const mailbox = 'anna@example.test';
const password = 'svc-pw1';
export const root = fileURLToPath(new URL('../../', import.meta.url));
/** The command line as `npm run liaison` runs it. */
const commandLine = join(root, 'src/cli/main.ts');

/** With `host` the mailbox is served at that connector host. */
export async function buildWorld(counts: ContentCounts, host?: HostAt): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'liaison-bench-'));
  // PostgreSQL's own account has to pass through.
  await chmod(folder, 0o711);
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (let last = closing.pop(); last !== undefined; last = closing.pop()) await last();
  };
  try {
    const postgres = await startEmbeddedPostgres({ folder: join(folder, 'data') }, systemPorts());
    closing.push(() => postgres.stop());
    const database = openDatabase(postgres.url, { max: 1, applicationName: 'liaison-bench' });
    closing.push(() => database.close());
    const exchange = await startExchange(folder, counts);
    closing.push(() => exchange.child.stop());
    const logFile = join(folder, 'liaison.log');
    const configFile = join(folder, 'liaison.yaml');
    await writeFile(configFile, configOf(exchange.url, logFile, host));
    const environment = { DATABASE_URL: postgres.url, BENCH_PASSWORD: password };
    await addUser(configFile, environment, database);
    const counters = new URL('/control/counters', exchange.url);
    const requests = async () => ((await (await fetch(counters)).json()) as { requests: number }).requests;
    return { folder, configFile, logFile, environment, database, requests, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startExchange(folder: string, counts: ContentCounts) {
  const estate = join(folder, 'estate.json');
  const seed = { ...counts, appointments: counts.appointments - counts.series };
  const mailboxes = [{ address: mailbox, password: 'anna-pw1', displayName: 'Anna Berger', seed }];
  const serviceAccounts = [{ userName: 'svc@example.test', password, impersonates: 'all' }];
  await writeFile(estate, JSON.stringify({ mailboxes, serviceAccounts, seed: 5 }));
  const script = join(root, 'simulators/exchange/main.ts');
  const flags = [
    '--disable-warning=ExperimentalWarning',
    script,
    '--listen',
    '127.0.0.1:0',
    '--estate',
    estate,
    '--control',
  ];
  const child = new Child(process.execPath, flags);
  const { url } = await child.next<{ url: string }>();
  return { child, url };
}

function configOf(url: string, logFile: string, host?: HostAt): string {
  const certs = (name: string) => JSON.stringify(join(host?.certs ?? '', name));
  const hosts =
    host === undefined
      ? ''
      : `hosts:
  machines: {bench: {address: "${host.address}"}}
  caFile: ${certs(certificateFiles.authority)}
  certFile: ${certs(certificateFiles.engine)}
  keyFile: ${certs(certificateFiles.engineKey)}
`;
  const placement = host === undefined ? 'inProcess' : 'hosted';
  return `${hosts}
servers:
  main: {kind: ews, placement: ${placement}, url: "${url}", signIn: {kind: basic, user: svc@example.test, password: {env: BENCH_PASSWORD}}}
sync: {intervalSeconds: 1}
log: {level: debug, file: "${logFile}"}
`;
}

/** The user map's one line, and the CRM user it names. Adding it also makes the tables. */
async function addUser(configFile: string, environment: Readonly<Record<string, string>>, database: Database) {
  const flags = [
    '--disable-warning=ExperimentalWarning',
    commandLine,
    'users',
    'add',
    'ANNA',
    mailbox,
    '--config',
    configFile,
  ];
  const adding = new Child(process.execPath, [...flags, '--json'], environment);
  adding.process.stdout.resume();
  await adding.end();
  if (adding.process.exitCode !== 0) throw new Error(`users add ended with code ${adding.process.exitCode}`);
  await database.query(
    'bench_employee',
    'insert into crm.employee (login, email, first_name, last_name) values ($1, $2, $3, $4)',
    ['ANNA', mailbox, 'Anna', 'Berger'],
  );
}
