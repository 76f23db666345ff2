/**
 * The embedded PostgreSQL: a real server from the registry's platform package, run in a folder of ours.
 *
 * What must hold:
 * - Durable: fsync stays on. An acknowledged commit survives kill -9 and power loss.
 * - Private: no TCP; a unix socket in a folder only its owner may enter, and a random password.
 * - One owner: a second Liaison on the folder is refused with `FolderInUse`; a postmaster whose Liaison is dead is stopped
 *   and the folder taken over (`owner.ts`).
 * - Never orphaned: a watchdog shell holds the read end of a pipe whose write end lives in this process only. When we die,
 *   however we die, it reads end-of-file and asks the postmaster for a fast shutdown.
 *
 * Layout of the folder: `data` (the cluster; a link when the server's user cannot reach the folder), `password`, `owner`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, rmdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Client } from 'pg';
import type { Ports } from '#ports/ports.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { type Cluster, prepareCluster } from './cluster.ts';
import { claimFolder, releaseFolder, stopLeftOver } from './owner.ts';
import { type ServerUser, serverUser } from './server-user.ts';

export { FolderInUse } from './owner.ts';

export interface EmbeddedPostgresOptions {
  /** Belongs to us alone; made when absent. Started by root, other users may pass through it (mode 0711). */
  readonly folder: string;
  /** Extra server settings, e.g. `fsync: 'off'` for throw-away test data. They win over ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long a start may take, crash recovery included. */
  readonly startMs?: number;
  /** How long a fast shutdown may take before the server is killed. */
  readonly stopMs?: number;
}

export interface EmbeddedPostgres {
  /** Of the database `liaison`, with user and password, over the unix socket. */
  readonly url: string;
  /** e.g. `18.4`. */
  readonly version: string;
  /** Resolves when the server has ended, by `stop` or by itself. */
  readonly ended: Promise<void>;
  /** Fast shutdown (open transactions are rolled back), bounded by `stopMs`. Idempotent. */
  stop(): Promise<void>;
}

const startMsDefault = 60_000;
const stopMsDefault = 15_000;
/** After SIGQUIT the children leave without a checkpoint; what then still lives is killed. */
const quitMs = 3_000;
const pollMs = 25;
const stderrCharactersMax = 16_000;
const superuser = 'liaison';
const databaseName = 'liaison';

/** Modest in memory, the durable defaults kept; `folder` options come on top. */
const ourSettings = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  // The data lies on a solid-state disk or in memory: looking up by index is the rule.
  random_page_cost: '1.1',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'postgres-%a.log',
  log_rotation_age: '1d',
  log_rotation_size: '0',
  log_truncate_on_rotation: 'on',
  cluster_name: 'liaison',
} as const;

/** Starts the server of `folder`, making its cluster at the first start. Throws `FolderInUse`, or an error that says why. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions, ports: Ports): Promise<EmbeddedPostgres> {
  const user = await serverUser();
  const folder = resolve(options.folder);
  await makeFolder(folder, user);
  await claimFolder(folder, ports);
  try {
    return await startClaimed(folder, user, options, ports);
  } catch (error) {
    await releaseFolder(folder);
    throw error;
  }
}

/** The server's user has to pass through the folder, not to look around in it. */
async function makeFolder(folder: string, user: ServerUser | null): Promise<void> {
  await mkdir(folder, { recursive: true, mode: user === null ? 0o700 : 0o711 });
  if (user === null) return;
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) await chmod(folder, mode | 0o011);
}

async function startClaimed(
  folder: string,
  user: ServerUser | null,
  options: EmbeddedPostgresOptions,
  ports: Ports,
): Promise<EmbeddedPostgres> {
  const cluster = await prepareCluster(folder, user, superuser, ports, (base) => findBinaries(base, user));
  await stopLeftOver(cluster, options.startMs ?? startMsDefault, ports);
  const server = await startServer(cluster, cluster.binaries, user, options, ports);
  await ensureDatabase(cluster).catch(async (error: unknown) => {
    await stopServer(server, options.stopMs ?? stopMsDefault, ports);
    throw error;
  });
  ports.log({ level: 'info', event: 'postgres.started', version: server.version, folder: cluster.data });

  let stopping: Promise<void> | undefined;
  return {
    url: urlOf(cluster, databaseName),
    version: server.version,
    ended: server.ended,
    stop() {
      stopping ??= stopServer(server, options.stopMs ?? stopMsDefault, ports).then(async () => {
        // It may lie in the shared temporary folder; the next start makes it again.
        await rmdir(cluster.socketFolder).catch(() => {});
        await releaseFolder(folder);
      });
      return stopping;
    },
  };
}

interface Server {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  readonly version: string;
}

/**
 * Starts the postmaster and waits for a real connection to it. Just after a crash the old server's last children may
 * still hold the shared memory: the start is tried again until `startMs` is over.
 */
async function startServer(
  cluster: Cluster,
  binaries: Binaries,
  user: ServerUser | null,
  options: EmbeddedPostgresOptions,
  ports: Ports,
): Promise<Server> {
  const deadline = ports.clock.now() + (options.startMs ?? startMsDefault);
  for (;;) {
    const attempt = spawnPostmaster(cluster, binaries, user, options.settings ?? {});
    const version = await waitForConnection(cluster, attempt, deadline, ports);
    if (version !== undefined) return { child: attempt.child, ended: attempt.ended, version };
    attempt.child.kill('SIGQUIT');
    await attempt.ended;
    const transient = /shared memory block .* is still in use|lock file .* already exists/.test(attempt.stderr());
    if (!transient || ports.clock.now() >= deadline) {
      throw new Error(`The embedded PostgreSQL in ${cluster.data} does not start: ${attempt.stderr().trim()}`);
    }
    await stopLeftOver(cluster, Math.max(deadline - ports.clock.now(), 0), ports);
    await ports.timer.sleep(10 * pollMs);
  }
}

interface Attempt {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  stderr(): string;
}

function spawnPostmaster(
  cluster: Cluster,
  binaries: Binaries,
  user: ServerUser | null,
  settings: Readonly<Record<string, string>>,
): Attempt {
  const all = { ...ourSettings, unix_socket_directories: cluster.socketFolder, ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', cluster.data, ...flags], {
    // A session of its own: Ctrl-C at a terminal is for us, who then stop the server in order.
    detached: true,
    cwd: cluster.data,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
  });
  let stderr = '';
  child.stderr!.setEncoding('utf8');
  child.stderr!.on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrCharactersMax);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      stderr += error.message;
      resolve();
    });
  });
  if (child.pid !== undefined) {
    const watchdog = startWatchdog(child.pid, cluster, user);
    void ended.then(() => watchdog.stdin!.end('ended\n'));
  }
  // Neither the process nor its pipe keeps our own alive; the watchdog sees to the rest.
  child.unref();
  (child.stderr as unknown as { unref(): void }).unref();
  return { child, ended, stderr: () => stderr };
}

/** The server's version once it answers; undefined when it ended or the time is over. */
async function waitForConnection(
  cluster: Cluster,
  attempt: Attempt,
  deadline: number,
  ports: Ports,
): Promise<string | undefined> {
  let ended = false;
  void attempt.ended.then(() => {
    ended = true;
  });
  while (!ended && ports.clock.now() < deadline) {
    const version = await askVersion(cluster);
    if (version !== undefined && !ended) return version;
    await ports.timer.sleep(pollMs);
  }
  return undefined;
}

async function askVersion(cluster: Cluster): Promise<string | undefined> {
  const client = new Client({ connectionString: urlOf(cluster, 'postgres') });
  client.on('error', () => {});
  try {
    await client.connect();
    const result = await client.query<{ server_version: string }>('show server_version');
    return result.rows[0]?.server_version;
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}

async function ensureDatabase(cluster: Cluster): Promise<void> {
  const client = new Client({ connectionString: urlOf(cluster, 'postgres') });
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [databaseName]);
    if (found.rowCount === 0) await client.query(`create database ${databaseName}`);
  } finally {
    await client.end();
  }
}

function urlOf(cluster: Cluster, database: string): string {
  const password = encodeURIComponent(cluster.password);
  return `postgresql://${superuser}:${password}@/${database}?host=${encodeURIComponent(cluster.socketFolder)}`;
}

/**
 * Reads one line from us. End-of-file without a line means that we died; the pid file proves that the number is still
 * that postmaster's before the signal goes out. A postmaster that was just starting has no pid file yet: asked for a while.
 */
const watchdogScript = `
trap '' INT TERM HUP
read -r line && exit 0
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  if test "$(head -n 1 "$2/postmaster.pid" 2>/dev/null)" = "$1"; then kill -INT "$1"; exit 0; fi
  kill -0 "$1" 2>/dev/null || exit 0
  sleep 0.5
done
`;

function startWatchdog(postmasterPid: number, cluster: Cluster, user: ServerUser | null): ChildProcess {
  const child = spawn('/bin/sh', ['-c', watchdogScript, 'liaison-watchdog', String(postmasterPid), cluster.data], {
    detached: true,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
    ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
  });
  child.on('error', () => {});
  child.stdin!.on('error', () => {});
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

async function stopServer(server: Server, stopMs: number, ports: Ports): Promise<void> {
  const steps = [
    { signal: 'SIGINT', waitMs: stopMs },
    { signal: 'SIGQUIT', waitMs: quitMs },
    { signal: 'SIGKILL', waitMs: quitMs },
  ] as const;
  // From here on somebody waits for the end, so the process has to stay for it.
  server.child.ref();
  for (const { signal, waitMs } of steps) {
    server.child.kill(signal);
    const waiting = new AbortController();
    const ended = await Promise.race([
      server.ended.then(() => true),
      ports.timer.sleep(waitMs, waiting.signal).then(() => false),
    ]);
    waiting.abort();
    if (ended) return;
    ports.log({ level: 'warn', event: 'postgres.slowStop', signal });
  }
}
