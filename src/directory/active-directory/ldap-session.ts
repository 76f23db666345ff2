/**
 * A signed-in connection to one of several equal LDAP servers, and searches over it.
 *
 * What must hold: the password travels encrypted or to this very machine; a refused sign-in is not repeated at the next
 * server (accounts lock); every search is bounded in entries, values, bytes, time and referrals; an answer is complete or it
 * is a fault, so that "not found" is only said when it is true.
 */
import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext, rootCertificates } from 'node:tls';
import { Client, ResultCodeError } from 'ldapts';
import type { Reply } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { LdapEntry } from './entry.ts';
import { ldapFault } from './ldap-fault.ts';
import { mergedEntry, nextRange, type RawEntry, withRange } from './ranges.ts';
import { isWorthFollowing, type Referral, readReferral, referralsOfText } from './referral.ts';

export interface LdapSettings {
  readonly signIn: { readonly user: string; readonly password: string };
  readonly startTls: boolean;
  readonly tls: { readonly caFile?: string | undefined; readonly allowOldVersions: boolean };
  readonly connectMs: number;
  readonly requestMs: number;
  /** Entries per page; Active Directory gives at most 1,000. */
  readonly pageEntries: number;
}

export interface Search {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  /** RFC 4515, values escaped. */
  readonly filter: string;
  readonly attributes: readonly string[];
  /** Those that come as bytes. */
  readonly bytes?: readonly string[];
  /** More entries than this are a fault, unless `first` says that the first ones are enough. */
  readonly entriesMax: number;
  readonly first?: boolean;
  /** DNS name of the forest whose referrals are followed; absent: none are. */
  readonly forest?: string;
}

const serversMax = 8;
/** Between the first server and the last one asked because of referrals. */
const referralHopsMax = 4;
const referralsMax = 16;
/** Requests for further values of one attribute; a range has 1,500 or more. */
const rangesMax = 200;
const answerBytesMax = 64 * 1024 * 1024;

/** What is left of the patience for one search, over all servers it leads to. */
interface Chase {
  readonly seen: Set<string>;
  hops: number;
}

export class LdapSession {
  readonly #urls: readonly string[];
  readonly #settings: LdapSettings;
  #client: Client | undefined;
  #opening: Promise<Reply<Client>> | undefined;
  readonly #sockets = new Set<Socket>();
  #at = 0;
  #bytes = 0;

  constructor(urls: readonly string[], settings: LdapSettings) {
    this.#urls = urls.slice(0, serversMax);
    this.#settings = settings;
  }

  /** The server that answered last. */
  get url(): string {
    return this.#urls[this.#at] ?? '';
  }

  async search(search: Search): Promise<Reply<readonly LdapEntry[]>> {
    return await this.#search(search, { seen: new Set(), hops: 0 });
  }

  /** Closing the connection ends the session as an unbind does; the library's own would wait for an answer after StartTLS. */
  async close(): Promise<void> {
    this.#client = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #search(search: Search, chase: Chase): Promise<Reply<readonly LdapEntry[]>> {
    const first = await this.#once(search, chase);
    if (first.ok || !mayHelpElsewhere(first.fault) || chase.hops > 0) return first;
    // The connection was an old one, or this server has just gone: the next one gets the same question.
    await this.close();
    this.#at = (this.#at + 1) % Math.max(1, this.#urls.length);
    return await this.#once(search, chase);
  }

  async #once(search: Search, chase: Chase): Promise<Reply<readonly LdapEntry[]>> {
    const bound = await this.#bound();
    if (!bound.ok) return bound;
    const host = hostOf(this.url);
    const entries: LdapEntry[] = [];
    let referrals: readonly Referral[] = [];
    try {
      const found = await this.#pages(bound.value, search);
      if (!found.ok) return found;
      for (const raw of found.value.entries) {
        const whole = await this.#whole(bound.value, raw, search);
        if (!whole.ok) return whole;
        entries.push(whole.value);
      }
      referrals = found.value.references.flatMap((url) => readReferral(url) ?? []);
    } catch (error) {
      if (error instanceof ResultCodeError && error.code === 32) return { ok: true, value: [] };
      const isReferral = error instanceof ResultCodeError && error.code === 10;
      referrals = isReferral ? referralsOfText(error.message, search.base) : [];
      if (referrals.length === 0 || search.forest === undefined) return { ok: false, fault: ldapFault(error, host) };
    }
    return await this.#followed(entries, referrals, search, chase);
  }

  async #pages(client: Client, search: Search): Promise<Reply<{ entries: RawEntry[]; references: string[] }>> {
    const entries: RawEntry[] = [];
    const references: string[] = [];
    this.#bytes = 0;
    const options = {
      scope: search.scope,
      filter: search.filter,
      attributes: [...search.attributes],
      explicitBufferAttributes: [...(search.bytes ?? [])],
      paged: { pageSize: Math.min(this.#settings.pageEntries, search.entriesMax + 1) },
      timeLimit: Math.ceil(this.#settings.requestMs / 1_000),
    };
    for await (const page of client.searchPaginated(search.base, options)) {
      entries.push(...page.searchEntries);
      references.push(...page.searchReferences.slice(0, referralsMax));
      this.#bytes = 0;
      if (entries.length <= search.entriesMax) continue;
      if (search.first === true) break;
      const message = `The directory holds more than ${search.entriesMax} entries of this kind.`;
      return { ok: false, fault: fault('budget.exhausted', message) };
    }
    return { ok: true, value: { entries: entries.slice(0, search.entriesMax), references } };
  }

  /** Attributes with many values come in ranges (MS-ADTS 3.1.1.3.1.3.3). */
  async #whole(client: Client, raw: RawEntry, search: Search): Promise<Reply<LdapEntry>> {
    let entry = raw;
    for (let asked = 0; ; asked += 1) {
      const range = nextRange(entry);
      if (range === undefined) return { ok: true, value: mergedEntry(entry) };
      if (asked === rangesMax)
        return { ok: false, fault: fault('budget.exhausted', `${range.name} has too many values.`) };
      const { searchEntries } = await client.search(entry.dn, {
        scope: 'base',
        attributes: [`${range.name};range=${range.from}-*`],
        explicitBufferAttributes: [...(search.bytes ?? [])],
      });
      const further = withRange(entry, searchEntries[0], range);
      // Without progress the same question would be asked for ever.
      if (further === undefined) {
        const host = hostOf(this.url);
        return {
          ok: false,
          fault: fault('server.garbled', `The directory server ${host} breaks off a list of values.`),
        };
      }
      entry = further;
    }
  }

  async #followed(
    entries: readonly LdapEntry[],
    referrals: readonly Referral[],
    search: Search,
    chase: Chase,
  ): Promise<Reply<readonly LdapEntry[]>> {
    const { forest } = search;
    if (forest === undefined) return { ok: true, value: entries };
    const all = [...entries];
    for (const referral of referrals.filter((one) => isWorthFollowing(one, forest))) {
      const key = `${referral.host} ${referral.base.toLowerCase()}`;
      if (chase.seen.has(key) || chase.seen.size >= referralsMax) continue;
      chase.seen.add(key);
      if (chase.hops >= referralHopsMax) return loops();
      const there = new LdapSession([sameWay(this.url, referral.host)], this.#settings);
      try {
        const further = { seen: chase.seen, hops: chase.hops + 1 };
        const found = await there.#search(
          { ...search, base: referral.base === '' ? search.base : referral.base },
          further,
        );
        if (!found.ok) return found;
        all.push(...found.value);
      } finally {
        await there.close();
      }
    }
    return { ok: true, value: all };
  }

  /** One sign-in at a time, whoever asks. */
  async #bound(): Promise<Reply<Client>> {
    if (this.#client?.isBound === true) return { ok: true, value: this.#client };
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return await this.#opening;
  }

  async #open(): Promise<Reply<Client>> {
    let last: Fault = fault('server.unreachable', 'No directory server is known.');
    for (let tried = 0; tried < this.#urls.length; tried += 1) {
      const url = this.url;
      try {
        const client = await this.#signedIn(url);
        this.#client = client;
        return { ok: true, value: client };
      } catch (error) {
        last = ldapFault(error, hostOf(url));
        if (last.code === 'authentication.rejected') return { ok: false, fault: last };
        this.#at = (this.#at + 1) % Math.max(1, this.#urls.length);
      }
    }
    return { ok: false, fault: last };
  }

  async #signedIn(url: string): Promise<Client> {
    const { signIn, startTls, connectMs, requestMs } = this.#settings;
    // A bind without a password succeeds as nobody (RFC 4513 section 5.1.2).
    if (signIn.password === '') throw new Error('empty password');
    const isTls = url.startsWith('ldaps:');
    const tls = isTls || startTls ? this.#tlsOptions(hostOf(url)) : undefined;
    const counted = <T extends Socket>(socket: T): T => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      return socket.on('data', (chunk: Buffer) => this.#count(socket, chunk));
    };
    const client = new Client({
      url,
      connectTimeout: connectMs,
      timeout: requestMs,
      ...(isTls && tls !== undefined && { tlsOptions: tls }),
      createConnection: ((port: number, host: string) => counted(connectTcp(port, host))) as typeof connectTcp,
      createSecureConnection: ((...given: Parameters<typeof connectTls>) =>
        counted(connectTls(...given))) as typeof connectTls,
    });
    try {
      if (!isTls && tls !== undefined) await client.startTLS(tls);
      await client.bind(signIn.user, signIn.password);
      return client;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  #tlsOptions(host: string): ConnectionOptions {
    const { caFile, allowOldVersions } = this.#settings.tls;
    return {
      host,
      // Addresses must not be sent as a name (RFC 6066 section 3).
      ...(isIP(host) === 0 && { servername: host }),
      secureContext: createSecureContext({
        ...(caFile !== undefined && { ca: [...rootCertificates, readFileSync(caFile, 'utf8')] }),
        ...(allowOldVersions && { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
      }),
    };
  }

  /** A server that never ends an answer must not fill our memory. */
  #count(socket: Socket, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > answerBytesMax) socket.destroy();
  }
}

function mayHelpElsewhere({ code }: Fault): boolean {
  return code === 'server.unreachable' || code === 'server.failure' || code === 'server.timeout';
}

function loops(): Reply<never> {
  return { ok: false, fault: fault('server.garbled', 'The directory servers refer to each other without end.') };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : url;
}

/** The same protocol and port at another host: whatever a referral says, it does not take the encryption off. */
function sameWay(url: string, host: string): string {
  const { protocol, port } = new URL(url);
  return `${protocol}//${host}${port === '' ? '' : `:${port}`}`;
}
