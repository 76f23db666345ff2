/**
 * A port for connectors: the SMTP addresses of people who are named otherwise. Exchange names its own users by
 * `legacyExchangeDN`, and after a move by one that lives on only as an `X500:` proxy address.
 */
import type { Reply } from './connector.ts';

export interface AddressResolver {
  /**
   * One answer per address, in order: the primary SMTP address in lower case, or null when every directory says that there
   * is nobody by it. Takes SMTP addresses (aliases become the primary one) and legacy names (`/o=…/cn=…`, with or without
   * `EX:` or `X500:` before it). Any directory that cannot answer makes the whole a fault: silence is no "nobody".
   */
  resolveAddresses(addresses: readonly string[]): Promise<Reply<readonly (string | null)[]>>;
}
