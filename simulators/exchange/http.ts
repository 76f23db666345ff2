/** HTTP in front of the EWS face: sign-in, headers and cookies in the form of each build, faults of the network. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EwsServer } from './faces/ews/call.ts';
import { type Answer, answerCall, prepare } from './faces/ews/face.ts';
import type { Profile } from './faces/ews/profiles.ts';
import { responseViolation } from './faces/ews/response-check.ts';
import { sidOf } from './sign-in/directory.ts';
import type { SignIn, SignInDesk } from './sign-in/sign-in.ts';

/** Requests larger than this many bytes are refused. */
const requestBytesMax = 64 * 1024 * 1024;

export interface EwsHttpOptions {
  readonly server: EwsServer;
  readonly desk: SignInDesk;
  readonly validateResponses: boolean;
}

/** Answers one request to /EWS/Exchange.asmx. */
export async function answerEws(
  request: IncomingMessage,
  response: ServerResponse,
  options: EwsHttpOptions,
): Promise<void> {
  const { server, desk } = options;
  const startedMs = server.ports.clock.now();
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413).end();
    return;
  }
  const signIn = desk.check(request);
  if (signIn.kind === 'refused') {
    server.control.unauthorized += 1;
    refuse(request, response, signIn, options);
    return;
  }
  const { account } = signIn;
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const prepared = prepare(server, account, body, gone.signal);
  const answer = prepared.kind === 'refused' ? prepared.answer : await answerCall(prepared.call);
  const { operation, mailbox, code, status } = answer;
  if (options.validateResponses) checkResponse(answer, options);
  send(request, response, answer, signIn, options);
  server.control.record({
    atMs: startedMs,
    operation,
    mailbox: mailbox?.address ?? '',
    account: account.userName,
    status,
    durationMs: server.ports.clock.now() - startedMs,
    code,
    faults: [],
  });
}

/** An answer that does not validate is a defect of the simulator: counted and logged, and sent all the same. */
function checkResponse(answer: Answer, options: EwsHttpOptions): void {
  const violation = responseViolation(answer);
  if (violation === undefined) return;
  options.server.control.invalidResponses += 1;
  options.server.ports.log({
    level: 'error',
    event: 'exchange.response.invalid',
    operation: answer.operation,
    reason: violation.reason,
    line: violation.line,
  });
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  signIn: Extract<SignIn, { kind: 'refused' }>,
  options: EwsHttpOptions,
): void {
  const profile = options.server.profileOf(undefined);
  const headers: string[] = ['Server', profile.server];
  for (const challenge of signIn.challenges) headers.push('WWW-Authenticate', challenge);
  headers.push(...cookies(request, profile, undefined, options));
  headers.push('X-Powered-By', 'ASP.NET', 'Content-Length', '0');
  response.writeHead(401, headers).end();
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  signIn: Extract<SignIn, { kind: 'signedIn' }>,
  options: EwsHttpOptions,
): void {
  const { profile } = answer;
  const { hostName } = options.server;
  const shortName = (hostName.split('.')[0] ?? hostName).toUpperCase();
  const headers: string[] = [
    'Cache-Control',
    'private',
    'Content-Type',
    'text/xml; charset=utf-8',
    'Server',
    profile.server,
  ];
  if (profile.hasFrontEnd) headers.push('request-id', clientRequestId(request) ?? randomUUID());
  headers.push(...cookies(request, profile, signIn.account.userName, options));
  if (profile.hasFrontEnd) {
    headers.push('X-CalculatedBETarget', hostName, 'X-DiagInfo', shortName, 'X-BEServer', shortName);
  }
  headers.push('X-AspNet-Version', profile.aspNetVersion);
  if (signIn.isFresh) headers.push('Persistent-Auth', 'true');
  headers.push('X-Powered-By', 'ASP.NET');
  if (profile.hasFrontEnd) headers.push('X-FEServer', shortName);
  response.writeHead(answer.status, headers);
  response.write(answer.text);
  response.end();
}

/** Set when the client sent none back: affinity for a year, the back end's own for thirty days. */
function cookies(
  request: IncomingMessage,
  profile: Profile,
  userName: string | undefined,
  options: EwsHttpOptions,
): string[] {
  const sent = request.headers.cookie ?? '';
  const { random, clock } = options.server.ports;
  const headers: string[] = [];
  const expires = (days: number) => new Date(clock.now() + days * 86_400_000).toUTCString();
  if (profile.hasClientIdCookie && !sent.includes('ClientId=')) {
    const letters = Array.from(random.bytes(22), (byte) => String.fromCharCode(65 + (byte % 26))).join('');
    headers.push('Set-Cookie', `ClientId=${letters}; expires=${expires(365)}; path=/; HttpOnly`);
  }
  if (!sent.includes('exchangecookie=')) {
    const value = Buffer.from(random.bytes(16)).toString('hex');
    headers.push('Set-Cookie', `exchangecookie=${value}; expires=${expires(365)}; path=/; HttpOnly`);
  }
  if (profile.hasFrontEnd && userName !== undefined && !sent.includes('X-BackEndCookie=')) {
    const value = Buffer.from(`${options.server.hostName}~1942063100`).toString('base64url');
    const cookie = `X-BackEndCookie=${sidOf(userName)}=${value}`;
    headers.push('Set-Cookie', `${cookie}; expires=${expires(30)}; path=/EWS; secure; HttpOnly`);
  }
  return headers;
}

function clientRequestId(request: IncomingMessage): string | undefined {
  const id = request.headers['client-request-id'];
  return typeof id === 'string' && request.headers['return-client-request-id'] === 'true' ? id : undefined;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > requestBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
