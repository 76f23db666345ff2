/** User objects of mailboxes (reference on Exchange 2007, section 2.2). */
import { createHash } from 'node:crypto';
import { sidOf } from '../../sign-in/directory.ts';
import { guidOf } from '../../truth/mailbox.ts';
import { legacyDn } from '../webdav/legacy-dn.ts';
import type { AttributeInput } from './entry.ts';
import type { ServerPlace } from './servers.ts';

/** What the estate says of a person with a mailbox. */
export interface Person {
  readonly address: string;
  readonly displayName: string;
  readonly aliases: readonly string[];
}

/** msExchVersion of objects last written by tools of a build (section 2.2). */
const objectVersions: Readonly<Record<number, bigint>> = { 8: 4_535_486_012_416n, 14: 44_220_983_382_016n };
const objectVersionLater = 88_218_628_259_840n;

/** Attributes of everybody who can sign in. */
export function accountAttributes(
  userName: string,
  displayName: string,
  configurationDn: string,
): Readonly<Record<string, AttributeInput>> {
  const name = userName.split('@')[0] ?? userName;
  return {
    objectClass: ['top', 'person', 'organizationalPerson', 'user'],
    objectCategory: `CN=Person,CN=Schema,${configurationDn}`,
    cn: displayName,
    name: displayName,
    displayName,
    sAMAccountName: name,
    userPrincipalName: userName,
    userAccountControl: 512,
    objectGUID: guidBytes(guidFrom(userName)),
    objectSid: sidBytes(sidOf(userName)),
    whenCreated: '20200101000000.0Z',
  };
}

/** Attributes of somebody whose mailbox is on a server. */
export function mailboxAttributes(
  person: Person,
  server: ServerPlace,
  majorBuild: number,
): Readonly<Record<string, AttributeInput>> {
  const { address, aliases } = person;
  const name = address.split('@')[0] ?? address;
  const proxies = [`SMTP:${address}`, ...aliases.map((one) => `smtp:${one}`)];
  return {
    mail: address,
    mailNickname: name,
    proxyAddresses: proxies,
    legacyExchangeDN: legacyDn(address),
    homeMDB: server.database,
    homeMTA: server.transferAgent,
    msExchHomeServerName: server.legacyDn,
    msExchMailboxGuid: guidBytes(guidOf(address)),
    msExchVersion: objectVersions[majorBuild] ?? objectVersionLater,
    msExchRecipientTypeDetails: 1,
    msExchRecipientDisplayType: 1_073_741_824,
  };
}

function guidFrom(text: string): string {
  const hex = createHash('sha256').update(`object ${text.toLowerCase()}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** The first three groups of a GUID are little-endian numbers. */
export function guidBytes(guid: string): Uint8Array {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return new Uint8Array(bytes);
}

/** `S-1-5-21-…` as bytes ([MS-DTYP] 2.4.2.2). */
function sidBytes(sid: string): Uint8Array {
  const [, revision = '1', authority = '5', ...rest] = sid.split('-');
  const bytes = Buffer.alloc(8 + 4 * rest.length);
  bytes[0] = Number(revision);
  bytes[1] = rest.length;
  bytes.writeUIntBE(Number(authority), 2, 6);
  for (const [index, part] of rest.entries()) bytes.writeUInt32LE(Number(part), 8 + 4 * index);
  return new Uint8Array(bytes);
}
