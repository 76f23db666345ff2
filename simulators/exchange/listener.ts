/** A listening socket, plain or TLS. */
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
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
  readonly limits?: Partial<ListenLimits> | undefined;
}

/** What slow, silent or too many clients are allowed. */
export interface ListenLimits {
  /** A request's headers must have come within this time. */
  readonly headersMs: number;
  /** A whole request must have come within this time. */
  readonly requestMs: number;
  /** A connection on which nothing moves at all is ended, also one whose client does not read. */
  readonly silenceMs: number;
  /** Idle connections between requests. */
  readonly keepAliveMs: number;
  /** Connections beyond these are closed as they come. */
  readonly connectionsMax: number;
}

export const listenLimits: ListenLimits = {
  headersMs: 60_000,
  requestMs: 300_000,
  silenceMs: 300_000,
  keepAliveMs: 120_000,
  connectionsMax: 20_000,
};

/** Headers of one request. */
const headerBytesMax = 64 * 1024;
/** Connections that wait to be accepted, when thousands come at once. */
const backlogMax = 4_096;
/** How often slow requests are looked for. */
const checkingMs = 5_000;

/** Listens; the promise resolves when connections are accepted. */
export function listen(options: ListenOptions, handler: RequestListener): Promise<Listener> {
  const { host, port, tls } = options;
  const limits = { ...listenLimits, ...options.limits };
  const http = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(checkingMs, limits.headersMs),
    maxHeaderSize: headerBytesMax,
  };
  // Only HTTP/1.1 is offered: NTLM signs in a connection.
  const server: Server =
    tls === undefined ? createPlainServer(http, handler) : createTlsServer({ ...http, ...tls }, handler);
  server.maxConnections = limits.connectionsMax;
  server.timeout = limits.silenceMs;
  allowExtendedMethods(server, refuse);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: backlogMax }, () => {
      server.off('error', reject);
      const { port: bound } = server.address() as AddressInfo;
      const shownHost = host.includes(':') ? `[${host}]` : host;
      const origin = `${tls === undefined ? 'http' : 'https'}://${shownHost}:${bound}`;
      resolve({ origin, close: () => close(server) });
    });
  });
}

/** What is no HTTP is answered by the driver below the web server, in a form of its own; who is too slow gets no answer. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ERR_HTTP_REQUEST_TIMEOUT' || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const isLong = error.code === 'HPE_HEADER_OVERFLOW';
  const title = isLong ? 'Bad Request - Request Too Long' : 'Bad Request';
  const text = isLong ? 'The size of the request headers is too long.' : 'The request is badly formed.';
  const body = `<HTML><HEAD><TITLE>Bad Request</TITLE></HEAD><BODY><h2>${title}</h2><hr><p>HTTP Error 400. ${text}</p></BODY></HTML>`;
  const headers = `Content-Type: text/html; charset=us-ascii\r\nServer: Microsoft-HTTPAPI/2.0\r\nConnection: close\r\nContent-Length: ${body.length}`;
  socket.end(`HTTP/1.1 400 Bad Request\r\n${headers}\r\n\r\n${body}`, () => socket.destroy());
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
