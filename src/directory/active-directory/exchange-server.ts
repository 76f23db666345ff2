/** What the configuration partition says about Exchange servers. Pure; exchange-2007 reference section 2.3. */
import { type Version, versionOfNumber, versionOfSerialNumber } from '../version.ts';
import { type LdapEntry, textOf, textsOf } from './entry.ts';

export const serverAttributes = ['cn', 'networkAddress', 'serialNumber', 'versionNumber'] as const;

export interface ExchangeServer {
  /** Fully qualified where the server tells it, else the short name; lower case. */
  readonly host: string;
  /** Undefined when the account may not read it. */
  readonly version?: Version;
}

export function readExchangeServer(entry: LdapEntry): ExchangeServer | undefined {
  const network = textsOf(entry, 'networkAddress').find((one) => /^ncacn_ip_tcp:/i.test(one));
  const host = (network?.slice('ncacn_ip_tcp:'.length) ?? textOf(entry, 'cn'))?.trim().toLowerCase();
  if (host === undefined || host === '') return undefined;
  const version =
    versionOfSerialNumber(textOf(entry, 'serialNumber') ?? '') ?? versionOfNumber(textOf(entry, 'versionNumber') ?? '');
  return { host, ...(version !== undefined && { version }) };
}

/** URLs of Exchange Web Services in the virtual directories of a server, the inner ones first. */
export function webServiceUrls(entries: readonly LdapEntry[]): readonly string[] {
  const inner = entries.flatMap((entry) => textsOf(entry, 'msExchInternalHostName'));
  const outer = entries.flatMap((entry) => textsOf(entry, 'msExchExternalHostName'));
  return [...new Set([...inner, ...outer])].filter((url) => /^https?:/i.test(url) && URL.canParse(url));
}
