import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemPorts } from '#ports/system-ports.ts';
import { findBinaries } from './binaries.ts';
import { openDatabase } from './database.ts';
import { type EmbeddedPostgres, FolderInUse, startEmbeddedPostgres } from './embedded.ts';
import { parsePasswd, serverUser } from './server-user.ts';

const program = fileURLToPath(new URL('../../testing/embedded-process.ts', import.meta.url));
const asRoot = process.getuid?.() === 0;

test('data written before a stop is there after the next start', async (t) => {
  const folder = freshFolder(t);
  const first = await start(folder);
  assert.match(first.version, /^18\./);
  await script(first.url, 'create table note (id integer); insert into note values (1)');
  await first.stop();
  const second = await start(folder);
  assert.equal(await count(second.url), 1);
});

test('the server is durable and cannot be reached over the network', async (t) => {
  const postgres = await start(freshFolder(t));
  const database = openDatabase(postgres.url, { max: 1 });
  t.after(() => database.close());
  const rows = await database.query(
    'test.settings',
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
            current_setting('full_page_writes') as pages, current_setting('listen_addresses') as addresses`,
  );
  assert.deepEqual(rows, [{ fsync: 'on', commit: 'on', pages: 'on', addresses: '' }]);
});

test('nobody gets in without the password', async (t) => {
  const postgres = await start(freshFolder(t));
  const wrong = openDatabase(postgres.url.replace(/:[^:@/]+@/, ':wrong@'), { max: 1 });
  t.after(() => wrong.close());
  await assert.rejects(wrong.query('test.one', 'select 1'), { code: '28P01' });
});

test('two programs never run on one folder: the second is told who has it', async (t) => {
  const folder = freshFolder(t);
  const postgres = await start(folder);
  await assert.rejects(startEmbeddedPostgres({ folder }, systemPorts()), FolderInUse);
  const other = await runProgram(t, folder);
  assert.match(other.line, new RegExp(`^FolderInUse: .*process ${process.pid}`));
  await script(postgres.url, 'select 1');
});

test('when the program is killed its server stops by itself, and the next start finds the data', async (t) => {
  const folder = freshFolder(t);
  const killed = await runProgram(t, folder);
  await script(killed.line, 'create table note (id integer); insert into note values (1), (2)');
  const postmaster = postmasterPid(folder);
  killed.kill();
  await waitUntil(() => !alive(postmaster));
  const postgres = await start(folder);
  assert.equal(await count(postgres.url), 2);
});

test('a start right after a kill takes over, even while the old server is still there', async (t) => {
  const folder = freshFolder(t);
  const killed = await runProgram(t, folder);
  await script(killed.line, 'create table note (id integer); insert into note values (1)');
  killed.kill();
  const postgres = await start(folder);
  assert.equal(await count(postgres.url), 1);
});

test('acknowledged rows survive the server being killed, and its left-over pid file', async (t) => {
  const folder = freshFolder(t);
  const first = await start(folder);
  await script(first.url, 'create table note (id integer); insert into note values (1), (2), (3)');
  process.kill(postmasterPid(folder), 'SIGKILL');
  await first.ended;
  await first.stop();
  // The number in the left-over file may by now belong to any other process: here, to this one.
  const pidFile = join(folder, 'data', 'postmaster.pid');
  if (existsSync(pidFile)) writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)));
  const second = await start(folder);
  assert.equal(await count(second.url), 3);
});

test('a stop ends open transactions and stays inside its bound', async (t) => {
  const postgres = await start(freshFolder(t));
  const database = openDatabase(postgres.url, { max: 1 });
  t.after(() => database.close());
  const sleeping = assert.rejects(database.query('test.sleep', 'select pg_sleep(60)'));
  await delay(100);
  const before = Date.now();
  await postgres.stop();
  await sleeping;
  assert.ok(Date.now() - before < 10_000);
  await postgres.stop();
});

test('a socket path too long for the system does not keep the server from starting', async (t) => {
  const folder = join(freshFolder(t), 'a-name-that-is-quite-long'.repeat(4), 'and-another-one'.repeat(4));
  const postgres = await start(folder);
  await script(postgres.url, 'select 1');
});

test('a folder that cannot hold a cluster is refused with the reason', async (t) => {
  const folder = freshFolder(t);
  const first = await start(folder);
  await first.stop();
  writeFileSync(join(folder, 'data', 'PG_VERSION'), '12\n');
  await assert.rejects(startEmbeddedPostgres({ folder, startMs: 10_000 }, systemPorts()), /does not start: .*version/s);
});

test('root may keep the data folder closed: the server gets one it can reach', { skip: !asRoot }, async (t) => {
  const closed = freshFolder(t);
  chmodSync(closed, 0o700);
  const folder = join(closed, 'data-of-liaison');
  const postgres = await start(folder);
  const elsewhere = dirname(await readlink(join(folder, 'data')));
  await script(postgres.url, 'create table note (id integer); insert into note values (1)');
  await postgres.stop();
  const again = await start(folder);
  assert.equal(await count(again.url), 1);
  await again.stop();
  rmSync(elsewhere, { recursive: true, force: true });
});

test('root may have installed the package where the server cannot reach it: a copy is made once', async (t) => {
  const folder = freshFolder(t);
  const user = await serverUser();
  const unreachable = { name: 'nobody', uid: 4_000_000_000, gid: 4_000_000_000 };
  const inPlace = await findBinaries(folder, user);
  const source = join(dirname(inPlace.postgres), '..', '..');
  const copied = join(freshFolder(t), 'node_modules-under-a-closed-home');
  mkdirSync(copied, { mode: 0o700 });
  cpSync(join(source, 'package.json'), join(copied, 'package.json'));
  const first = await findBinaries(folder, unreachable, copiedPackage(source, copied));
  const second = await findBinaries(folder, unreachable, copied);
  assert.deepEqual(second, first);
  assert.ok(first.postgres.startsWith(folder));
  assert.ok(existsSync(join(dirname(first.postgres), '..', 'lib', 'libpq.so.5')) || process.platform !== 'linux');
});

test('accounts are read from passwd with unsigned numbers', () => {
  const users = parsePasswd('root:x:0:0:root:/root:/bin/sh\nnobody:*:-2:-2:Nobody:/var/empty:/usr/bin/false\n\n');
  assert.deepEqual(users.get('nobody'), { name: 'nobody', uid: 4294967294, gid: 4294967294 });
  assert.equal(users.size, 2);
});

/** A package installed without its scripts: no library links. */
function copiedPackage(source: string, target: string): string {
  cpSync(join(source, 'native'), join(target, 'native'), { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(readFileSync(join(source, 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[];
  for (const link of links) rmSync(join(target, link.target), { force: true });
  return target;
}

function freshFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-embedded-'));
  chmodSync(folder, 0o711);
  // Hooks run in the order they were made: this one stops what was started in the folder before it removes it.
  t.after(async () => {
    for (const postgres of started.splice(0)) await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

const started: EmbeddedPostgres[] = [];

async function start(folder: string): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ folder }, systemPorts());
  started.push(postgres);
  return postgres;
}

/** Starts the program and answers the first line it prints. */
async function runProgram(t: TestContext, folder: string): Promise<{ line: string; kill(): void }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => void child.kill('SIGKILL'));
  child.stdout.setEncoding('utf8');
  let text = '';
  for await (const part of child.stdout) {
    text += part;
    if (text.includes('\n')) break;
  }
  return { line: text.trim(), kill: () => void child.kill('SIGKILL') };
}

async function script(url: string, text: string): Promise<void> {
  const database = openDatabase(url, { max: 1 });
  await database.script(text);
  await database.close();
}

async function count(url: string): Promise<number> {
  const database = openDatabase(url, { max: 1 });
  const [row] = await database.query<{ count: number }>('test.count', 'select count(*) as count from note');
  await database.close();
  return row!.count;
}

function postmasterPid(folder: string): number {
  return Number.parseInt(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8'), 10);
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function waitUntil(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'waited too long');
    await delay(20);
  }
}
