/**
 * All requests of one mailbox: addressing, sign-in, version, waiting, and the few things that are tried again here because
 * the request certainly had no effect or only reads. Everything else is handed on as trouble with its certainty.
 *
 * What is tried again, each at most as often as said: a refused sign-in once, then the credential counts as bad and nothing
 * is sent any more (accounts lock); an older schema version as long as there is one; an address that is not the primary one
 * once; a busy server once, after the time it asked for; a read whose connection broke or that met a failing server twice.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import { fault } from '#contract/fault.ts';
import type { Ports } from '#ports/ports.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { BackOffGate } from '../../transport/back-off.ts';
import type { Connections } from '../../transport/connections.ts';
import { CookieJar } from '../../transport/cookies.ts';
import type { HttpAnswer } from '../../transport/http.ts';
import { lockedOut } from '../../transport/http-trouble.ts';
import type { EwsSettings } from '../options.ts';
import { type RequestVersion, requestVersions } from '../options.ts';
import { classify, type Trouble } from './classify.ts';
import {
  type EnvelopeFrame,
  envelopeFrame,
  inEnvelope,
  messagesNamespace,
  readEnvelope,
  type ServerBuild,
} from './soap.ts';

export interface EwsRequest {
  /** Name of the request element, e.g. `GetItem`; the answer must be `GetItemResponse`. */
  readonly operation: string;
  readonly body: Markup;
  /** A read may be repeated freely. */
  readonly effect: 'read' | 'write';
  /** How often a read goes out again after a broken connection or a failing server; 2 unless said otherwise. */
  readonly again?: number;
}

export type EwsAnswer =
  | { readonly ok: true; readonly element: XmlElement; readonly elapsedMs: number }
  | { readonly ok: false; readonly trouble: Trouble };

/** What is left of the patience for one request. */
interface Patience {
  busy: number;
  again: number;
  /** What the request was last sent with: somebody else's answer may have changed it meanwhile. */
  version: RequestVersion;
  actAs: string | undefined;
}

/** A sign-in may be refused this often in a row; accounts lock soon after. */
const refusalsMax = 2;
/** Addresses may be corrected this often. */
const correctionsMax = 1;

const closed: Trouble = { fault: fault('defect.internal', 'The connector is closed.'), certain: true };

const userAgent = 'Liaison/0.1 (EWS)';
/** Between two tries of a read: half of this and up to as much again. */
const againMs = 500;

export class EwsSession {
  readonly #settings: EwsSettings;
  readonly #ports: Ports;
  readonly #channel: ReturnType<Connections['open']>;
  readonly #cookies: CookieJar;
  readonly #gate: BackOffGate;
  readonly #slots: LimitFunction;
  readonly #closing = new AbortController();
  readonly #requestIdPrefix: string;
  #requests = 0;
  #sent = 0;
  #lastRefusal = 0;
  #signInRefusals = 0;
  #corrections = 0;
  #version: RequestVersion;
  #actAs: string | undefined;
  #frame: EnvelopeFrame;
  #headers: readonly string[];
  #refused: Trouble | undefined;
  #build: ServerBuild | undefined;
  #clockOffsetMs: number | undefined;

  constructor(settings: EwsSettings, ports: Ports, connections: Connections) {
    this.#settings = settings;
    this.#ports = ports;
    this.#channel = connections.open(settings, ports);
    this.#cookies = new CookieJar(ports.clock);
    this.#gate = new BackOffGate(settings.backOff, ports);
    // One connection takes one request at a time; waiting here keeps the gate in charge.
    this.#slots = pLimit(settings.credentials.kind === 'ntlm' ? 1 : settings.requestsMax);
    const hex = Buffer.from(ports.random.bytes(10)).toString('hex');
    this.#requestIdPrefix = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-`;
    this.#version = settings.requestVersion;
    this.#actAs = settings.impersonate ? settings.mailbox : undefined;
    this.#frame = envelopeFrame({ version: this.#version, actAs: this.#actAs });
    this.#headers = this.#addressed();
  }

  /** Build of the server that answered last; undefined before the first answer. */
  get build(): ServerBuild | undefined {
    return this.#build;
  }

  /** Server clock minus ours, by the Date header of the last answer; whole seconds. */
  get clockOffsetMs(): number | undefined {
    return this.#clockOffsetMs;
  }

  /** The schema version this mailbox is spoken to in. */
  get version(): RequestVersion {
    return this.#version;
  }

  /** One request and its answer. Never rejects for trouble. */
  async call(request: EwsRequest): Promise<EwsAnswer> {
    const patience: Patience = {
      busy: 1,
      again: request.effect === 'read' ? (request.again ?? 2) : 0,
      version: this.#version,
      actAs: this.#actAs,
    };
    for (;;) {
      if (this.#stopped !== undefined) return { ok: false, trouble: this.#stopped };
      if (!(await this.#gate.pass(this.#closing.signal))) return { ok: false, trouble: this.#heldBack() };
      const answer = await this.#slots(() => this.#turn(request, patience));
      if (answer === undefined) continue;
      if (answer.ok || !(await this.#triesAgain(request, answer.trouble, patience))) return answer;
    }
  }

  /** An entry of a batch was answered "busy": the whole mailbox holds back. */
  holdBack(retryAfterMs: number | undefined): void {
    this.#gate.close(retryAfterMs);
  }

  /** Ends waiting requests and frees connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#channel.close();
  }

  /** Why nothing is sent any more. */
  get #stopped(): Trouble | undefined {
    return this.#closing.signal.aborted ? closed : this.#refused;
  }

  /**
   * One exchange, in its turn; undefined when the turn came too late and the request must wait again. What an answer means
   * for the requests behind it is noted before any of them gets its turn.
   */
  async #turn(request: EwsRequest, patience: Patience): Promise<EwsAnswer | undefined> {
    if (this.#stopped !== undefined || this.#gate.remainingMs > 0) return undefined;
    this.#sent += 1;
    const sentAs = this.#sent;
    patience.version = this.#version;
    patience.actAs = this.#actAs;
    const answer = await this.#exchange(request);
    if (answer.ok) {
      this.#gate.calm();
      this.#signInRefusals = 0;
      return answer;
    }
    const { code, retryAfterMs, source } = answer.trouble.fault;
    if (code === 'budget.exhausted') {
      this.#ports.log({ level: 'info', event: 'ews.throttled', operation: request.operation, retryAfterMs });
      this.#gate.close(retryAfterMs);
    } else if (code === 'authentication.rejected') this.#noteRefusal(answer.trouble, sentAs);
    else if (source?.startsWith('HTTP') !== true) this.#signInRefusals = 0;
    return answer;
  }

  /** Requests that were under way together are refused together and count once. */
  #noteRefusal(trouble: Trouble, sentAs: number): void {
    this.#channel.reset();
    if (sentAs <= this.#lastRefusal) return;
    this.#lastRefusal = this.#sent;
    this.#signInRefusals += 1;
    if (this.#signInRefusals >= refusalsMax) this.#refused = trouble;
  }

  async #exchange(request: EwsRequest): Promise<EwsAnswer> {
    const path = this.#settings.endpoint.pathname + this.#settings.endpoint.search;
    const headers = [...this.#headers, 'client-request-id', this.#requestId()];
    const cookie = this.#cookies.headerFor(path);
    if (cookie !== undefined) headers.push('cookie', cookie);
    const startedAt = this.#ports.clock.now();
    const result = await this.#channel.send({
      method: 'POST',
      path,
      headers,
      body: inEnvelope(this.#frame, request.body),
      timeoutMs: this.#settings.requestTimeoutMs,
    });
    const now = this.#ports.clock.now();
    if (result.kind === 'failure') return { ok: false, trouble: classify(result, now) };
    this.#cookies.take(result.headers['set-cookie']);
    const serverNow = Date.parse(result.headers.date ?? '');
    if (!Number.isNaN(serverNow)) this.#clockOffsetMs = serverNow - now;
    return this.#understood(request, result, now, now - startedAt);
  }

  #understood(request: EwsRequest, answer: HttpAnswer, now: number, elapsedMs: number): EwsAnswer {
    const notSoap = (reason: string): EwsAnswer => ({
      ok: false,
      trouble: classify({ kind: 'notSoap', answer, reason }, now),
    });
    // A front end's 401 or redirect has no message in it; everything else may, whatever its status.
    if (answer.status === 401 || (answer.status >= 300 && answer.status < 400)) {
      if (lockedOut(answer)) this.#refuseFromNowOn(notSoap('locked out'));
      return notSoap('not a message');
    }
    const soap = readEnvelope(answer.body);
    if (soap.kind === 'unreadable') return notSoap(soap.reason);
    if (soap.build !== undefined) this.#build = soap.build;
    if (soap.kind === 'fault') {
      return { ok: false, trouble: classify({ kind: 'soapFault', answer, fault: soap.fault }, now) };
    }
    const { element } = soap;
    if (answer.status >= 300) return notSoap('an answer under an error status');
    if (element.name !== `${request.operation}Response` || element.ns !== messagesNamespace) {
      return notSoap(`the answer is a ${element.name} element`);
    }
    return { ok: true, element, elapsedMs };
  }

  /** Whether the same request goes out once more; adjusts the session for it. */
  async #triesAgain(request: EwsRequest, trouble: Trouble, patience: Patience): Promise<boolean> {
    if (trouble.code === 'ErrorNonPrimarySmtpAddress') return this.#correctAddress(trouble, patience.actAs);
    switch (trouble.fault.code) {
      case 'authentication.rejected':
        // An expired password comes as a message: signing in again brings the same.
        return this.#refused === undefined && trouble.code === undefined;
      case 'server.version':
        return this.#lowerVersion(patience.version);
      case 'budget.exhausted':
        return (trouble.certain || request.effect === 'read') && patience.busy-- > 0;
      case 'server.unreachable':
      case 'server.failure':
      case 'mailbox.unavailable':
        if (trouble.certain || patience.again-- <= 0) return false;
        await this.#ports.timer.sleep(againMs * (0.5 + this.#ports.random.fraction()), this.#closing.signal);
        return !this.#closing.signal.aborted;
      default:
        return false;
    }
  }

  #refuseFromNowOn(answer: EwsAnswer): void {
    if (!answer.ok) this.#refused = answer.trouble;
  }

  /** MessageXml of ErrorNonPrimarySmtpAddress holds the primary address. `used` is the one that was refused. */
  #correctAddress(trouble: Trouble, used: string | undefined): boolean {
    if (used !== this.#actAs) return true;
    const primary = Object.values(trouble.details?.values ?? {}).find((value) => value.includes('@'));
    if (primary === undefined || used === undefined || this.#corrections >= correctionsMax) return false;
    this.#corrections += 1;
    this.#actAs = primary.trim();
    this.#frame = envelopeFrame({ version: this.#version, actAs: this.#actAs });
    this.#headers = this.#addressed();
    return true;
  }

  /** From above 2010 SP2 straight down to it, because that is all we need; below it one step at a time. */
  #lowerVersion(used: RequestVersion): boolean {
    if (used !== this.#version) return true;
    const sufficient = requestVersions.indexOf('Exchange2010_SP2');
    const next = requestVersions[Math.max(sufficient, requestVersions.indexOf(used) + 1)];
    if (next === undefined || next === used) return false;
    this.#ports.log({ level: 'info', event: 'ews.versionLowered', from: used, to: next });
    this.#version = next;
    this.#frame = envelopeFrame({ version: next, actAs: this.#actAs });
    return true;
  }

  /** Headers that stay the same. The anchor routes to the mailbox's own server; without it calls take twice as long. */
  #addressed(): readonly string[] {
    return [
      'content-type',
      'text/xml; charset=utf-8',
      'accept',
      'text/xml',
      'accept-encoding',
      'gzip',
      'user-agent',
      userAgent,
      'return-client-request-id',
      'true',
      'x-anchormailbox',
      this.#actAs ?? this.#settings.mailbox,
    ];
  }

  /** A GUID: random per session, counting requests in its last part. */
  #requestId(): string {
    this.#requests += 1;
    return this.#requestIdPrefix + this.#requests.toString(16).padStart(12, '0');
  }

  #heldBack(): Trouble {
    const retryAfterMs = Math.max(1, this.#gate.remainingMs);
    return {
      fault: fault('budget.exhausted', 'Holding back after the server was busy.', { retryAfterMs }),
      certain: true,
    };
  }
}
