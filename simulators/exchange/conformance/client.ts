/** A bare client for the suites: builds envelopes as text, posts them, reads the answer. Knows nothing of the server's inside. */
import { child, readXml, type XmlElement } from '#xml/reader.ts';

export interface BareClientOptions {
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly version?: string | undefined;
  readonly impersonate?: string | undefined;
  /** More header markup. */
  readonly header?: string | undefined;
}

export interface BareReply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The element inside soap:Body. */
  readonly body: XmlElement;
}

const namespaces =
  'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"';

/** A whole request around an operation's markup. */
export function requestText(operation: string, options: Omit<BareClientOptions, 'url'> = {}): string {
  const version =
    options.version === '' ? '' : `<t:RequestServerVersion Version="${options.version ?? 'Exchange2010_SP2'}"/>`;
  const impersonation =
    options.impersonate === undefined
      ? ''
      : `<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>${options.impersonate}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>`;
  return `<?xml version="1.0" encoding="utf-8"?>\n<s:Envelope ${namespaces}><s:Header>${version}${impersonation}${options.header ?? ''}</s:Header><s:Body>${operation}</s:Body></s:Envelope>`;
}

/** Posts one operation. */
export async function post(operation: string, options: BareClientOptions): Promise<BareReply> {
  return postText(requestText(operation, options), options);
}

/** Posts a request as it is. */
export async function postText(text: string, options: BareClientOptions): Promise<BareReply> {
  const { url, user = 'alice@example.test', password = 'alice-pw1' } = options;
  const credentials = Buffer.from(`${user}:${password}`).toString('base64');
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'text/xml; charset=utf-8' },
    body: text,
  });
  const answer = await response.text();
  const read = readXml(answer);
  if (!read.ok) throw new Error(`not XML (${response.status}): ${answer.slice(0, 200)}`);
  const body = child(read.root, 'Body')?.children[0];
  if (body === undefined) throw new Error(`no body: ${answer.slice(0, 200)}`);
  return { status: response.status, text: answer, headers: response.headers, body };
}

/** The response messages of an answer, in order. */
export function messagesOf(reply: BareReply): readonly XmlElement[] {
  return child(reply.body, 'ResponseMessages')?.children ?? [];
}

/** Response codes of all messages. */
export function codesOf(reply: BareReply): readonly string[] {
  return messagesOf(reply).map((one) => child(one, 'ResponseCode')?.text ?? '');
}

/** The first element with a local name anywhere below, in document order. */
export function find(element: XmlElement | undefined, name: string): XmlElement | undefined {
  if (element === undefined) return undefined;
  for (const one of element.children) {
    if (one.name === name) return one;
    const deeper = find(one, name);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

/** All elements with a local name anywhere below, in document order. */
export function findAll(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  if (element === undefined) return [];
  return element.children.flatMap((one) => [...(one.name === name ? [one] : []), ...findAll(one, name)]);
}

/** Code of a SOAP fault. */
export function faultCode(reply: BareReply): string | undefined {
  return find(reply.body, 'ResponseCode')?.text;
}

/** `Id` and `ChangeKey` of the first item id in an answer, as attributes. */
export function idAttributes(element: XmlElement | undefined): string {
  const id = find(element, 'ItemId');
  return `Id="${id?.attributes.Id}" ChangeKey="${id?.attributes.ChangeKey}"`;
}
