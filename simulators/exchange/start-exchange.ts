/** A simulated Exchange organisation behind one listening socket: the composition of all parts. */
import type { ServerResponse } from 'node:http';
import type { Ports } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { Nodes } from './affinity.ts';
import { makeServerCertificate, type ServerCertificate } from './certificates/test-authority.ts';
import { Control } from './control/control.ts';
import type { Fault } from './control/faults.ts';
import { Throttle } from './control/throttle.ts';
import { defaultEstate, type Estate, type EstateInput, estateSchema } from './estate.ts';
import type { EwsServer } from './faces/ews/call.ts';
import type { ProfileId } from './faces/ews/profiles.ts';
import { Subscriptions } from './faces/ews/subscriptions.ts';
import { DirectoryTree } from './faces/ldap/directory-tree.ts';
import { serverName } from './faces/ldap/servers.ts';
import { type LdapOptions, type RunningLdap, startLdap } from './faces/ldap/start-ldap.ts';
import type { WebdavHttpOptions } from './faces/webdav/answer-webdav.ts';
import { FormsDesk } from './faces/webdav/sign-in/forms-desk.ts';
import { Subscriptions as WebdavSubscriptions } from './faces/webdav/subscriptions.ts';
import { directoryOf, type Furnished, furnish } from './furnish.ts';
import type { EwsHttpOptions } from './http.ts';
import { type ListenLimits, listen } from './listener.ts';
import { type Life, Population } from './people/population.ts';
import { pooledRandom } from './pooled-random.ts';
import { answerRequest, type Routes } from './routes.ts';
import { sendDatagram } from './send-datagram.ts';
import { SignInDesk } from './sign-in/sign-in.ts';
import { TokenDesk } from './sign-in/tokens.ts';
import { readSnapshot, type SnapshotLines, writeSnapshot } from './truth/snapshot.ts';
import type { Truth } from './truth/truth.ts';

export interface ExchangeOptions {
  readonly listen?: { readonly host?: string; readonly port?: number } | undefined;
  readonly estate?: EstateInput | undefined;
  readonly ports?: Partial<Ports> | undefined;
  /** Check every answer against the schema and count those that fail. Costs time; on in tests. */
  readonly validateResponses?: boolean | undefined;
  /** Serve the control interface under /control. */
  readonly controlApi?: boolean | undefined;
  /** Faults that are on from the beginning. */
  readonly faults?: readonly Fault[] | undefined;
  /** People who live in the mailboxes from the start. */
  readonly people?: Life | undefined;
  /** Serve the directory over LDAP too, from this port on; 0 takes any free ones. */
  readonly ldap?: { readonly host?: string; readonly port?: number } | undefined;
  /** Listen with TLS; the certificate is made by a test authority of this run. */
  readonly tls?: boolean | undefined;
  /** What slow and too many clients are allowed; less patience for tests. */
  readonly limits?: Partial<ListenLimits> | undefined;
  /** Content to begin with, as `snapshot()` gave it; it stands before the estate's seeds. */
  readonly snapshot?: SnapshotLines | undefined;
}

export interface RunningExchange {
  /** The EWS endpoint. */
  readonly url: string;
  readonly origin: string;
  /** The mailboxes, for tests and simulated people. */
  readonly truth: Truth;
  readonly control: Control;
  readonly subscriptions: Subscriptions;
  readonly tokens: TokenDesk;
  /** Those who live in the mailboxes; everybody rests unless told to live. */
  readonly people: Population;
  readonly estate: Estate;
  /** Where the directory answers; undefined when it does not. */
  readonly ldap: RunningLdap | undefined;
  /** PEM of the test authority when listening with TLS. */
  readonly ca: string | undefined;
  health(): Health;
  /** Moves a mailbox to a server of another build: the content stays, every id changes. False when there is none. */
  moveMailbox(address: string, version: ProfileId): boolean;
  /** All mailboxes as lines of text, to start again from; nothing may change before the last line is taken. */
  snapshot(): Iterable<string>;
  close(): Promise<void>;
}

export interface Health {
  readonly status: 'ok';
  readonly product: string;
  readonly mailboxes: number;
  readonly requests: number;
}

/** Starts the server; listening when the promise resolves. */
export async function startExchange(options: ExchangeOptions = {}): Promise<RunningExchange> {
  const estate = estateSchema.parse(options.estate ?? defaultEstate);
  const given: Ports = { ...systemPorts(), ...options.ports };
  const random = pooledRandom(given.random);
  const control = new Control(random, given.clock);
  const ports: Ports = { ...given, random, clock: control };
  const furnished = furnish(estate, ports);
  const server = await serverOf(estate, ports, control, furnished, options.snapshot);
  const { truth, subscriptions } = server;
  for (const fault of options.faults ?? []) control.inject(fault);
  const tokens = new TokenDesk(server.directory, ports);
  const people = new Population(truth, { ...ports, clock: given.clock });
  const host = options.listen?.host ?? '127.0.0.1';
  const tls = options.tls === true ? makeServerCertificate([estate.hostName, 'localhost', host], ports) : undefined;
  const ews: EwsHttpOptions = {
    server,
    desk: deskOf(estate, server, tokens, tls),
    throttle: new Throttle(estate.throttling, given.clock),
    validateResponses: options.validateResponses ?? false,
    latencyMs: estate.latencyMs,
    compress: estate.compress,
    offersEws: (mailbox) => estate.legacyEws || server.profileOf(mailbox).id !== '2007sp3',
  };
  const health = (): Health => ({
    status: 'ok',
    product: server.profileOf(undefined).product,
    mailboxes: estate.mailboxes.length,
    requests: control.counters().requests,
  });
  const webdav = webdavOf(estate, server, tls);
  const { moveMailbox } = furnished;
  const routes: Routes = {
    ews,
    webdav,
    moveMailbox,
    tokens,
    people,
    hasControlApi: options.controlApi === true,
    ewsUrl: () => url,
    health,
  };
  const where = { host, port: options.listen?.port ?? 0, tls, limits: options.limits };
  const listener = await listen(where, (request, response) => {
    answerRequest(request, response, routes).catch((error: unknown) => fail(response, ports, error));
  });
  const { origin } = listener;
  const url = `${origin}/EWS/Exchange.asmx`;
  if (options.people !== undefined) await people.start(options.people);
  const ldap =
    options.ldap === undefined
      ? undefined
      : await startLdap(ldapOf(estate, server, furnished, options.ldap, tls, origin));
  const close = async (): Promise<void> => {
    await people.rest();
    await ldap?.close();
    subscriptions.forget();
    webdav.server.subscriptions.forget();
    await listener.close();
  };
  const snapshot = (): Iterable<string> => writeSnapshot(truth);
  return {
    url,
    origin,
    truth,
    control,
    subscriptions,
    tokens,
    people,
    estate,
    ldap,
    ca: tls?.ca,
    health,
    moveMailbox,
    snapshot,
    close,
  };
}

async function serverOf(
  estate: Estate,
  ports: Ports,
  control: Control,
  { truth, profileOf }: Furnished,
  snapshot: SnapshotLines | undefined,
): Promise<EwsServer> {
  if (snapshot !== undefined) {
    const fault = await readSnapshot(snapshot, truth);
    if (fault !== undefined) throw new Error(`the snapshot cannot be used: ${fault.message}`);
  }
  const { hostName } = estate;
  const addresses = estate.mailboxes.map(({ address }) => address);
  return {
    truth,
    directory: directoryOf(estate),
    ports,
    control,
    subscriptions: new Subscriptions(ports, estate.throttling?.subscriptions),
    hostName,
    nodes: new Nodes(hostName, estate.nodes, addresses),
    profileOf,
  };
}

function deskOf(estate: Estate, server: EwsServer, tokens: TokenDesk, tls: ServerCertificate | undefined): SignInDesk {
  const isRequired = estate.extendedProtection;
  return new SignInDesk({
    directory: server.directory,
    ports: server.ports,
    offers: estate.authentication,
    hostName: estate.hostName,
    domain: estate.domain,
    bindingOf: () => (tls === undefined ? undefined : { expected: tls.channelBinding, isRequired }),
    accountOfToken: (token) => tokens.accountOf(token),
  });
}

function webdavOf(estate: Estate, server: EwsServer, tls: ServerCertificate | undefined): WebdavHttpOptions {
  const { truth, directory, ports, control } = server;
  const { webdav: settings, domain, hostName, latencyMs } = estate;
  const desk = new SignInDesk({
    directory,
    ports,
    offers: settings.authentication,
    hostName,
    domain,
    bindingOf: () => (tls === undefined ? undefined : { expected: tls.channelBinding, isRequired: false }),
  });
  return {
    server: {
      truth,
      directory,
      ports,
      control,
      settings,
      subscriptions: new WebdavSubscriptions(ports, sendDatagram),
      domain,
      serverName: serverName('2007sp3', estate.directory),
    },
    desk,
    forms: new FormsDesk(directory, ports, settings),
    speaksWebdav: (mailbox) => server.profileOf(mailbox).id === '2007sp3',
    latencyMs,
  };
}

function ldapOf(
  estate: Estate,
  server: EwsServer,
  furnished: Furnished,
  place: { readonly host?: string; readonly port?: number },
  tls: ServerCertificate | undefined,
  origin: string,
): LdapOptions {
  const { directory, ports, control } = server;
  const { domain, directory: settings, latencyMs } = estate;
  const tree = new DirectoryTree({
    domain,
    settings,
    people: estate.mailboxes.map((one) => ({
      address: one.address,
      displayName: one.displayName ?? one.address.split('@')[0] ?? one.address,
      aliases: one.aliases,
      attributes: one.directory,
    })),
    services: estate.serviceAccounts.map((one) => one.userName),
    profiles: furnished.profilesInUse,
    versionOf: furnished.versionOf,
    origin: () => origin,
  });
  const { host = '127.0.0.1', port = 0 } = place;
  return { tree, domain, host, port, directory, settings, ports, control, tls, latencyMs };
}

/** A defect of the simulator: visible in the log, and a plain 500 to the client. */
function fail(response: ServerResponse, ports: Ports, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  ports.log({ level: 'error', event: 'exchange.defect', error: text });
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'content-type': 'text/plain' }).end(text);
}
