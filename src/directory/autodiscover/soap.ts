/** The SOAP dialect: GetUserSettings (MS-OXWSADISC; ews reference section 5). Pure. */
import { child, childrenNamed, childText, readXml, type XmlElement } from '#xml/reader.ts';
import { xml } from '#xml/writer.ts';
import { smtpAddress } from '../active-directory/addresses.ts';
import { versionOfText, versionText } from '../version.ts';
import { type DiscoverAnswer, urlsOf } from './answer.ts';

const namespace = 'http://schemas.microsoft.com/exchange/2010/Autodiscover';

const asked = [
  'UserDN',
  'AutoDiscoverSMTPAddress',
  'UserMSOnline',
  'CasVersion',
  'InternalEwsUrl',
  'ExternalEwsUrl',
  'EwsSupportedSchemas',
] as const;

export function buildUserSettings(address: string, url: string): string {
  const settings = asked.map((name) => xml`<a:Setting>${name}</a:Setting>`);
  const envelope = xml`<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="${namespace}" xmlns:wsa="http://www.w3.org/2005/08/addressing"><soap:Header><a:RequestedServerVersion>Exchange2010</a:RequestedServerVersion><wsa:Action>${namespace}/Autodiscover/GetUserSettings</wsa:Action><wsa:To>${url}</wsa:To></soap:Header><soap:Body><a:GetUserSettingsRequestMessage><a:Request><a:Users><a:User><a:Mailbox>${address}</a:Mailbox></a:User></a:Users><a:RequestedSettings>${settings}</a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage></soap:Body></soap:Envelope>`;
  return `<?xml version="1.0" encoding="utf-8"?>${envelope.text}`;
}

/** Errors stand on three levels: of the answer, of the user, of a setting. The last are no trouble: it is not there. */
export function readUserSettings(text: string): DiscoverAnswer {
  const read = readXml(text);
  if (!read.ok) return { kind: 'other', reason: 'no XML came' };
  const body = child(read.root, 'Body');
  if (child(body, 'Fault') !== undefined) return { kind: 'busy', code: 'a SOAP fault' };
  const message = child(body, 'GetUserSettingsResponseMessage');
  const response = child(message, 'Response');
  if (response === undefined || message?.ns !== namespace)
    return { kind: 'other', reason: 'the XML is no answer to GetUserSettings' };
  const whole = childText(response, 'ErrorCode')?.trim() ?? '';
  if (whole !== '' && whole !== 'NoError') return ofCode(whole, undefined);
  const [user] = childrenNamed(child(response, 'UserResponses'), 'UserResponse');
  if (user === undefined) return { kind: 'other', reason: 'the answer leaves out the user' };
  const code = childText(user, 'ErrorCode')?.trim() ?? '';
  return code === '' || code === 'NoError' ? settingsOf(user) : ofCode(code, childText(user, 'RedirectTarget')?.trim());
}

function ofCode(code: string, target: string | undefined): DiscoverAnswer {
  switch (code) {
    case 'RedirectAddress': {
      const address = smtpAddress(target ?? '');
      return address === undefined
        ? { kind: 'other', reason: 'the redirect names no address' }
        : { kind: 'address', address };
    }
    case 'RedirectUrl':
      return target === undefined
        ? { kind: 'other', reason: 'the redirect names no URL' }
        : { kind: 'url', url: target };
    case 'InvalidUser':
    case 'InvalidDomain':
      return { kind: 'unknown', code };
    default:
      return { kind: 'busy', code };
  }
}

function settingsOf(user: XmlElement): DiscoverAnswer {
  const values = new Map<string, string>();
  for (const one of childrenNamed(child(user, 'UserSettings'), 'UserSetting')) {
    const [name, value] = [childText(one, 'Name')?.trim(), childText(one, 'Value')?.trim()];
    if (name !== undefined && value !== undefined && value !== '') values.set(name, value);
  }
  const urls = urlsOf([values.get('InternalEwsUrl'), values.get('ExternalEwsUrl')]);
  const isOnline = values.get('UserMSOnline')?.toLowerCase() === 'true';
  if (urls.length === 0 && !isOnline) return { kind: 'other', reason: 'the answer has no web services in it' };
  const smtp = smtpAddress(values.get('AutoDiscoverSMTPAddress') ?? '');
  const legacyDn = values.get('UserDN');
  const version = versionOf(values);
  return {
    kind: 'settings',
    settings: {
      source: 'autodiscover.soap',
      urls,
      protocols: [isOnline ? 'graph' : version?.startsWith('8.') ? 'webdav' : 'ews'],
      ...(smtp !== undefined && { smtp }),
      ...(legacyDn !== undefined && { legacyDn }),
      ...(version !== undefined && { version }),
    },
  };
}

/**
 * CasVersion is that of the server that answered, which may be newer than the mailbox's; the schemas are those of the
 * mailbox's web services, and only a 2007 server stops before Exchange2010.
 */
function versionOf(values: ReadonlyMap<string, string>): string | undefined {
  const schemas = (values.get('EwsSupportedSchemas') ?? '').split(',').map((one) => one.trim());
  if (schemas.some((one) => one !== '') && !schemas.some((one) => /^Exchange20(1\d|[2-9]\d)/.test(one))) return '8.0';
  const version = versionOfText(values.get('CasVersion') ?? '');
  return version === undefined ? undefined : versionText(version);
}
