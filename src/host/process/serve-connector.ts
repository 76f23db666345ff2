/**
 * The service of a connector process: the contract, called over the protocol. A session is one open connector. A call that
 * names no open session is refused, which promises that nothing was sent; a connector that throws ends its call without an
 * outcome, which the engine takes as unknown.
 */
import { type ServerUnaryCall, type sendUnaryData, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Connector, Reply } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Ports } from '#ports/ports.ts';
import { product, protocolVersion } from '../protocol.ts';
import { wireCapabilities } from '../wire/capabilities.ts';
import { wireFault } from '../wire/fault.ts';
import type { WireDescription, WireOpen, WireOpened, WireProbed } from '../wire/messages.ts';
import { wireProbe } from '../wire/reading.ts';
import { readingCalls } from './reading-calls.ts';
import { refusal } from './refuse.ts';
import { sessionNameOf } from './session-names.ts';
import { writingCalls } from './writing-calls.ts';

/** Opens connectors of the kinds it names. */
export interface Opener {
  readonly kinds: readonly string[];
  /** `settings` is whatever JSON the engine sent. Never throws. */
  open(kind: string, settings: unknown): Reply<Connector>;
}

export type Sessions = Map<string, Connector>;

export function connectorCalls(opener: Opener, ports: Ports): UntypedServiceImplementation {
  const sessions: Sessions = new Map();
  return {
    Describe: (_: unknown, answer: sendUnaryData<WireDescription>) =>
      answer(null, {
        protocolMin: protocolVersion.min,
        protocolMax: protocolVersion.max,
        product,
        connectorKinds: [...opener.kinds],
      }),
    Open: (call: ServerUnaryCall<WireOpen, WireOpened>, answer: sendUnaryData<WireOpened>) => {
      const session = sessionNameOf(call.metadata);
      if (session === undefined) return answer(refusal(fault('defect.request', 'the call names no session')));
      answer(null, opened(session, call.request, opener, sessions));
    },
    Close: (call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) => {
      const session = sessionNameOf(call.metadata) ?? '';
      const connector = sessions.get(session);
      sessions.delete(session);
      void (connector?.close() ?? Promise.resolve()).finally(() => answer(null, {}));
    },
    Probe: (call: ServerUnaryCall<WireProbed, WireProbed>, answer: sendUnaryData<WireProbed>) => {
      const connector = sessions.get(sessionNameOf(call.metadata) ?? '');
      if (connector === undefined) return answer(noSession());
      connector.probe().then(
        (reply) => {
          const { call: number = 0 } = call.request;
          answer(
            null,
            reply.ok
              ? { call: number, probe: wireProbe(reply.value) }
              : { call: number, fault: wireFault(reply.fault) },
          );
        },
        (error: unknown) => answer(defect(error, ports)),
      );
    },
    ...readingCalls(sessions, ports),
    ...writingCalls(sessions, ports),
  };
}

function opened(session: string, ask: WireOpen, opener: Opener, sessions: Sessions): WireOpened {
  const protocol = protocolVersion.max;
  const mismatch = versionFault(ask.protocol);
  if (mismatch !== undefined) return { protocol, fault: wireFault(mismatch) };
  if (sessions.has(session))
    return { protocol, fault: wireFault(fault('defect.request', 'a session of this name is open')) };
  let settings: unknown;
  try {
    settings = JSON.parse(ask.settingsJson ?? '');
  } catch {
    return { protocol, fault: wireFault(fault('defect.request', 'the settings are not JSON')) };
  }
  const reply = opener.open(ask.connectorKind ?? '', settings);
  if (!reply.ok) return { protocol, fault: wireFault(reply.fault) };
  sessions.set(session, reply.value);
  return { protocol, capabilities: wireCapabilities(reply.value.capabilities) };
}

/** Undefined when we speak that version. */
export function versionFault(protocol = 0): ReturnType<typeof fault> | undefined {
  const { min, max } = protocolVersion;
  if (protocol >= min && protocol <= max) return undefined;
  const message = `the connector side speaks protocol versions ${min} to ${max}, the engine ${protocol}; install the same version of Liaison on both`;
  return fault('server.version', message, { source: `protocol ${protocol}` });
}

export function noSession(): ReturnType<typeof refusal> {
  return refusal(
    fault('mailbox.unavailable', 'the visit is no longer open at the connector', { source: 'no session' }),
  );
}

export function defect(error: unknown, ports: Ports): { readonly code: status; readonly details: string } {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  ports.log({ level: 'error', event: 'connector.defect', message });
  return { code: status.INTERNAL, details: 'an internal error of the connector; see its log' };
}
