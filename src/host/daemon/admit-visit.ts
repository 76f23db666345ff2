/**
 * Open and Close at a host: a visit gets its place, then its process is asked. Whatever refuses a visit before its process
 * was asked does so with the promise that another host may be tried.
 */
import {
  Metadata,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type Fault, fault } from '#contract/fault.ts';
import { refusal } from '../process/refuse.ts';
import { versionFault } from '../process/serve-connector.ts';
import { sessionNameOf } from '../process/session-names.ts';
import { connectorService, metadataKeys, methodOf, protocolLimits } from '../protocol.ts';
import type { WireOpen, WireOpened } from '../wire/messages.ts';
import { visitOf } from '../wire/status.ts';
import { closeSession } from './close-session.ts';
import type { HostSettings } from './host-settings.ts';
import type { Place } from './process-pool.ts';
import { deadlineOf, passedOn, type RelaySettings } from './relay.ts';

const userCharsMax = 1_024;
const asItIs = (bytes: Buffer): Buffer => bytes;

export interface AdmissionSettings extends RelaySettings {
  readonly programs: HostSettings['programs'];
  readonly isDraining: () => boolean;
}

export function admissionCalls(settings: AdmissionSettings): UntypedServiceImplementation {
  const { pool, clock } = settings;
  const method = methodOf(connectorService, 'Open');
  return {
    Open: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
      let ask: WireOpen;
      try {
        ask = method.requestDeserialize(call.request);
      } catch {
        return answer({ code: status.INVALID_ARGUMENT, details: 'the message is not readable' });
      }
      const session = sessionNameOf(call.metadata);
      const trouble = objectionTo(session, ask, settings);
      if (session === undefined || trouble !== undefined)
        return answer(refusal(trouble ?? fault('defect.request', 'the call names no session')));
      void admit(session, ask, call, settings).then(
        (bytes) => answer(null, bytes),
        (error: Partial<ServiceError>) => answer(error),
      );
    },
    Close: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
      const session = sessionNameOf(call.metadata) ?? '';
      const place = pool.find(session);
      const told = place === undefined ? Promise.resolve() : closeSession(place.process, session, clock);
      void told.then(() => {
        pool.release(session);
        answer(null, Buffer.alloc(0));
      });
    },
  };
}

function objectionTo(session: string | undefined, ask: WireOpen, settings: AdmissionSettings): Fault | undefined {
  if (settings.isDraining())
    return fault('mailbox.unavailable', 'the connector host is ending', { source: 'host ending' });
  const mismatch = versionFault(ask.protocol);
  if (mismatch !== undefined) return mismatch;
  const isNamed = session !== undefined && ask.user !== undefined && ask.user.length <= userCharsMax;
  if (isNamed && visitOf(ask.visit) !== undefined) return undefined;
  return fault('defect.request', 'the visit names no session, no user or no kind of visit');
}

/** The answer of the process, unread. Throws the error to answer with. */
async function admit(
  session: string,
  ask: WireOpen,
  call: ServerUnaryCall<Buffer, Buffer>,
  settings: AdmissionSettings,
): Promise<Buffer> {
  const { pool, programs, clock } = settings;
  const kind = ask.connectorKind ?? '';
  const program = programs[kind] === undefined ? '' : kind;
  const admitted = pool.admit(session, { program, visit: visitOf(ask.visit) ?? 'ongoing', user: ask.user ?? '' });
  if (!admitted.ok) throw refusal(admitted.fault);
  const unready = await admitted.ready;
  if (unready !== undefined) {
    pool.release(session);
    throw refusal(unready);
  }
  const bytes = await asked(session, call, admitted.place, settings).catch((error: ServiceError) => {
    pool.release(session);
    throw passedOn(error);
  });
  if (isRefused(bytes)) pool.release(session);
  if (call.cancelled) {
    // Whoever asked is gone, or gave up waiting; nobody else knows this visit.
    await closeSession(admitted.place.process, session, clock);
    pool.release(session);
  }
  return bytes;
}

function asked(
  session: string,
  call: ServerUnaryCall<Buffer, Buffer>,
  { process, begin }: Place,
  settings: AdmissionSettings,
): Promise<Buffer> {
  const metadata = new Metadata();
  metadata.set(metadataKeys.session, session);
  const options = { deadline: deadlineOf(call.getDeadline(), settings) };
  const ended = begin();
  return new Promise((resolve, reject) => {
    const { path } = methodOf(connectorService, 'Open');
    process.client.makeUnaryRequest(path, asItIs, asItIs, call.request, metadata, options, (error, bytes) => {
      ended();
      if (error !== null) reject(error);
      else resolve(bytes ?? Buffer.alloc(0));
    });
  });
}

/** The process answered, and said no. */
function isRefused(bytes: Buffer): boolean {
  if (bytes.length > protocolLimits.messageBytesMax) return true;
  try {
    const { capabilities } = methodOf(connectorService, 'Open').responseDeserialize(bytes) as WireOpened;
    return capabilities === undefined;
  } catch {
    return true;
  }
}
