/**
 * The connection of an engine to one host: made when needed, made again when lost, shared by all visits. What the host said
 * about its load is kept for a moment, and so is that it does not answer.
 */
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { type ChannelOptions, Client, connectivityState, credentials } from '@grpc/grpc-js';
import type { Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Ports } from '#ports/ports.ts';
import type { TlsMaterial } from '../certificates/certificate-files.ts';
import { channelOptions, hostService, methodOf, protocolVersion } from '../protocol.ts';
import { unary } from '../unary.ts';
import type { WireStatus } from '../wire/messages.ts';
import { type HostReport, statusOf } from '../wire/status.ts';
import { refusedBy, unusable } from './host-faults.ts';

export interface HostAddress {
  readonly name: string;
  /** `host:port`. */
  readonly address: string;
  /** See `HostView.servers`. */
  readonly servers?: readonly string[];
  /** The authority of the hosts, this engine's certificate and key. */
  readonly tls: TlsMaterial;
}

/** An address must not be sent as a server name (RFC 6066 section 3), which the library would do. */
const namelessOptions: ChannelOptions = { 'grpc.ssl_target_name_override': 'connector-host.invalid' };

const lookKeptMs = 3_000;
const statusMs = 3_000;

export class HostLink {
  readonly name: string;
  readonly client: Client;
  readonly #ports: Ports;
  #looked: { readonly untilMs: number; readonly report: Promise<Reply<HostReport>> } | undefined;
  /** Visits opened since the last look, which its numbers do not hold. */
  #openedSince = 0;
  #closed = false;

  /** Connects to nothing yet. Throws when a certificate or key is none. */
  constructor(host: HostAddress, ports: Ports) {
    this.name = host.name;
    this.#ports = ports;
    const { ca, cert, key } = host.tls;
    const ip = ipOf(host.address);
    const verified =
      ip === undefined
        ? {}
        : { checkServerIdentity: (_: string, peer: PeerCertificate) => checkServerIdentity(ip, peer) };
    const secured = credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert), verified);
    this.client = new Client(host.address, secured, {
      ...channelOptions,
      ...(ip !== undefined && namelessOptions),
      'grpc.keepalive_time_ms': 20_000,
      'grpc.keepalive_timeout_ms': 10_000,
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 5_000,
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** State and load, as of a moment ago at most. */
  look(): Promise<Reply<HostReport>> {
    const now = this.#ports.clock.now();
    if (this.#looked === undefined || this.#looked.untilMs <= now) {
      this.#openedSince = 0;
      this.#looked = { untilMs: now + lookKeptMs, report: this.#ask() };
    }
    return this.#looked.report;
  }

  /** Something went wrong: the next one looks again. */
  forget(): void {
    this.#looked = undefined;
  }

  opened(): void {
    this.#openedSince += 1;
  }

  get openedSince(): number {
    return this.#openedSince;
  }

  /** True when a call would leave at once; false when it certainly would not. */
  connected(withinMs: number): Promise<boolean> {
    const channel = this.client.getChannel();
    const deadline = this.#ports.clock.now() + withinMs;
    return new Promise((resolve) => {
      const next = (): void => {
        const state = this.#closed ? connectivityState.SHUTDOWN : channel.getConnectivityState(true);
        if (state === connectivityState.READY) resolve(true);
        else if (state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN) resolve(false);
        else
          channel.watchConnectivityState(state, deadline, (error) => (error === undefined ? next() : resolve(false)));
      };
      next();
    });
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.client.close();
  }

  async #ask(): Promise<Reply<HostReport>> {
    const deadline = this.#ports.clock.now() + statusMs;
    const answer = await unary<WireStatus>(this.client, methodOf(hostService, 'Status'), {}, { deadline });
    if (!answer.ok) return { ok: false, fault: refusedBy(answer.error) ?? unusable(this.name, answer.error) };
    const report = statusOf(answer.value);
    if (report.protocolMin <= protocolVersion.max && report.protocolMax >= protocolVersion.max) {
      return { ok: true, value: report };
    }
    const message = `the connector host ${this.name} speaks protocol versions ${report.protocolMin} to ${report.protocolMax}, this engine ${protocolVersion.max}`;
    return { ok: false, fault: fault('server.version', message, { source: report.product }) };
  }
}

/** The address without its port, when it is none of a name. */
function ipOf(address: string): string | undefined {
  const host = address.slice(0, address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? undefined : host;
}
