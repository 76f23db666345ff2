/** A tiny HTTP server whose every answer a test chooses, over a real socket, with a log of what it was asked. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions as TlsOptions } from 'node:tls';

export interface Asked {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly path: string;
  /** Numbers connections from 1. */
  readonly connection: number;
  readonly socket: Socket;
}

/** Answers one request; the script may write slowly, wrongly or not at all. */
export type Answerer = (asked: Asked, response: ServerResponse) => void | Promise<void>;

export interface ScriptedServer {
  /** `http(s)://127.0.0.1:<port>/EWS/Exchange.asmx`. */
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** The certificate of the TLS server, which is its own authority. */
export const certificateFile = new URL('./tls/localhost.pem', import.meta.url).pathname;

/** The n-th request gets the n-th answer; the last answer serves all further requests. */
export function scriptedServer(...script: readonly Answerer[]): Promise<ScriptedServer> {
  return start('http', script);
}

/** The same over TLS. */
export function scriptedTlsServer(...script: readonly Answerer[]): Promise<ScriptedServer> {
  return start('https', script);
}

/** The same over TLS 1.1 at most, as an unpatched Exchange 2010 speaks it. */
export function scriptedOldTlsServer(...script: readonly Answerer[]): Promise<ScriptedServer> {
  return start('https', script, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
}

async function start(
  scheme: 'http' | 'https',
  script: readonly Answerer[],
  more: TlsOptions = {},
): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const connections = new Map<Socket, number>();
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', headers, socket, url = '' } = request;
    const connection = connections.get(socket) ?? 0;
    const one = { method, headers, body: Buffer.concat(chunks).toString(), path: url, connection, socket };
    asked.push(one);
    await script[Math.min(asked.length, script.length) - 1]?.(one, response);
  };
  const tls = (name: string): Buffer => readFileSync(new URL(`./tls/${name}`, import.meta.url));
  const server =
    scheme === 'http'
      ? createServer(listener)
      : createTlsServer({ cert: tls('localhost.pem'), key: tls('localhost-key.pem'), ...more }, listener);
  server.on(scheme === 'http' ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections.set(socket, connections.size + 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/EWS/Exchange.asmx`,
    asked,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Answers text with a status. */
export function answer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string | string[]>> = {},
): Answerer {
  return (_asked, response) => {
    response.writeHead(status, { 'content-type': 'text/xml; charset=utf-8', ...headers });
    response.end(body);
  };
}

/** Closes the connection instead of answering. */
export const hangUp: Answerer = ({ socket }) => {
  socket.destroy();
};

/** Never answers. */
export const silence: Answerer = () => {};
