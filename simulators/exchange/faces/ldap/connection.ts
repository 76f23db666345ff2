/** One LDAP connection: bytes in, messages answered, everything bounded. */
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Ports } from '#ports/ports.ts';
import type { Control as Faults } from '../../control/control.ts';
import type { Directory } from '../../sign-in/directory.ts';
import { firstElement, messageBytesMax, tags } from './ber.ts';
import { type BindOutcome, bind } from './bind.ts';
import type { DirectorySettings } from './directory-settings.ts';
import type { Entry } from './entry.ts';
import { satisfies } from './filter.ts';
import {
  answers,
  type Control,
  entryAnswer,
  extendedAnswer,
  type Message,
  messageBytes,
  readMessage,
  referenceAnswer,
  result,
  type SearchRequest,
} from './message.ts';
import { PagedResults, pageAnswer, readPageRequest } from './paged-results.ts';
import { resultCodes } from './result-codes.ts';
import { rootEntry, startTlsOid, supportedControls } from './root-entry.ts';
import { search, type Viewpoint } from './search.ts';
import { selected } from './select-attributes.ts';

export interface LdapServices {
  readonly view: Viewpoint;
  readonly directory: Directory;
  readonly settings: DirectorySettings;
  readonly ports: Ports;
  readonly control: Faults;
  /** Key and certificate for StartTLS; undefined when there are none. */
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  /** Time every request takes, in milliseconds. */
  readonly latencyMs: number;
}

/** Requests that may wait for an answer at once. */
const outstandingMax = 100;

const disconnectionOid = '1.3.6.1.4.1.1466.20036';

export class Connection {
  readonly #services: LdapServices;
  readonly #pages = new PagedResults();
  readonly #waiting = new Set<number>();
  #socket: Socket;
  #isSecure: boolean;
  #bound: BindOutcome | undefined;
  #bytes = Buffer.alloc(0);
  #isStartingTls = false;

  constructor(socket: Socket, isSecure: boolean, services: LdapServices) {
    this.#socket = socket;
    this.#isSecure = isSecure;
    this.#services = services;
    this.#listen();
  }

  #listen(): void {
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes));
  }

  #take(bytes: Buffer): void {
    if (this.#isStartingTls) return;
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    for (;;) {
      if (this.#bytes.length > 0 && this.#bytes[0] !== tags.sequence) {
        this.#hangUp();
        return;
      }
      const first = firstElement(this.#bytes);
      if (first.kind === 'incomplete') {
        if (this.#bytes.length > messageBytesMax + 16) this.#hangUp();
        return;
      }
      const message =
        first.kind === 'element' && first.element.tag === tags.sequence
          ? readMessage(first.element.content)
          : undefined;
      if (first.kind !== 'element' || message === undefined) {
        this.#hangUp();
        return;
      }
      this.#bytes = this.#bytes.subarray(first.end);
      if (this.#waiting.size >= outstandingMax) this.#send(message.id, this.#busy(message));
      else this.#answer(message).catch((error: unknown) => this.#fail(message, error));
      if (this.#isStartingTls) return;
    }
  }

  /** What is no message ends the connection, with a word before (RFC 4511 4.4.1). */
  #hangUp(): void {
    const notice = extendedAnswer(resultCodes.protocolError, disconnectionOid, 'the message cannot be read');
    if (!this.#socket.destroyed) this.#socket.end(messageBytes(0, notice));
  }

  /** A defect of the simulator: visible in the log, and an error to the client. */
  #fail(message: Message, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#services.ports.log({ level: 'error', event: 'exchange.defect', error: text });
    const tag = message.request.kind === 'search' ? answers.done : answers.extended;
    this.#send(message.id, result(tag, resultCodes.other, text));
  }

  #busy({ request }: Message): Buffer {
    return result(request.kind === 'search' ? answers.done : answers.extended, resultCodes.busy);
  }

  async #answer(message: Message): Promise<void> {
    const { id, request } = message;
    const { control, ports, latencyMs } = this.#services;
    if (request.kind === 'unbind') {
      this.#socket.end();
      return;
    }
    if (request.kind === 'abandon') {
      this.#waiting.delete(request.target);
      return;
    }
    const site = { operation: `LDAP ${request.kind}`, mailbox: '' };
    if (control.strike(site, undefined, 'dropRequest', 'resetConnection') !== undefined)
      return void this.#socket.destroy();
    this.#waiting.add(id);
    const delayMs = latencyMs + (control.strike(site, undefined, 'slowReply')?.delayMs ?? 0);
    if (delayMs > 0) await ports.timer.sleep(delayMs);
    if (!this.#waiting.delete(id)) return;
    const isBusy = control.strikeBusy(site) !== undefined;
    this.#record(site.operation, isBusy);
    const parts = isBusy ? [messageBytes(id, this.#busy(message))] : this.#answerParts(message);
    if (control.strike(site, undefined, 'loseReply') !== undefined) return void this.#socket.destroy();
    this.#sendAll(parts, control.strike(site, undefined, 'truncateReply') !== undefined);
  }

  #record(operation: string, isBusy: boolean): void {
    const { control, ports } = this.#services;
    control.record({
      atMs: ports.clock.now(),
      operation,
      mailbox: '',
      account: this.#bound?.account?.userName ?? '',
      status: isBusy ? resultCodes.busy : resultCodes.success,
      durationMs: 0,
      code: undefined,
      faults: control.takeStruck(),
    });
  }

  #sendAll(parts: readonly Buffer[], isCut: boolean): void {
    if (this.#socket.destroyed) return;
    const all = Buffer.concat(parts);
    if (isCut) this.#socket.end(all.subarray(0, Math.floor(all.length / 2)));
    else this.#socket.write(all);
  }

  #send(id: number, operation: Buffer, controls: readonly Control[] = []): void {
    if (!this.#socket.destroyed) this.#socket.write(messageBytes(id, operation, controls));
  }

  #answerParts({ id, request, controls }: Message): readonly Buffer[] {
    switch (request.kind) {
      case 'bind': {
        this.#bound = bind(request, this.#isSecure, this.#services);
        return [messageBytes(id, result(answers.bind, this.#bound.code, this.#bound.text))];
      }
      case 'search':
        return this.#search(id, request, controls);
      case 'extended':
        return [messageBytes(id, this.#extended(id, request.oid))];
      case 'other':
        return [messageBytes(id, result(request.answer, resultCodes.insufficientAccessRights))];
      default:
        return [];
    }
  }

  #extended(id: number, oid: string): Buffer {
    if (oid !== startTlsOid) return extendedAnswer(resultCodes.protocolError, undefined, 'no such operation');
    const { tls } = this.#services;
    if (tls === undefined) return extendedAnswer(resultCodes.unavailable, startTlsOid);
    if (this.#isSecure) return extendedAnswer(resultCodes.operationsError, startTlsOid);
    this.#isStartingTls = true;
    queueMicrotask(() => this.#secure(id, tls));
    return extendedAnswer(resultCodes.success, startTlsOid);
  }

  /** Everything after the answer is TLS. */
  #secure(_id: number, { key, cert }: { readonly key: string; readonly cert: string }): void {
    const plain = this.#socket;
    plain.removeAllListeners('data');
    this.#socket = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext({ key, cert }) });
    this.#isSecure = true;
    this.#isStartingTls = false;
    this.#bytes = Buffer.alloc(0);
    this.#listen();
  }

  #search(id: number, request: SearchRequest, controls: readonly Control[]): readonly Buffer[] {
    const done = (code: number, text = ''): readonly Buffer[] => [messageBytes(id, result(answers.done, code, text))];
    const known: readonly string[] = Object.values(supportedControls);
    if (controls.some((one) => one.isCritical && !known.includes(one.oid))) {
      return done(resultCodes.unavailableCriticalExtension);
    }
    if (request.base === '' && request.scope === 0) return this.#rootEntry(id, request);
    if (this.#bound?.account === undefined) {
      return done(
        resultCodes.operationsError,
        '000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must be completed on the connection., data 0',
      );
    }
    const paged = controls.find((one) => one.oid === supportedControls.paged);
    const page = paged === undefined ? undefined : readPageRequest(paged.value);
    if (paged !== undefined && page === undefined) return done(resultCodes.protocolError);
    const { view, settings, ports } = this.#services;
    const key = request.source;
    if (page !== undefined && page.cookie !== '') return this.#nextPage(id, request, page.cookie, page.size, key);
    const limitMs = Math.min(
      request.timeLimit > 0 ? 1000 * request.timeLimit : settings.searchMsMax,
      settings.searchMsMax,
    );
    const untilMs = ports.clock.now() + limitMs;
    const withoutReferences = controls.some((one) => one.oid === supportedControls.domainScope);
    const found = search(view, request, () => ports.clock.now() > untilMs, withoutReferences);
    switch (found.kind) {
      case 'invalidName':
        return done(resultCodes.invalidDnSyntax);
      case 'noSuchObject':
        return done(resultCodes.noSuchObject, '0000208D: NameErr: DSID-0310023C, problem 2001 (NO_OBJECT), data 0');
      case 'referral':
        return [
          messageBytes(
            id,
            result(
              answers.done,
              resultCodes.referral,
              '0000202B: RefErr: DSID-03100742, data 0, 1 access points',
              found.urls,
            ),
          ),
        ];
      case 'entries': {
        const references = found.references.map((urls) => messageBytes(id, referenceAnswer(urls)));
        if (page !== undefined && page.size > 0) {
          const first = this.#pages.begin(key, found.entries, Math.min(page.size, settings.pageMax));
          return [...this.#entries(id, request, first.page), ...references, this.#pageDone(id, first.cookie)];
        }
        const limit = request.sizeLimit > 0 ? Math.min(request.sizeLimit, settings.pageMax) : settings.pageMax;
        const code = found.isCut
          ? resultCodes.timeLimitExceeded
          : found.entries.length > limit
            ? resultCodes.sizeLimitExceeded
            : resultCodes.success;
        return [...this.#entries(id, request, found.entries.slice(0, limit)), ...references, ...done(code)];
      }
    }
  }

  #nextPage(id: number, request: SearchRequest, cookie: string, size: number, key: string): readonly Buffer[] {
    if (size === 0) {
      this.#pages.drop(cookie);
      return [this.#pageDone(id, '')];
    }
    const next = this.#pages.next(key, cookie, Math.min(size, this.#services.settings.pageMax));
    if (next === undefined) {
      const text = '00000057: LdapErr: DSID-0C0907C9, comment: Error processing control, data 0';
      return [messageBytes(id, result(answers.done, resultCodes.unavailableCriticalExtension, text))];
    }
    return [...this.#entries(id, request, next.page), this.#pageDone(id, next.cookie)];
  }

  #pageDone(id: number, cookie: string): Buffer {
    const control = { oid: supportedControls.paged, isCritical: false, value: pageAnswer(cookie) };
    return messageBytes(id, result(answers.done, resultCodes.success), [control]);
  }

  #entries(id: number, request: SearchRequest, entries: readonly Entry[]): readonly Buffer[] {
    const { valuesMax } = this.#services.settings;
    return entries.map((one) =>
      messageBytes(id, entryAnswer(one.dn, selected(one, request.attributes, valuesMax, request.typesOnly))),
    );
  }

  /** Readable by everybody, before any bind. */
  #rootEntry(id: number, request: SearchRequest): readonly Buffer[] {
    const root = rootEntry(this.#services.view, 12_345);
    const isWanted = request.filter.kind === 'present' || satisfies(root, request.filter);
    const entries = isWanted ? this.#entries(id, request, [root]) : [];
    return [...entries, messageBytes(id, result(answers.done, resultCodes.success))];
  }
}
