/** A simulated Exchange organisation behind one listening socket. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Ports } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { Control } from './control/control.ts';
import { answerControl } from './control/control-api.ts';
import type { Fault } from './control/faults.ts';
import { Throttle } from './control/throttle.ts';
import { defaultEstate, type Estate, type EstateInput, estateSchema } from './estate.ts';
import type { EwsServer } from './faces/ews/call.ts';
import { type Profile, profiles } from './faces/ews/profiles.ts';
import { Subscriptions } from './faces/ews/subscriptions.ts';
import { answerEws, type EwsHttpOptions } from './http.ts';
import { seedMailbox } from './people/seed-mailbox.ts';
import { seededRandom } from './people/seeded-random.ts';
import { Directory } from './sign-in/directory.ts';
import { SignInDesk } from './sign-in/sign-in.ts';
import type { Mailbox } from './truth/mailbox.ts';
import { Truth } from './truth/truth.ts';
import { utc, zoneById } from './truth/zone.ts';

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
}

export interface RunningExchange {
  /** The EWS endpoint. */
  readonly url: string;
  readonly origin: string;
  /** The mailboxes, for tests and simulated people. */
  readonly truth: Truth;
  readonly control: Control;
  readonly estate: Estate;
  health(): Health;
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
  const ports: Ports = { ...systemPorts(), ...options.ports };
  const { truth, profileOf } = furnish(estate, ports);
  const control = new Control(ports.random);
  for (const fault of options.faults ?? []) control.inject(fault);
  const directory = directoryOf(estate);
  const { hostName } = estate;
  const subscriptions = new Subscriptions(ports, hostName);
  const server: EwsServer = { truth, directory, ports, control, subscriptions, hostName, profileOf };
  const desk = new SignInDesk({
    directory,
    ports,
    offers: estate.authentication,
    hostName,
    domain: estate.domain,
  });
  const health = (): Health => ({
    status: 'ok',
    product: profileOf(undefined).product,
    mailboxes: estate.mailboxes.length,
    requests: control.counters().requests,
  });
  const ews: EwsHttpOptions = {
    server,
    desk,
    throttle: new Throttle(estate.throttling, ports.clock),
    validateResponses: options.validateResponses ?? false,
    latencyMs: estate.latencyMs,
  };
  const listener = createServer((request, response) => {
    route(request, response).catch((error: unknown) => fail(response, ports, error));
  });
  listener.keepAliveTimeout = 120_000;
  const origin = await listen(listener, options.listen?.host ?? '127.0.0.1', options.listen?.port ?? 0);
  return { url: `${origin}/EWS/Exchange.asmx`, origin, truth, control, estate, health, close: () => close(listener) };

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0]?.toLowerCase() ?? '/';
    if (path === '/ews/exchange.asmx') {
      await answerEws(request, response, ews);
    } else if (options.controlApi === true && path.startsWith('/control/')) {
      await answerControl(request, response, control, truth);
    } else if (path === '/health') {
      json(response, 200, health());
    } else if (path === '/') {
      response.writeHead(302, { location: '/owa/', 'content-length': 0 }).end();
    } else {
      response.writeHead(404, { 'content-length': 0 }).end();
    }
  }
}

/** Mailboxes and which build serves each. */
function furnish(estate: Estate, ports: Ports): { truth: Truth; profileOf: (mailbox: Mailbox | undefined) => Profile } {
  const truth = new Truth(ports);
  const versions = new Map<Mailbox, Profile>();
  for (const [index, one] of estate.mailboxes.entries()) {
    const mailbox = truth.add({
      address: one.address,
      aliases: one.aliases,
      displayName: one.displayName ?? one.address.split('@')[0] ?? one.address,
      zone: zoneById(one.timeZone) ?? utc,
      culture: one.culture,
    });
    versions.set(mailbox, profiles[one.version ?? estate.version]);
    if (one.seed !== undefined) seedMailbox(truth, mailbox, { ...one.seed, random: seededRandom(estate.seed + index) });
  }
  const profileOf = (mailbox: Mailbox | undefined): Profile => {
    return (mailbox && versions.get(mailbox)) ?? profiles[estate.version];
  };
  return { truth, profileOf };
}

function directoryOf(estate: Estate): Directory {
  const owners = estate.mailboxes.map((one) => ({
    userName: one.address,
    password: one.password,
    address: one.address,
    impersonates: [one.address],
  }));
  const services = estate.serviceAccounts.map((one) => ({ ...one, address: undefined }));
  return new Directory([...owners, ...services]);
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** A defect of the simulator: visible in the log, and a plain 500 to the client. */
function fail(response: ServerResponse, ports: Ports, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  ports.log({ level: 'error', event: 'exchange.defect', error: text });
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'content-type': 'text/plain' }).end(text);
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { port: bound } = server.address() as AddressInfo;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${bound}`);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
