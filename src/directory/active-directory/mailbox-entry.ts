/**
 * What a user's entry in Active Directory says about where the mailbox is. Pure. Attributes and flags: exchange-2007
 * reference sections 2.2 and 2.4.
 */
import { primarySmtp, smtpAddress } from './addresses.ts';
import type { LdapEntry } from './entry.ts';
import { bytesOf, textOf, textsOf } from './entry.ts';
import { guidText, rdnsOf } from './names.ts';

/** Asked for of every entry; the GUIDs come as bytes. */
export const mailboxAttributes = [
  'objectGUID',
  'mail',
  'proxyAddresses',
  'mailNickname',
  'legacyExchangeDN',
  'msExchHomeServerName',
  'homeMDB',
  'msExchMailboxGuid',
  'msExchRecipientTypeDetails',
  'msExchRemoteRecipientType',
  'targetAddress',
  'userPrincipalName',
  'displayName',
] as const;

export const byteAttributes = ['objectGUID', 'msExchMailboxGuid'] as const;

/** In the database of this distinguished name, or on the server of it; `serverName` as a last resort. */
export interface HomeHere {
  readonly kind: 'here';
  readonly database?: string;
  readonly server?: string;
  readonly serverName?: string;
}

/** Where the entry says that the mailbox is. */
type Home =
  | HomeHere
  /** In Exchange Online. */
  | { readonly kind: 'online'; readonly target?: string }
  /** In another organisation, reachable by this address. */
  | { readonly kind: 'elsewhere'; readonly target: string }
  | { readonly kind: 'none' };

export interface MailboxEntry {
  readonly dn: string;
  /** Primary SMTP address; undefined when the entry has none. */
  readonly smtp?: string;
  readonly legacyDn?: string;
  readonly mailboxGuid?: string;
  readonly home: Home;
}

/** RemoteUserMailbox, and the same for rooms, equipment, shared: 2^31, 2^33, 2^34, 2^35. */
const remoteTypes = (1n << 31n) | (1n << 33n) | (1n << 34n) | (1n << 35n);
/** ProvisionMailbox and Migrated; ProvisionArchive (2) or DeprovisionArchive (16) alone leave the mailbox where it is. */
const remoteMailboxFlags = 1n | 4n;

export function readMailboxEntry(entry: LdapEntry): MailboxEntry {
  const smtp = primarySmtp(textsOf(entry, 'proxyAddresses'), textOf(entry, 'mail'));
  const legacyDn = textOf(entry, 'legacyExchangeDN');
  const mailboxGuid = guidText(bytesOf(entry, 'msExchMailboxGuid') ?? new Uint8Array());
  return {
    dn: entry.dn,
    home: homeOf(entry),
    ...(smtp !== undefined && { smtp }),
    ...(legacyDn !== undefined && { legacyDn }),
    ...(mailboxGuid !== undefined && { mailboxGuid }),
  };
}

function homeOf(entry: LdapEntry): Home {
  const database = textOf(entry, 'homeMDB');
  const serverName = lastName(textOf(entry, 'msExchHomeServerName'));
  const target = smtpAddress(textOf(entry, 'targetAddress') ?? '');
  const type = flagsOf(entry, 'msExchRecipientTypeDetails');
  const remote = flagsOf(entry, 'msExchRemoteRecipientType');
  if ((type & remoteTypes) !== 0n || (database === undefined && (remote & remoteMailboxFlags) !== 0n)) {
    return { kind: 'online', ...(target !== undefined && { target }) };
  }
  if (database === undefined && target !== undefined) return { kind: 'elsewhere', target };
  if (database === undefined && serverName === undefined) return { kind: 'none' };
  const server = database === undefined ? undefined : serverOfDatabase(database);
  return {
    kind: 'here',
    ...(database !== undefined && { database }),
    ...(server !== undefined && { server }),
    ...(serverName !== undefined && { serverName }),
  };
}

/** Values are 64-bit integers written in decimal. */
function flagsOf(entry: LdapEntry, name: string): bigint {
  const text = textOf(entry, name) ?? '';
  return /^-?\d{1,20}$/.test(text) ? BigInt(text) : 0n;
}

/**
 * Up to 2007 a database stands below its server: `CN=…,CN=First Storage Group,CN=InformationStore,CN=SRV,CN=Servers,…`. Since
 * 2010 it stands beside them and names its server itself: then undefined.
 */
export function serverOfDatabase(database: string): string | undefined {
  const parts = rdnsOf(database) ?? [];
  const store = parts.findIndex(({ value }) => value.toLowerCase() === 'informationstore');
  return store === -1 ? undefined : parts[store + 1]?.rest;
}

/** `/o=Org/ou=…/cn=Configuration/cn=Servers/cn=SRV` -> `SRV`. */
export function lastName(legacyDn: string | undefined): string | undefined {
  const found = /\/cn=([^/]+)$/i.exec(legacyDn ?? '');
  return found?.[1];
}
