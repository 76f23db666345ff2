/** The simulated Exchange as a program of its own. */
import type { Log } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { readEstate } from './estate.ts';
import { type RunningExchange, startExchange } from './start-exchange.ts';

export interface StandAloneOptions {
  /** `host:port`. */
  readonly listen: string;
  /** Path of an estate file; the default estate when absent. */
  readonly estate?: string | undefined;
  /** Serve the control interface under /control. */
  readonly controlApi?: boolean | undefined;
  readonly log?: Log | undefined;
}

/** Runs until SIGTERM or SIGINT; the promise resolves when everything is closed. */
export async function runStandAlone(options: StandAloneOptions): Promise<void> {
  const log = options.log ?? printEvent;
  const { host, port } = readListen(options.listen);
  const estate = options.estate === undefined ? undefined : await readEstate(options.estate);
  const exchange = await startExchange({
    listen: { host, port },
    estate,
    ports: systemPorts(log),
    controlApi: options.controlApi,
  });
  log({ level: 'info', event: 'exchange.listening', url: exchange.url, mailboxes: exchange.estate.mailboxes.length });
  await untilStopped(exchange);
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

function untilStopped(exchange: RunningExchange): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      exchange.close().then(resolve, reject);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

function printEvent(event: Parameters<Log>[0]): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
