/**
 * The connections of one process to its Exchange servers. Requests that carry their own credentials share one pool per
 * server, so that a visit to a mailbox costs no new connection; NTLM signs in the connection itself and gets one of its own
 * per mailbox session, never shared between identities.
 */
import type { Ports } from '#ports/ports.ts';
import { type Account, basicChannel, NtlmChannel, type SignedInChannel } from './authentication.ts';
import { type HttpChannel, openPinned, openPool, type TlsOptions } from './http.ts';

/** What must be known to open a channel. `forms`: the session signs in itself and sends cookies. */
export interface Destination {
  readonly endpoint: URL;
  readonly tls: TlsOptions;
  readonly connectTimeoutMs: number;
  readonly credentials: Account & { readonly kind: 'basic' | 'ntlm' | 'forms' };
}

export interface SessionChannel extends SignedInChannel {
  close(): Promise<void>;
}

export class Connections {
  readonly #pools = new Map<string, HttpChannel>();

  /** A signed-in channel for one mailbox session. Closing it leaves shared connections open for the next. */
  open(destination: Destination, ports: Ports): SessionChannel {
    const { endpoint, tls, connectTimeoutMs, credentials } = destination;
    switch (credentials.kind) {
      case 'basic': {
        const signedIn = basicChannel(this.#pool(destination, ports), credentials);
        return { ...signedIn, close: () => Promise.resolve() };
      }
      case 'forms': {
        const pool = this.#pool(destination, ports);
        return { send: (request) => pool.send(request), reset: () => {}, close: () => Promise.resolve() };
      }
      case 'ntlm': {
        const pinned = openPinned(endpoint, tls, connectTimeoutMs, ports.clock, ports.timer);
        const signedIn = new NtlmChannel(pinned, credentials, endpoint, ports);
        return {
          send: (request) => signedIn.send(request),
          reset: () => signedIn.reset(),
          close: () => pinned.close(),
        };
      }
    }
  }

  /** Closes every shared connection. Idempotent. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.close()));
  }

  #pool({ endpoint, tls, connectTimeoutMs }: Destination, ports: Ports): HttpChannel {
    const key = JSON.stringify([endpoint.origin, tls.caFile, tls.authorities, tls.allowOldVersions, connectTimeoutMs]);
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = openPool(endpoint, tls, connectTimeoutMs, ports.clock, ports.timer);
      this.#pools.set(key, pool);
    }
    return pool;
  }
}
