/**
 * All requests of one mailbox: sign-in, cookies, waiting, and the few things that are tried again here because the request
 * certainly had no effect or only reads. Everything else is handed on as trouble with its certainty.
 *
 * What is tried again, each at most as often as said: an expired forms session once; a refused sign-in once, if the account
 * is good elsewhere, else nothing is sent any more (accounts lock); a busy server once, after the time it asked for; a
 * read whose connection broke or that met a failing server twice.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import { fault } from '#contract/fault.ts';
import type { Ports } from '#ports/ports.ts';
import { readXml, type XmlElement } from '#xml/reader.ts';
import { BackOffGate } from '../../transport/back-off.ts';
import type { Connections, SessionChannel } from '../../transport/connections.ts';
import { CookieJar } from '../../transport/cookies.ts';
import type { HeaderList, HttpAnswer } from '../../transport/http.ts';
import { lockedOut } from '../../transport/http-trouble.ts';
import type { Exchange2007Settings } from '../options.ts';
import { classify, type Subject, type Trouble } from './classify.ts';
import { withAllowedNames } from './element-names.ts';
import { formOutcome, signInForm, signInPaths } from './forms.ts';

export interface DavRequest {
  readonly method: string;
  /** Absolute path, percent-encoded. */
  readonly path: string;
  readonly headers?: HeaderList;
  readonly body?: string;
  /** XML unless said otherwise. */
  readonly contentType?: string;
  /** A read may be repeated freely. */
  readonly effect: 'read' | 'write';
  readonly subject: Subject;
  /** The answer must be a multistatus; else one is read where there is one. */
  readonly answersMultistatus?: boolean;
}

export interface DavResponse {
  readonly status: number;
  readonly headers: HttpAnswer['headers'];
  /** The root of the multistatus. */
  readonly multistatus: XmlElement | undefined;
  /** Of an answer that is no multistatus. */
  readonly body: string;
}

export type DavAnswer =
  | { readonly ok: true; readonly value: DavResponse }
  | { readonly ok: false; readonly trouble: Trouble };

interface Patience {
  busy: number;
  again: number;
  /** Forms sessions that may be found expired. */
  expiries: number;
  /** Refusals of an account that is good elsewhere. */
  refusals: number;
}

/** Between two tries of a read: half of this and up to as much again. */
const againMs = 500;
const userAgent = 'Liaison/0.1 (WebDAV)';
const closed: Trouble = { fault: fault('defect.internal', 'The connector is closed.'), certain: true };

export class DavSession {
  readonly #settings: Exchange2007Settings;
  readonly #ports: Ports;
  readonly #channel: SessionChannel;
  readonly #cookies: CookieJar;
  readonly #gate: BackOffGate;
  readonly #slots: LimitFunction;
  readonly #closing = new AbortController();
  #refused: Trouble | undefined;
  /** Number of the forms session in use; 0: none yet. */
  #formsSession = 0;
  #signingIn: Promise<Trouble | undefined> | undefined;
  #askingAccount: Promise<boolean> | undefined;
  #storeVersion: string | undefined;
  #clockOffsetMs: number | undefined;

  constructor(settings: Exchange2007Settings, ports: Ports, connections: Connections) {
    this.#settings = settings;
    this.#ports = ports;
    this.#channel = connections.open(settings, ports);
    this.#cookies = new CookieJar(ports.clock);
    this.#gate = new BackOffGate(settings.backOff, ports);
    // One connection takes one request at a time; waiting here keeps the gate in charge.
    this.#slots = pLimit(settings.credentials.kind === 'ntlm' ? 1 : settings.requestsMax);
  }

  /** The MS-WebStorage header of the last answer that had one, e.g. `08.01.10240`. */
  get storeVersion(): string | undefined {
    return this.#storeVersion;
  }

  /** Server clock minus ours, by the Date header of the last answer; whole seconds. */
  get clockOffsetMs(): number | undefined {
    return this.#clockOffsetMs;
  }

  /** One request and its answer. Never rejects for trouble. */
  async call(request: DavRequest): Promise<DavAnswer> {
    const patience: Patience = { busy: 1, again: request.effect === 'read' ? 2 : 0, expiries: 1, refusals: 1 };
    for (;;) {
      if (this.#stopped !== undefined) return { ok: false, trouble: this.#stopped };
      if (!(await this.#gate.pass(this.#closing.signal))) return { ok: false, trouble: this.#heldBack() };
      const answer = await this.#slots(() => this.#turn(request, patience));
      if (answer === undefined) continue;
      if (answer.ok || !(await this.#triesAgain(request, answer.trouble, patience))) return answer;
    }
  }

  /** Ends waiting requests and frees connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#channel.close();
  }

  get #stopped(): Trouble | undefined {
    return this.#closing.signal.aborted ? closed : this.#refused;
  }

  /** One exchange, in its turn; undefined when the turn came too late or the forms session was renewed meanwhile. */
  async #turn(request: DavRequest, patience: Patience): Promise<DavAnswer | undefined> {
    if (this.#stopped !== undefined || this.#gate.remainingMs > 0) return undefined;
    if (this.#settings.credentials.kind === 'forms' && this.#formsSession === 0) {
      const trouble = await this.#signIn();
      if (trouble !== undefined) return { ok: false, trouble };
    }
    const session = this.#formsSession;
    const answer = await this.#exchange(request);
    if (answer.ok) {
      this.#gate.calm();
      return answer;
    }
    const { code, retryAfterMs } = answer.trouble.fault;
    if (code === 'budget.exhausted') {
      this.#ports.log({ level: 'info', event: 'webdav.throttled', method: request.method, retryAfterMs });
      this.#gate.close(retryAfterMs);
    } else if (code === 'authentication.rejected' && (await this.#renews(answer.trouble, session, patience))) {
      return undefined;
    } else if (code === 'authentication.rejected') return this.#refusal(request, answer.trouble, patience);
    return answer;
  }

  async #exchange(request: DavRequest): Promise<DavAnswer> {
    const { method, path, headers = [], body = '', contentType = 'text/xml; charset=utf-8' } = request;
    const cookie = this.#cookies.headerFor(path);
    const result = await this.#channel.send({
      method,
      path,
      headers: [
        ...headers,
        ...(body === '' ? [] : ['content-type', contentType]),
        ...['accept-encoding', 'gzip', 'user-agent', userAgent],
        ...(cookie === undefined ? [] : ['cookie', cookie]),
      ],
      body,
      timeoutMs: this.#settings.requestTimeoutMs,
    });
    const now = this.#ports.clock.now();
    if (result.kind === 'failure') return { ok: false, trouble: classify(result, now) };
    this.#learn(result, now);
    if (lockedOut(result)) this.#refused = classify({ kind: 'status', answer: result, subject: request.subject }, now);
    return understood(request, result, now);
  }

  #learn(answer: HttpAnswer, now: number): void {
    this.#cookies.take(answer.headers['set-cookie']);
    const version = answer.headers['ms-webstorage'];
    if (typeof version === 'string') this.#storeVersion = version;
    const serverNow = Date.parse(answer.headers.date ?? '');
    if (!Number.isNaN(serverNow)) this.#clockOffsetMs = serverNow - now;
  }

  /** Whether a request that met an expired forms session goes again, after signing in anew or because somebody did. */
  async #renews({ status }: Trouble, session: number, patience: Patience): Promise<boolean> {
    if (this.#settings.credentials.kind !== 'forms' || status === 401) return false;
    if (session !== this.#formsSession) return true;
    if (patience.expiries-- <= 0) return false;
    return (await this.#signIn()) === undefined;
  }

  /** Signs in by form, once for all who wait. */
  #signIn(): Promise<Trouble | undefined> {
    this.#signingIn ??= this.#postForm().finally(() => {
      this.#signingIn = undefined;
    });
    return this.#signingIn;
  }

  async #postForm(): Promise<Trouble | undefined> {
    const { credentials, endpoint } = this.#settings;
    for (const path of signInPaths) {
      const result = await this.#channel.send({
        method: 'POST',
        path,
        headers: ['content-type', 'application/x-www-form-urlencoded', 'user-agent', userAgent],
        body: signInForm(credentials, endpoint.href),
        timeoutMs: this.#settings.requestTimeoutMs,
      });
      const now = this.#ports.clock.now();
      if (result.kind === 'failure') return { ...classify(result, now), certain: true };
      const outcome = formOutcome(result);
      if (outcome === 'signedIn') {
        this.#learn(result, now);
        this.#formsSession += 1;
        return undefined;
      }
      if (outcome === 'absent') continue;
      if (outcome === 'trouble') {
        return { ...classify({ kind: 'status', answer: result, subject: 'mailbox' }, now), certain: true };
      }
      const source = `HTTP ${result.status}`;
      // A form counts as an attempt like any other, so a second one could lock the account.
      this.#refused = {
        fault: fault('authentication.rejected', 'The sign-in form refused name or password.', { source }),
        certain: true,
      };
      return this.#refused;
    }
    return { fault: fault('server.notExchange', 'There is no sign-in form at this address.'), certain: true };
  }

  /**
   * What a refused sign-in means. The same 401 is said of a bad password, which must stop everything, of a mailbox the account
   * may not enter, and now and then for nothing; so the directory above the mailboxes is asked. Undefined: once more.
   */
  async #refusal(request: DavRequest, trouble: Trouble, patience: Patience): Promise<DavAnswer | undefined> {
    this.#channel.reset();
    if (trouble.status !== 401 || this.#refused !== undefined || !(await this.#isAccountGood())) {
      this.#refused ??= trouble;
      return { ok: false, trouble: this.#refused };
    }
    if (patience.refusals-- > 0) return undefined;
    const denied = classify({ kind: 'part', status: 401, subject: request.subject }, this.#ports.clock.now());
    return { ok: false, trouble: denied };
  }

  /** Whether the server lets the account in at all, asked once for all who wait. */
  #isAccountGood(): Promise<boolean> {
    this.#askingAccount ??= this.#askAccount().finally(() => {
      this.#askingAccount = undefined;
    });
    return this.#askingAccount;
  }

  async #askAccount(): Promise<boolean> {
    const { endpoint, requestTimeoutMs } = this.#settings;
    const path = endpoint.pathname.replace(/\/*$/, '/');
    const cookie = this.#cookies.headerFor(path);
    const headers = ['depth', '0', 'user-agent', userAgent, ...(cookie === undefined ? [] : ['cookie', cookie])];
    const result = await this.#channel.send({
      method: 'PROPFIND',
      path,
      headers,
      body: '',
      timeoutMs: requestTimeoutMs,
    });
    return result.kind === 'answer' && result.status !== 401;
  }

  /** Whether the same request goes out once more. */
  async #triesAgain(request: DavRequest, trouble: Trouble, patience: Patience): Promise<boolean> {
    switch (trouble.fault.code) {
      case 'budget.exhausted':
        return (trouble.certain || request.effect === 'read') && patience.busy-- > 0;
      case 'server.unreachable':
      case 'server.failure':
        if (trouble.certain || patience.again-- <= 0) return false;
        await this.#ports.timer.sleep(againMs * (0.5 + this.#ports.random.fraction()), this.#closing.signal);
        return !this.#closing.signal.aborted;
      default:
        return false;
    }
  }

  #heldBack(): Trouble {
    const retryAfterMs = Math.max(1, this.#gate.remainingMs);
    return {
      fault: fault('budget.exhausted', 'Holding back after the server was busy.', { retryAfterMs }),
      certain: true,
    };
  }
}

/** A good status with a multistatus where one was asked for; everything else is trouble. */
function understood(request: DavRequest, answer: HttpAnswer, now: number): DavAnswer {
  const { status, headers } = answer;
  const trouble = (reason?: string): DavAnswer => ({
    ok: false,
    trouble: classify(
      { kind: 'status', answer, subject: request.subject, ...(reason !== undefined && { reason }) },
      now,
    ),
  });
  if (status < 200 || status >= 300) return trouble();
  const wanted = request.answersMultistatus === true;
  if (!wanted && status !== 207)
    return { ok: true, value: { status, headers, multistatus: undefined, body: answer.body } };
  const document = readXml(withAllowedNames(answer.body));
  if (!document.ok) return trouble(`${document.fault.kind}: ${document.fault.message}`);
  const { root } = document;
  if (root.name !== 'multistatus' || root.ns !== 'DAV:') return trouble(`the document is a ${root.name} element`);
  return { ok: true, value: { status, headers, multistatus: root, body: '' } };
}
