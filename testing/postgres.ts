/**
 * A fresh database for a test. The server is the one of `LIAISON_TEST_DATABASE_URL`, else an embedded one that all test
 * processes of this user share: `postgres-holder.ts` runs it in a process of its own, hands out its address over a unix
 * socket, and stops it soon after the last test process has closed that socket (or died).
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Database, openDatabase } from '#postgres/database.ts';
import { meetingFolder, socketPath } from './postgres-meeting.ts';

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
}

/** What `testDatabase` needs of a `node:test` context. */
export interface Cleanup {
  after(work: () => Promise<void>): void;
}

const startMsMax = 60_000;
/** A holder that was being started this long ago is not coming. */
const startingMsMax = 20_000;
const pollMs = 50;
/** Connections of one test's pool. */
const connectionsMax = 5;

let server: Promise<string> | undefined;

/** Makes an empty database of a random name, and drops it after the test. */
export async function testDatabase(t: Cleanup): Promise<TestDatabase> {
  server ??= serverUrl();
  const serverAddress = await server;
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  await administer(serverAddress, `create database ${name}`);
  const url = withDatabase(serverAddress, name);
  const database = openDatabase(url, { max: connectionsMax, applicationName: 'liaison-test' });
  t.after(async () => {
    await database.close();
    await administer(serverAddress, `drop database if exists ${name} with (force)`);
  });
  return { url, database };
}

/** The same server, another database. */
export function withDatabase(url: string, name: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^/]*\/)[^?]*/, `$1${name}`);
}

async function administer(url: string, statement: string): Promise<void> {
  const administration = openDatabase(url, { max: 1, applicationName: 'liaison-test' });
  try {
    await administration.script(statement);
  } finally {
    await administration.close();
  }
}

async function serverUrl(): Promise<string> {
  const given = process.env.LIAISON_TEST_DATABASE_URL;
  if (given !== undefined && given !== '') return given;
  mkdirSync(meetingFolder, { recursive: true, mode: 0o711 });
  const deadline = Date.now() + startMsMax;
  while (Date.now() < deadline) {
    const url = await askHolder();
    if (url !== undefined) return url;
    if (claimStart()) startHolder();
    await delay(pollMs);
  }
  throw new Error(`No test PostgreSQL within ${startMsMax} ms; see ${join(meetingFolder, 'holder.log')}`);
}

/** The address, and an open connection that says "in use" until this process ends. Undefined: nobody is listening. */
function askHolder(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(socketPath);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => {
      text += part;
      if (!text.endsWith('\n')) return;
      socket.unref();
      resolve(text.trim());
    });
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
  });
}

/** True for the one process that is to start the holder. */
function claimStart(): boolean {
  const marker = join(meetingFolder, 'starting');
  try {
    mkdirSync(marker);
    return true;
  } catch {
    const since = statSync(marker, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > startingMsMax) rmSync(marker, { recursive: true, force: true });
    return false;
  }
}

function startHolder(): void {
  const script = fileURLToPath(new URL('./postgres-holder.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    detached: true,
    stdio: 'ignore',
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  child.unref();
}
