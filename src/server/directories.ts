/** The directories of the configuration, ready to be asked. */
import { Connections } from '#connectors/transport/connections.ts';
import type { AddressResolver } from '#contract/address-resolver.ts';
import { fault } from '#contract/fault.ts';
import type { ActiveDirectory } from '#directory/active-directory/active-directory.ts';
import { systemSrv } from '#directory/active-directory/controllers.ts';
import { type AutodiscoverSettings, autodiscover } from '#directory/autodiscover/autodiscover.ts';
import type { Directory } from '#directory/find-mailbox.ts';
import type { Found } from '#directory/found.ts';
import { addressResolver } from '#directory/resolve-addresses.ts';
import type { Ports } from '#ports/ports.ts';
import type { Config, DirectoryConfig } from './config-schema.ts';
import { type Environment, readSecret } from './secret.ts';

export interface Directories {
  readonly all: readonly Directory[];
  /** By name, those that are asked by LDAP; for the doctor. */
  readonly byLdap: ReadonlyMap<string, ActiveDirectory>;
  /** Undefined when no directory can be searched for people. */
  readonly resolver: AddressResolver | undefined;
  close(): Promise<void>;
}

const serverHours = 1;
const hourMs = 3_600_000;

/** Nothing is connected before the first question. A secret that is missing is a fault of that directory's answers. */
export async function openDirectories(
  config: Pick<Config, 'directories'>,
  environment: Environment,
  ports: Ports,
): Promise<Directories> {
  const connections = new Connections();
  const byLdap = new Map<string, ActiveDirectory>();
  const all: Directory[] = [];
  for (const [name, directory] of Object.entries(config.directories)) {
    all.push(await opened(name, directory, { environment, ports, connections, byLdap }));
  }
  return {
    all,
    byLdap,
    resolver: byLdap.size === 0 ? undefined : addressResolver([...byLdap.values()], ports.clock),
    async close() {
      for (const directory of byLdap.values()) await directory.close();
      await connections.close();
    },
  };
}

interface Opening {
  readonly environment: Environment;
  readonly ports: Ports;
  readonly connections: Connections;
  readonly byLdap: Map<string, ActiveDirectory>;
}

async function opened(name: string, config: DirectoryConfig, opening: Opening): Promise<Directory> {
  const { ldap, autodiscover: web, domains } = config;
  const byLdap = ldap === undefined ? undefined : await ldapWay(name, ldap, opening);
  const byAutodiscover = web === undefined ? undefined : await webWay(name, web, opening);
  return { name, domains, ...(byLdap && { byLdap }), ...(byAutodiscover && { byAutodiscover }) };
}

type Way = NonNullable<Directory['byLdap']>;

async function ldapWay(name: string, config: NonNullable<DirectoryConfig['ldap']>, opening: Opening): Promise<Way> {
  const { environment, ports } = opening;
  const password = await readSecret(config.signIn.password, environment);
  if (!password.ok) return async () => noSecret(name, password.message);
  // Loaded only here: most engines ask no directory, and its library takes memory.
  const { ActiveDirectory } = await import('#directory/active-directory/active-directory.ts');
  const directory = new ActiveDirectory(
    {
      name,
      urls: config.urls,
      globalCatalogs: config.globalCatalogs,
      forest: config.forest,
      signIn: { user: config.signIn.user, password: password.value },
      startTls: config.startTls,
      tls: config.tls,
      connectMs: config.connectSeconds * 1_000,
      requestMs: config.requestSeconds * 1_000,
      pageEntries: config.pageEntries,
      serverMs: serverHours * hourMs,
    },
    ports,
    systemSrv,
  );
  opening.byLdap.set(name, directory);
  return (address, trail) => directory.find(address, trail);
}

async function webWay(
  name: string,
  config: NonNullable<DirectoryConfig['autodiscover']>,
  { environment, ports, connections, byLdap }: Opening,
): Promise<Way> {
  const password = await readSecret(config.signIn.password, environment);
  if (!password.ok) return async () => noSecret(name, password.message);
  const settings: AutodiscoverSettings = {
    name,
    urls: config.urls,
    hosts: config.hosts,
    signIn: { kind: config.signIn.kind, user: config.signIn.user, password: password.value },
    tls: config.tls,
    connectMs: config.connectSeconds * 1_000,
    requestMs: config.requestSeconds * 1_000,
  };
  const servicePoints = async (): Promise<readonly string[]> => {
    // Without an answer from the forest the hosts of the mail domain are still worth a try.
    const reply = await byLdap.get(name)?.servicePoints();
    return reply?.ok === true ? reply.value : [];
  };
  const world = { ports, connections, resolve: systemSrv, servicePoints };
  return (address, trail) => autodiscover(settings, world, address, trail);
}

function noSecret(name: string, message: string): Found {
  return { kind: 'failed', fault: fault('authentication.rejected', `no password for directory ${name}: ${message}`) };
}
