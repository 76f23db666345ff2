/** HTTP in front of the EWS face: sign-in, throttling, headers and cookies in the form of each build, faults of the network. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { affinityCookie, exchangeCookie, type Node } from './affinity.ts';
import type { FaultSite } from './control/faults.ts';
import type { Throttle } from './control/throttle.ts';
import { type BusyAnswer, disguised, page, throttled } from './faces/ews/busy.ts';
import type { Call, EwsServer } from './faces/ews/call.ts';
import { type Answer, answerCall, type Caller, prepare } from './faces/ews/face.ts';
import type { Profile } from './faces/ews/profiles.ts';
import { responseViolation } from './faces/ews/response-check.ts';
import { streamEvents } from './faces/ews/streaming.ts';
import { siteOf, strikeIds } from './faces/ews/strikes.ts';
import { readBody } from './read-body.ts';
import { damaged, sendSlowly } from './reply-faults.ts';
import { sidOf } from './sign-in/directory.ts';
import type { SignIn, SignInDesk } from './sign-in/sign-in.ts';
import type { Mailbox } from './truth/mailbox.ts';

/** Bytes of a stream that wait for a client that does not read them; then it is given up. */
const unreadBytesMax = 1024 * 1024;

export interface EwsHttpOptions {
  readonly server: EwsServer;
  readonly desk: SignInDesk;
  readonly throttle: Throttle;
  readonly validateResponses: boolean;
  /** Time every request takes, in milliseconds. */
  readonly latencyMs: number;
  /** Compress answers for clients that take gzip. */
  readonly compress: boolean;
  /** Whether the server that holds a mailbox answers to web services. */
  offersEws(mailbox: Mailbox): boolean;
}

type SignedIn = Extract<SignIn, { kind: 'signedIn' }>;

/** One request with its response and who sent it. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly signIn: SignedIn;
  readonly options: EwsHttpOptions;
}

/** Answers one request to /EWS/Exchange.asmx. */
export async function answerEws(
  request: IncomingMessage,
  response: ServerResponse,
  options: EwsHttpOptions,
): Promise<void> {
  const { server, desk } = options;
  const startedMs = server.ports.clock.now();
  const signIn = desk.check(request);
  if (signIn.kind === 'refused') {
    refuse(request, response, signIn.challenges, options);
    return;
  }
  const body = await readBody(request);
  if (body.kind !== 'text') {
    refuseBody(request, response, body.kind);
    return;
  }
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const exchange: Exchange = { request, response, signIn, options };
  const caller: Caller = {
    account: signIn.account,
    signal: gone.signal,
    nodeOf: (mailbox, { hasFrontEnd }) => server.nodes.of(request, mailbox?.address, hasFrontEnd),
  };
  const prepared = prepare(server, caller, body.text);
  if (prepared.kind === 'refused') {
    await deliver(exchange, prepared.answer, { operation: prepared.answer.operation, mailbox: '' });
    record(exchange, prepared.answer, startedMs);
    return;
  }
  const answer = await carryOut(prepared.call, exchange);
  record(exchange, { ...answer, operation: prepared.call.operation, mailbox: prepared.call.mailbox }, startedMs);
}

type Outcome = Pick<Answer, 'status' | 'code'>;

async function carryOut(call: Call, exchange: Exchange): Promise<Outcome> {
  const { options, signIn } = exchange;
  const { control } = options.server;
  const site = siteOf(call);
  if (!options.offersEws(call.mailbox)) return sendBusy(exchange, page(404, 'The resource cannot be found.', []));
  const refused = control.isCalm ? undefined : refusedByFault(call, site);
  if (refused !== undefined) return sendBusy(exchange, refused);
  if (await isLate(call, exchange, site)) return { status: 0, code: 'lateRequest' };
  const admission = options.throttle.enter(signIn.account.userName, call.mailbox.address, call.operation);
  if (admission.kind === 'refused') return sendBusy(exchange, throttled(admission.refusal, call.profile));
  try {
    const delayMs = options.latencyMs + admission.delayMs;
    if (delayMs > 0) await options.server.ports.timer.sleep(delayMs);
    strikeIds(call);
    if (call.operation === 'GetStreamingEvents') return await stream(call, exchange);
    if (control.strike(site, undefined, 'duplicateRequest') !== undefined) await answerCall(call);
    const answer = await answerCall(call);
    await deliver(exchange, answer, site);
    return answer;
  } finally {
    admission.release();
  }
}

/** Faults that answer instead of the server, or close the connection before anything is done. */
function refusedByFault(call: Call, site: FaultSite): BusyAnswer | undefined {
  const { control } = call.server;
  if (control.strike(site, undefined, 'dropRequest', 'resetConnection') !== undefined) return { kind: 'close' };
  if (control.strike(site, undefined, 'expireSignIn') !== undefined) return { kind: 'unauthorized' };
  const status = control.strike(site, undefined, 'httpStatus');
  if (status !== undefined) return page(status.status ?? 500, 'Runtime Error', []);
  const busy = control.strikeBusy(site);
  return busy === undefined ? undefined : disguised(busy, call.profile);
}

/** The client loses its connection now; the request is carried out later. */
async function isLate(call: Call, exchange: Exchange, site: FaultSite): Promise<boolean> {
  const { control, ports } = call.server;
  const late = control.strike(site, undefined, 'lateRequest');
  if (late === undefined) return false;
  exchange.request.socket.destroy();
  await ports.timer.sleep(late.delayMs ?? 1000);
  await answerCall(call);
  return true;
}

/** One answer that lasts: headers now, documents as they come. */
async function stream(call: Call, exchange: Exchange): Promise<Outcome> {
  const { response } = exchange;
  const headers = headersOf(exchange, call.profile, 'text/xml; charset=utf-8', call.mailbox);
  response.writeHead(200, [...headers, 'X-NoBuffering', '1']);
  await streamEvents(call, (document) => {
    if (response.writableLength > unreadBytesMax) response.destroy();
    if (!response.destroyed) response.write(document);
  });
  response.end();
  return { status: 200, code: undefined };
}

async function deliver(exchange: Exchange, answer: Answer, site: FaultSite): Promise<void> {
  const { response, request, options } = exchange;
  const { control, ports } = options.server;
  if (options.validateResponses) checkResponse(answer, options);
  if (response.destroyed) return;
  if (control.strike(site, undefined, 'loseReply') !== undefined) {
    request.socket.destroy();
    return;
  }
  const { text, contentType } = damaged(answer.text, site, control);
  const headers = headersOf(exchange, answer.profile, contentType, answer.mailbox);
  if (options.compress && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    response.writeHead(answer.status, [...headers, 'Content-Encoding', 'gzip', 'Vary', 'Accept-Encoding']);
    response.end(gzipSync(text));
    return;
  }
  response.writeHead(answer.status, headers);
  const slow = control.strike(site, undefined, 'slowReply');
  if (slow === undefined) {
    response.end(Buffer.from(text, 'utf8'));
    return;
  }
  await sendSlowly(response, text, slow.delayMs ?? 100, ports.timer);
  response.end();
}

function sendBusy(exchange: Exchange, busy: BusyAnswer): Outcome {
  const { request, response, options } = exchange;
  switch (busy.kind) {
    case 'close':
      request.socket.destroy();
      return { status: 0, code: 'closed' };
    case 'unauthorized':
      refuse(request, response, options.desk.offers, options);
      return { status: 401, code: undefined };
    case 'answer': {
      const headers = headersOf(exchange, options.server.profileOf(undefined), busy.contentType);
      response.writeHead(busy.status, [...headers, ...busy.headers]);
      response.end(busy.text);
      return { status: busy.status, code: busy.code };
    }
  }
}

/** An answer that does not validate is a defect of the simulator: counted and logged, and sent all the same. */
function checkResponse(answer: Answer, options: EwsHttpOptions): void {
  const violation = responseViolation(answer);
  if (violation === undefined) return;
  const { control, ports } = options.server;
  control.invalidResponses += 1;
  const { operation } = answer;
  ports.log({ level: 'error', event: 'exchange.response.invalid', operation, ...violation });
}

function record(
  exchange: Exchange,
  answer: Pick<Answer, 'status' | 'code' | 'operation' | 'mailbox'>,
  startedMs: number,
): void {
  const { control, ports } = exchange.options.server;
  control.record({
    atMs: startedMs,
    operation: answer.operation,
    mailbox: answer.mailbox?.address ?? '',
    account: exchange.signIn.account.userName,
    status: answer.status,
    durationMs: ports.clock.now() - startedMs,
    code: answer.code,
    faults: control.takeStruck(),
  });
}

/** The connection ends with the answer: what else the client sends is not read. */
function refuseBody(request: IncomingMessage, response: ServerResponse, reason: 'tooLarge' | 'busy' | 'gone'): void {
  if (reason === 'gone') return;
  response.writeHead(reason === 'tooLarge' ? 413 : 503, ['Connection', 'close', 'Content-Length', '0']);
  response.end(() => request.destroy());
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  challenges: readonly string[],
  options: EwsHttpOptions,
): void {
  const profile = options.server.profileOf(undefined);
  options.server.control.unauthorized += 1;
  const headers: string[] = ['Server', profile.server];
  for (const challenge of challenges) headers.push('WWW-Authenticate', challenge);
  const node = options.server.nodes.of(request, undefined, profile.hasFrontEnd);
  headers.push(...cookies(request, profile, undefined, options, node));
  headers.push('X-Powered-By', 'ASP.NET', 'Content-Length', '0');
  response.writeHead(401, headers).end();
}

function headersOf(exchange: Exchange, profile: Profile, contentType: string, mailbox?: Mailbox): string[] {
  const { request, signIn, options } = exchange;
  const { nodes } = options.server;
  const node = nodes.of(request, mailbox?.address, profile.hasFrontEnd);
  const { hostName, shortName } = node;
  const frontEnd = nodes.all[0]?.shortName ?? shortName;
  const headers: string[] = ['Cache-Control', 'private', 'Content-Type', contentType, 'Server', profile.server];
  if (profile.hasFrontEnd) headers.push('request-id', clientRequestId(request) ?? freshGuid(options));
  headers.push(...cookies(request, profile, signIn.account.userName, options, node));
  if (profile.hasFrontEnd) {
    headers.push('X-CalculatedBETarget', hostName, 'X-DiagInfo', shortName, 'X-BEServer', shortName);
    const affinity = affinityCookie(request, node);
    if (affinity !== undefined) headers.push('Set-Cookie', affinity);
  }
  headers.push('X-AspNet-Version', profile.aspNetVersion);
  if (signIn.isFresh) headers.push('Persistent-Auth', 'true');
  headers.push('X-Powered-By', 'ASP.NET');
  if (profile.hasFrontEnd) headers.push('X-FEServer', frontEnd);
  headers.push('Date', dateText(options.server.ports.clock.now()));
  return headers;
}

/** Set when the client sent none back: affinity for a year, the back end's own for thirty days. */
function cookies(
  request: IncomingMessage,
  profile: Profile,
  userName: string | undefined,
  options: EwsHttpOptions,
  node: Node,
): string[] {
  const sent = request.headers.cookie ?? '';
  const { random, clock } = options.server.ports;
  const headers: string[] = [];
  const expires = (days: number) => dateText(clock.now() + days * 86_400_000);
  if (profile.hasClientIdCookie && !sent.includes('ClientId=')) {
    const letters = Array.from(random.bytes(22), (byte) => String.fromCharCode(65 + (byte % 26))).join('');
    headers.push('Set-Cookie', `ClientId=${letters}; expires=${expires(365)}; path=/; HttpOnly`);
  }
  if (!sent.includes('exchangecookie=')) {
    headers.push(
      'Set-Cookie',
      `exchangecookie=${exchangeCookie(random, node, options.server.nodes)}; expires=${expires(365)}; path=/; HttpOnly`,
    );
  }
  if (profile.hasFrontEnd && userName !== undefined && !sent.includes('X-BackEndCookie=')) {
    const value = Buffer.from(`${options.server.hostName}~1942063100`).toString('base64url');
    const cookie = `X-BackEndCookie=${sidOf(userName)}=${value}`;
    headers.push('Set-Cookie', `${cookie}; expires=${expires(30)}; path=/EWS; secure; HttpOnly`);
  }
  return headers;
}

const dates = new Map<number, string>();

/** An HTTP date; the answers of one second share two of them. */
function dateText(ms: number): string {
  const second = Math.floor(ms / 1000);
  const known = dates.get(second);
  if (known !== undefined) return known;
  const text = new Date(second * 1000).toUTCString();
  if (dates.size > 3) dates.clear();
  dates.set(second, text);
  return text;
}

function freshGuid(options: EwsHttpOptions): string {
  const hex = Buffer.from(options.server.ports.random.bytes(16)).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function clientRequestId(request: IncomingMessage): string | undefined {
  const id = request.headers['client-request-id'];
  return typeof id === 'string' && request.headers['return-client-request-id'] === 'true' ? id : undefined;
}
