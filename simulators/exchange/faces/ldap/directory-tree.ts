/**
 * The directory of an organisation as naming contexts of objects. Who has a mailbox where is asked anew each time, because
 * mailboxes move; everything else is made once.
 */
import type { Profile, ProfileId } from '../ews/profiles.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { domainDn, escapedValue, normalDn } from './dn.ts';
import { type Entry, entry } from './entry.ts';
import { overridden } from './overridden.ts';
import {
  administrativeGroup,
  type Organisation,
  organisationName,
  type ServerPlace,
  serverEntries,
  serverPlace,
} from './servers.ts';
import { accountAttributes, mailboxAttributes, type Person } from './users.ts';

/** What the tree is made from. */
export interface DirectorySource {
  /** Root domain of the main forest. */
  readonly domain: string;
  readonly settings: DirectorySettings;
  readonly people: readonly (Person & {
    readonly attributes: Readonly<Record<string, string | readonly string[] | null>>;
  })[];
  /** Accounts without mailboxes. */
  readonly services: readonly string[];
  /** Builds of the servers there are; a mailbox that moves may bring another. */
  profiles(): readonly Profile[];
  /** Build of the server that holds a mailbox now. */
  versionOf(address: string): ProfileId;
  /** Where the servers really answer. */
  origin(): string;
}

export interface Context {
  readonly kind: 'domain' | 'configuration' | 'schema';
  readonly dn: string;
  readonly normal: string;
  /** DNS name of the domain; for the others, of their forest's root. */
  readonly domain: string;
  readonly forest: string;
}

interface Placed {
  readonly person: DirectorySource['people'][number];
  readonly dn: string;
  readonly normal: string;
}

/** Revision of the schema that the newest server brings; what may exist, not where anybody is. */
const schemaRevision = 17_003;

export class DirectoryTree {
  readonly contexts: readonly Context[];
  readonly #source: DirectorySource;
  readonly #organisation: Organisation;
  readonly #places = new Map<ProfileId, ServerPlace>();
  readonly #people = new Map<string, Placed[]>();
  readonly #fixed = new Map<string, readonly Entry[]>();
  readonly #made = new Map<string, Entry>();

  constructor(source: DirectorySource) {
    this.#source = source;
    const { domain } = source;
    const configurationDn = `CN=Configuration,${domainDn(domain)}`;
    const dn = `CN=${organisationName},CN=Microsoft Exchange,CN=Services,${configurationDn}`;
    this.#organisation = { dn, configurationDn, domain };
    this.contexts = this.#makeContexts();
    this.#placePeople();
  }

  get configurationDn(): string {
    return this.#organisation.configurationDn;
  }

  /** Objects of a context, the containers first. */
  *entriesOf(context: Context): Generator<Entry> {
    yield* this.#fixedOf(context);
    if (context.kind === 'domain')
      for (const one of this.#people.get(context.domain) ?? []) yield this.#personEntry(one);
  }

  /** One object by its name in the compared spelling. */
  find(normal: string, contexts: readonly Context[]): Entry | undefined {
    for (const context of contexts) {
      const fixed = this.#fixedOf(context).find((one) => one.normal === normal);
      if (fixed !== undefined) return fixed;
      if (context.kind !== 'domain') continue;
      const placed = this.#people.get(context.domain)?.find((one) => one.normal === normal);
      if (placed !== undefined) return this.#personEntry(placed);
    }
    return undefined;
  }

  #makeContexts(): readonly Context[] {
    const { domain, settings } = this.#source;
    const context = (kind: Context['kind'], dn: string, name: string, forest: string): Context => ({
      kind,
      dn,
      normal: normalDn(dn) ?? '',
      domain: name,
      forest,
    });
    const forests = [domain, ...settings.domains.filter((one) => one.isForest).map((one) => one.name)];
    return [
      context('domain', domainDn(domain), domain, domain),
      ...settings.domains.map((one) =>
        context('domain', domainDn(one.name), one.name, one.isForest ? one.name : domain),
      ),
      ...forests.flatMap((one) => [
        context('configuration', `CN=Configuration,${domainDn(one)}`, one, one),
        context('schema', `CN=Schema,CN=Configuration,${domainDn(one)}`, one, one),
      ]),
    ];
  }

  /** Everybody stands in the domain of their address, under their name; namesakes get their address behind it. */
  #placePeople(): void {
    const { domain, settings, people } = this.#source;
    const taken = new Set<string>();
    for (const person of people) {
      const mailDomain = person.address.split('@')[1]?.toLowerCase() ?? '';
      const home = settings.domains.find((one) => one.name.toLowerCase() === mailDomain)?.name ?? domain;
      const dnWith = (name: string): string => `CN=${escapedValue(name)},CN=Users,${domainDn(home)}`;
      let dn = dnWith(person.displayName);
      if (taken.has(dn.toLowerCase())) dn = dnWith(`${person.displayName} ${person.address}`);
      taken.add(dn.toLowerCase());
      const all = this.#people.get(home) ?? [];
      all.push({ person, dn, normal: normalDn(dn) ?? '' });
      this.#people.set(home, all);
    }
  }

  #personEntry({ person, dn }: Placed): Entry {
    const version = this.#source.versionOf(person.address);
    const key = `${person.address} ${version}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const profile = this.#source.profiles().find((one) => one.id === version);
    const place = profile === undefined ? undefined : this.#placeOf(profile);
    const account = accountAttributes(person.address, person.displayName, this.configurationDn);
    const mailbox = place === undefined ? {} : mailboxAttributes(person, place, profile?.build[0] ?? 15);
    const made = entry(dn, overridden({ ...account, ...mailbox }, person.attributes));
    this.#made.set(key, made);
    return made;
  }

  #fixedOf(context: Context): readonly Entry[] {
    const builds = context.kind === 'configuration' ? this.#source.profiles().map((one) => one.id) : [];
    const key = [context.normal, ...builds].join(' ');
    const known = this.#fixed.get(key);
    if (known !== undefined) return known;
    const made = this.#makeFixed(context);
    this.#fixed.set(key, made);
    return made;
  }

  #placeOf(profile: Profile): ServerPlace {
    const known = this.#places.get(profile.id);
    if (known !== undefined) return known;
    const made = serverPlace(profile, this.#organisation, this.#source.settings);
    this.#places.set(profile.id, made);
    return made;
  }

  #makeFixed(context: Context): readonly Entry[] {
    const isMain = context.domain === this.#source.domain;
    switch (context.kind) {
      case 'domain':
        return [...domainEntries(context), ...(isMain ? this.#mainDomainEntries(context) : [])];
      case 'configuration':
        return isMain ? this.#configurationEntries(context) : [container(context.dn, 'configuration')];
      case 'schema':
        return [
          entry(context.dn, { objectClass: ['top', 'dMD'], cn: 'Schema' }),
          entry(`CN=ms-Exch-Schema-Version-Pt,${context.dn}`, {
            objectClass: ['top', 'attributeSchema'],
            cn: 'ms-Exch-Schema-Version-Pt',
            rangeUpper: schemaRevision,
          }),
        ];
    }
  }

  #mainDomainEntries({ dn }: Context): readonly Entry[] {
    const { services, settings } = this.#source;
    const members = [...this.#people.values()].flat().map((one) => one.dn);
    return [
      ...services.map((name) =>
        entry(
          `CN=${escapedValue(name.split('@')[0] ?? name)},CN=Users,${dn}`,
          accountAttributes(name, name.split('@')[0] ?? name, this.configurationDn),
        ),
      ),
      ...settings.others.map(({ name, attributes }) =>
        entry(
          `CN=${escapedValue(name)},CN=Users,${dn}`,
          overridden(accountAttributes(name, name, this.configurationDn), attributes),
        ),
      ),
      entry(`CN=All Staff,CN=Users,${dn}`, {
        objectClass: ['top', 'group'],
        objectCategory: `CN=Group,CN=Schema,${this.configurationDn}`,
        cn: 'All Staff',
        sAMAccountName: 'All Staff',
        member: members,
        msExchRecipientTypeDetails: 1024,
      }),
    ];
  }

  #configurationEntries({ dn }: Context): readonly Entry[] {
    const { settings, profiles, origin } = this.#source;
    const organisation = this.#organisation;
    const groups = `CN=Administrative Groups,${organisation.dn}`;
    const group = `CN=${administrativeGroup},${groups}`;
    return [
      container(dn, 'configuration'),
      container(`CN=Sites,${dn}`, 'sitesContainer'),
      container(`CN=Default-First-Site-Name,CN=Sites,${dn}`, 'site'),
      container(`CN=Services,${dn}`),
      container(`CN=Microsoft Exchange,CN=Services,${dn}`, 'msExchConfigurationContainer'),
      container(organisation.dn, 'msExchOrganizationContainer'),
      container(groups, 'msExchAdminGroupContainer'),
      container(group, 'msExchAdminGroup'),
      container(`CN=Servers,${group}`, 'msExchServersContainer'),
      container(`CN=Databases,${group}`, 'msExchMDBContainer'),
      ...profiles().flatMap((profile) =>
        serverEntries(profile, this.#placeOf(profile), organisation, settings, origin()),
      ),
    ];
  }
}

function container(dn: string, objectClass = 'container'): Entry {
  return entry(dn, { objectClass: ['top', objectClass], cn: /^CN=([^,]*)/i.exec(dn)?.[1] ?? '' });
}

function domainEntries({ dn, domain }: Context): readonly Entry[] {
  return [
    entry(dn, { objectClass: ['top', 'domain', 'domainDNS'], dc: domain.split('.')[0] ?? domain, name: domain }),
    container(`CN=Users,${dn}`),
  ];
}
