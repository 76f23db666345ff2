/** Exchange servers, looked up in the configuration partition and known for a while. Bounded. */
import type { Reply } from '#contract/connector.ts';
import type { Clock } from '#ports/ports.ts';
import { note, type Trail } from '../found.ts';
import { type LdapEntry, textOf } from './entry.ts';
import { type ExchangeServer, readExchangeServer, serverAttributes, webServiceUrls } from './exchange-server.ts';
import type { LdapSession } from './ldap-session.ts';
import type { HomeHere } from './mailbox-entry.ts';
import { filterValue } from './names.ts';
import type { RootEntry } from './root-entry.ts';

/** A connection that is signed in, with what its server says about itself. */
export interface Opened {
  readonly session: LdapSession;
  readonly root: RootEntry;
}

type KnownServer = ExchangeServer & { readonly urls: readonly string[] };

interface Held {
  readonly server: KnownServer;
  readonly untilMs: number;
}

const serversKept = 1_000;

export class ServerLookup {
  readonly #open: () => Promise<Reply<Opened>>;
  readonly #settings: { readonly name: string; readonly serverMs: number };
  readonly #clock: Clock;
  readonly #servers = new Map<string, Held>();

  constructor(
    open: () => Promise<Reply<Opened>>,
    settings: { readonly name: string; readonly serverMs: number },
    clock: Clock,
  ) {
    this.#open = open;
    this.#settings = settings;
    this.#clock = clock;
  }

  /** How many the account may read. */
  async count(): Promise<Reply<number>> {
    const found = await this.#exchangeServers('(objectClass=msExchExchangeServer)', serversKept);
    return found.ok ? { ok: true, value: found.value.length } : found;
  }

  /** The database says it best: it moves with the mailbox, and in a group of servers it knows which one is active now. */
  async of(home: HomeHere, trail: Trail): Promise<Reply<KnownServer | undefined>> {
    const { database, server, serverName } = home;
    if (server !== undefined) return await this.#serverAt(server);
    if (database !== undefined) {
      const owner = await this.#ownerOf(database);
      if (!owner.ok) return owner;
      if (owner.value !== undefined) {
        const found = await this.#serverAt(owner.value);
        if (!found.ok || found.value !== undefined) return found;
      }
      note(trail, `${this.#settings.name}: ${database} does not name its server`);
    }
    return serverName === undefined ? { ok: true, value: undefined } : await this.#serverNamed(serverName);
  }

  async #ownerOf(database: string): Promise<Reply<string | undefined>> {
    const opened = await this.#open();
    if (!opened.ok) return opened;
    const found = await opened.value.session.search({
      base: database,
      scope: 'base',
      filter: '(objectClass=*)',
      attributes: ['msExchOwningServer'],
      entriesMax: 1,
    });
    if (!found.ok) return found;
    const [entry] = found.value;
    if (entry === undefined) return { ok: true, value: undefined };
    return { ok: true, value: textOf(entry, 'msExchOwningServer') };
  }

  async #serverAt(dn: string): Promise<Reply<KnownServer | undefined>> {
    const key = dn.toLowerCase();
    const now = this.#clock.now();
    const held = this.#servers.get(key);
    if (held !== undefined && held.untilMs > now) return { ok: true, value: held.server };
    const opened = await this.#open();
    if (!opened.ok) return opened;
    const { session } = opened.value;
    const found = await session.search({
      ...{ base: dn, scope: 'base', filter: '(objectClass=*)', attributes: serverAttributes, entriesMax: 1 },
    });
    if (!found.ok) return found;
    const server = found.value[0] === undefined ? undefined : readExchangeServer(found.value[0]);
    if (server === undefined) return { ok: true, value: undefined };
    const folders = await session.search({
      base: dn,
      scope: 'sub',
      filter: '(objectClass=msExchWebServicesVirtualDirectory)',
      attributes: ['msExchInternalHostName', 'msExchExternalHostName'],
      entriesMax: 20,
      first: true,
    });
    if (!folders.ok) return folders;
    const value = { ...server, urls: webServiceUrls(folders.value) };
    const [oldest] = this.#servers.keys();
    if (this.#servers.size >= serversKept && oldest !== undefined) this.#servers.delete(oldest);
    this.#servers.set(key, { server: value, untilMs: now + this.#settings.serverMs });
    return { ok: true, value };
  }

  async #serverNamed(name: string): Promise<Reply<KnownServer | undefined>> {
    const found = await this.#exchangeServers(`(&(objectClass=msExchExchangeServer)(cn=${filterValue(name)}))`, 2);
    if (!found.ok) return found;
    const [only] = found.value;
    return found.value.length === 1 && only !== undefined
      ? await this.#serverAt(only.dn)
      : { ok: true, value: undefined };
  }

  async #exchangeServers(filter: string, entriesMax: number): Promise<Reply<readonly LdapEntry[]>> {
    const opened = await this.#open();
    if (!opened.ok) return opened;
    const { configuration } = opened.value.root;
    if (configuration === undefined) return { ok: true, value: [] };
    return await opened.value.session.search({
      base: `CN=Microsoft Exchange,CN=Services,${configuration}`,
      scope: 'sub',
      filter,
      attributes: ['cn'],
      entriesMax,
      first: true,
    });
  }
}
