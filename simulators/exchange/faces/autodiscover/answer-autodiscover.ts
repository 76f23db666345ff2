/** The three dialects of autodiscover over HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SignInDesk } from '../../sign-in/sign-in.ts';
import type { EwsServer } from '../ews/call.ts';
import { answerPox } from './pox.ts';
import { answerSoap } from './soap.ts';

/** Requests larger than this many characters are cut off. */
const requestLengthMax = 1_000_000;

/** Headers that tell what a server can do; on the .xml and the .svc alike. */
const capabilities = {
  'X-SOAP-Enabled': 'True',
  'X-WSSecurity-Enabled': 'True',
  'X-WSSecurity-For': 'Logon',
  'X-OAuth-Enabled': 'True',
};

/** Answers a request below /autodiscover; `ewsUrl` is what it tells everybody. */
export async function answerAutodiscover(
  request: IncomingMessage,
  response: ServerResponse,
  server: EwsServer,
  desk: SignInDesk,
  ewsUrl: string,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = url.pathname.toLowerCase();
  if (path.startsWith('/autodiscover/autodiscover.json')) {
    json(response, url, server, ewsUrl);
    return;
  }
  const text = await readText(request);
  const signIn = desk.check(request);
  if (signIn.kind === 'refused') {
    const headers = signIn.challenges.flatMap((one) => ['WWW-Authenticate', one]);
    response.writeHead(401, [...headers, ...Object.entries(capabilities).flat(), 'Content-Length', '0']).end();
    return;
  }
  if (path === '/autodiscover/autodiscover.svc' && request.method === 'POST') {
    const answer = answerSoap(text, server, ewsUrl);
    send(response, answer.status, answer.text);
  } else if (path === '/autodiscover/autodiscover.xml') {
    send(response, 200, answerPox(text, server, ewsUrl));
  } else {
    response.writeHead(200, { ...capabilities, 'Content-Length': '0' }).end();
  }
}

/** `…/v1.0/user@host?Protocol=EWS`, or the older form with everything in the query. Needs no sign-in. */
function json(response: ServerResponse, url: URL, server: EwsServer, ewsUrl: string): void {
  const query = new Map([...url.searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  const last = decoded(url.pathname.split('/').at(-1) ?? '');
  const address = last.includes('@') ? last : (query.get('email') ?? '');
  const protocol = query.get('protocol') ?? '';
  const reply = (status: number, value: unknown) =>
    response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
  if (server.truth.mailbox(address) === undefined) {
    reply(404, { ErrorCode: 'UserNotFound', ErrorMessage: 'The given user is not found.' });
  } else if (protocol.toLowerCase() === 'ews') {
    reply(200, { Protocol: protocol, Url: ewsUrl });
  } else if (protocol.toLowerCase() === 'autodiscoverv1') {
    reply(200, { Protocol: protocol, Url: new URL('/autodiscover/autodiscover.xml', ewsUrl).href });
  } else {
    reply(400, { ErrorCode: 'InvalidProtocol', ErrorMessage: `The given protocol value '${protocol}' is invalid.` });
  }
}

function send(response: ServerResponse, status: number, text: string): void {
  const length = Buffer.byteLength(text);
  response.writeHead(status, { ...capabilities, 'Content-Type': 'text/xml; charset=utf-8', 'Content-Length': length });
  response.end(text);
}

/** A part of a path; as it is when it is not well encoded. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (text.length < requestLengthMax) text += chunk.toString('utf8');
  }
  return text;
}
