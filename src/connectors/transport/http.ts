/**
 * One request over HTTP/1.1, answered as a value. What must hold: a redirect is never followed; an answer is complete or it is
 * a failure; a failure says whether any byte of the request can have reached the server, because that decides between
 * "rejected" and "unknown".
 */
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createSecureContext, rootCertificates, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { buildConnector, Client, type Dispatcher, Pool } from 'undici';
import type { Clock, Timer } from '#ports/ports.ts';

/** A complete answer, whatever its status. The body is decoded from gzip, as text in UTF-8. */
export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type HttpFailureReason = 'connect' | 'tls' | 'timeout' | 'closed' | 'tooLarge' | 'encoding';

export interface HttpFailure {
  readonly kind: 'failure';
  readonly reason: HttpFailureReason;
  /** False: the request certainly never left this machine. */
  readonly sent: boolean;
  /** The system's own code, e.g. `ECONNREFUSED`. */
  readonly source: string;
}

export type HttpResult = HttpAnswer | HttpFailure;

/** Name and value in turn, as they go on the wire. */
export type HeaderList = readonly string[];

export interface HttpRequest {
  readonly method: string;
  /** Path and query as they go on the wire. */
  readonly path: string;
  readonly headers: HeaderList;
  readonly body: string;
  readonly timeoutMs: number;
}

export interface TlsOptions {
  /** PEM file with certificate authorities trusted in addition to the built-in ones. */
  readonly caFile?: string | undefined;
  /** The same as PEM text, for a connector on a machine that does not have the file. */
  readonly authorities?: string | undefined;
  /** Accepts TLS 1.0/1.1 and old ciphers, which an unpatched Exchange 2007 or 2010 needs. Never the default. */
  readonly allowOldVersions?: boolean | undefined;
}

export interface HttpChannel {
  /** Never rejects. */
  send(request: HttpRequest): Promise<HttpResult>;
  close(): Promise<void>;
}

/** A channel over exactly one connection, for authentication that binds it. */
export interface PinnedChannel extends HttpChannel {
  /** Grows with every new connection; equal before and after means the same socket. */
  readonly connection: number;
  /** The server's certificate in DER of the present TLS connection; undefined over plain HTTP. */
  readonly serverCertificate: Buffer | undefined;
}

/** Larger answers are refused: 512 changes or 200 items of text stay far below. */
export const answerBytesMax = 64 * 1024 * 1024;

/**
 * Idle sockets are given back long before IIS (120 s) or a load balancer (often 30 s) drops them: a write that meets a dying
 * socket is unknown, and finding out costs more than a new connection.
 */
const keepAliveMs = 20_000;
const connectionsPerServerMax = 64;

/** Opens many connections to one server, for requests that carry their own credentials. */
export function openPool(
  server: URL,
  tls: TlsOptions,
  connectTimeoutMs: number,
  clock: Clock,
  timer: Timer,
): HttpChannel {
  const pool = new Pool(server.origin, {
    ...clientOptions,
    connections: connectionsPerServerMax,
    connect: { ...tlsSettings(server, tls), timeout: connectTimeoutMs, allowH2: false },
  });
  const deadlines = new Deadlines(clock, timer);
  return {
    send: (request) => send(pool, deadlines, request),
    close: () => pool.destroy(),
  };
}

/** Opens one connection to a server. */
export function openPinned(
  server: URL,
  tls: TlsOptions,
  connectTimeoutMs: number,
  clock: Clock,
  timer: Timer,
): PinnedChannel {
  const connect = buildConnector({ ...tlsSettings(server, tls), timeout: connectTimeoutMs, allowH2: false });
  let connection = 0;
  let serverCertificate: Buffer | undefined;
  const client = new Client(server.origin, {
    ...clientOptions,
    connect: (target, callback) =>
      connect(target, (error, socket) => {
        if (error !== null) return callback(error, null);
        connection += 1;
        serverCertificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.raw : undefined;
        callback(null, socket);
      }),
  });
  client.on('disconnect', () => {
    connection += 1;
  });
  const deadlines = new Deadlines(clock, timer);
  return {
    get connection() {
      return connection;
    },
    get serverCertificate() {
      return serverCertificate;
    },
    send: (request) => send(client, deadlines, request),
    close: () => client.destroy(),
  };
}

/** One clock decides about time-outs (`send`), so the library's own are off. NTLM needs HTTP/1.1. */
const clientOptions = {
  pipelining: 1,
  keepAliveTimeout: keepAliveMs,
  keepAliveMaxTimeout: keepAliveMs,
  headersTimeout: 0,
  bodyTimeout: 0,
  maxResponseSize: answerBytesMax,
  allowH2: false,
} as const;

function tlsSettings(server: URL, tls: TlsOptions): buildConnector.BuildOptions {
  if (server.protocol !== 'https:') return {};
  const authorities = tls.caFile === undefined ? tls.authorities : readFileSync(tls.caFile, 'utf8');
  return {
    secureContext: createSecureContext({
      ...(authorities !== undefined && { ca: [...rootCertificates, authorities] }),
      // OpenSSL 3 refuses what Exchange 2010 without its later updates offers, unless told otherwise.
      ...(tls.allowOldVersions === true && { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    }),
  };
}

async function send(dispatcher: Dispatcher, deadlines: Deadlines, request: HttpRequest): Promise<HttpResult> {
  const { method, path, headers, body, timeoutMs } = request;
  const collector = new Collector();
  const forget = deadlines.watch(collector, timeoutMs);
  // The library takes any method, e.g. PROPFIND; only its type does not name them all.
  dispatcher.dispatch({ method: method as Dispatcher.HttpMethod, path, headers: headers as string[], body }, collector);
  const result = await collector.result;
  forget();
  return result.kind === 'failure' ? result : decoded(result);
}

/** How late a time-out may be noticed. */
const deadlineStepMs = 100;

/** Ends requests whose time is up. One timer for all of them, running only while there are any. */
class Deadlines {
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #until = new Map<Collector, number>();
  #watching = false;

  constructor(clock: Clock, timer: Timer) {
    this.#clock = clock;
    this.#timer = timer;
  }

  /** Watches a request; the answer stops watching it. */
  watch(collector: Collector, timeoutMs: number): () => void {
    this.#until.set(collector, this.#clock.now() + timeoutMs);
    if (!this.#watching) void this.#run();
    return () => this.#until.delete(collector);
  }

  async #run(): Promise<void> {
    this.#watching = true;
    while (this.#until.size > 0) {
      await this.#timer.sleep(deadlineStepMs);
      const now = this.#clock.now();
      for (const [collector, at] of this.#until) if (at <= now) collector.giveUp();
    }
    this.#watching = false;
  }
}

interface RawAnswer {
  readonly kind: 'raw';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

class TimeUp extends Error {
  readonly code = 'TIMEOUT';
}

/** Gathers one answer. Lives as long as its request. */
class Collector implements Dispatcher.DispatchHandler {
  readonly result: Promise<RawAnswer | HttpFailure>;
  #resolve: (result: RawAnswer | HttpFailure) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #gaveUp = false;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];

  constructor() {
    this.result = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Time is up. A request still waiting for a connection is then never sent. */
  giveUp(): void {
    this.#gaveUp = true;
    if (this.#controller !== undefined) this.#controller.abort(new TimeUp());
    else this.#resolve({ kind: 'failure', reason: 'timeout', sent: false, source: 'TIMEOUT' });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#gaveUp) controller.abort(new TimeUp());
    else this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [only] = this.#chunks;
    const body = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
    const answer: RawAnswer = { kind: 'raw', status: this.#status, headers: this.#headers, body };
    // undici frees the connection one turn of the event loop after this; answering earlier would make the caller's next
    // request open another connection.
    queueMicrotask(() => setImmediate(() => this.#resolve(answer)));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#resolve(failureOf(error, this.#controller !== undefined));
  }
}

function failureOf(error: Error, sent: boolean): HttpFailure {
  const source = codeOf(error);
  if (error instanceof TimeUp || source === 'UND_ERR_CONNECT_TIMEOUT') {
    return { kind: 'failure', reason: 'timeout', sent, source };
  }
  if (source === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return { kind: 'failure', reason: 'tooLarge', sent, source };
  if (!sent) return { kind: 'failure', reason: tlsCode.test(source) ? 'tls' : 'connect', sent, source };
  return { kind: 'failure', reason: 'closed', sent, source };
}

/** Node's and OpenSSL's names for a handshake or certificate that was refused. */
const tlsCode = /^(ERR_TLS|ERR_SSL|EPROTO)|CERT|SIGNATURE|ISSUER|CRL/;

function codeOf(error: Error): string {
  const inner = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const code: unknown = 'code' in inner ? inner.code : undefined;
  return typeof code === 'string' ? code : inner.name;
}

const gunzipAsync = promisify(gunzip);
/** Up to this size decoding at once costs less than a trip through the thread pool. */
const inlineBytesMax = 64 * 1024;

async function decoded(raw: RawAnswer): Promise<HttpResult> {
  const encoding = raw.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return { ...raw, kind: 'answer', body: raw.body.toString() };
  const refused: HttpFailure = { kind: 'failure', reason: 'encoding', sent: true, source: String(encoding) };
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return refused;
  try {
    const limit = { maxOutputLength: answerBytesMax };
    const body = raw.body.length <= inlineBytesMax ? gunzipSync(raw.body, limit) : await gunzipAsync(raw.body, limit);
    return { ...raw, kind: 'answer', body: body.toString() };
  } catch {
    return refused;
  }
}
