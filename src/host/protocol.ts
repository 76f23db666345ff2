/**
 * The protocol between engine, host and connector process, as `proto/liaison-connector.proto` states it: the services, the
 * names of the metadata, and the bounds both ends keep. `docs/connector-protocol.md` is the page for implementers.
 */
import { fileURLToPath } from 'node:url';
import type { ChannelOptions, MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** Versions this program speaks; raised when an older peer could misunderstand a newer one. */
export const protocolVersion = { min: 1, max: 1 } as const;

/** What `Describe` and `Status` say about this program. */
export const product = 'Liaison 0.1.0';

export const metadataKeys = {
  /** The visit a call belongs to: the name its caller gave it with Open. */
  session: 'liaison-session',
  /** In the trailer of a failed call: it certainly did not reach the remote side. Its value is a fault code. */
  refused: 'liaison-refused',
} as const;

export const protocolLimits = {
  /** An answer is cut into frames of about this size. */
  frameBytesTarget: 256 * 1024,
  /** A request is split into several beyond this. */
  requestBytesTarget: 512 * 1024,
  requestEntriesMax: 512,
  /** The JSON of one item; a larger one is refused as item.tooLarge. */
  itemBytesMax: 15 * 1024 * 1024,
  /** One message of any sort; a peer that sends more loses the call. */
  messageBytesMax: 16 * 1024 * 1024,
  sessionCharsMax: 64,
} as const;

const packageDefinition = loadSync(
  ['liaison-connector.proto', 'health.proto'].map((name) => fileURLToPath(new URL(`./proto/${name}`, import.meta.url))),
  { keepCase: false, longs: Number, enums: String, arrays: true },
);

/** Method by its name in the file. */
export const connectorService = packageDefinition['liaison.connector.v1.Connector'] as ServiceDefinition;
export const hostService = packageDefinition['liaison.connector.v1.Host'] as ServiceDefinition;
export const healthService = packageDefinition['grpc.health.v1.Health'] as ServiceDefinition;

export type Method = MethodDefinition<object, object>;

export function methodOf(service: ServiceDefinition, name: string): Method {
  const method = service[name];
  if (method === undefined) throw new Error(`the protocol has no method ${name}`);
  return method as Method;
}

/** Options of every channel and server: bounded messages, lost connections noticed, no retries behind our back. */
export const channelOptions: ChannelOptions = {
  'grpc.max_receive_message_length': protocolLimits.messageBytesMax,
  'grpc.max_send_message_length': protocolLimits.messageBytesMax,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc-node.flow_control_window': 4 * 1024 * 1024,
};
