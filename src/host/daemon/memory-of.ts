/** How much memory other processes hold. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const kilobyte = 1_024;

/** Resident bytes of a process; undefined when it is gone or nobody can tell. */
export async function memoryOf(pid: number): Promise<number | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/status`, 'utf8');
    const [, resident] = /^VmRSS:\s+(\d+) kB$/m.exec(text) ?? [];
    return resident === undefined ? undefined : Number(resident) * kilobyte;
  } catch {
    return process.platform === 'linux' ? undefined : await asPsSays(pid);
  }
}

async function asPsSays(pid: number): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
    const resident = Number.parseInt(stdout, 10);
    return Number.isNaN(resident) ? undefined : resident * kilobyte;
  } catch {
    return undefined;
  }
}
