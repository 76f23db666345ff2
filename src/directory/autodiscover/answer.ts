/** What one request of autodiscover can bring, whatever its dialect. */
import type { LocationSource, ProtocolKind } from '#contract/location.ts';

export interface Settings {
  readonly source: LocationSource;
  readonly smtp?: string;
  readonly legacyDn?: string;
  readonly mailboxGuid?: string;
  readonly server?: string;
  readonly urls: readonly string[];
  readonly version?: string;
  readonly protocols: readonly ProtocolKind[];
}

export type DiscoverAnswer =
  | { readonly kind: 'settings'; readonly settings: Settings }
  /** Start over with this address. */
  | { readonly kind: 'address'; readonly address: string }
  /** Ask the same question at this URL. */
  | { readonly kind: 'url'; readonly url: string }
  /** There is no such mailbox. */
  | { readonly kind: 'unknown'; readonly code: string }
  /** The server cannot answer now. */
  | { readonly kind: 'busy'; readonly code: string }
  /** Not an answer of this dialect; `reason` in words. */
  | { readonly kind: 'other'; readonly reason: string };

/** Addresses of web services, each once, the nearest first. */
export function urlsOf(texts: readonly (string | undefined)[]): readonly string[] {
  const urls = texts
    .flatMap((text) => text?.trim() ?? [])
    .filter((text) => /^https?:/i.test(text) && URL.canParse(text));
  return [...new Set(urls)];
}
