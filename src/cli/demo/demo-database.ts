/** Where the demo keeps its data: an embedded PostgreSQL in a folder of its own, or a fresh database on your server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Ports } from '#ports/ports.ts';
import { openDatabase } from '#postgres/database.ts';
import type { Environment } from '#server/secret.ts';

export interface DemoDatabase {
  /** The part `database` of the configuration. */
  readonly settings: { readonly embedded: string } | { readonly url: { readonly env: string } };
  /** To be added to the environment; `DATABASE_URL` itself is never handed on. */
  readonly environment: Environment;
  /** In words. */
  readonly place: string;
  /** Removes what the demo made, unless the folder was chosen by the user. */
  remove(): Promise<void>;
}

const urlName = 'LIAISON_DEMO_DATABASE_URL';

export async function demoDatabase(
  environment: Environment,
  folder: string | undefined,
  ports: Ports,
): Promise<DemoDatabase> {
  const server = environment.DATABASE_URL;
  if (folder !== undefined) {
    const embedded = resolve(folder);
    return { settings: { embedded }, environment: {}, place: embedded, remove: async () => {} };
  }
  if (server !== undefined && server !== '') return await freshDatabase(server, ports);
  const embedded = await mkdtemp(join(tmpdir(), 'liaison-demo-'));
  return {
    settings: { embedded },
    environment: {},
    place: 'a temporary folder',
    remove: () => rm(embedded, { recursive: true, force: true }),
  };
}

async function freshDatabase(server: string, ports: Ports): Promise<DemoDatabase> {
  const name = `liaison_demo_${Buffer.from(ports.random.bytes(5)).toString('hex')}`;
  await administer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    settings: { url: { env: urlName } },
    environment: { [urlName]: url.href },
    place: `the database ${name}`,
    remove: () => administer(server, `drop database if exists ${name} with (force)`),
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const database = openDatabase(url, { max: 1, applicationName: 'liaison-demo' });
  try {
    await database.script(statement);
  } finally {
    await database.close();
  }
}
