/** The simulated Exchange as a program of its own. */
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Log } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { readEstate } from './estate.ts';
import { startExchange } from './start-exchange.ts';

export interface StandAloneOptions {
  /** `host:port`. */
  readonly listen: string;
  /** Path of an estate file; the default estate when absent. */
  readonly estate?: string | undefined;
  /** Path of a file to begin from, when it exists, and to write when stopping. */
  readonly snapshot?: string | undefined;
  readonly tls?: boolean | undefined;
  /** Path to write the test authority's certificate to, for clients to trust. */
  readonly caFile?: string | undefined;
  /** Serve the control interface under /control. */
  readonly controlApi?: boolean | undefined;
  readonly log?: Log | undefined;
}

/** Runs until SIGTERM or SIGINT; the promise resolves when everything is closed. */
export async function runStandAlone(options: StandAloneOptions): Promise<void> {
  const log = options.log ?? printEvent;
  const { host, port } = readListen(options.listen);
  const estate = options.estate === undefined ? undefined : await readEstate(options.estate);
  const { snapshot: path, tls, controlApi } = options;
  const snapshot = path !== undefined && existsSync(path) ? await readFile(path, 'utf8') : undefined;
  const ports = systemPorts(log);
  const exchange = await startExchange({ listen: { host, port }, estate, ports, tls, controlApi, snapshot });
  if (options.caFile !== undefined && exchange.ca !== undefined) await writeFile(options.caFile, exchange.ca);
  log({ level: 'info', event: 'exchange.listening', url: exchange.url, mailboxes: exchange.estate.mailboxes.length });
  await stopSignal();
  if (path !== undefined) await writeWhole(path, exchange.snapshot());
  await exchange.close();
  log({ level: 'info', event: 'exchange.stopped' });
}

/** `127.0.0.1:8080`, `[::1]:8080` or `8080`. */
export function readListen(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  const host = colon < 0 ? '127.0.0.1' : text.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(text.slice(colon + 1));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`not an address to listen on: ${text}`);
  return { host, port };
}

/** A file is replaced as a whole, so that a crash leaves the old one. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

function printEvent(event: Parameters<Log>[0]): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
