/**
 * All connector hosts of one engine: places a visit with the least loaded of those that may take it, and with the next one
 * when that cannot. A visit stays where it is; what happens to it there is its own trouble.
 */
import { Metadata } from '@grpc/grpc-js';
import type { Connector, Reply, Visit } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { Ports } from '#ports/ports.ts';
import { connectorService, metadataKeys, methodOf, protocolVersion } from '../protocol.ts';
import { unary } from '../unary.ts';
import { capabilitiesOf } from '../wire/capabilities.ts';
import { faultOf } from '../wire/fault.ts';
import type { WireOpen, WireOpened } from '../wire/messages.ts';
import { type HostReport, wireVisit } from '../wire/status.ts';
import { refusedBy, unusable } from './host-faults.ts';
import { type HostAddress, HostLink } from './host-link.ts';
import { hostedConnector } from './hosted-connector.ts';
import { eligible, type HostView, place } from './place.ts';
import { VisitCalls } from './visit-calls.ts';

/** A visit to be placed. */
export interface VisitAsk {
  readonly connectorKind: string;
  /** Plain JSON. */
  readonly settings: unknown;
  /** Name of the Exchange server in the configuration. */
  readonly server: string;
  /** Names the user among all users of all engines. */
  readonly user: string;
  readonly visit: Visit;
}

/** Longest wait for a host to open a visit; it may have to start a process. */
const openMs = 45_000;

export class Hosts {
  readonly #hosts: readonly { readonly address: HostAddress; readonly link: HostLink }[];
  readonly #callMs: number;
  readonly #ports: Ports;

  /** Connects to nothing yet. Throws when a certificate or key is none. */
  constructor(addresses: readonly HostAddress[], callMs: number, ports: Ports) {
    this.#callMs = callMs;
    this.#ports = ports;
    this.#hosts = addresses.map((address) => ({
      address,
      link: new HostLink(address, ports),
    }));
  }

  /** Opens a visit at the best host that takes it. */
  async open(ask: VisitAsk): Promise<Reply<Connector>> {
    const known = this.#hosts.map(({ address: { servers }, link }) => ({ link, ...(servers && { servers }) }));
    const mapped = eligible(known, ask.server).map(({ link }) => link);
    if (mapped.length === 0) return { ok: false, fault: noHost(ask.server) };
    const looks = await Promise.all(mapped.map(async (link) => ({ link, look: await link.look() })));
    let trouble = faultAmong(looks);
    const views = looks.flatMap(({ link, look }): HostView[] =>
      look.ok && !look.value.draining ? [{ name: link.name, load: loadOf(look.value, link) }] : [],
    );
    for (const name of place(views, ask.server)) {
      const link = mapped.find((one) => one.name === name) as HostLink;
      const reply = await this.#openAt(link, ask);
      if (reply.kind === 'taken') return reply.reply;
      link.forget();
      trouble = reply.fault;
    }
    return { ok: false, fault: trouble };
  }

  /** What every host says about itself now, in the order of the configuration. */
  async reports(): Promise<readonly { readonly address: HostAddress; readonly report: Reply<HostReport> }[]> {
    return await Promise.all(
      this.#hosts.map(async ({ address, link }) => {
        link.forget();
        return { address, report: await link.look() };
      }),
    );
  }

  /** Idempotent. */
  close(): Promise<void> {
    for (const { link } of this.#hosts) link.close();
    return Promise.resolve();
  }

  async #openAt(link: HostLink, ask: VisitAsk): Promise<Opening> {
    const session = Buffer.from(this.#ports.random.bytes(16)).toString('hex');
    const metadata = new Metadata();
    metadata.set(metadataKeys.session, session);
    const message: WireOpen = {
      protocol: protocolVersion.max,
      connectorKind: ask.connectorKind,
      settingsJson: JSON.stringify(ask.settings),
      visit: wireVisit(ask.visit),
      user: ask.user,
    };
    link.opened();
    const deadline = this.#ports.clock.now() + openMs;
    const method = methodOf(connectorService, 'Open');
    const answer = await unary<WireOpened>(link.client, method, message, { deadline }, metadata);
    if (!answer.ok) {
      return { kind: 'notTaken', fault: refusedBy(answer.error) ?? unusable(link.name, answer.error) };
    }
    const { capabilities, fault: trouble } = answer.value;
    if (trouble !== undefined) return { kind: 'taken', reply: { ok: false, fault: faultOf(trouble) } };
    if (capabilities === undefined) {
      const garbled = fault('server.garbled', `the connector host ${link.name} opened a visit without capabilities`);
      return { kind: 'notTaken', fault: garbled };
    }
    const calls = new VisitCalls(link, session, this.#callMs, this.#ports.clock);
    return { kind: 'taken', reply: { ok: true, value: hostedConnector(capabilitiesOf(capabilities), calls) } };
  }
}

type Opening =
  | { readonly kind: 'taken'; readonly reply: Reply<Connector> }
  | { readonly kind: 'notTaken'; readonly fault: Fault };

const ending = fault('mailbox.unavailable', 'every connector host that may take this visit is ending', {
  source: 'connector host',
});

function noHost(server: string): Fault {
  const message = `no connector host may take mailboxes of server ${server}; see hosts in the configuration`;
  return fault('server.unreachable', message);
}

function faultAmong(looks: readonly { readonly look: Reply<HostReport> }[]): Fault {
  for (const { look } of looks) if (!look.ok) return look.fault;
  return ending;
}

/** What the host said, and what was sent to it since. */
function loadOf({ processes, usersMax, processesMax }: HostReport, link: HostLink): NonNullable<HostView['load']> {
  const users = processes.reduce((sum, process) => sum + process.users, 0);
  return { users: users + link.openedSince, usersMax: usersMax * processesMax };
}
