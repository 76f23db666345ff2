/**
 * A real Active Directory for tests: Debian's Samba as a domain controller with what Exchange adds. The domain is made once
 * per machine and kept in the temporary folder; tests only read it. Its ports are fixed, so one test at a time has it.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Cleanup } from '../postgres.ts';
import { forest, organisationLdif, schemaLdif } from './exchange-schema.ts';

const run = promisify(execFile);

export interface DomainController {
  readonly ldaps: string;
  readonly ldap: string;
  /** The global catalog, encrypted. */
  readonly catalog: string;
  readonly caFile: string;
  readonly user: string;
  readonly password: string;
}

const password = 'Pass-word1';
const tools = ['/usr/sbin/samba', '/usr/bin/samba-tool', '/usr/bin/ldbadd', '/usr/bin/ldbmodify'];
const modules = '/usr/share/samba/setup';
const ports = [389, 636, 3268, 3269];
const provisionMsMax = 90_000;
const startMsMax = 30_000;
const lockMsMax = 60_000;
const pollMs = 100;

/** Why there can be no domain controller on this machine; undefined when there can. */
export function whyNoSamba(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs Linux and the superuser';
  const missing = [...tools, modules].find((file) => !existsSync(file));
  return missing === undefined
    ? undefined
    : `${missing} is missing (apt-get install samba samba-ad-provision samba-dsdb-modules samba-vfs-modules python3-samba ldb-tools)`;
}

/** The answer is a reason in words where somebody else has the ports. */
export async function domainController(t: Cleanup): Promise<DomainController | string> {
  const schema = schemaLdif.map(({ text }) => text).join();
  const print = createHash('sha256').update(`${schema}${organisationLdif}1`).digest('hex').slice(0, 12);
  const home = join(tmpdir(), `liaison-samba-${process.getuid?.()}-${print}`);
  const unlock = await locked(`${home}.lock`);
  t.after(async () => unlock());
  for (const port of ports) if (await answers(port)) return `port ${port} is in use on this machine`;
  if (!existsSync(join(home, 'ready'))) await provision(home);
  await started(t, home);
  return {
    ldaps: 'ldaps://localhost',
    ldap: 'ldap://localhost',
    catalog: 'ldaps://localhost:3269',
    caFile: certificate('localhost.pem'),
    user: `administrator@${forest.toUpperCase()}`,
    password,
  };
}

function certificate(name: string): string {
  return new URL(`../tls/${name}`, import.meta.url).pathname;
}

/** A file that names its owner; one whose owner is dead counts for nothing. */
async function locked(file: string): Promise<() => void> {
  for (let waitedMs = 0; waitedMs < lockMsMax; waitedMs += pollMs) {
    try {
      const handle = openSync(file, 'wx');
      writeFileSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch {
      if (!isHeld(file)) rmSync(file, { force: true });
      else await delay(pollMs);
    }
  }
  throw new Error(`${file} is held by another test`);
}

function isHeld(file: string): boolean {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    // Just made and not yet written: give it time.
    if (owner === 0) return true;
    process.kill(owner, 0);
    return true;
  } catch {
    return false;
  }
}

async function provision(home: string): Promise<void> {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const options = { timeout: provisionMsMax, maxBuffer: 16_000_000 };
  const realm = forest.toUpperCase();
  await run(
    '/usr/bin/samba-tool',
    [
      ...['domain', 'provision', `--realm=${realm}`, '--domain=LIAISON', '--server-role=dc', '--dns-backend=NONE'],
      ...[`--adminpass=${password}`, `--targetdir=${home}`],
      ...['--option=interfaces=lo', '--option=bind interfaces only=yes'],
      ...['--option=vfs objects = dfs_samba4 acl_xattr xattr_tdb', `--option=xattr_tdb:file=${home}/xattr.tdb`],
    ],
    options,
  );
  const store = ['-H', `${home}/private/sam.ldb`];
  for (const [index, { tool, text }] of schemaLdif.entries()) {
    const file = join(home, `schema-${index}.ldif`);
    writeFileSync(file, text);
    await load(tool, [...store, file, '--option=dsdb:schema update allowed=true']);
  }
  const file = join(home, 'organisation.ldif');
  writeFileSync(file, organisationLdif);
  await load('ldbadd', [...store, file]);
  writeFileSync(join(home, 'ready.new'), '');
  renameSync(join(home, 'ready.new'), join(home, 'ready'));
}

/** The tools end well although a record was refused; only what they print tells. */
async function load(tool: string, words: readonly string[]): Promise<void> {
  const { stdout, stderr } = await run(`/usr/bin/${tool}`, [...words], { timeout: provisionMsMax });
  if (/^ERR/m.test(stdout + stderr)) throw new Error(stdout + stderr);
}

async function started(t: Cleanup, home: string): Promise<void> {
  const tls = join(home, 'tls');
  mkdirSync(tls, { recursive: true });
  for (const name of ['localhost.pem', 'localhost-key.pem']) {
    copyFileSync(certificate(name), join(tls, name));
    chmodSync(join(tls, name), 0o600);
  }
  const child = spawn(
    '/usr/sbin/samba',
    [
      ...['-i', '-M', 'single', '-s', `${home}/etc/smb.conf`, '--option=server services=ldap, kdc, cldap'],
      ...['--option=ldap server require strong auth=yes', `--option=tls certfile=${tls}/localhost.pem`],
      ...[`--option=tls keyfile=${tls}/localhost-key.pem`, '--option=tls cafile='],
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  t.after(async () => {
    // Asked politely it takes twenty seconds; its database survives this, as it survives a power cut.
    child.kill('SIGKILL');
    await ended;
  });
  for (let waitedMs = 0; waitedMs < startMsMax; waitedMs += pollMs) {
    if (child.exitCode !== null) throw new Error(`samba ended at once: ${said}`);
    if ((await Promise.all(ports.map(answers))).every((one) => one)) return;
    await delay(pollMs);
  }
  throw new Error(`samba did not begin to listen: ${said}`);
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
