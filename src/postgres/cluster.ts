/** The folder of an embedded server: data, password and socket place; made at the first start, found again later. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chown, lstat, mkdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Ports } from '#ports/ports.ts';
import { type Binaries, enterable } from './binaries.ts';
import type { ServerUser } from './server-user.ts';

export interface Cluster {
  /** Ours: password, owner record. */
  readonly folder: string;
  /** The server's own data folder, reachable by its user. */
  readonly data: string;
  /** Short enough for a unix socket, closed to everybody but the server's user. */
  readonly socketFolder: string;
  readonly password: string;
  readonly binaries: Binaries;
}

/** Room for the socket's file name within the 104 bytes macOS allows (Linux: 108). */
const socketFolderBytesMax = 85;
const passwordBytes = 24;
/** Where data goes when root keeps its own folder closed to the server's user. */
const systemFolder = '/var/lib/liaison';

/**
 * Finds or makes the cluster. The data folder appears complete or not at all: initdb works under another name, then the
 * folder is renamed. `folder` exists and is a full path. `findPrograms` gets a folder the server's user can reach.
 */
export async function prepareCluster(
  folder: string,
  user: ServerUser | null,
  superuser: string,
  ports: Ports,
  findPrograms: (copyFolder: string) => Promise<Binaries>,
): Promise<Cluster> {
  const base = await reachableBase(folder, user);
  const data = join(base, 'data');
  const binaries = await findPrograms(base);
  const password = await passwordOf(folder, ports);
  const socketFolder = await makeSocketFolder(base, user);
  if (!(await exists(join(data, 'PG_VERSION')))) await makeData(data, binaries, user, superuser, password);
  return { folder, data, socketFolder, password, binaries };
}

/**
 * The folder itself when the server's user can pass through it (mode 0711 is enough). Else (root with a closed home) a folder of the system, with a
 * link `data` left behind that says where the data is.
 */
async function reachableBase(folder: string, user: ServerUser | null): Promise<string> {
  if (user === null || (await enterable(folder, user))) return folder;
  const link = join(folder, 'data');
  const known = await readlink(link).catch(() => undefined);
  if (known !== undefined) return resolve(known, '..');
  const base = join(systemFolder, shortHash(folder));
  await mkdir(base, { recursive: true, mode: 0o711 });
  await symlink(join(base, 'data'), link);
  return base;
}

/** Written complete under another name, so that a crash leaves no empty password behind. */
async function passwordOf(folder: string, ports: Ports): Promise<string> {
  const path = join(folder, 'password');
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known !== undefined) return known.trim();
  const making = `${path}.making-${process.pid}`;
  const fresh = Buffer.from(ports.random.bytes(passwordBytes)).toString('base64url');
  await writeFile(making, `${fresh}\n`, { mode: 0o600 });
  await rename(making, path);
  return fresh;
}

async function makeSocketFolder(base: string, user: ServerUser | null): Promise<string> {
  const beside = join(base, 'run');
  const path =
    Buffer.byteLength(beside) <= socketFolderBytesMax ? beside : join(tmpdir(), `liaison-${shortHash(base)}`);
  const uid = user?.uid ?? process.getuid?.() ?? 0;
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  if (user !== null && (await lstat(path)).uid === 0) await chown(path, user.uid, user.gid);
  const found = await lstat(path);
  // Somebody else may have put a folder or a link of that name into the shared temporary folder.
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new Error(`${path} must be a folder of user ${uid} with mode 0700: remove it and start again.`);
  }
  return path;
}

async function makeData(
  data: string,
  binaries: Binaries,
  user: ServerUser | null,
  superuser: string,
  password: string,
): Promise<void> {
  const making = `${data}.making-${process.pid}`;
  const passwordFile = `${making}.password`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== null) {
    await chown(making, user.uid, user.gid);
    await chown(passwordFile, user.uid, user.gid);
  }
  try {
    const flags = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
    await run(binaries.initdb, user, [
      ...flags,
      '--auth=scram-sha-256',
      '--data-checksums',
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      `--pgdata=${making}`,
    ]);
    await rename(making, data);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(making, { recursive: true, force: true });
  }
}

function run(program: string, user: ServerUser | null, flags: readonly string[]): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(program, flags, {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
    });
    let stderr = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', failed);
    child.once('close', (code) =>
      code === 0 ? done() : failed(new Error(`${program} failed with ${code}: ${stderr.trim()}`)),
    );
  });
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
