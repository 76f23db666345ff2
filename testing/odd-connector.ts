/**
 * A connector process that misbehaves in one way, `--fault NAME --socket PATH`; the name is also the connector kind it serves.
 * Otherwise it is a good one: the naive reference side over the protocol.
 */
import { Server, ServerCredentials, type ServerWritableStream, type sendUnaryData } from '@grpc/grpc-js';
import type { Connector } from '#contract/connector.ts';
import { connectorCalls } from '#host/process/serve-connector.ts';
import { connectorService } from '#host/protocol.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { MapSide } from './map-side.ts';

const argument = (name: string): string => process.argv[process.argv.indexOf(name) + 1] ?? '';
const fault = argument('--fault');
const side = new MapSide({ name: 'odd' });
const kept: Buffer[] = [];
const never = new Promise<never>(() => {});

/** What happens instead of an answer; the effect has happened by then. */
async function misbehave(): Promise<void> {
  switch (fault) {
    case 'hangs':
      for (;;);
    case 'dies':
      process.exit(3);
      break;
    case 'silent':
      await never;
      break;
    case 'grows':
      for (;;) {
        kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
  }
}

function oddly(connector: Connector): Connector {
  return {
    ...connector,
    async read(kind, ids) {
      if (fault === 'silent') await never;
      return await connector.read(kind, ids);
    },
    async create(kind, creates) {
      const outcomes = await connector.create(kind, creates);
      await misbehave();
      return outcomes;
    },
  };
}

const calls = connectorCalls(
  { kinds: [fault], open: () => ({ ok: true, value: oddly(side.connector()) }) },
  systemPorts(),
);

type Answering = (call: ServerWritableStream<{ call?: number }, object>) => void;

/** Frames that no good process would send. */
const frames: Readonly<Record<string, Readonly<Record<string, Answering>>>> = {
  late: {
    Read: (call) => {
      const outcomes = [{ id: 'odd-1', present: { version: '1', itemJson: '{"kind":"contact"}' } }];
      call.write({ call: (call.request.call ?? 0) - 1, outcomes });
      call.end();
    },
    Create: (call) => {
      call.write({ call: (call.request.call ?? 0) - 1, outcomes: [{ applied: { id: 'odd-1', version: '1' } }] });
      call.end();
    },
  },
  oversize: {
    Read: (call) => {
      call.write({ call: call.request.call, outcomes: [{ id: 'x'.repeat(17 * 1024 * 1024), gone: {} }] });
      call.end();
    },
  },
  surplus: {
    Create: (call) => {
      const applied = { applied: { id: 'odd-1', version: '1' } };
      call.write({ call: call.request.call, outcomes: [applied, applied, applied] });
      call.end();
    },
  },
  short: {
    Read: (call) => void call.end(),
    Create: (call) => {
      call.write({ call: call.request.call, outcomes: [{ applied: { id: 'odd-1', version: '1' } }] });
      call.end();
    },
    Changes: (call) => {
      call.write({ call: call.request.call, changes: [] });
      call.end();
    },
  },
};

const newer = {
  Describe: (_: unknown, answer: sendUnaryData<object>) => answer(null, { protocolMin: 7, protocolMax: 7 }),
};

const server = new Server({ 'grpc.max_send_message_length': -1 });
server.addService(connectorService, { ...calls, ...frames[fault], ...(fault === 'newer' && newer) });
server.bindAsync(`unix:${argument('--socket')}`, ServerCredentials.createInsecure(), () => {});
process.stdin.on('close', () => process.exit(0)).resume();
