/**
 * Who uses an embedded server's folder. The running postmaster is the lock; the `owner` file says which process of ours
 * started it, so that a left-over postmaster can be told from one in use.
 */
import { execFile } from 'node:child_process';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Ports } from '#ports/ports.ts';
import type { Cluster } from './cluster.ts';

/** Another Liaison runs on this folder. */
export class FolderInUse extends Error {
  constructor(folder: string, pid: number) {
    super(`The folder ${folder} is in use by another Liaison (process ${pid}). Stop that one first.`);
    this.name = 'FolderInUse';
  }
}

const pollMs = 50;

/** A process told apart from a later one with the same number. */
interface Incarnation {
  readonly pid: number;
  /** When it started, in the system's own words. */
  readonly started: string;
}

/** Notes that the postmaster of the cluster is ours. */
export async function recordOwner(cluster: Cluster): Promise<void> {
  const ours: Incarnation = { pid: process.pid, started: (await startedAt(process.pid)) ?? '' };
  const making = join(cluster.folder, `owner.making-${process.pid}`);
  await writeFile(making, JSON.stringify(ours));
  await rename(making, join(cluster.folder, 'owner'));
}

export async function forgetOwner(cluster: Cluster): Promise<void> {
  await rm(join(cluster.folder, 'owner'), { force: true });
}

/**
 * Returns when no postmaster runs on the cluster. One that outlived its Liaison is asked to stop; one whose Liaison lives
 * is left alone: throws `FolderInUse`. A pid file that names a process which is no PostgreSQL of this folder is removed.
 */
export async function stopForeignPostmaster(cluster: Cluster, waitMs: number, ports: Ports): Promise<void> {
  const deadline = ports.clock.now() + waitMs;
  let asked = false;
  for (;;) {
    const pid = await postmasterPid(cluster);
    if (pid === undefined) return;
    if (!(await isPostmasterOf(pid, cluster))) {
      await rm(join(cluster.data, 'postmaster.pid'), { force: true });
      return;
    }
    const owner = await livingOwner(cluster);
    if (owner !== undefined || ports.clock.now() >= deadline) throw new FolderInUse(cluster.folder, owner ?? pid);
    if (!asked) {
      ports.log({ level: 'warn', event: 'postgres.takeover', postmasterPid: pid });
      signal(pid, 'SIGINT');
      asked = true;
    }
    await ports.timer.sleep(pollMs);
  }
}

async function postmasterPid(cluster: Cluster): Promise<number | undefined> {
  const text = await readFile(join(cluster.data, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const pid = Number.parseInt(text?.split('\n')[0] ?? '', 10);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

/** The command line names the program and the data folder. */
async function isPostmasterOf(pid: number, cluster: Cluster): Promise<boolean> {
  const command = await commandOf(pid);
  return command?.includes('postgres') === true && command.includes(cluster.data);
}

/** The Liaison that started the postmaster, unless it is dead or is ourselves. */
async function livingOwner(cluster: Cluster): Promise<number | undefined> {
  const text = await readFile(join(cluster.folder, 'owner'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const owner = JSON.parse(text) as Incarnation;
  return (await startedAt(owner.pid)) === owner.started ? owner.pid : undefined;
}

/** Undefined: no such process (a zombie counts as none). */
async function startedAt(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ask(pid, 'lstart=');
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // proc(5): the name in parentheses may hold anything; then field 3 is the state and field 22 the start time.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
}

async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ask(pid, 'command=');
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return text === undefined || text === '' ? undefined : text.replaceAll('\0', ' ');
}

async function ask(pid: number, column: string): Promise<string | undefined> {
  return promisify(execFile)('ps', ['-o', column, '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone in the meantime, which is what was wanted.
  }
}
