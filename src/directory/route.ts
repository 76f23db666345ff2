/**
 * Which connector serves a mailbox, by where it is. Pure. The version of the server decides, never that of the user object:
 * a moved mailbox keeps the latter (exchange-2007 reference section 2.4).
 */
import type { MailboxLocation } from '#contract/location.ts';
import { versionOfText } from './version.ts';

export type ConnectorKind = 'exchange2007' | 'ews' | 'graph';

export type Route =
  | { readonly kind: 'connector'; readonly connector: ConnectorKind }
  /** No connector of ours speaks to it; `reason` says why in words. */
  | { readonly kind: 'none'; readonly reason: string };

/** Minor version from which a version 15 is Exchange Online, which no on-premises server ever was. */
const onlineMinorLeast = 20;

export function route(location: Pick<MailboxLocation, 'version' | 'protocols'>): Route {
  if (location.protocols.includes('graph')) return { kind: 'connector', connector: 'graph' };
  const version = location.version === undefined ? undefined : versionOfText(location.version);
  if (version === undefined) return unversioned(location.protocols);
  const { major, minor } = version;
  if (major === 8) return { kind: 'connector', connector: 'exchange2007' };
  if (major === 14) return { kind: 'connector', connector: 'ews' };
  if (major === 15) return { kind: 'connector', connector: minor >= onlineMinorLeast ? 'graph' : 'ews' };
  const reason =
    major < 8
      ? `Exchange ${major}.${minor} is older than 2007`
      : `Exchange ${major}.${minor} is newer than this program knows`;
  return { kind: 'none', reason };
}

/** Only what it can be spoken to in is known: web services were told by whoever told no version. */
function unversioned(protocols: MailboxLocation['protocols']): Route {
  if (protocols.includes('ews')) return { kind: 'connector', connector: 'ews' };
  if (protocols.includes('webdav')) return { kind: 'connector', connector: 'exchange2007' };
  return { kind: 'none', reason: 'neither the version of its server nor a way to speak to it is known' };
}
