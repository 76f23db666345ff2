/** Checks everything Liaison stands on, one line each, with what to do when it is not well. */
import { lookup } from 'node:dns/promises';
import { readFile, statfs } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Agent, request } from 'undici';
import type { Fault } from '#contract/fault.ts';
import type { Pair, PairStatus } from '#store/port.ts';
import type { Config, ServerConfig } from './config-schema.ts';
import type { Liaison } from './liaison.ts';
import type { Environment } from './secret.ts';
import { readSecret } from './secret.ts';

export interface Check {
  /** What was looked at, e.g. `server main: certificate`. */
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  /** What was found. */
  readonly message: string;
  /** What to do, one sentence; absent when all is well. */
  readonly remedy?: string;
}

const networkMs = 10_000;
const nodeMajorLeast = 24;
const freeBytesLeast = 2 * 1024 ** 3;
const freeBytesFail = 200 * 1024 ** 2;
const certificateDaysLeast = 21;
const clockOffsetMsMost = 5_000;
const dayMs = 86_400_000;
const pairsLooked = 500;
const namesShown = 5;

/** Node and disk: what can be said without the database. */
export async function checkMachine(config: Config): Promise<readonly Check[]> {
  const major = Number(process.versions.node.split('.')[0]);
  const node: Check =
    major >= nodeMajorLeast
      ? ok('node', `Node.js ${process.versions.node}`)
      : fail('node', `Node.js ${process.versions.node}`, `Install Node.js ${nodeMajorLeast} or newer.`);
  return [node, await checkDisk(config.database.embedded)];
}

async function checkDisk(folder: string): Promise<Check> {
  const name = 'disk space';
  try {
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const text = `${(free / 1024 ** 3).toFixed(1)} GB free in ${folder}`;
    if (free >= freeBytesLeast) return ok(name, text);
    const remedy = 'Make room on that disk: the database stops when it is full.';
    return free < freeBytesFail ? fail(name, text, remedy) : warn(name, text, remedy);
  } catch {
    return ok(name, `${folder} does not exist yet`);
  }
}

/** The databases, now that they are open. */
export async function checkDatabases(liaison: Liaison): Promise<readonly Check[]> {
  const [version] = await liaison.database.query<{ version: string; major: number }>(
    'doctor.version',
    `select current_setting('server_version') as version,
            current_setting('server_version_num')::integer / 10000 as major`,
  );
  const where = {
    external: 'your server',
    started: 'the embedded one',
    joined: 'the embedded one, run by another process',
  };
  const text = `PostgreSQL ${version?.version ?? '?'} (${where[liaison.databaseServer]})`;
  const database =
    (version?.major ?? 0) >= 15 ? ok('database', text) : fail('database', text, 'Use PostgreSQL 15 or newer.');
  const checks: Check[] = [database];
  for (const [name, schema, held] of [
    ['state schema', 'liaison', liaison.database],
    ['CRM schema', 'crm', liaison.crm],
  ] as const) {
    const rows = await held.query<{ name: string }>(
      `doctor.${schema}`,
      `select name from ${schema}.migration order by number desc limit 1`,
    );
    checks.push(ok(name, `up to date (${rows[0]?.name ?? 'no migrations'})`));
  }
  checks.push(await checkEmployees(liaison));
  return checks;
}

/** Is everybody in the user map known to the CRM? */
async function checkEmployees(liaison: Liaison): Promise<Check> {
  const name = 'CRM users';
  const [people] = await liaison.crm.query<{ count: number }>('doctor.employees', 'select count(*) from crm.employee');
  const count = people?.count ?? 0;
  const fill = 'Fill crm.employee, or point crm.url at the CRM’s database (docs/crm-schema.md).';
  if (count === 0) return warn(name, 'crm.employee is empty', fill);
  const unknown: string[] = [];
  let after: string | null = null;
  for (;;) {
    const page: readonly PairStatus[] = await liaison.store.pairs(after, pairsLooked);
    const last = page.at(-1);
    if (last === undefined) break;
    const rows = await liaison.crm.query<{ login: string }>(
      'doctor.unknown',
      'select login from unnest($1::text[]) as login where login not in (select employee.login from crm.employee)',
      [page.map(({ pair }) => pair.crmUser)],
    );
    unknown.push(...rows.map(({ login }) => login));
    after = last.pair.mailbox;
  }
  if (unknown.length === 0) return ok(name, `${count} in crm.employee, everybody in the user map among them`);
  const some = unknown.slice(0, namesShown).join(', ') + (unknown.length > namesShown ? ', …' : '');
  const correct = 'Correct the CRM logins in the user map; upper and lower case count.';
  return fail(name, `${unknown.length} in the user map are not in crm.employee: ${some}`, correct);
}

/** One mailbox server, from the name to one mailbox; stops at the first thing that makes the rest pointless. */
export async function checkServer(
  name: string,
  server: ServerConfig,
  liaison: Liaison | undefined,
  environment: Environment,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  const add = (check: Check): boolean => {
    checks.push({ ...check, name: `server ${name}: ${check.name}` });
    return check.state !== 'fail';
  };
  const url = new URL(server.url);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (!add(await checkName(url.hostname))) return checks;
  if (!add(await checkTcp(url.hostname, port))) return checks;
  if (url.protocol === 'https:') {
    if (!add(await checkCertificate(url.hostname, port, server.tls.caFile))) return checks;
  } else {
    const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
    const message = 'the connection is not encrypted';
    if (!loopback) add(warn('encryption', message, 'Use an https URL: passwords and data cross the network readably.'));
  }
  if (!add(await checkEws(server))) return checks;
  const password = await readSecret(server.signIn.password, environment);
  if (!password.ok) {
    add(fail('password', password.message, 'Set it, or name another place under signIn.password.'));
    return checks;
  }
  if (liaison !== undefined) for (const check of await checkMailbox(name, server, liaison)) add(check);
  return checks;
}

async function checkName(hostname: string): Promise<Check> {
  try {
    const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''));
    return ok('name', `${hostname} is ${address}`);
  } catch (error) {
    const message = `${hostname} cannot be resolved (${codeOf(error)})`;
    return fail('name', message, 'Check the host name in url and the DNS servers of this machine.');
  }
}

function checkTcp(hostname: string, port: number): Promise<Check> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: hostname.replace(/^\[|\]$/g, ''), port, timeout: networkMs });
    const refuse = (code: string): void => {
      socket.destroy();
      const remedy = 'Check the port in url, that the server runs, and the firewalls between.';
      resolve(fail('connection', `no connection to ${hostname}:${port} (${code})`, remedy));
    };
    socket.once('connect', () => {
      socket.destroy();
      resolve(ok('connection', `${hostname}:${port} answers`));
    });
    socket.once('timeout', () => refuse('timeout'));
    socket.once('error', (error) => refuse(codeOf(error)));
  });
}

async function checkCertificate(hostname: string, port: number, caFile: string | undefined): Promise<Check> {
  const name = 'certificate';
  let ca: string | undefined;
  try {
    ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8');
  } catch (error) {
    return fail(name, `${caFile} cannot be read (${codeOf(error)})`, 'Name a readable PEM file in tls.caFile.');
  }
  const { rootCertificates } = await import('node:tls');
  return new Promise((resolve) => {
    const socket = connectTls({
      host: hostname,
      port,
      servername: hostname,
      timeout: networkMs,
      ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    });
    const refuse = (code: string): void => {
      socket.destroy();
      const remedy = 'Put the certificate authority that signed it into tls.caFile, or renew the certificate.';
      resolve(fail(name, `the certificate is not accepted (${code})`, remedy));
    };
    socket.once('secureConnect', () => {
      const days = Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / dayMs);
      const text = `valid for ${days} more days, ${socket.getProtocol() ?? 'TLS'}`;
      socket.destroy();
      resolve(days >= certificateDaysLeast ? ok(name, text) : warn(name, text, 'Renew the certificate in time.'));
    });
    socket.once('timeout', () => refuse('timeout'));
    socket.once('error', (error) => refuse(codeOf(error)));
  });
}

/** Asked without credentials, the real thing demands them (or, without authentication, shows its WSDL). */
async function checkEws(server: ServerConfig): Promise<Check> {
  const name = 'web services';
  const ca = server.tls.caFile === undefined ? undefined : await readFile(server.tls.caFile, 'utf8');
  const { rootCertificates } = await import('node:tls');
  const connect = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
  const agent = new Agent({ connect, headersTimeout: networkMs, bodyTimeout: networkMs });
  const remedy = 'Set url to the Exchange server’s own address of /EWS/Exchange.asmx.';
  try {
    const answer = await request(server.url, { dispatcher: agent });
    await answer.body.dump();
    const schemes = [answer.headers['www-authenticate'] ?? []].flat().map((one) => one.split(' ')[0] ?? '');
    if (answer.statusCode !== 401) {
      const text = `HTTP ${answer.statusCode} instead of a demand to sign in`;
      return answer.statusCode < 300 ? warn(name, text, remedy) : fail(name, text, remedy);
    }
    const wanted = server.signIn.kind === 'basic' ? ['basic'] : ['ntlm', 'negotiate'];
    const offered = [...new Set(schemes)].join(', ');
    if (schemes.some((scheme) => wanted.includes(scheme.toLowerCase()))) return ok(name, `answers, offers ${offered}`);
    const change = `Set signIn.kind to what the server offers (${offered}), or allow ${wanted[0]} on the EWS virtual directory.`;
    return fail(name, `sign-in by ${wanted[0]} is not offered`, change);
  } catch (error) {
    return fail(name, `no HTTP answer (${codeOf(error)})`, remedy);
  } finally {
    await agent.close();
  }
}

async function checkMailbox(name: string, server: ServerConfig, liaison: Liaison): Promise<readonly Check[]> {
  const pair = await firstPairOf(name, liaison);
  if (pair === undefined) {
    const message = 'nobody in the user map is on this server, so signing in was not tried';
    return [warn('sign-in', message, 'Add a user: liaison users add LOGIN MAILBOX --server NAME.')];
  }
  const reply = await liaison.open(pair, 'mailbox');
  if (!reply.ok) return [fail('sign-in', reply.fault.message, remedyOf(reply.fault, server))];
  try {
    const probe = await reply.value.probe();
    if (!probe.ok) return [fail('sign-in', probe.fault.message, remedyOf(probe.fault, server))];
    const { product, zone, clockOffsetMs } = probe.value;
    const role = server.impersonate ? ', acting as its owner' : '';
    const checks = [ok('sign-in', `${server.signIn.user} opened ${pair.mailbox}${role}`), ok('version', product)];
    checks.push(ok('time zone', zone ?? 'not told by the server'));
    if (clockOffsetMs !== undefined) checks.push(checkClock(clockOffsetMs));
    return checks;
  } finally {
    await reply.value.close();
  }
}

function checkClock(offsetMs: number): Check {
  const text = `${(Math.abs(offsetMs) / 1_000).toFixed(1)} s ${offsetMs < 0 ? 'behind' : 'ahead of'} this machine`;
  if (Math.abs(offsetMs) <= clockOffsetMsMost) return ok('clock', text);
  return warn('clock', text, 'Let both machines keep time by NTP: signing in fails when clocks differ by minutes.');
}

async function firstPairOf(server: string, liaison: Liaison): Promise<Pair | undefined> {
  let after: string | null = null;
  for (;;) {
    const page: readonly PairStatus[] = await liaison.store.pairs(after, pairsLooked);
    const found = page.find(({ pair }) => pair.server === server && pair.enabled);
    const last = page.at(-1);
    if (found !== undefined || last === undefined) return found?.pair;
    after = last.pair.mailbox;
  }
}

function remedyOf(fault: Fault, server: ServerConfig): string {
  switch (fault.code) {
    case 'authentication.rejected':
      return `Check signIn.user and its password, and that ${server.signIn.kind} is allowed for this account.`;
    case 'authentication.impersonation':
      return 'Give the account the role ApplicationImpersonation for these mailboxes, or set impersonate: false.';
    case 'mailbox.notFound':
      return 'Correct the address in the user map: it must be the mailbox’s primary SMTP address.';
    case 'mailbox.denied':
      return 'Give the account full access to the mailbox, or set impersonate: true with the role for it.';
    case 'server.version':
      return 'Lower requestVersion for this server.';
    default:
      return 'See docs/operations.md for this fault, and the log for its circumstances.';
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? (error instanceof Error ? error.message : String(error));
}

function ok(name: string, message: string): Check {
  return { name, state: 'ok', message };
}

function warn(name: string, message: string, remedy: string): Check {
  return { name, state: 'warn', message, remedy };
}

function fail(name: string, message: string, remedy: string): Check {
  return { name, state: 'fail', message, remedy };
}
