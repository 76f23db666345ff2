/**
 * What an EWS connector is told, and the bounds of each setting. Plain data; `settingsOf` fills in what was left out.
 */
import { clamp, type VisitOptions, type VisitSettings, visitSettings } from '../transport/visit-settings.ts';

export type EwsCredentials = {
  readonly kind: 'basic' | 'ntlm';
  /** `DOMAIN\user` or a user principal name. */
  readonly user: string;
  readonly password: string;
};

/** RequestServerVersion values this connector can speak, newest first (types.xsd ExchangeVersionType). */
export const requestVersions = [
  'Exchange2016',
  'Exchange2015',
  'Exchange2013_SP1',
  'Exchange2013',
  'Exchange2010_SP2',
  'Exchange2010_SP1',
  'Exchange2010',
] as const;
export type RequestVersion = (typeof requestVersions)[number];

export interface EwsOptions extends VisitOptions {
  /** URL of `/EWS/Exchange.asmx`. */
  readonly endpoint: string;
  /** Primary SMTP address of the mailbox. */
  readonly mailbox: string;
  readonly credentials: EwsCredentials;
  /** True: the account acts as the mailbox by ExchangeImpersonation. False: it owns the mailbox or is its delegate. */
  readonly impersonate: boolean;
  /** Name of the property in the public-strings set that carries the link key; one for the whole installation. */
  readonly linkKeyName: string;
  /** The version asked for first; lowered when the mailbox's server refuses it. */
  readonly requestVersion?: RequestVersion | undefined;
  /** MaxChangesReturned of SyncFolderItems, 1 to 512. */
  readonly pageItemsMax?: number | undefined;
  /** Items per GetItem at most. */
  readonly readBatch?: number | undefined;
  /** Items per CreateItem, UpdateItem and DeleteItem at most. */
  readonly writeBatch?: number | undefined;
}

export interface EwsSettings extends VisitSettings {
  readonly endpoint: URL;
  /** Lower case. */
  readonly mailbox: string;
  readonly credentials: EwsCredentials;
  readonly impersonate: boolean;
  readonly linkKeyName: string;
  readonly requestVersion: RequestVersion;
  readonly pageItemsMax: number;
  readonly readBatch: number;
  readonly writeBatch: number;
}

/** Fills in defaults and clamps numbers to their bounds. Throws a TypeError when the endpoint is no http(s) URL. */
export function settingsOf(options: EwsOptions): EwsSettings {
  const endpoint = new URL(options.endpoint);
  if (endpoint.protocol !== 'https:' && endpoint.protocol !== 'http:') {
    throw new TypeError('the EWS endpoint must be an http or https URL');
  }
  return {
    endpoint,
    mailbox: options.mailbox.toLowerCase(),
    credentials: options.credentials,
    impersonate: options.impersonate,
    linkKeyName: options.linkKeyName,
    requestVersion: options.requestVersion ?? 'Exchange2010_SP2',
    pageItemsMax: clamp(options.pageItemsMax ?? 512, 1, 512),
    readBatch: clamp(options.readBatch ?? 100, 1, 200),
    writeBatch: clamp(options.writeBatch ?? 50, 1, 100),
    ...visitSettings(options),
  };
}
