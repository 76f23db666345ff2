/** The rootDSE ([MS-ADTS] 3.1.1.3.2). */

import { domainDn } from './dn.ts';
import { type Entry, entry } from './entry.ts';
import type { Viewpoint } from './search.ts';

/** Controls that are understood. */
export const supportedControls = {
  paged: '1.2.840.113556.1.4.319',
  domainScope: '1.2.840.113556.1.4.1339',
  showDeleted: '1.2.840.113556.1.4.417',
} as const;

export const startTlsOid = '1.3.6.1.4.1.1466.20037';

export function rootEntry({ tree, domain, isGlobalCatalog }: Viewpoint, changeNumber: number): Entry {
  const forest = tree.contexts.find((one) => one.kind === 'domain' && one.domain === domain)?.forest ?? domain;
  const own = tree.contexts.filter((one) => one.forest === forest && (one.kind !== 'domain' || one.domain === domain));
  const host = `dc1.${domain}`;
  return {
    ...entry('', {
      currentTime: undefined,
      subschemaSubentry: `CN=Aggregate,CN=Schema,CN=Configuration,${domainDn(forest)}`,
      namingContexts: own.map((one) => one.dn),
      defaultNamingContext: domainDn(domain),
      rootDomainNamingContext: domainDn(forest),
      configurationNamingContext: `CN=Configuration,${domainDn(forest)}`,
      schemaNamingContext: `CN=Schema,CN=Configuration,${domainDn(forest)}`,
      supportedControl: Object.values(supportedControls),
      supportedExtension: startTlsOid,
      supportedLDAPVersion: ['3', '2'],
      supportedSASLMechanisms: [],
      dnsHostName: host,
      ldapServiceName: `${forest}:dc1$@${domain.toUpperCase()}`,
      serverName: `CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration,${domainDn(forest)}`,
      isSynchronized: 'TRUE',
      isGlobalCatalogReady: isGlobalCatalog || domain === forest ? 'TRUE' : 'FALSE',
      highestCommittedUSN: changeNumber,
      domainFunctionality: '4',
      forestFunctionality: '4',
    }),
    normal: '',
  };
}
