/** A listening socket, plain or TLS. */
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { allowExtendedMethods } from './extended-methods.ts';

export interface Listener {
  /** `http://127.0.0.1:8080`. */
  readonly origin: string;
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
}

/** Idle connections are kept this long. */
const keepAliveMs = 120_000;

/** Listens; the promise resolves when connections are accepted. */
export function listen(options: ListenOptions, handler: RequestListener): Promise<Listener> {
  const { host, port, tls } = options;
  // Only HTTP/1.1 is offered: NTLM signs in a connection.
  const server: Server = tls === undefined ? createPlainServer(handler) : createTlsServer({ ...tls }, handler);
  server.keepAliveTimeout = keepAliveMs;
  allowExtendedMethods(server);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { port: bound } = server.address() as AddressInfo;
      const shownHost = host.includes(':') ? `[${host}]` : host;
      const origin = `${tls === undefined ? 'http' : 'https'}://${shownHost}:${bound}`;
      resolve({ origin, close: () => close(server) });
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
