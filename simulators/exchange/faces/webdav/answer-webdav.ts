/** HTTP in front of the WebDAV face: sign-in, which server a mailbox lives on, headers of the build, faults of the network. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { FaultSite } from '../../control/faults.ts';
import { methodOf } from '../../extended-methods.ts';
import { damaged, sendSlowly } from '../../reply-faults.ts';
import type { Account } from '../../sign-in/directory.ts';
import type { SignInDesk } from '../../sign-in/sign-in.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { accessTo } from './access.ts';
import { type Location, locate, mailboxOfSegment, mailboxSegment, urlLengthMax } from './locate.ts';
import { methods } from './methods/methods.ts';
import { answerForms } from './sign-in/answer-forms.ts';
import type { FormsDesk } from './sign-in/forms-desk.ts';
import { reasonOf } from './status.ts';
import { folderOf, plainAnswer, type WebdavAnswer, type WebdavCall, type WebdavServer } from './webdav-call.ts';

/** Bodies larger than this many bytes are refused. */
const requestBytesMax = 64 * 1024 * 1024;

export interface WebdavHttpOptions {
  readonly server: WebdavServer;
  readonly desk: SignInDesk;
  readonly forms: FormsDesk;
  /** Whether the server that holds a mailbox still speaks WebDAV. */
  speaksWebdav(mailbox: Mailbox | undefined): boolean;
  /** Time every request takes, in milliseconds. */
  readonly latencyMs: number;
}

/** Whether a path belongs to this face. */
export function isWebdavPath(path: string): boolean {
  return /^\/(?:exchange|public|exchweb|owa)(?:\/|$)/i.test(path);
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly options: WebdavHttpOptions;
  readonly origin: string;
  readonly path: string;
}

/** Answers one request below `/exchange`, `/public`, `/exchweb` or `/owa`. */
export async function answerWebdav(
  request: IncomingMessage,
  response: ServerResponse,
  options: WebdavHttpOptions,
): Promise<void> {
  const { ports } = options.server;
  const startedMs = ports.clock.now();
  const body = await readBody(request);
  const isTls = (request.socket as TLSSocket).encrypted === true;
  const origin = `${isTls ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`;
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const exchange: Exchange = { request, response, options, origin, path };
  if (body === undefined) return send(exchange, plainAnswer(413), [], undefined);
  if ((request.url ?? '').length > urlLengthMax) return send(exchange, plainAnswer(414), [], undefined);
  const method = methodOf(request);
  if (options.server.settings.blockedMethods.includes(method)) return send(exchange, plainAnswer(404), [], undefined);
  const page = answerForms({ ...exchange, method, body, isTls, forms: options.forms });
  if (page !== undefined) return send(exchange, page.answer, page.cookies, undefined);
  const signIn = signedIn(exchange);
  if (signIn === undefined) return;
  const site = { operation: method, mailbox: mailboxOf(exchange)?.address ?? '' };
  const answer = await carryOut(exchange, signIn.account, body, site, signIn.cookies);
  options.server.control.record({
    atMs: startedMs,
    operation: method,
    mailbox: site.mailbox,
    account: signIn.account.userName,
    status: answer,
    durationMs: ports.clock.now() - startedMs,
    code: undefined,
    faults: options.server.control.takeStruck(),
  });
}

/** Who is calling; without an account the refusal has been sent. */
function signedIn(exchange: Exchange): { readonly account: Account; readonly cookies: readonly string[] } | undefined {
  const { request, options, origin, path } = exchange;
  const { forms, desk, server } = options;
  if (forms.isOn) {
    const session = forms.check(request.headers.cookie);
    if (session !== undefined) {
      return { account: session.account, cookies: session.cookie === undefined ? [] : [session.cookie] };
    }
    server.control.unauthorized += 1;
    const isPage = methodOf(request) === 'GET' && request.headers.translate?.toString().toLowerCase() !== 'f';
    const location = `${origin}${forms.pageFor(`${origin}${path}`, 0)}`;
    void send(exchange, isPage ? { status: 302, headers: [['Location', location]] } : plainAnswer(440), [], undefined);
    return undefined;
  }
  const signIn = desk.check(request);
  if (signIn.kind === 'signedIn') return { account: signIn.account, cookies: [] };
  server.control.unauthorized += 1;
  refuse(exchange, signIn.challenges);
  return undefined;
}

function refuse(exchange: Exchange, challenges: readonly string[]): void {
  const headers = challenges.map((one) => ['WWW-Authenticate', one] as const);
  void send(exchange, { ...plainAnswer(401), headers }, [], undefined);
}

/** The mailbox that the path names. */
function mailboxOf({ path, options }: Exchange): Mailbox | undefined {
  const segment = mailboxSegment(path);
  const { truth, domain } = options.server;
  return segment === undefined ? undefined : mailboxOfSegment(segment, truth, domain);
}

async function carryOut(
  exchange: Exchange,
  account: Account,
  body: Buffer,
  site: FaultSite,
  cookies: readonly string[],
): Promise<number> {
  const { request, options } = exchange;
  const { control, ports } = options.server;
  if (control.strike(site, undefined, 'dropRequest', 'resetConnection') !== undefined) {
    request.socket.destroy();
    return 0;
  }
  const refused = refusedByFault(exchange, site);
  if (refused !== undefined) {
    await send(exchange, refused, cookies, undefined);
    return refused.status;
  }
  if (options.latencyMs > 0) await ports.timer.sleep(options.latencyMs);
  const late = control.strike(site, undefined, 'lateRequest');
  if (late !== undefined) {
    request.socket.destroy();
    await ports.timer.sleep(late.delayMs ?? 1000);
    await answerFor(exchange, account, body);
    return 0;
  }
  if (control.strike(site, undefined, 'duplicateRequest') !== undefined) await answerFor(exchange, account, body);
  const answer = await answerFor(exchange, account, body);
  await send(exchange, answer, cookies, site);
  return answer.status;
}

/** Faults that answer instead of the server. */
function refusedByFault(exchange: Exchange, site: FaultSite): WebdavAnswer | undefined {
  const { options } = exchange;
  const { control } = options.server;
  if (control.strike(site, undefined, 'expireSignIn') !== undefined) {
    if (options.forms.isOn) {
      options.forms.endAll();
      return plainAnswer(440);
    }
    return { ...plainAnswer(401), headers: options.desk.offers.map((one) => ['WWW-Authenticate', one] as const) };
  }
  if (control.strike(site, undefined, 'accessDenied') !== undefined) return plainAnswer(403);
  if (control.strike(site, undefined, 'folderGone') !== undefined) return plainAnswer(404);
  const status = control.strike(site, undefined, 'httpStatus');
  if (status !== undefined) return plainAnswer(status.status ?? 500);
  const busy = control.strikeBusy(site);
  if (busy === undefined) return undefined;
  const seconds = String(Math.ceil((busy.backOffMs ?? 5000) / 1000));
  return plainAnswer(503, busy.backOffMs === undefined ? [] : [['Retry-After', seconds]]);
}

async function answerFor(exchange: Exchange, account: Account, body: Buffer): Promise<WebdavAnswer> {
  const { request, options, origin, path } = exchange;
  const { server } = options;
  const method = methodOf(request);
  const run = methods.get(method);
  if (run === undefined) return plainAnswer(501);
  const mailbox = mailboxOf(exchange);
  const isPublic = /^\/public(\/|$)/i.test(path);
  if (!isPublic && mailboxSegment(path) === undefined) return homePage(exchange, account);
  if (!isPublic && mailbox === undefined) return plainAnswer(404);
  // Later servers kept nothing of it but the way to the web client.
  if (!options.speaksWebdav(mailbox)) return { status: 302, headers: [['Location', `${origin}/owa/`]] };
  const access = accessTo(mailbox, account, server.directory, server.truth);
  if (!isPublic && !access.isSome) return plainAnswer(403);
  const location = locate(path, origin, server);
  const call: WebdavCall = {
    server,
    account,
    access,
    writer: nameOf(account, mailbox, server),
    method,
    path,
    origin,
    headers: plainHeaders(request),
    body,
    location,
  };
  if (method === 'OPTIONS') return run(call);
  if (location.kind === 'public') return publicAnswer(call);
  if (!mayRead(call, location)) return plainAnswer(403);
  return run(call);
}

/** Nothing of the place is shown to somebody who may not look into its folder. */
function mayRead({ access }: WebdavCall, location: Location): boolean {
  const folder = folderOf(location);
  return folder === undefined || access.may(folder, 'read');
}

/** Public folders: the root is there, and empty. */
function publicAnswer(call: WebdavCall): WebdavAnswer {
  const isRoot = /^\/public\/?$/i.test(call.path);
  if (!isRoot) return plainAnswer(404);
  const isListing = call.method === 'PROPFIND' || call.method === 'SEARCH';
  if (!isListing) return plainAnswer(403);
  return {
    status: 207,
    headers: [['Accept-Ranges', 'rows']],
    body: `<?xml version="1.0"?><a:multistatus xmlns:a="DAV:"><a:response><a:href>${call.origin}/public/</a:href><a:propstat><a:status>HTTP/1.1 200 OK</a:status><a:prop><a:displayname>public</a:displayname></a:prop></a:propstat></a:response></a:multistatus>`,
    contentType: 'text/xml',
  };
}

/** `/exchange/` itself leads to the caller's own mailbox. */
function homePage({ origin, request }: Exchange, account: Account): WebdavAnswer {
  if (methodOf(request) === 'OPTIONS') return { status: 200 };
  if (account.address === undefined || methodOf(request) !== 'GET') return plainAnswer(404);
  return { status: 302, headers: [['Location', `${origin}/exchange/${account.address}/`]] };
}

function nameOf(account: Account, mailbox: Mailbox | undefined, server: WebdavServer): string {
  const own = account.address === undefined ? undefined : server.truth.mailbox(account.address);
  return (own ?? mailbox)?.description.displayName ?? account.userName;
}

function plainHeaders(request: IncomingMessage): Readonly<Record<string, string | undefined>> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

/** Sends an answer with the headers of the build. A `site` lets faults of the way back strike. */
async function send(
  { request, response, options }: Exchange,
  answer: WebdavAnswer,
  cookies: readonly string[],
  site: FaultSite | undefined,
): Promise<void> {
  const { control, ports } = options.server;
  if (response.destroyed) return;
  if (site !== undefined && control.strike(site, undefined, 'loseReply') !== undefined) {
    request.socket.destroy();
    return;
  }
  const isList = answer.status === 207;
  const headers: string[] = isList ? ['Cache-Control', 'no-cache'] : [];
  let { body = '', contentType } = answer;
  if (isList && site !== undefined && typeof body === 'string') {
    const harmed = damaged(body, site, control);
    body = harmed.text;
    if (harmed.contentType !== 'text/xml; charset=utf-8') contentType = harmed.contentType;
  }
  if (contentType !== undefined) headers.push('Content-Type', contentType);
  for (const [name, value] of answer.headers ?? []) headers.push(name, value);
  headers.push('Server', 'Microsoft-IIS/7.0', 'MS-WebStorage', '08.03.10083', 'X-Powered-By', 'ASP.NET');
  for (const cookie of cookies) headers.push('Set-Cookie', cookie);
  headers.push('Date', new Date(ports.clock.now()).toUTCString());
  // Lists are sent in chunks; everything else says how long it is.
  if (!isList) headers.push('Content-Length', String(Buffer.byteLength(body)));
  response.writeHead(answer.status, reasonOf(answer.status), headers);
  if (request.method === 'HEAD') response.end();
  else {
    const slow = site === undefined ? undefined : control.strike(site, undefined, 'slowReply');
    if (slow !== undefined) await sendSlowly(response, body.toString(), slow.delayMs ?? 100, ports.timer);
    response.end(slow === undefined ? body : '');
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > requestBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
