/**
 * The connector host: takes visits of many engines over mutual TLS and keeps the connector processes that carry them out.
 * Nothing of it is remembered: what a visit learns or writes is the engine's to keep, so a host may die at any moment.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { connectorKinds } from '#connectors/open-connector.ts';
import type { Ports } from '#ports/ports.ts';
import type { TlsMaterial } from '../certificates/certificate-files.ts';
import {
  channelOptions,
  connectorService,
  healthService,
  hostService,
  type Method,
  methodOf,
  product,
  protocolVersion,
} from '../protocol.ts';
import type { WireDescription, WireStatus } from '../wire/messages.ts';
import { wireStatus } from '../wire/status.ts';
import { admissionCalls } from './admit-visit.ts';
import { Health } from './health.ts';
import type { HostSettings } from './host-settings.ts';
import { ProcessPool } from './process-pool.ts';
import { type RelaySettings, rawMethod, relayStream, relayUnary } from './relay.ts';

export interface RunningHost {
  readonly port: number;
  readonly pool: ProcessPool;
  /** Takes nothing new, lets visits under way finish for a while, then ends everything. Idempotent. */
  close(): Promise<void>;
}

const drainLookMs = 50;
const socketRootCharsMax = 70;
const streamed = ['Changes', 'Read', 'FindByLinkKey', 'Create', 'Update', 'Remove'] as const;

/** `address`: `host:port`, port 0 for any. Throws when the address cannot be used or the certificates are none. */
export async function startHost(
  address: string,
  tls: TlsMaterial,
  settings: HostSettings,
  ports: Ports,
): Promise<RunningHost> {
  const folder = await mkdtemp(join(socketRoot(), 'liaison-host-'));
  const pool = new ProcessPool(settings, folder, ports);
  const server = new Server({
    ...channelOptions,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
  });
  const health = new Health(['liaison.connector.v1.Connector', 'liaison.connector.v1.Host']);
  const startedMs = ports.clock.now();
  let draining = false;
  const relay: RelaySettings = { pool, clock: ports.clock, callMs: settings.callMs };
  const admission = admissionCalls({ ...relay, programs: settings.programs, isDraining: () => draining });
  server.addService(...passingOn(relay, admission, settings));
  server.addService(hostService, {
    Status: (_: unknown, answer: sendUnaryData<WireStatus>) =>
      answer(
        null,
        wireStatus({
          uptimeMs: ports.clock.now() - startedMs,
          draining,
          usersMax: settings.usersMax,
          processesMax: settings.processesMax,
          memoryBytes: process.memoryUsage.rss(),
          processes: pool.report(),
        }),
      ),
  });
  server.addService(healthService, health.calls());
  try {
    const port = await bound(server, address, tls);
    let closed: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      draining = true;
      health.ending();
      const untilMs = ports.clock.now() + settings.drainMs;
      while (pool.sessions > 0 && ports.clock.now() < untilMs) await ports.timer.sleep(drainLookMs);
      server.forceShutdown();
      await pool.close();
      await rm(folder, { recursive: true, force: true });
    };
    return {
      port,
      pool,
      close() {
        closed ??= close();
        return closed;
      },
    };
  } catch (error) {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The path of a unix socket has 107 characters at most, 103 on macOS. */
function socketRoot(): string {
  const folder = tmpdir();
  return folder.length <= socketRootCharsMax ? folder : '/tmp';
}

/** The connector service with all messages as they are, except what the host itself answers. */
function passingOn(
  relay: RelaySettings,
  admission: UntypedServiceImplementation,
  { programs }: HostSettings,
): [ServiceDefinition, UntypedServiceImplementation] {
  const methods: Record<string, object> = {};
  for (const name of [...Object.keys(admission), 'Probe', ...streamed]) {
    methods[name] = rawMethod(methodOf(connectorService, name));
  }
  methods.Describe = methodOf(connectorService, 'Describe');
  const calls: UntypedServiceImplementation = {
    ...admission,
    Describe: (_: unknown, answer: sendUnaryData<WireDescription>) =>
      answer(null, {
        protocolMin: protocolVersion.min,
        protocolMax: protocolVersion.max,
        product,
        connectorKinds: [...new Set([...connectorKinds, ...Object.keys(programs)])],
      }),
    Probe: relayUnary(methodOf(connectorService, 'Probe') as Method, relay),
  };
  for (const name of streamed) calls[name] = relayStream(methodOf(connectorService, name), relay);
  return [methods as unknown as ServiceDefinition, calls];
}

function bound(server: Server, address: string, { ca, cert, key }: TlsMaterial): Promise<number> {
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) };
  const credentials = ServerCredentials.createSsl(Buffer.from(ca), [pair], true);
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });
}
