/** The plain XML dialect of autodiscover ([MS-OXDSCLI]). */
import { child, childText, readXml } from '#xml/reader.ts';
import type { EwsServer } from '../ews/call.ts';
import { escapeText } from '../ews/text.ts';
import { type DiscoveredSettings, settingsOf } from './settings.ts';

const responseNs = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const outlookNs = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

/** The answer to one request; errors are answers too, with HTTP 200. */
export function answerPox(text: string, server: EwsServer, ewsUrl: string): string {
  const read = readXml(text);
  const request = read.ok ? child(read.root, 'Request') : undefined;
  const address = childText(request, 'EMailAddress')?.trim();
  if (address === undefined || address === '') return errorText(600, 'Invalid Request', server);
  const schema = childText(request, 'AcceptableResponseSchema')?.trim();
  if (schema !== undefined && schema !== outlookNs) return errorText(601, 'Provider is not available', server);
  const mailbox = server.truth.mailbox(address);
  if (mailbox === undefined) return errorText(500, "The email address can't be found.", server);
  return settingsText(settingsOf(mailbox, server, ewsUrl), mailbox.guid);
}

function settingsText(settings: DiscoveredSettings, guid: string): string {
  const host = new URL(settings.ewsUrl).host;
  const protocol = (type: string, more: string): string =>
    `    <Protocol>\r\n      <Type>${type}</Type>\r\n      <Server>${escapeText(guid)}@${escapeText(settings.address.split('@')[1] ?? '')}</Server>\r\n      <ServerVersion>${settings.packedVersion}</ServerVersion>\r\n      <AuthPackage>Ntlm</AuthPackage>\r\n      <ASUrl>${escapeText(settings.ewsUrl)}</ASUrl>\r\n      <EwsUrl>${escapeText(settings.ewsUrl)}</EwsUrl>\r\n${more}    </Protocol>\r\n`;
  const grouping = `      <EwsPartnerUrl>${escapeText(settings.ewsUrl)}</EwsPartnerUrl>\r\n      <GroupingInformation>${escapeText(settings.groupingInformation)}</GroupingInformation>\r\n`;
  return `<?xml version="1.0" encoding="utf-8"?>\r\n<Autodiscover xmlns="${responseNs}">\r\n  <Response xmlns="${outlookNs}">\r\n    <User>\r\n      <DisplayName>${escapeText(settings.displayName)}</DisplayName>\r\n      <LegacyDN>${escapeText(settings.userDn)}</LegacyDN>\r\n      <AutoDiscoverSMTPAddress>${escapeText(settings.address)}</AutoDiscoverSMTPAddress>\r\n      <DeploymentId>5a1f0c7e-6a1b-4f0e-9d0c-0a1b2c3d4e5f</DeploymentId>\r\n    </User>\r\n    <Account>\r\n      <AccountType>email</AccountType>\r\n      <Action>settings</Action>\r\n      <MicrosoftOnline>False</MicrosoftOnline>\r\n${protocol('EXCH', '')}${protocol('EXPR', `      <SSL>On</SSL>\r\n${grouping}`)}    <Protocol>\r\n      <Type>WEB</Type>\r\n      <Internal>\r\n        <OWAUrl AuthenticationMethod="Basic, Fba">https://${escapeText(host)}/owa/</OWAUrl>\r\n      </Internal>\r\n    </Protocol>\r\n    </Account>\r\n  </Response>\r\n</Autodiscover>`;
}

function errorText(code: number, message: string, server: EwsServer): string {
  const time = new Date(server.ports.clock.now()).toISOString().slice(11, 23);
  const id = Buffer.from(server.ports.random.bytes(4)).readUInt32LE(0);
  return `<?xml version="1.0" encoding="utf-8"?>\r\n<Autodiscover xmlns="${responseNs}">\r\n  <Response>\r\n    <Error Time="${time}0000" Id="${id}">\r\n      <ErrorCode>${code}</ErrorCode>\r\n      <Message>${escapeText(message)}</Message>\r\n      <DebugData />\r\n    </Error>\r\n  </Response>\r\n</Autodiscover>`;
}
