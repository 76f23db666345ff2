/**
 * Where a mailbox is, as a directory or autodiscover told it. Plain JSON: it is kept with the pair and crosses processes.
 */
import type { Instant } from '#model/item.ts';

/** What a mailbox can be spoken to in. */
export type ProtocolKind = 'ews' | 'webdav' | 'graph';

export type LocationSource =
  | 'activeDirectory'
  | 'autodiscover.soap'
  | 'autodiscover.pox'
  | 'autodiscover.json'
  /** The entry names only the place in the cloud or another organisation. */
  | 'activeDirectory.remote';

export interface MailboxLocation {
  /** Host name of the server that holds the mailbox, lower case; its short name where no other is known. */
  readonly server?: string;
  /** Addresses of its web services, the nearest first. */
  readonly urls: readonly string[];
  /** Product version of that server, e.g. `15.2.2562.17`; as many parts as are known. */
  readonly version?: string;
  readonly protocols: readonly ProtocolKind[];
  /** Primary SMTP address, lower case. */
  readonly smtp: string;
  readonly legacyDn?: string;
  readonly mailboxGuid?: string;
  readonly source: LocationSource;
  /** Name of the directory in the configuration that knew it. */
  readonly directory: string;
  readonly at: Instant;
}
