/** What a directory server says about itself before anything else is asked (RFC 4512 section 5.1). */
import type { Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import { textOf } from './entry.ts';
import type { LdapSession } from './ldap-session.ts';
import { dnsNameOf } from './names.ts';

export interface RootEntry {
  readonly defaultBase: string;
  readonly configuration?: string;
  /** DNS name of the forest. */
  readonly forest?: string;
  readonly isGlobalCatalog: boolean;
}

/** With Active Directory's own attributes, where there are any. */
export async function readRootEntry(session: LdapSession): Promise<Reply<RootEntry>> {
  const found = await session.search({
    base: '',
    scope: 'base',
    filter: '(objectClass=*)',
    attributes: ['defaultNamingContext', 'namingContexts', 'configurationNamingContext', 'rootDomainNamingContext'],
    entriesMax: 1,
  });
  if (!found.ok) return found;
  const [entry] = found.value;
  if (entry === undefined)
    return { ok: false, fault: fault('server.garbled', 'The directory server has no root entry.') };
  const defaultBase = textOf(entry, 'defaultNamingContext') ?? textOf(entry, 'namingContexts') ?? '';
  const configuration = textOf(entry, 'configurationNamingContext');
  const forest = dnsNameOf(textOf(entry, 'rootDomainNamingContext') ?? defaultBase);
  const port = new URL(session.url).port;
  return {
    ok: true,
    value: {
      defaultBase,
      isGlobalCatalog: port === '3268' || port === '3269',
      ...(configuration !== undefined && { configuration }),
      ...(forest !== undefined && { forest }),
    },
  };
}
