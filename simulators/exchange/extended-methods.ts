/**
 * Methods that Node's HTTP parser does not know, such as BPROPFIND and POLL. The first of them on a connection makes the parser
 * give up; from then on the connection is read through a stream that writes a known method in its place and says the real one in
 * a header. All other connections are untouched.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** Each method with the known one that stands for it. */
const standIns: Readonly<Record<string, string>> = {
  BPROPFIND: 'PROPFIND',
  BPROPPATCH: 'PROPPATCH',
  BDELETE: 'POST',
  BMOVE: 'MOVE',
  BCOPY: 'COPY',
  POLL: 'POST',
};

const headerName = 'x-real-method';

/** Heads longer than this many bytes are not looked into. */
const headBytesMax = 64 * 1024;

/** Lets a server take these methods; what the parser cannot read for any other reason is `refuse`d. */
export function allowExtendedMethods(
  server: Server,
  refuse: (error: NodeJS.ErrnoException, socket: Duplex) => void,
): void {
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, stream) => {
    const socket = stream as Socket;
    const { rawPacket, code } = error;
    const method = /^([A-Z]+) /.exec(rawPacket?.toString('latin1', 0, 16) ?? '')?.[1] ?? '';
    if (
      code === 'HPE_INVALID_METHOD' &&
      rawPacket !== undefined &&
      method in standIns &&
      !(socket instanceof Renamed)
    ) {
      // On a server with TLS the other event would begin a second handshake.
      const isTls = (socket as TLSSocket).encrypted === true;
      server.emit(isTls ? 'secureConnection' : 'connection', new Renamed(socket, rawPacket));
      return;
    }
    refuse(error, stream);
  });
}

/** The method that the client wrote. */
export function methodOf(request: IncomingMessage): string {
  const real = request.headers[headerName];
  return request.socket instanceof Renamed && typeof real === 'string' ? real : (request.method ?? 'GET');
}

/** The socket that the client connected to, under whatever reads it. */
export function connectionOf(request: IncomingMessage): Socket {
  const { socket } = request;
  return socket instanceof Renamed ? socket.origin : socket;
}

type State = { readonly in: 'head' } | { readonly in: 'body'; left: number } | { readonly in: 'chunks'; left: number };

/** A connection on which unknown methods are replaced. */
class Renamed extends Duplex {
  readonly origin: Socket;
  readonly encrypted: boolean;
  #state: State = { in: 'head' };
  #pending = Buffer.alloc(0);

  constructor(origin: Socket, first: Buffer) {
    super();
    this.origin = origin;
    this.encrypted = (origin as TLSSocket).encrypted === true;
    for (const name of ['end', 'close', 'drain', 'error', 'timeout']) origin.removeAllListeners(name);
    // Asking for data takes the socket away from the parser; only then can its own listener go.
    origin.on('data', () => {});
    origin.removeAllListeners('data');
    origin.on('data', (bytes: Buffer) => this.#take(bytes));
    origin.on('end', () => this.push(null));
    origin.on('close', () => this.destroy());
    origin.on('error', () => this.destroy());
    this.#take(first);
  }

  setTimeout(ms: number, callback?: () => void): this {
    this.origin.setTimeout(ms, callback);
    return this;
  }

  override _read(): void {
    this.origin.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.origin.write(chunk, encoding, callback);
  }

  override _final(callback: () => void): void {
    this.origin.end(callback);
  }

  override _destroy(_error: Error | null, callback: (error?: Error | null) => void): void {
    this.origin.destroy();
    callback(null);
  }

  #take(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    for (let piece = this.#next(); piece !== undefined; piece = this.#next()) {
      if (!this.push(piece)) this.origin.pause();
    }
  }

  /** The next piece that is complete enough to be passed on. */
  #next(): Buffer | undefined {
    if (this.#pending.length === 0) return undefined;
    switch (this.#state.in) {
      case 'head':
        return this.#head();
      case 'body': {
        const piece = this.#cut(Math.min(this.#state.left, this.#pending.length));
        this.#state.left -= piece.length;
        if (this.#state.left === 0) this.#state = { in: 'head' };
        return piece;
      }
      case 'chunks':
        return this.#chunk(this.#state);
    }
  }

  #head(): Buffer | undefined {
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end < 0) return this.#pending.length > headBytesMax ? this.#cut(this.#pending.length) : undefined;
    const head = this.#cut(end + 4).toString('latin1');
    const length = Number(/\r\ncontent-length:\s*(\d+)/i.exec(head)?.[1] ?? 0);
    if (/\r\ntransfer-encoding:[^\r]*chunked/i.test(head)) this.#state = { in: 'chunks', left: 0 };
    else if (length > 0) this.#state = { in: 'body', left: length };
    const [method = ''] = head.split(' ', 1);
    const standIn = standIns[method];
    if (standIn === undefined) return Buffer.from(head, 'latin1');
    const line = head.indexOf('\r\n') + 2;
    const renamed = `${standIn}${head.slice(method.length, line)}${headerName}: ${method}\r\n${head.slice(line)}`;
    return Buffer.from(renamed, 'latin1');
  }

  /** A chunk's size line, then its bytes; the empty one is the last. */
  #chunk(state: Extract<State, { in: 'chunks' }>): Buffer | undefined {
    if (state.left > 0) {
      const piece = this.#cut(Math.min(state.left, this.#pending.length));
      state.left -= piece.length;
      return piece;
    }
    const end = this.#pending.indexOf('\r\n');
    if (end < 0) return undefined;
    const size = Number.parseInt(this.#pending.toString('latin1', 0, end), 16);
    if (size > 0) {
      state.left = size + 2;
      return this.#cut(end + 2);
    }
    const last = this.#pending.indexOf('\r\n\r\n');
    if (last < 0) return undefined;
    this.#state = { in: 'head' };
    return this.#cut(last + 4);
  }

  #cut(count: number): Buffer {
    const piece = this.#pending.subarray(0, count);
    this.#pending = this.#pending.subarray(count);
    return piece;
  }
}
