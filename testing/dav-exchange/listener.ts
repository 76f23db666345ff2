/** A small HTTP/1.1 server over plain sockets that takes any method: Node's own refuses BPROPFIND and its like. */

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

export interface Listener {
  readonly origin: string;
  close(): Promise<void>;
}

/** `hangUp` ends the connection instead of answering. */
export async function listen(answer: (asked: Asked) => Answer | 'hangUp'): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let waiting = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk as Buffer]);
      for (let taken = take(waiting); taken !== undefined; taken = take(waiting)) {
        waiting = Buffer.from(taken.rest);
        const given = answer(taken.asked);
        if (given === 'hangUp') return void socket.destroy();
        socket.write(bytesOf(given, taken.asked.method));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The first whole request among the bytes. */
function take(bytes: Buffer): { readonly asked: Asked; readonly rest: Buffer } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const length = Number(headers['content-length'] ?? 0);
  const bodyAt = end + 4;
  if (bytes.length < bodyAt + length) return undefined;
  const [method = '', path = ''] = first.split(' ');
  const body = bytes.subarray(bodyAt, bodyAt + length).toString();
  return { asked: { method, path, headers, body }, rest: bytes.subarray(bodyAt + length) };
}

function bytesOf({ status, headers = {}, body = '' }: Answer, method: string): Buffer {
  const content = Buffer.from(body);
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}`),
  );
  const head = [`HTTP/1.1 ${status} Whatever`, ...lines, `Content-Length: ${content.length}`, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), method === 'HEAD' ? Buffer.alloc(0) : content]);
}
