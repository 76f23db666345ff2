/** The plain XML dialect (MS-OXDSCLI; ews reference section 5, wire evidence section 7). Pure. */
import { child, childrenNamed, childText, readXml, type XmlElement } from '#xml/reader.ts';
import { xml } from '#xml/writer.ts';
import { smtpAddress } from '../active-directory/addresses.ts';
import { versionOfHex, versionText } from '../version.ts';
import { type DiscoverAnswer, urlsOf } from './answer.ts';

const requestNamespace = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006';
const responseNamespace = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';
const errorNamespace = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';

/** The address is not found, or does not belong to this organisation: 500, 603 (no such user), 501 (bad address). */
const unknownCodes = ['500', '501', '603'];

export function buildPox(address: string): string {
  const request = xml`<Autodiscover xmlns="${requestNamespace}"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>${responseNamespace}</AcceptableResponseSchema></Request></Autodiscover>`;
  return `<?xml version="1.0" encoding="utf-8"?>${request.text}`;
}

export function readPox(text: string): DiscoverAnswer {
  const read = readXml(text);
  if (!read.ok) return { kind: 'other', reason: 'no XML came' };
  const response = child(read.root, 'Response');
  const namespaces = [responseNamespace, errorNamespace];
  if (read.root.name !== 'Autodiscover' || response === undefined || !namespaces.includes(response.ns)) {
    return { kind: 'other', reason: 'the XML is no answer of autodiscover' };
  }
  const error = child(response, 'Error');
  if (error !== undefined) {
    const code = childText(error, 'ErrorCode')?.trim() ?? '';
    return unknownCodes.includes(code)
      ? { kind: 'unknown', code: `error ${code}` }
      : { kind: 'busy', code: `error ${code}` };
  }
  const account = child(response, 'Account');
  const action = childText(account, 'Action')?.trim().toLowerCase();
  if (action === 'redirectaddr') {
    const address = smtpAddress(childText(account, 'RedirectAddr') ?? '');
    return address === undefined
      ? { kind: 'other', reason: 'the redirect names no address' }
      : { kind: 'address', address };
  }
  if (action === 'redirecturl') {
    const url = childText(account, 'RedirectUrl')?.trim();
    return url === undefined ? { kind: 'other', reason: 'the redirect names no URL' } : { kind: 'url', url };
  }
  return settingsOf(response, account);
}

function settingsOf(response: XmlElement, account: XmlElement | undefined): DiscoverAnswer {
  const protocols = childrenNamed(account, 'Protocol');
  const ofType = (type: string): XmlElement | undefined =>
    protocols.find((one) => childText(one, 'Type')?.trim().toUpperCase() === type);
  const inner = ofType('EXCH');
  const outer = ofType('EXPR');
  const ews = (one: XmlElement | undefined): string | undefined => childText(one, 'EwsUrl') ?? childText(one, 'ASUrl');
  const urls = urlsOf([ews(inner), ews(outer)]);
  const isOnline = childText(account, 'MicrosoftOnline')?.trim().toLowerCase() === 'true';
  if (urls.length === 0 && !isOnline) return { kind: 'other', reason: 'the answer has no web services in it' };
  const user = child(response, 'User');
  const smtp = smtpAddress(childText(user, 'AutoDiscoverSMTPAddress') ?? '');
  const legacyDn = childText(user, 'LegacyDN')?.trim();
  const packed = versionOfHex(childText(inner, 'ServerVersion')?.trim() ?? '');
  const version = packed === undefined ? undefined : versionText(packed);
  return {
    kind: 'settings',
    settings: {
      source: 'autodiscover.pox',
      urls,
      protocols: [isOnline ? 'graph' : packed?.major === 8 ? 'webdav' : 'ews'],
      ...(smtp !== undefined && { smtp }),
      ...(legacyDn !== undefined && legacyDn !== '' && { legacyDn }),
      ...(version !== undefined && { version }),
      ...serverOf(childText(inner, 'Server')?.trim() ?? ''),
    },
  };
}

/** A host name up to 2010; since 2013 the mailbox's GUID at a domain, which no server is called. */
function serverOf(text: string): { server?: string; mailboxGuid?: string } {
  const [name = '', domain] = text.toLowerCase().split('@');
  if (domain !== undefined) return /^[0-9a-f-]{36}$/.test(name) ? { mailboxGuid: name } : {};
  return name === '' ? {} : { server: name };
}
