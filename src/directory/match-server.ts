/** Which of the configured servers reaches a mailbox. Pure. */
import type { MailboxLocation } from '#contract/location.ts';
import { type Route, route } from './route.ts';

/** A server of the configuration, as far as matching looks at it. */
export interface ServerChoice {
  readonly name: string;
  readonly kind: string;
  readonly url?: string;
  /** Mailbox servers, by host or short name, whose mailboxes it reaches. */
  readonly mailboxServers: readonly string[];
}

export type Match =
  | { readonly kind: 'server'; readonly name: string; readonly because: string }
  | { readonly kind: 'none'; readonly message: string };

/**
 * Servers of the right kind, in this order: one that lists the mailbox's server or the host of its web services; one whose
 * URL has such a host; the only one there is. Two that fit equally well are a mistake of the configuration, told as such.
 */
export function matchServer(location: MailboxLocation, servers: readonly ServerChoice[]): Match {
  const routed = route(location);
  if (routed.kind === 'none') return { kind: 'none', message: routed.reason };
  const { connector } = routed;
  const fitting = servers.filter(({ kind }) => kind === connector);
  if (fitting.length === 0) return { kind: 'none', message: needs(routed, location) };
  const hosts = hostsOf(location);
  const listed = fitting.filter(({ mailboxServers }) => mailboxServers.some((name) => hosts.some(sameHost(name))));
  const named = fitting.filter(({ url }) => url !== undefined && hosts.includes(hostOf(url) ?? ''));
  const open = fitting.filter(({ mailboxServers }) => mailboxServers.length === 0);
  for (const [found, because] of [
    [listed, 'it lists this mailbox server'],
    [named, 'its url has this host'],
    [open, 'it is the only one of its kind'],
  ] as const) {
    const [only] = found;
    if (found.length === 1 && only !== undefined) return { kind: 'server', name: only.name, because };
    if (found.length > 1) {
      const names = found.map(({ name }) => name).join(', ');
      const where = hosts[0] ?? location.smtp;
      return {
        kind: 'none',
        message: `several servers could reach ${where}: ${names}; list it under one's mailboxServers`,
      };
    }
  }
  return { kind: 'none', message: `no server of kind ${connector} lists ${hosts[0] ?? 'its mailbox server'}` };
}

function needs(routed: Extract<Route, { kind: 'connector' }>, location: MailboxLocation): string {
  switch (routed.connector) {
    case 'graph':
      return 'the mailbox is in Exchange Online and needs a server of kind graph, which is not configured';
    case 'exchange2007':
      return `the mailbox is on Exchange ${location.version ?? '2007'} and needs a server of kind exchange2007, which is not configured`;
    case 'ews':
      return 'the mailbox needs a server of kind ews, which is not configured';
  }
}

/** Lower case; the mailbox's own server first. */
function hostsOf({ server, urls }: MailboxLocation): readonly string[] {
  const hosts = urls.flatMap((url) => hostOf(url) ?? []);
  return [...new Set([...(server === undefined ? [] : [server.toLowerCase()]), ...hosts])];
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase() : undefined;
}

/** A short name stands for every host that begins with it, and the other way round; two long names are equal or not. */
function sameHost(name: string): (host: string) => boolean {
  const wanted = name.toLowerCase();
  return (host) =>
    host === wanted ||
    (!wanted.includes('.') && host.split('.')[0] === wanted) ||
    (!host.includes('.') && wanted.split('.')[0] === host);
}
