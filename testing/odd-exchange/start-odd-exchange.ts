/** The odd server over real sockets: sign-in, SOAP, and the HTTP habits of its traits. One mailbox, in memory. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { child, readXml, type XmlElement } from '#xml/reader.ts';
import { OddMailbox } from './mailbox.ts';
import { documentOf, type Node, node, t } from './node.ts';
import { answered } from './operations.ts';
import { Refused } from './refused.ts';
import type { Traits } from './traits.ts';

export interface OddExchange {
  /** Of the EWS address as a client is told it. */
  readonly url: string;
  readonly mailbox: OddMailbox;
  /** Names of the operations asked for, in order. */
  readonly requests: string[];
  close(): Promise<void>;
}

export const oddUser = 'svc@odd.example';
export const oddPassword = 'odd-pw1';
export const oddAddress = 'alice@odd.example';

const path = '/EWS/Exchange.asmx';
const elsewhere = '/ews/services.wsdl';
/** Under `busySometimes` every request of this number is turned away. */
const busyEvery = 11;

export async function startOddExchange(traits: Traits = {}): Promise<OddExchange> {
  const mailbox = new OddMailbox(traits);
  const requests: string[] = [];
  let count = 0;
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      count += 1;
      answer(mailbox, requests, count, request, body, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    mailbox,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function answer(
  mailbox: OddMailbox,
  requests: string[],
  count: number,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): void {
  const { traits } = mailbox;
  if (traits.closesConnections === true) response.setHeader('connection', 'close');
  const short = (status: number, headers: Readonly<Record<string, string>>, text = '') =>
    response.writeHead(status, headers).end(text);
  if (traits.redirects301 === true && request.url === path) return void short(301, { location: elsewhere });
  if (traits.redirects308 === true && request.url === path) return void short(308, { location: elsewhere });
  const signedIn = `Basic ${Buffer.from(`${oddUser}:${oddPassword}`).toString('base64')}`;
  if (traits.ntlmOnly === true) return void short(401, { 'www-authenticate': 'NTLM' });
  if (request.headers.authorization !== signedIn) return void short(401, { 'www-authenticate': 'Basic realm="odd"' });
  if (traits.busySometimes === true && count % busyEvery === 0) return void short(503, { 'retry-after': '1' }, 'busy');
  try {
    const operation = operationOf(body, traits);
    requests.push(operation.name);
    const element = answered(mailbox, operation);
    if (element === undefined) unknownOperation(traits, response);
    else send(traits, response, 200, [element], operation.name === 'SyncFolderItems' && traits.cutsAnswers === true);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    sendFault(traits, response, error.code);
  }
}

/** The request element; refuses what is no request. */
function operationOf(body: string, traits: Traits): XmlElement {
  const document = readXml(body);
  if (!document.ok) throw new Refused('ErrorSchemaValidation');
  const header = child(document.root, 'Header');
  if (child(header, 'ExchangeImpersonation') !== undefined && traits.refusesImpersonation === true) {
    throw new Refused('ErrorImpersonateUserDenied');
  }
  const operation = child(document.root, 'Body')?.children[0];
  if (operation === undefined) throw new Refused('ErrorSchemaValidation');
  return operation;
}

function unknownOperation(traits: Traits, response: ServerResponse): void {
  if (traits.unknownAsPage === true) {
    response.writeHead(500, { 'content-type': 'text/html' }).end('<html><body>Internal error</body></html>');
  } else if (traits.unknownAs501 === true) response.writeHead(501).end();
  else
    sendFault(traits, response, traits.unknownAsSchemaFault === true ? 'ErrorSchemaValidation' : 'ErrorInvalidRequest');
}

function sendFault(traits: Traits, response: ServerResponse, code: string): void {
  const status = traits.faultsUnder200 === true ? 200 : traits.faultsUnder400 === true ? 400 : 500;
  const fault = node('s', 'Fault', {}, [
    node('x', 'faultcode', {}, `odd:${code}`),
    node('x', 'faultstring', {}, 'Nein.'),
    node('x', 'detail', {}, [node('e', 'ResponseCode', {}, code), node('e', 'Message', {}, 'Nein.')]),
  ]);
  send(traits, response, status, [fault], false);
}

function send(traits: Traits, response: ServerResponse, status: number, body: readonly Node[], cut: boolean): void {
  const version = t('ServerVersionInfo', [], {
    MajorVersion: '15',
    MinorVersion: '0',
    MajorBuildNumber: '1497',
    MinorBuildNumber: '2',
    Version: 'Exchange2013_SP1',
  });
  const envelope = node('s', 'Envelope', {}, [
    node('s', 'Header', {}, traits.hidesVersion === true ? [] : [version]),
    node('s', 'Body', {}, body),
  ]);
  const text = documentOf(envelope, traits);
  const plain = Buffer.from(cut ? text.slice(0, text.lastIndexOf('Changes') - 40) : text);
  const bytes = traits.gzips === true ? gzipSync(plain) : plain;
  response.writeHead(status, {
    'content-type': 'text/xml; charset=utf-8',
    ...(traits.gzips === true && { 'content-encoding': 'gzip' }),
    ...(traits.trickles !== true && { 'content-length': String(bytes.length) }),
  });
  if (traits.trickles === true) for (const byte of bytes.subarray(0, 2_000)) response.write(Buffer.of(byte));
  response.end(traits.trickles === true ? bytes.subarray(2_000) : bytes);
}
