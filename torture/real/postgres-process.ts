/**
 * A PostgreSQL of our own that can be killed, copied, promoted and put on a disk that is too small. It listens on the
 * loopback interface only and trusts whoever is there: it lives for one test and holds made-up data.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { type Binaries, findBinaries } from '#postgres/binaries.ts';
import { type ServerUser, serverUser } from '#postgres/server-user.ts';

type Settings = Readonly<Record<string, string>>;

export interface PostgresProcess {
  readonly url: string;
  readonly port: number;
  readonly data: string;
  /** False once it has ended, by us or by itself. */
  readonly alive: boolean;
  kill(): Promise<void>;
  /** Stops it in good order. */
  stop(): Promise<void>;
  /** Starts it again on the same data; waits until it answers. */
  start(settings?: Settings): Promise<void>;
  query(statement: string): Promise<readonly unknown[]>;
}

export interface Ground {
  readonly folder: string;
  /** What is to be undone before the folder goes; the last first. */
  readonly undo: (() => Promise<void> | void)[];
  readonly user: ServerUser | null;
  readonly binaries: Binaries;
}

const startMsMax = 60_000;
const pollMs = 50;
/** A power cut is not what is tried here, so nothing has to reach the platter. */
const plainSettings: Settings = { fsync: 'off', max_connections: '40', shared_buffers: '16MB', max_wal_senders: '4' };

/** A folder that the server's user can reach, removed after the test. */
export async function openGround(t: TestContext): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'liaison-pg-'));
  const undo: Ground['undo'] = [];
  t.after(async () => {
    for (const one of undo.reverse()) await one();
    rmSync(folder, { recursive: true, force: true });
  });
  chmodSync(folder, 0o711);
  const user = await serverUser();
  return { folder, user, undo, binaries: await findBinaries(folder, user) };
}

/** A new cluster with an empty database `liaison`, running. `data` is made below the ground unless it exists already. */
export async function makePostgres(ground: Ground, settings: Settings = {}): Promise<PostgresProcess> {
  const data = join(ground.folder, 'primary', 'data');
  mkdirSync(join(ground.folder, 'primary'), { recursive: true, mode: 0o711 });
  own(join(ground.folder, 'primary'), ground);
  const flags = [
    '--auth=trust',
    '--username=liaison',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
    `--pgdata=${data}`,
  ];
  await run(ground.binaries.initdb, flags, ground);
  const server = await processOn(ground, data, settings);
  await server.start();
  await server.query('create database liaison');
  return server;
}

/** A streaming copy of a server, which must be stopped; it follows from the copy on. */
export async function makeStandby(ground: Ground, primary: PostgresProcess): Promise<PostgresProcess> {
  const data = join(ground.folder, 'standby');
  cpSync(primary.data, data, { recursive: true });
  writeFileSync(join(data, 'standby.signal'), '');
  appendFileSync(
    join(data, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=liaison application_name=standby'\n`,
  );
  await run('/bin/chown', ['-R', ground.user === null ? String(process.getuid?.()) : String(ground.user.uid), data], {
    ...ground,
    user: null,
  });
  chmodSync(data, 0o700);
  return await processOn(ground, data, {});
}

async function processOn(ground: Ground, data: string, settings: Settings): Promise<PostgresProcess> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  ground.undo.push(() => end('SIGQUIT'));
  const url = `postgres://liaison@127.0.0.1:${port}/liaison`;
  const answers = async (): Promise<boolean> => {
    const client = new Client({
      connectionString: url.replace(/liaison$/, 'postgres'),
      connectionTimeoutMillis: 1_000,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select 1');
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  };
  return {
    url,
    port,
    data,
    get alive() {
      return child !== undefined && child.exitCode === null && child.signalCode === null;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGINT'),
    async start(more = {}) {
      const all = { ...plainSettings, ...settings, ...more, port: String(port), listen_addresses: '127.0.0.1' };
      const flags = Object.entries({ ...all, unix_socket_directories: '' }).flatMap(([name, value]) => [
        '-c',
        `${name}=${value}`,
      ]);
      const deadline = Date.now() + startMsMax;
      // The children of a killed server may hold its memory for a moment: then the start is refused, and tried again.
      while (Date.now() < deadline) {
        child = spawn(ground.binaries.postgres, ['-D', data, ...flags], { ...asUser(ground), stdio: 'ignore' });
        const ended = once(child, 'exit').then(() => 'ended');
        while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
          if (await answers()) return;
          await Promise.race([delay(pollMs), ended]);
        }
      }
      throw new Error(`no PostgreSQL on ${data} within ${startMsMax} ms`);
    },
    async query(statement) {
      const database = statement.startsWith('create database') ? 'postgres' : 'liaison';
      const client = new Client({ connectionString: url.replace(/liaison$/, database) });
      client.on('error', () => {});
      await client.connect();
      try {
        return (await client.query(statement)).rows as readonly unknown[];
      } finally {
        await client.end().catch(() => {});
      }
    },
  };
}

function asUser({ user }: Ground): { readonly uid?: number; readonly gid?: number; readonly cwd: string } {
  return { cwd: '/', ...(user === null ? {} : { uid: user.uid, gid: user.gid }) };
}

function own(path: string, { user }: Ground): void {
  if (user !== null) chownSync(path, user.uid, user.gid);
}

async function run(program: string, flags: readonly string[], ground: Ground): Promise<void> {
  const child = spawn(program, flags, { ...asUser(ground), stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${text}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
