/** Server objects of the configuration partition (reference on Exchange 2007, section 2.3). */
import type { Profile, ProfileId } from '../ews/profiles.ts';
import type { DirectorySettings } from './directory-settings.ts';
import { type Entry, entry } from './entry.ts';
import { overridden } from './overridden.ts';

export interface ServerPlace {
  readonly version: ProfileId;
  readonly name: string;
  readonly fqdn: string;
  readonly dn: string;
  /** DN of the mailbox store. */
  readonly database: string;
  readonly legacyDn: string;
  /** DN of the message transfer agent. */
  readonly transferAgent: string;
}

export interface Organisation {
  /** `CN=ExampleOrg,CN=Microsoft Exchange,CN=Services,CN=Configuration,…`. */
  readonly dn: string;
  readonly configurationDn: string;
  readonly domain: string;
}

export const organisationName = 'ExampleOrg';
export const administrativeGroup = 'Exchange Administrative Group (FYDIBOHF23SPDLT)';

/** Keyword of the service connection points of autodiscover. */
const autodiscoverKeyword = '77378F46-2C66-4aa9-A6A6-3E7A48B19596';

const siteDefault = 'Default-First-Site-Name';

/** Name of the server that holds the mailboxes of a build. */
export function serverName(version: ProfileId, settings: DirectorySettings): string {
  return settings.servers.find((one) => one.version === version)?.name ?? `EX-${version.toUpperCase()}`;
}

/** The server of a build: where it stands, and where its mailboxes are. */
export function serverPlace(profile: Profile, organisation: Organisation, settings: DirectorySettings): ServerPlace {
  const given = settings.servers.find((one) => one.version === profile.id);
  const name = serverName(profile.id, settings);
  const group = `CN=${administrativeGroup},CN=Administrative Groups,${organisation.dn}`;
  const dn = `CN=${name},CN=Servers,${group}`;
  return {
    version: profile.id,
    name,
    fqdn: given?.fqdn ?? `${name.toLowerCase()}.${organisation.domain}`,
    dn,
    database: hasStorageGroups(profile)
      ? `CN=Mailbox Database,CN=First Storage Group,CN=InformationStore,${dn}`
      : `CN=DB-${name},CN=Databases,${group}`,
    legacyDn: `/o=${organisationName}/ou=${administrativeGroup}/cn=Configuration/cn=Servers/cn=${name}`,
    transferAgent: `CN=Microsoft MTA,${dn}`,
  };
}

/** Until 2007 a database stood below its server. */
function hasStorageGroups(profile: Profile): boolean {
  return profile.build[0] <= 8;
}

/** `Version 8.3 (Build 30083.6)`: from version 8 on, builds are counted from 30000. */
export function serialNumber({ build: [major, minor, build, revision] }: Profile): string {
  return `Version ${major}.${minor} (Build ${30_000 + build}.${revision})`;
}

export function versionNumber({ build: [major, minor, build] }: Profile): number {
  return 0x7000_8000 + major * 0x40_0000 + minor * 0x1_0000 + build;
}

/** A server with its store, its transfer agent, its protocols and its service connection point. `origin` is where it really answers. */
export function serverEntries(
  profile: Profile,
  place: ServerPlace,
  organisation: Organisation,
  settings: DirectorySettings,
  origin: string,
): readonly Entry[] {
  const given = settings.servers.find((one) => one.version === profile.id);
  const site = `CN=${given?.site ?? siteDefault},CN=Sites,${organisation.configurationDn}`;
  const { dn, name, fqdn } = place;
  const networkAddress = [
    `ncacn_vns_spp:${name}`,
    `netbios:${name}`,
    `ncacn_np:${name}`,
    `ncacn_spx:${name}`,
    `ncacn_ip_tcp:${fqdn}`,
    `ncalrpc:${name}`,
  ];
  const schema = (category: string): string => `CN=${category},CN=Schema,${organisation.configurationDn}`;
  const server = {
    objectClass: ['top', 'server', 'msExchExchangeServer'],
    objectCategory: schema('ms-Exch-Exchange-Server'),
    cn: name,
    name,
    networkAddress,
    legacyExchangeDN: place.legacyDn,
    serialNumber: serialNumber(profile),
    versionNumber: versionNumber(profile),
    msExchCurrentServerRoles: 2 | 4 | 16 | 32,
    msExchServerSite: site,
    msExchHomeRoutingGroup: undefined,
  };
  const container = (path: string, objectClass = 'container') =>
    entry(path, { objectClass: ['top', objectClass], cn: /^CN=([^,]*)/.exec(path)?.[1] ?? '' });
  const http = `CN=HTTP,CN=Protocols,${dn}`;
  return [
    entry(dn, overridden(server, given?.attributes ?? {})),
    entry(place.transferAgent, { objectClass: ['top', 'mTA'], cn: 'Microsoft MTA', networkAddress }),
    container(`CN=Protocols,${dn}`, 'msExchProtocolCfgProtocolContainer'),
    container(http, 'msExchProtocolCfgHTTPContainer'),
    container(`CN=Autodiscover,CN=Protocols,${dn}`, 'msExchProtocolCfgProtocolContainer'),
    ...directories(profile, http, origin),
    entry(`CN=${name},CN=Autodiscover,CN=Protocols,${dn}`, {
      objectClass: ['top', 'leaf', 'connectionPoint', 'serviceConnectionPoint'],
      objectCategory: schema('Service-Connection-Point'),
      cn: name,
      keywords: [autodiscoverKeyword, `Site=${given?.site ?? siteDefault}`],
      serviceBindingInformation: `${origin}/Autodiscover/Autodiscover.xml`,
      serviceClassName: 'ms-Exchange-AutoDiscover-Service',
      serviceDNSName: fqdn,
      serviceDNSNameType: 'A',
    }),
    ...databaseEntries(profile, place),
  ];
}

function directories(profile: Profile, http: string, origin: string): readonly Entry[] {
  const directory = (name: string, objectClass: string, path: string): Entry =>
    entry(`CN=${name} (Default Web Site),${http}`, {
      objectClass: ['top', 'msExchVirtualDirectory', objectClass],
      cn: `${name} (Default Web Site)`,
      msExchInternalHostName: `${origin}${path}`,
      msExchExternalHostName: `${origin}${path}`,
    });
  return [
    directory('owa', 'msExchOwaVirtualDirectory', '/owa'),
    directory('EWS', 'msExchWebServicesVirtualDirectory', '/EWS/Exchange.asmx'),
    directory('Autodiscover', 'msExchAutoDiscoverVirtualDirectory', '/Autodiscover/Autodiscover.xml'),
    ...(profile.build[0] <= 8 ? [directory('Exchange', 'msExchOwaVirtualDirectory', '/exchange')] : []),
  ];
}

function databaseEntries(profile: Profile, place: ServerPlace): readonly Entry[] {
  const { database, dn } = place;
  const attributes = {
    objectClass: ['top', 'msExchMDB', 'msExchPrivateMDB'],
    cn: /^CN=([^,]*)/.exec(database)?.[1] ?? '',
    msExchOwningServer: dn,
    msExchMasterServerOrAvailabilityGroup: hasStorageGroups(profile) ? undefined : dn,
  };
  if (!hasStorageGroups(profile)) return [entry(database, attributes)];
  return [
    entry(`CN=InformationStore,${dn}`, {
      objectClass: ['top', 'container', 'msExchInformationStore'],
      cn: 'InformationStore',
    }),
    entry(`CN=First Storage Group,CN=InformationStore,${dn}`, {
      objectClass: ['top', 'container', 'msExchStorageGroup'],
      cn: 'First Storage Group',
    }),
    entry(database, attributes),
  ];
}
