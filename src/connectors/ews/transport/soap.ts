/**
 * The SOAP 1.1 envelope around every EWS message, both ways. Elements are recognised by namespace and local name, never by
 * prefix: one server uses `soap`, `soap11`, `s`, `t`, `h`, `m`, `e` and none for the same namespaces.
 */
import { child, readXml, type XmlElement } from '#xml/reader.ts';
import { type Markup, xml } from '#xml/writer.ts';

export const messagesNamespace = 'http://schemas.microsoft.com/exchange/services/2006/messages';
export const typesNamespace = 'http://schemas.microsoft.com/exchange/services/2006/types';
const soapNamespaces: readonly string[] = [
  'http://schemas.xmlsoap.org/soap/envelope/',
  'http://www.w3.org/2003/05/soap-envelope',
];

export interface EnvelopeHeader {
  /** RequestServerVersion. */
  readonly version: string;
  /** PrimarySmtpAddress to act as; undefined: the account itself. */
  readonly actAs: string | undefined;
}

/** What goes before and after a body; the same for every request of a mailbox, so it is prepared once. */
export interface EnvelopeFrame {
  readonly before: string;
  readonly after: string;
}

/**
 * The header names the version, whom to act as, and UTC, so that all times in answers are in UTC and a time without a zone
 * never takes the server's.
 */
export function envelopeFrame(header: EnvelopeHeader): EnvelopeFrame {
  const actAs =
    header.actAs !== undefined &&
    xml`<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>${header.actAs}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>`;
  const before = xml`<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="${typesNamespace}" xmlns:m="${messagesNamespace}"><s:Header><t:RequestServerVersion Version="${header.version}"/>${actAs || undefined}<t:TimeZoneContext><t:TimeZoneDefinition Id="UTC"/></t:TimeZoneContext></s:Header><s:Body>`;
  return { before: before.text, after: '</s:Body></s:Envelope>' };
}

export function inEnvelope(frame: EnvelopeFrame, body: Markup): string {
  return frame.before + body.text + frame.after;
}

/** Build of the server that answered (types.xsd ServerVersionInfo). */
export interface ServerBuild {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly revision: number;
  /** Not there when the client named no version, and on Exchange 2007 RTM. */
  readonly schema?: string;
}

/** What a MessageXml says beside the code, in a fault (types namespace) or in a response message. */
export interface Details {
  /** `t:Value` by its Name. */
  readonly values: Readonly<Record<string, string>>;
  /** The property the server means: its FieldURI, or the name, tag or id of an extended one. */
  readonly property?: string;
  /** FieldIndex of an entry of a dictionary property. */
  readonly index?: string;
}

export interface SoapFault {
  /** e.g. `ErrorServerBusy`; undefined when the fault names none. */
  readonly code?: string;
  readonly message: string;
  readonly details: Details;
}

export type SoapAnswer =
  | { readonly kind: 'response'; readonly element: XmlElement; readonly build?: ServerBuild }
  | { readonly kind: 'fault'; readonly fault: SoapFault; readonly build?: ServerBuild }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Reads one answer. Anything but a whole envelope with one child in its body is unreadable. */
export function readEnvelope(text: string): SoapAnswer {
  const document = readXml(text);
  if (!document.ok) return { kind: 'unreadable', reason: `${document.fault.kind}: ${document.fault.message}` };
  const envelope = document.root;
  if (envelope.name !== 'Envelope' || !soapNamespaces.includes(envelope.ns)) {
    return { kind: 'unreadable', reason: `the document is a ${envelope.name} element, not a SOAP envelope` };
  }
  const build = buildOf(child(child(envelope, 'Header'), 'ServerVersionInfo'));
  const content = child(envelope, 'Body')?.children[0];
  if (content === undefined) return { kind: 'unreadable', reason: 'the SOAP body is empty' };
  const answered = build === undefined ? {} : { build };
  if (content.name === 'Fault' && soapNamespaces.includes(content.ns)) {
    return { kind: 'fault', fault: faultOf(content), ...answered };
  }
  return { kind: 'response', element: content, ...answered };
}

/** Reads a MessageXml; undefined gives no details. */
export function detailsOf(messageXml: XmlElement | undefined): Details {
  const values: Record<string, string> = {};
  let property: string | undefined;
  let index: string | undefined;
  for (const one of messageXml?.children ?? []) {
    switch (one.name) {
      case 'Value':
        values[one.attributes.Name ?? ''] = one.text;
        break;
      case 'FieldURI':
      case 'ExceptionFieldURI':
        property ??= one.attributes.FieldURI;
        break;
      case 'IndexedFieldURI':
        property ??= one.attributes.FieldURI;
        index ??= one.attributes.FieldIndex;
        break;
      case 'ExtendedFieldURI':
        property ??= one.attributes.PropertyName ?? one.attributes.PropertyTag ?? one.attributes.PropertyId;
        break;
    }
  }
  return { values, ...(property !== undefined && { property }), ...(index !== undefined && { index }) };
}

/**
 * 2010 and later: faultcode `a:<Code>` and detail with e:ResponseCode, e:Message, t:MessageXml. 2007: faultcode
 * `soap11:Client`, detail with e:ResponseCode, e:Message, e:Line, e:Position. SOAP 1.2 forms (Code, Reason, Detail) are read too.
 */
function faultOf(element: XmlElement): SoapFault {
  const detail = child(element, 'detail') ?? child(element, 'Detail');
  const message =
    child(detail, 'Message')?.text ??
    child(element, 'faultstring')?.text ??
    child(child(element, 'Reason'), 'Text')?.text ??
    '';
  const faultcode = child(element, 'faultcode')?.text ?? child(child(element, 'Code'), 'Value')?.text ?? '';
  const named = faultcode.slice(faultcode.indexOf(':') + 1).trim();
  const code = child(detail, 'ResponseCode')?.text.trim() ?? (named.startsWith('Error') ? named : undefined);
  const details = detailsOf(child(detail, 'MessageXml'));
  return code === undefined || code === '' ? { message, details } : { code, message, details };
}

function buildOf(info: XmlElement | undefined): ServerBuild | undefined {
  if (info === undefined) return undefined;
  const { MajorVersion, MinorVersion, MajorBuildNumber, MinorBuildNumber, Version } = info.attributes;
  const build = {
    major: Number(MajorVersion ?? 0),
    minor: Number(MinorVersion ?? 0),
    build: Number(MajorBuildNumber ?? 0),
    revision: Number(MinorBuildNumber ?? 0),
  };
  return Version === undefined ? build : { ...build, schema: Version };
}
