/** The SOAP header of a request: version, impersonation, time zone. */
import { child, childrenNamed, type XmlElement } from '#xml/reader.ts';
import type { Account, Directory } from '../../sign-in/directory.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import type { Truth } from '../../truth/truth.ts';
import type { Zone } from '../../truth/zone.ts';
import { EwsFault, valueDetail } from './ews-error.ts';
import { type Profile, type RequestVersion, rankOf, requestVersions } from './profiles.ts';
import { readZone } from './zones.ts';

/** Header elements that may stand there only once. */
const single = ['RequestServerVersion', 'MailboxCulture', 'TimeZoneContext', 'ManagementRole', 'DateTimePrecision'];

/** Refuses headers that were given twice. */
export function checkHeader(header: XmlElement | undefined): void {
  if (childrenNamed(header, 'ExchangeImpersonation').length > 1) {
    throw new EwsFault('ErrorMoreThanOneAccessModeSpecified');
  }
  for (const name of single) {
    if (childrenNamed(header, name).length > 1) throw new EwsFault('ErrorDuplicateSOAPHeader');
  }
}

/** The requested version; a missing header means the oldest. Newer than the server: ErrorInvalidServerVersion. */
export function versionOf(header: XmlElement | undefined, profile: Profile): RequestVersion {
  const text = child(header, 'RequestServerVersion')?.attributes.Version;
  if (text === undefined) return 'Exchange2007';
  const version = requestVersions.find((one) => one === text);
  if (version === undefined || rankOf(version) > rankOf(profile.newest)) {
    throw new EwsFault('ErrorInvalidServerVersion');
  }
  return version;
}

export function timeZoneContextOf(header: XmlElement | undefined): Zone | undefined {
  const definition = child(child(header, 'TimeZoneContext'), 'TimeZoneDefinition');
  return definition === undefined ? undefined : readZone(definition);
}

/** The mailbox a caller acts as: the impersonated one, or its own; undefined for an account without a mailbox. */
export function actingMailbox(
  header: XmlElement | undefined,
  account: Account,
  truth: Truth,
  directory: Directory,
): Mailbox | undefined {
  const impersonation = child(header, 'ExchangeImpersonation');
  if (impersonation === undefined) return account.address === undefined ? undefined : truth.mailbox(account.address);
  const sid = child(impersonation, 'ConnectingSID');
  const named = sid?.children[0];
  const text = named?.text.trim() ?? '';
  if (named === undefined || text === '') throw new EwsFault('ErrorInvalidExchangeImpersonationHeaderData');
  const mailbox = named.name === 'SID' ? truth.mailbox(directory.addressOfSid(text) ?? '') : truth.mailbox(text);
  if (named.name === 'SID' && !/^S-1-\d+(?:-\d+)+$/i.test(text)) throw new EwsFault('ErrorInvalidUserSid');
  if (named.name === 'PrincipalName' && !text.includes('@')) throw new EwsFault('ErrorInvalidUserPrincipalName');
  if (mailbox === undefined) {
    throw new EwsFault('ErrorNonExistentMailbox', { details: valueDetail('SmtpAddress', text) });
  }
  if (named.name === 'PrimarySmtpAddress' && mailbox.address.toLowerCase() !== text.toLowerCase()) {
    throw new EwsFault('ErrorNonPrimarySmtpAddress', { details: valueDetail('Primary', mailbox.address) });
  }
  if (!directory.mayImpersonate(account, mailbox.address)) throw new EwsFault('ErrorImpersonateUserDenied');
  return mailbox;
}
