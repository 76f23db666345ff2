/**
 * A connector process of a host: serves the built-in connectors on a private socket, `--socket PATH`. It belongs to the host
 * that started it and ends with it: its standard input is a pipe that nobody else holds.
 */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { type ConnectorSettings, connectorKinds, openConnector, SharedResources } from '#connectors/open-connector.ts';
import type { Connector, Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { channelOptions, connectorService } from '../protocol.ts';
import { connectorCalls } from './serve-connector.ts';

const socket = process.argv[process.argv.indexOf('--socket') + 1] ?? '';
const ports = systemPorts((event) => process.stderr.write(`${JSON.stringify(event)}\n`));
const shared = new SharedResources();

const server = new Server(channelOptions);
server.addService(connectorService, connectorCalls({ kinds: connectorKinds, open }, ports));
server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => {
  if (error === null) return;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});

// The host is gone, however it went.
process.stdin.on('error', () => process.exit(0));
process.stdin.on('close', () => process.exit(0));
process.stdin.resume();
// Ctrl-C at a terminal reaches this process too; the host decides when it ends.
process.on('SIGINT', () => {});

function open(kind: string, options: unknown): Reply<Connector> {
  if (!(connectorKinds as readonly string[]).includes(kind)) {
    const message = `this connector process has no connector of kind "${kind}", only ${connectorKinds.join(', ')}`;
    return { ok: false, fault: fault('defect.request', message) };
  }
  try {
    return { ok: true, value: openConnector({ kind, options } as ConnectorSettings, shared, ports) };
  } catch (error) {
    const message = `the connector cannot be opened: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, fault: fault('defect.request', message) };
  }
}
