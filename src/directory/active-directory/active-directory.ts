/**
 * One forest of Active Directory: user, mailbox, server and version (exchange-2007 reference section 2). Users are looked for
 * in the global catalog, which knows the whole forest; servers in the configuration partition of a domain controller.
 */
import type { Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { MailboxLocation } from '#contract/location.ts';
import type { Ports } from '#ports/ports.ts';
import { type Found, note, type Trail } from '../found.ts';
import { route } from '../route.ts';
import { versionText } from '../version.ts';
import { findControllers, type ResolveSrv } from './controllers.ts';
import { type LdapEntry, textsOf } from './entry.ts';
import { LdapSession, type LdapSettings, type Search } from './ldap-session.ts';
import {
  byteAttributes,
  type HomeHere,
  type MailboxEntry,
  mailboxAttributes,
  readMailboxEntry,
} from './mailbox-entry.ts';
import { filterValue } from './names.ts';
import { type RootEntry, readRootEntry } from './root-entry.ts';
import { type Opened, ServerLookup } from './server-lookup.ts';

export interface ActiveDirectorySettings extends LdapSettings {
  /** Name of the directory in the configuration. */
  readonly name: string;
  /** Domain controllers; empty: found by DNS. */
  readonly urls: readonly string[];
  /** Global catalogs; empty: found by DNS, or the domain controllers where those are given. */
  readonly globalCatalogs: readonly string[];
  /** DNS name of the forest, for both. */
  readonly forest?: string | undefined;
  /** How long what is known about a server is used. */
  readonly serverMs: number;
}

const keywordOfServicePoints = '77378F46-2C66-4aa9-A6A6-3E7A48B19596';
const servicePointsMax = 50;

export class ActiveDirectory {
  readonly #settings: ActiveDirectorySettings;
  readonly #ports: Ports;
  readonly #resolve: ResolveSrv;
  readonly #servers: ServerLookup;
  readonly #sessions = new Map<'users' | 'configuration', { readonly session: LdapSession; root?: RootEntry }>();

  constructor(settings: ActiveDirectorySettings, ports: Ports, resolve: ResolveSrv) {
    this.#settings = settings;
    this.#ports = ports;
    this.#resolve = resolve;
    this.#servers = new ServerLookup(() => this.#open('configuration'), settings, ports.clock);
  }

  /** Where the mailbox of this address is. */
  async find(address: string, trail: Trail): Promise<Found> {
    const entry = await this.#userOf(address, trail);
    if (!entry.ok) return { kind: 'failed', fault: entry.fault };
    if (entry.value === undefined) return this.#unknown(`${this.#settings.name} has no entry with this address`, trail);
    const user = readMailboxEntry(entry.value);
    note(trail, `${this.#settings.name}: ${user.dn}`);
    const { home } = user;
    switch (home.kind) {
      case 'online':
        note(trail, `${this.#settings.name}: the entry says that the mailbox is in Exchange Online`);
        return {
          kind: 'found',
          location: this.#location(user, address, { protocols: ['graph'], source: 'activeDirectory.remote' }),
        };
      case 'elsewhere':
        note(trail, `${this.#settings.name}: mail goes on to ${home.target}`);
        return { kind: 'redirected', address: home.target };
      case 'none':
        return this.#unknown(`the entry in ${this.#settings.name} has no mailbox`, trail);
      case 'here':
        return await this.#onServer(user, home, address, trail);
    }
  }

  /** One search of users; base '' of a global catalog is the whole forest. */
  async searchUsers(search: Omit<Search, 'base' | 'scope' | 'forest'>): Promise<Reply<readonly LdapEntry[]>> {
    const opened = await this.#open('users');
    if (!opened.ok) return opened;
    const { session, root } = opened.value;
    const base = root.isGlobalCatalog ? '' : root.defaultBase;
    const forest = root.isGlobalCatalog ? undefined : root.forest;
    return await session.search({ ...search, base, scope: 'sub', ...(forest !== undefined && { forest }) });
  }

  /** URLs of autodiscover that the organisation publishes. */
  async servicePoints(): Promise<Reply<readonly string[]>> {
    const opened = await this.#open('configuration');
    if (!opened.ok) return opened;
    const { configuration } = opened.value.root;
    if (configuration === undefined) return { ok: true, value: [] };
    const found = await opened.value.session.search({
      base: configuration,
      scope: 'sub',
      filter: `(&(objectClass=serviceConnectionPoint)(keywords=${filterValue(keywordOfServicePoints)}))`,
      attributes: ['serviceBindingInformation', 'keywords'],
      entriesMax: servicePointsMax,
      first: true,
    });
    if (!found.ok) return found;
    const urls = found.value.flatMap((entry) => textsOf(entry, 'serviceBindingInformation'));
    return { ok: true, value: [...new Set(urls)].filter((url) => /^https:/i.test(url) && URL.canParse(url)) };
  }

  /** For the doctor: what answers, and whether it knows of Exchange. */
  async look(): Promise<Reply<{ readonly url: string; readonly root: RootEntry; readonly servers: number }>> {
    const opened = await this.#open('configuration');
    if (!opened.ok) return opened;
    const { session } = opened.value;
    const users = await this.#open('users');
    if (!users.ok) return users;
    const servers = await this.#servers.count();
    if (!servers.ok) return servers;
    return { ok: true, value: { url: session.url, root: users.value.root, servers: servers.value } };
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(sessions.map(({ session }) => session.close()));
  }

  /** By proxy address, which is indexed and in the catalog; then by the attributes older entries have only. */
  async #userOf(address: string, trail: Trail): Promise<Reply<LdapEntry | undefined>> {
    const value = filterValue(address);
    for (const filter of [`(proxyAddresses=smtp:${value})`, `(|(mail=${value})(userPrincipalName=${value}))`]) {
      const found = await this.searchUsers({
        filter,
        attributes: mailboxAttributes,
        bytes: byteAttributes,
        entriesMax: 2,
        first: true,
      });
      if (!found.ok) return found;
      note(trail, `${this.#settings.name}: ${filter}: ${found.value.length} found`);
      if (found.value.length > 1) {
        const message = `Several entries of the directory ${this.#settings.name} carry this address.`;
        return { ok: false, fault: fault('mailbox.notFound', message) };
      }
      if (found.value[0] !== undefined) return { ok: true, value: found.value[0] };
    }
    return { ok: true, value: undefined };
  }

  async #onServer(user: MailboxEntry, home: HomeHere, address: string, trail: Trail): Promise<Found> {
    const server = await this.#servers.of(home, trail);
    if (!server.ok) return { kind: 'failed', fault: server.fault };
    const name = home.serverName?.toLowerCase();
    if (server.value === undefined) {
      note(trail, `${this.#settings.name}: the object of its server cannot be read`);
      if (name === undefined)
        return this.#unknown(`${this.#settings.name} does not say on which server the mailbox is`, trail);
      return {
        kind: 'found',
        location: this.#location(user, address, { server: name, protocols: [], source: 'activeDirectory' }),
      };
    }
    const { host, version, urls } = server.value;
    const text = version === undefined ? undefined : versionText(version);
    note(trail, `${this.#settings.name}: on ${host}, version ${text ?? 'unknown'}`);
    const routed = route({ protocols: [], ...(text !== undefined && { version: text }) });
    const protocols = routed.kind === 'none' ? [] : ([routed.connector === 'exchange2007' ? 'webdav' : 'ews'] as const);
    const more = { server: host, urls, protocols, source: 'activeDirectory' } as const;
    return {
      kind: 'found',
      location: this.#location(user, address, { ...more, ...(text !== undefined && { version: text }) }),
    };
  }

  #location(
    user: MailboxEntry,
    address: string,
    more: Omit<Partial<MailboxLocation>, 'source' | 'protocols'> & Pick<MailboxLocation, 'source' | 'protocols'>,
  ): MailboxLocation {
    return {
      urls: [],
      smtp: user.smtp ?? address,
      ...(user.legacyDn !== undefined && { legacyDn: user.legacyDn }),
      ...(user.mailboxGuid !== undefined && { mailboxGuid: user.mailboxGuid }),
      directory: this.#settings.name,
      at: instantAt(this.#ports.clock.now()),
      ...more,
    };
  }

  #unknown(message: string, trail: Trail): Found {
    note(trail, message);
    return { kind: 'unknown', message };
  }

  async #open(role: 'users' | 'configuration'): Promise<Reply<Opened>> {
    let held = this.#sessions.get(role);
    if (held === undefined) {
      const urls = await this.#urlsFor(role);
      if (!urls.ok) return urls;
      held = this.#sessions.get(role) ?? { session: new LdapSession(urls.value, this.#settings) };
      this.#sessions.set(role, held);
    }
    const { session } = held;
    if (held.root === undefined) {
      const root = await readRootEntry(session);
      if (!root.ok) return root;
      held.root = root.value;
    }
    return { ok: true, value: { session, root: held.root } };
  }

  async #urlsFor(role: 'users' | 'configuration'): Promise<Reply<readonly string[]>> {
    const { urls, globalCatalogs, forest, startTls } = this.#settings;
    const given = role === 'users' && globalCatalogs.length > 0 ? globalCatalogs : urls;
    if (given.length > 0 || forest === undefined) return { ok: true, value: given };
    const wanted = role === 'users' ? 'globalCatalog' : 'domainController';
    return await findControllers(forest, wanted, startTls, this.#resolve, this.#ports.random);
  }
}

function instantAt(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}
