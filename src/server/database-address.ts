/**
 * Where Liaison's own database is: a server of yours, or the embedded one of the data folder, started here, or already run
 * by another Liaison process of this machine whose address it left in the folder. So `liaison status` works beside
 * `liaison serve`.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ports } from '#ports/ports.ts';
import { FolderInUse, startEmbeddedPostgres } from '#postgres/embedded.ts';
import type { Config } from './config-schema.ts';
import { type Environment, readSecret } from './secret.ts';

export interface DatabaseAddress {
  readonly url: string;
  /** Who runs the server: yours; ours, stopped by `release`; another Liaison process, left alone. */
  readonly server: 'external' | 'started' | 'joined';
  release(): Promise<void>;
}

export interface AddressOptions {
  readonly environment: Environment;
  /** May a server that another process runs be used? The long-running engine must own its server. */
  readonly join: boolean;
}

/** A secret named in the configuration is not there. The message says which. */
export class SecretMissing extends Error {
  override readonly name = 'SecretMissing';
}

/** A short command may hold the folder for a moment when the engine starts. */
const patienceMs = 30_000;
const retryMs = 250;

/** Throws `SecretMissing`, `FolderInUse`, or the embedded server's own error. */
export async function databaseAddress(
  config: Config['database'],
  options: AddressOptions,
  ports: Ports,
): Promise<DatabaseAddress> {
  const given = await externalUrl(config, options.environment);
  if (given !== undefined) return { url: given, server: 'external', release: async () => {} };
  const folder = config.embedded;
  const deadlineMs = ports.clock.now() + patienceMs;
  for (;;) {
    try {
      return await startOwn(folder, ports);
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw error;
      const url = options.join ? await leftAddress(folder) : undefined;
      if (url !== undefined) return { url, server: 'joined', release: async () => {} };
      if (ports.clock.now() >= deadlineMs) throw error;
      await ports.timer.sleep(retryMs);
    }
  }
}

/** `DATABASE_URL` wins over the file. */
async function externalUrl(config: Config['database'], environment: Environment): Promise<string | undefined> {
  const fromEnvironment = environment.DATABASE_URL;
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (config.url === undefined) return undefined;
  const reply = await readSecret(config.url, environment);
  if (!reply.ok) throw new SecretMissing(`database.url: ${reply.message}`);
  return reply.value;
}

async function startOwn(folder: string, ports: Ports): Promise<DatabaseAddress> {
  const server = await startEmbeddedPostgres({ folder }, ports);
  const path = addressPath(folder);
  // The address holds the password, as the file `password` beside it does: for this user's eyes only.
  await writeFile(`${path}.making`, `${server.url}\n`, { mode: 0o600 });
  await rename(`${path}.making`, path);
  return {
    url: server.url,
    server: 'started',
    async release() {
      await rm(path, { force: true });
      await server.stop();
    },
  };
}

async function leftAddress(folder: string): Promise<string | undefined> {
  const text = await readFile(addressPath(folder), 'utf8').catch(() => undefined);
  return text?.trim();
}

function addressPath(folder: string): string {
  return join(folder, 'address');
}
