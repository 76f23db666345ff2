/**
 * What a connector for Exchange 2007 (and 2003) is told, and the bounds of each setting. Plain data; `settingsOf` fills in
 * what was left out.
 */
import { clamp, type VisitOptions, type VisitSettings, visitSettings } from '../transport/visit-settings.ts';

export type WebDavCredentials = {
  /** `forms`: the sign-in page of Outlook Web Access stands before WebDAV. */
  readonly kind: 'basic' | 'ntlm' | 'forms';
  /** `DOMAIN\user` or a user principal name. */
  readonly user: string;
  readonly password: string;
};

export interface Exchange2007Options extends VisitOptions {
  /** URL of the virtual directory with the mailboxes, e.g. `https://mail.example.com/exchange/`. */
  readonly endpoint: string;
  /** Primary SMTP address of the mailbox. */
  readonly mailbox: string;
  /** Name of the mailbox in URLs, where it is not the address: the alias on some servers of 2003. */
  readonly mailboxName?: string | undefined;
  readonly credentials: WebDavCredentials;
  /** Name of the property in the public-strings set that carries the link key; one for the whole installation. */
  readonly linkKeyName: string;
  /** Items per BPROPFIND at most. */
  readonly readBatch?: number | undefined;
  /** Items written together at most. */
  readonly writeBatch?: number | undefined;
  /** Rows per SEARCH page. */
  readonly pageRows?: number | undefined;
}

export interface Exchange2007Settings extends VisitSettings {
  readonly endpoint: URL;
  /** Lower case. */
  readonly mailbox: string;
  /** Path of the mailbox's root, percent-encoded, with a slash at its end. */
  readonly rootPath: string;
  readonly credentials: WebDavCredentials;
  readonly linkKeyName: string;
  readonly readBatch: number;
  readonly writeBatch: number;
  readonly pageRows: number;
}

/** The link key is an XML element on the wire, so its name must be one (without a colon). */
const elementName = /^[A-Za-z_][A-Za-z0-9._-]{0,63}$/;

/** Fills in defaults and clamps numbers. Throws a TypeError when the endpoint is no http(s) URL or the key's name no name. */
export function settingsOf(options: Exchange2007Options): Exchange2007Settings {
  const endpoint = new URL(options.endpoint);
  if (endpoint.protocol !== 'https:' && endpoint.protocol !== 'http:') {
    throw new TypeError('the Exchange endpoint must be an http or https URL');
  }
  if (!elementName.test(options.linkKeyName)) throw new TypeError('the link key needs a name of letters and digits');
  const mailbox = options.mailbox.toLowerCase();
  return {
    endpoint,
    mailbox,
    rootPath: `${endpoint.pathname.replace(/\/*$/, '/')}${pathSegment(options.mailboxName ?? mailbox)}/`,
    credentials: options.credentials,
    linkKeyName: options.linkKeyName,
    readBatch: clamp(options.readBatch ?? 50, 1, 100),
    writeBatch: clamp(options.writeBatch ?? 20, 1, 100),
    pageRows: clamp(options.pageRows ?? 100, 1, 500),
    ...visitSettings(options),
  };
}

/** One segment of a path; the @ of an address stays as it is. */
export function pathSegment(text: string): string {
  return encodeURIComponent(text).replaceAll('%40', '@');
}
