/**
 * OpenLDAP's `slapd` for tests: a plain and strict server of RFC 4511, without anything of Active Directory but the
 * attributes that Exchange adds. Every test gets its own, on a port of its own.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Cleanup } from './postgres.ts';

const run = promisify(execFile);

export interface Slapd {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

const tools = ['/usr/sbin/slapd', '/usr/sbin/slapadd', '/etc/ldap/schema/core.schema', '/usr/lib/ldap/back_mdb.so'];
const startMsMax = 20_000;
const pollMs = 50;
const account = { user: 'cn=svc,dc=localhost', password: 'right' };

/** Entries one search gives out without pages. */
export const sizeLimit = 10;

export function whyNoSlapd(): string | undefined {
  const missing = tools.find((file) => !existsSync(file));
  return missing === undefined ? undefined : `${missing} is missing (apt-get install slapd)`;
}

/** `ldif`: what stands below `dc=localhost`; `$PORT` in it becomes the server's port. */
export async function slapd(t: Cleanup, ldif: string): Promise<Slapd> {
  const home = mkdtempSync(join(tmpdir(), 'liaison-slapd-'));
  t.after(async () => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, 'data'));
  const port = await freePort();
  const file = (name: string, text: string): string => {
    writeFileSync(join(home, name), text);
    return join(home, name);
  };
  const config = file('slapd.conf', configText(home));
  const top = `dn: dc=localhost\nobjectClass: domain\ndc: localhost\n\n`;
  const content = file('content.ldif', `${top}${ldif}`.replaceAll('$PORT', String(port)));
  await run('/usr/sbin/slapadd', ['-f', config, '-l', content]);
  const child = spawn('/usr/sbin/slapd', ['-f', config, '-h', `ldap://127.0.0.1:${port}`, '-d', '0'], {
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  for (let waitedMs = 0; waitedMs < startMsMax; waitedMs += pollMs) {
    if (child.exitCode !== null) throw new Error(`slapd ended at once with code ${child.exitCode}`);
    if (await answers(port)) return { url: `ldap://localhost:${port}`, ...account };
    await delay(pollMs);
  }
  throw new Error('slapd did not begin to listen');
}

function configText(home: string): string {
  const texts = ['mailNickname', 'targetAddress', 'msExchHomeServerName', 'legacyExchangeDN', 'networkAddress'];
  const more = ['homeMDB', 'msExchOwningServer', 'msExchRecipientTypeDetails', 'msExchRemoteRecipientType'];
  const attribute = (name: string, index: number, rest: string): string =>
    `attributetype ( 1.3.6.1.4.1.99999.3.${index} NAME '${name}' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 ${rest})`;
  const names = [...texts, ...more, 'userPrincipalName', 'versionNumber'];
  return `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
${attribute('proxyAddresses', 1, '')}
${names.map((name, index) => attribute(name, index + 2, 'SINGLE-VALUE ')).join('\n')}
attributetype ( 1.3.6.1.4.1.99999.3.50 NAME 'msExchMailboxGuid' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.99999.4.1 NAME 'exchangeThing' SUP top STRUCTURAL MUST cn MAY ( mail $ proxyAddresses $ serialNumber $ msExchMailboxGuid $ ${names.join(' $ ')} ) )
moduleload back_mdb
sizelimit size=${sizeLimit} size.pr=1000 size.prtotal=unlimited
database mdb
suffix "dc=localhost"
directory ${home}/data
rootdn "cn=root,dc=localhost"
access to attrs=userPassword by anonymous auth
access to * by users read
`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
