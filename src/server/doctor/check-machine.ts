/** Node and disk: what can be said without the database. */
import { statfs } from 'node:fs/promises';
import type { Config } from '../config-schema.ts';
import { type Check, fail, ok, warn } from './check.ts';

const nodeMajorLeast = 24;
const freeBytesLeast = 2 * 1024 ** 3;
const freeBytesFail = 200 * 1024 ** 2;

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
