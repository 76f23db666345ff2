/**
 * The connections of one process to its Exchange servers. Requests that carry their own credentials share one pool per
 * server, so that a visit to a mailbox costs no new connection; NTLM signs in the connection itself and gets one of its own
 * per mailbox session, never shared between identities.
 */
import type { Ports } from '#ports/ports.ts';
import type { EwsSettings } from '../options.ts';
import { basicChannel, NtlmChannel, type SignedInChannel } from './authentication.ts';
import { type HttpChannel, openPinned, openPool } from './http.ts';

export interface SessionChannel extends SignedInChannel {
  close(): Promise<void>;
}

/** What signing in to a server takes; autodiscover signs in in the same way. */
type ChannelSettings = Pick<EwsSettings, 'endpoint' | 'tls' | 'connectTimeoutMs' | 'credentials'>;

export class Connections {
  readonly #pools = new Map<string, HttpChannel>();

  /** A signed-in channel for one mailbox session. Closing it leaves shared connections open for the next. */
  open(settings: ChannelSettings, ports: Ports): SessionChannel {
    const { endpoint, tls, connectTimeoutMs, credentials } = settings;
    switch (credentials.kind) {
      case 'basic': {
        const signedIn = basicChannel(this.#pool(settings, ports), credentials);
        return { ...signedIn, close: () => Promise.resolve() };
      }
      case 'ntlm': {
        const pinned = openPinned(endpoint, tls, connectTimeoutMs, ports.clock, ports.timer);
        const signedIn = new NtlmChannel(pinned, credentials, endpoint, ports);
        return {
          post: (path, headers, body, timeoutMs) => signedIn.post(path, headers, body, timeoutMs),
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

  #pool(settings: ChannelSettings, ports: Ports): HttpChannel {
    const { endpoint, tls, connectTimeoutMs } = settings;
    const key = JSON.stringify([endpoint.origin, tls.caFile, tls.allowOldVersions, connectTimeoutMs]);
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = openPool(endpoint, tls, connectTimeoutMs, ports.clock, ports.timer);
      this.#pools.set(key, pool);
    }
    return pool;
  }
}
