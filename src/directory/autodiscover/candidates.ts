/** Where to ask for a mailbox, in the documented order (ews reference section 5; MS-OXDISCO 3.1.5). Pure. */

import { isIP } from 'node:net';

export type Candidate =
  /** `https://…/autodiscover/autodiscover`, without the extension of a dialect. */
  | { readonly kind: 'base'; readonly base: string; readonly because: string }
  /** Asked without signing in; only its redirect to https counts. */
  | { readonly kind: 'redirect'; readonly url: string; readonly because: string }
  /** A DNS record names the host. */
  | { readonly kind: 'srv'; readonly name: string; readonly because: string };

export interface Known {
  /** URLs that the administrator wrote. */
  readonly urls: readonly string[];
  /** URLs of service connection points. */
  readonly servicePoints: readonly string[];
}

const candidatesMax = 20;

export function candidatesFor(domain: string, known: Known): readonly Candidate[] {
  const bases: Candidate[] = [
    ...known.urls.flatMap((url) => based(url, 'the configuration names it')),
    ...known.servicePoints.flatMap((url) => based(url, 'a service connection point names it')),
    ...based(`https://${domain}/autodiscover/autodiscover.xml`, 'the mail domain'),
    ...based(
      `https://autodiscover.${domain}/autodiscover/autodiscover.xml`,
      'the autodiscover host of the mail domain',
    ),
  ];
  const seen = new Set<string>();
  const distinct = bases.filter((one) => {
    const key = one.kind === 'base' ? one.base.toLowerCase() : '';
    return !seen.has(key) && seen.add(key);
  });
  // An address of digits has no names below it.
  if (isIP(domain) !== 0) return distinct.slice(0, candidatesMax);
  return [
    ...distinct.slice(0, candidatesMax),
    {
      kind: 'redirect',
      url: `http://autodiscover.${domain}/autodiscover/autodiscover.xml`,
      because: 'a redirect of the autodiscover host',
    },
    { kind: 'srv', name: `_autodiscover._tcp.${domain}`, because: 'a DNS record of the mail domain' },
  ];
}

/** `https://host/Autodiscover/Autodiscover.xml` or `…svc` -> the part before the extension. */
function based(url: string, because: string): readonly Candidate[] {
  const base = baseOf(url);
  return base === undefined ? [] : [{ kind: 'base', base, because }];
}

export function baseOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin, pathname } = new URL(url);
  const path = pathname.replace(/\/?(autodiscover\.(xml|svc|json))?$/i, '');
  return `${origin}${path === '' ? '/autodiscover' : path}/autodiscover`;
}

/** Which hosts the service account's password may go to. */
export interface Trust {
  readonly domain: string;
  /** Hosts that the administrator named, in a URL or in so many words; http is allowed to these only. */
  readonly hosts: ReadonlySet<string>;
  /** Hosts of service connection points. */
  readonly servicePoints: ReadonlySet<string>;
}

/**
 * May we sign in at this URL? Over https at hosts of the mail domain, of service connection points and of the configuration;
 * over http only where the administrator allowed the host.
 */
export function maySignIn(url: URL, trust: Trust): boolean {
  const host = url.hostname.toLowerCase();
  if (trust.hosts.has(host)) return url.protocol === 'https:' || url.protocol === 'http:';
  if (url.protocol !== 'https:') return false;
  return trust.servicePoints.has(host) || host === trust.domain || host.endsWith(`.${trust.domain}`);
}
