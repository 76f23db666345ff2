/** The simulated Exchange as a program of its own. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Log } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { defaultEstate, type EstateInput, profileId, readEstate } from './estate.ts';
import type { RunningLdap } from './faces/ldap/start-ldap.ts';
import { readLines, writeLines } from './snapshot-file.ts';
import { type RunningExchange, startExchange } from './start-exchange.ts';

export interface StandAloneOptions {
  /** `host:port`. */
  readonly listen: string;
  /** Path of an estate file; the default estate when absent. */
  readonly estate?: string | undefined;
  /** Build of the servers, instead of the estate's. */
  readonly build?: string | undefined;
  /** Path of a file to begin from, when it exists, and to write when stopping. */
  readonly snapshot?: string | undefined;
  readonly tls?: boolean | undefined;
  /** Path to write the test authority's certificate to, for clients to trust. */
  readonly caFile?: string | undefined;
  /** Serve the directory over LDAP too; `host:port` of the domain controller. */
  readonly ldap?: string | undefined;
  /** Check every answer against the schema; those that fail are logged and counted. */
  readonly validateResponses?: boolean | undefined;
  /** Serve the control interface under /control. */
  readonly controlApi?: boolean | undefined;
  /** People live in the mailboxes with so many edits a minute over all; nobody when absent. */
  readonly editsPerMinute?: number | undefined;
  readonly log: Log;
  /** Aborted when the server is to stop. */
  readonly signal: AbortSignal;
  /** Called when it answers. */
  readonly onListening?: ((exchange: RunningExchange) => void) | undefined;
}

/** Runs until the signal; the promise resolves when everything is written and closed. Throws what is wrong with a file. */
export async function runStandAlone(options: StandAloneOptions): Promise<void> {
  const { log, signal } = options;
  const { host, port } = readListen(options.listen);
  const estate = await estateOf(options);
  const { snapshot: path, tls, controlApi, validateResponses } = options;
  const snapshot = path !== undefined && existsSync(path) ? readLines(path) : undefined;
  const { editsPerMinute } = options;
  const people = editsPerMinute === undefined ? undefined : { editsPerMinute };
  const ports = systemPorts(log);
  const ldap = options.ldap === undefined ? undefined : readListen(options.ldap);
  const listen = { host, port };
  const exchange = await startExchange({
    listen,
    estate,
    ports,
    ldap,
    tls,
    controlApi,
    validateResponses,
    snapshot,
    people,
  });
  if (options.caFile !== undefined && exchange.ca !== undefined) await writeFile(options.caFile, exchange.ca);
  log({ level: 'info', event: 'exchange.listening', url: exchange.url, mailboxes: exchange.estate.mailboxes.length });
  if (exchange.ldap !== undefined) log({ level: 'info', event: 'exchange.ldap', ...placesOf(exchange.ldap) });
  options.onListening?.(exchange);
  await aborted(signal);
  // Nobody may change anything while the snapshot is written.
  await exchange.close();
  if (path !== undefined) await writeLines(path, exchange.snapshot());
  log({ level: 'info', event: 'exchange.stopped' });
}

async function estateOf({ estate: path, build }: StandAloneOptions): Promise<EstateInput> {
  const estate = path === undefined ? defaultEstate : await readEstate(path);
  if (build === undefined) return estate;
  const known = profileId.safeParse(build);
  if (!known.success) throw new Error(`a build is one of ${profileId.options.join(', ')}, not ${build}`);
  return { ...estate, version: known.data };
}

/** `127.0.0.1:8080`, `[::1]:8080` or `8080`. */
export function readListen(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) throw new Error(`write HOST:PORT, for example 127.0.0.1:8025, not ${text}`);
  return { host: (match[1] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port };
}

/** Where the directory answers, as plain text by name. */
export function placesOf(ldap: RunningLdap): Readonly<Record<string, string>> {
  const { controller, globalCatalog, secureController, secureGlobalCatalog, others } = ldap;
  return {
    ldap: controller,
    globalCatalog,
    ...(secureController === undefined ? {} : { ldaps: secureController }),
    ...(secureGlobalCatalog === undefined ? {} : { secureGlobalCatalog }),
    ...Object.fromEntries(others),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
