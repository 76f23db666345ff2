/** Referrals of an LDAP server: another server that holds part of the answer. Pure. */
import { dnsNameOf } from './names.ts';

export interface Referral {
  /** Lower case. */
  readonly host: string;
  readonly base: string;
}

/** `ldap://child.corp.example.com/DC=child,DC=corp,…` (RFC 4516); undefined when it is none we could follow. */
export function readReferral(url: string): Referral | undefined {
  const found = /^ldaps?:\/\/(\[[0-9A-Fa-f:.]+\]|[^/:?#[\]]+)(?::\d{1,5})?\/([^?#]*)/i.exec(url);
  if (found === null) return undefined;
  try {
    return { host: (found[1] ?? '').toLowerCase(), base: decodeURIComponent(found[2] ?? '') };
  } catch {
    return undefined;
  }
}

/** The hosts that Active Directory names in the text of a result with code 10: `ref 1: 'child.corp.example.com'`. */
export function referralsOfText(message: string, base: string): readonly Referral[] {
  return [...message.matchAll(/\bref \d+: '([^'\s]{1,255})'/g)].map(([, host = '']) => ({
    host: host.toLowerCase(),
    base,
  }));
}

/**
 * Whether credentials may go there and something of use may come back: a host of the same forest, and no partition of
 * applications or of the configuration, which every search from a domain's root is referred to.
 */
export function isWorthFollowing({ host, base }: Referral, forest: string): boolean {
  if (/^(dc=(forest|domain)dnszones|cn=(configuration|schema)),/i.test(base)) return false;
  const within = (name: string): boolean => name === forest || name.endsWith(`.${forest}`);
  return within(host) && within(dnsNameOf(base) ?? forest);
}
