/**
 * Which server of the organisation carries a request out. Mailboxes live on the servers in turn. From 2013 on a front end sends
 * a request to where the mailbox of X-AnchorMailbox lives, unless the client asks for affinity and shows the cookie of a server;
 * 2010 keeps a client where its first request came to, by `exchangecookie`. All that depends on it are subscriptions.
 */
import type { IncomingMessage } from 'node:http';
import type { Random } from '#ports/ports.ts';

const overrideCookie = 'X-BackEndOverrideCookie';
/** What recorded cookies have behind the name of the server. */
const cookieTail = '~1942063100';

export interface Node {
  /** 0 for the first. */
  readonly number: number;
  readonly hostName: string;
  /** As in X-BEServer. */
  readonly shortName: string;
}

export class Nodes {
  readonly all: readonly Node[];
  readonly #homes = new Map<string, number>();

  /** `addresses` are the primary addresses of all mailboxes. */
  constructor(hostName: string, count: number, addresses: Iterable<string>) {
    const [name = '', ...domain] = hostName.split('.');
    this.all = Array.from({ length: count }, (_, number) => {
      const own = count === 1 ? name : `${name}${number + 1}`;
      return { number, hostName: [own, ...domain].join('.'), shortName: own.toUpperCase() };
    });
    for (const address of addresses) this.#homes.set(address.toLowerCase(), this.#homes.size % count);
  }

  /** The server for a request that acts in a mailbox. `isRouted` says whether there are front ends that look for it. */
  of(request: IncomingMessage, mailbox: string | undefined, isRouted: boolean): Node {
    if (this.all.length === 1) return this.#node(0);
    const sent = request.headers.cookie ?? '';
    if (!isRouted) return this.#node(this.#balanced(request, cookieValue(sent, 'exchangecookie')));
    if (asksForAffinity(request)) {
      const wanted = cookieValue(sent, overrideCookie)?.split('~')[0];
      const found = this.all.find((one) => one.hostName === wanted);
      if (found !== undefined) return found;
    }
    const anchor = String(request.headers['x-anchormailbox'] ?? '').toLowerCase();
    return this.#node(this.#homes.get(anchor) ?? this.#homes.get(mailbox?.toLowerCase() ?? '') ?? 0);
  }

  /** A load balancer sends new connections anywhere, and those with its cookie where that says. */
  #balanced(request: IncomingMessage, cookie: string | undefined): number {
    const spread = cookie === undefined ? (request.socket.remotePort ?? 0) : Number.parseInt(cookie.slice(0, 8), 16);
    return spread % this.all.length || 0;
  }

  #node(number: number): Node {
    return this.all[number] as Node;
  }
}

/** The Set-Cookie value that binds a client to a server; undefined when it did not ask, or is bound already. */
export function affinityCookie(request: IncomingMessage, node: Node): string | undefined {
  if (!asksForAffinity(request) || cookieValue(request.headers.cookie ?? '', overrideCookie) !== undefined)
    return undefined;
  return `${overrideCookie}=${node.hostName}${cookieTail}; path=/; secure; HttpOnly`;
}

/** A fresh `exchangecookie`: 32 hexadecimal digits, which also say which of the servers the client came to. */
export function exchangeCookie(random: Random, node: Node, nodes: Nodes): string {
  const bytes = Buffer.from(random.bytes(16));
  const count = nodes.all.length;
  const spread = bytes.readUInt32BE(0) >>> 1;
  bytes.writeUInt32BE(spread - (spread % count) + node.number, 0);
  return bytes.toString('hex');
}

function asksForAffinity(request: IncomingMessage): boolean {
  return request.headers['x-preferserveraffinity'] === 'true';
}

function cookieValue(cookies: string, name: string): string | undefined {
  for (const one of cookies.split(';')) {
    const [key, ...value] = one.trim().split('=');
    if (key === name) return value.join('=');
  }
  return undefined;
}
