/**
 * Who uses an embedded server's folder: the file `owner` names the process of ours, told apart from a later one with the
 * same number. Whoever holds the folder may take a postmaster found there for a left-over one.
 */
import { execFile } from 'node:child_process';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
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

/** A process that was told to end may take this long to be gone. */
const leavingMs = 2_000;

/** Takes the folder for this process. Throws `FolderInUse` when a living one has it; a dead one's claim is set aside. */
export async function claimFolder(folder: string, ports: Ports): Promise<void> {
  const deadline = ports.clock.now() + leavingMs;
  const path = join(folder, 'owner');
  const making = join(folder, `owner.making-${process.pid}`);
  const ours: Incarnation = { pid: process.pid, started: (await startedAt(process.pid)) ?? '' };
  await writeFile(making, JSON.stringify(ours));
  try {
    // A link appears complete and only where there is none.
    while (!(await linked(making, path))) {
      const owner = await livingOwner(path);
      if (owner === undefined) await rm(path, { force: true });
      else if (owner === process.pid || ports.clock.now() >= deadline) throw new FolderInUse(folder, owner);
      else await ports.timer.sleep(pollMs);
    }
  } finally {
    await rm(making, { force: true });
  }
}

export async function releaseFolder(folder: string): Promise<void> {
  await rm(join(folder, 'owner'), { force: true });
}

/**
 * Returns when no postmaster runs on a cluster whose folder is ours: one that outlived its Liaison is asked to stop. A pid
 * file that names a process which is no PostgreSQL of this folder is removed. Throws `FolderInUse` when it does not stop.
 */
export async function stopLeftOver(cluster: Cluster, waitMs: number, ports: Ports): Promise<void> {
  const deadline = ports.clock.now() + waitMs;
  let asked = false;
  for (;;) {
    const pid = await postmasterPid(cluster);
    if (pid === undefined) return;
    if (!(await isPostmasterOf(pid, cluster))) {
      await rm(join(cluster.data, 'postmaster.pid'), { force: true });
      return;
    }
    if (ports.clock.now() >= deadline) throw new FolderInUse(cluster.folder, pid);
    if (!asked) {
      ports.log({ level: 'warn', event: 'postgres.takeover', postmasterPid: pid });
      signal(pid, 'SIGINT');
      asked = true;
    }
    await ports.timer.sleep(pollMs);
  }
}

async function linked(source: string, path: string): Promise<boolean> {
  return link(source, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
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

/** The process that claims the folder, unless it is dead. */
async function livingOwner(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
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
