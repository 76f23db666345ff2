/** The SOAP dialect of autodiscover ([MS-OXWSADISC]): GetUserSettings. */
import { child, childrenNamed, childText, readXml, type XmlElement } from '#xml/reader.ts';
import type { EwsServer } from '../ews/call.ts';
import { escapeText } from '../ews/text.ts';
import { type DiscoveredSettings, settingsOf } from './settings.ts';

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';
const addressing = 'http://www.w3.org/2005/08/addressing';
const ns = 'http://schemas.microsoft.com/exchange/2010/Autodiscover';
const xsi = 'http://www.w3.org/2001/XMLSchema-instance';

/** Users one request may ask for. */
const usersMax = 100;

/** Values by setting name, in the order that servers list them. */
const known: readonly (readonly [string, (settings: DiscoveredSettings) => string])[] = [
  ['UserDisplayName', (one) => one.displayName],
  ['UserDN', (one) => one.userDn],
  ['AutoDiscoverSMTPAddress', (one) => one.address],
  ['UserMSOnline', () => 'False'],
  ['CasVersion', (one) => one.casVersion],
  ['EwsSupportedSchemas', (one) => one.schemas],
  ['GroupingInformation', (one) => one.groupingInformation],
  ['InternalEwsUrl', (one) => one.ewsUrl],
  ['ExternalEwsUrl', (one) => one.ewsUrl],
  ['ExternalEwsVersion', (one) => one.casVersion],
  ['EwsPartnerUrl', (one) => one.ewsUrl],
];

/** The answer to one request, and its HTTP status. */
export function answerSoap(text: string, server: EwsServer, ewsUrl: string): { status: number; text: string } {
  const read = readXml(text);
  const body = read.ok ? child(read.root, 'Body') : undefined;
  const request = child(child(body, 'GetUserSettingsRequestMessage'), 'Request');
  if (request === undefined) return { status: 500, text: faultText() };
  const users = childrenNamed(child(request, 'Users'), 'User').slice(0, usersMax);
  const wanted = new Set(childrenNamed(child(request, 'RequestedSettings'), 'Setting').map((one) => one.text.trim()));
  const answers = users.map((user) => userResponse(user, wanted, server, ewsUrl)).join('');
  const [major, minor, build, revision] = server.profileOf(undefined).build;
  const version = `<h:ServerVersionInfo xmlns:h="${ns}" xmlns:i="${xsi}"><h:MajorVersion>${major}</h:MajorVersion><h:MinorVersion>${minor}</h:MinorVersion><h:MajorBuildNumber>${build}</h:MajorBuildNumber><h:MinorBuildNumber>${revision}</h:MinorBuildNumber><h:Version>Exchange2015</h:Version></h:ServerVersionInfo>`;
  return {
    status: 200,
    text: `<s:Envelope xmlns:s="${soap}" xmlns:a="${addressing}"><s:Header><a:Action s:mustUnderstand="1">${ns}/Autodiscover/GetUserSettingsResponse</a:Action>${version}</s:Header><s:Body><GetUserSettingsResponseMessage xmlns="${ns}"><Response xmlns:i="${xsi}"><ErrorCode>NoError</ErrorCode><ErrorMessage/><UserResponses>${answers}</UserResponses></Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>`,
  };
}

function userResponse(user: XmlElement, wanted: ReadonlySet<string>, server: EwsServer, ewsUrl: string): string {
  const address = childText(user, 'Mailbox')?.trim() ?? '';
  const mailbox = server.truth.mailbox(address);
  if (mailbox === undefined) {
    return `<UserResponse><ErrorCode>InvalidUser</ErrorCode><ErrorMessage>Invalid user '${escapeText(address)}'.</ErrorMessage><RedirectTarget i:nil="true"/><UserSettingErrors/><UserSettings/></UserResponse>`;
  }
  const settings = settingsOf(mailbox, server, ewsUrl);
  const values = known.flatMap(([name, read]) =>
    wanted.has(name)
      ? [
          `<UserSetting i:type="StringSetting"><Name>${name}</Name><Value>${escapeText(read(settings))}</Value></UserSetting>`,
        ]
      : [],
  );
  const names = new Set(known.map(([name]) => name));
  const errors = [...wanted].flatMap((name) =>
    names.has(name)
      ? []
      : [
          `<UserSettingError><ErrorCode>SettingIsNotAvailable</ErrorCode><ErrorMessage>User setting '${escapeText(name)}' is not available. </ErrorMessage><SettingName>${escapeText(name)}</SettingName></UserSettingError>`,
        ],
  );
  const list = (name: string, content: string) => (content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`);
  return `<UserResponse><ErrorCode>NoError</ErrorCode><ErrorMessage>No error.</ErrorMessage><RedirectTarget i:nil="true"/>${list('UserSettingErrors', errors.join(''))}${list('UserSettings', values.join(''))}</UserResponse>`;
}

function faultText(): string {
  return `<s:Envelope xmlns:s="${soap}" xmlns:a="${addressing}"><s:Body><s:Fault><faultcode xmlns:a="http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher">a:InternalServiceFault</faultcode><faultstring xml:lang="en-US">The server was unable to process the request due to an internal error.</faultstring></s:Fault></s:Body></s:Envelope>`;
}
