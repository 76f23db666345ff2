/**
 * Passes calls on to the process of their visit, byte for byte: a host never looks into requests and answers. A call without
 * a visit is refused, which promises that nothing was sent; a call whose process ends, or takes too long, ends with an error
 * that promises nothing.
 */
import {
  Metadata,
  type MethodDefinition,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type StatusObject,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import type { Clock } from '#ports/ports.ts';
import { noSession } from '../process/serve-connector.ts';
import { sessionNameOf } from '../process/session-names.ts';
import { type Method, metadataKeys } from '../protocol.ts';
import type { Place, ProcessPool } from './process-pool.ts';

export interface RelaySettings {
  readonly pool: ProcessPool;
  readonly clock: Clock;
  /** Longest call to a process. */
  readonly callMs: number;
}

const asItIs = (bytes: Buffer): Buffer => bytes;

/** The same method, with messages left as they are. */
export function rawMethod(method: Method): MethodDefinition<Buffer, Buffer> {
  return {
    ...method,
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  } as MethodDefinition<Buffer, Buffer>;
}

export function relayStream(method: Method, settings: RelaySettings) {
  return (call: ServerWritableStream<Buffer, Buffer>): void => {
    const visit = visitOf(call.metadata, settings);
    if (visit === undefined) return void call.emit('error', noSession());
    const ended = visit.place.begin();
    const options = { deadline: deadlineOf(call.getDeadline(), settings) };
    const upstream = visit.place.process.client.makeServerStreamRequest(
      method.path,
      asItIs,
      asItIs,
      call.request,
      visit.metadata,
      options,
    );
    // The status may come before the last frames were read.
    let isRead = false;
    let outcome: StatusObject | undefined;
    const finish = (): void => {
      if (isRead && outcome?.code === status.OK) call.end();
    };
    upstream.on('data', (frame: Buffer) => {
      if (call.write(frame)) return;
      upstream.pause();
      call.once('drain', () => upstream.resume());
    });
    upstream.on('end', () => {
      isRead = true;
      finish();
    });
    upstream.on('status', (found: StatusObject) => {
      ended();
      outcome = found;
      finish();
    });
    upstream.on('error', (error: ServiceError) => call.emit('error', passedOn(error)));
    call.on('cancelled', () => upstream.cancel());
  };
}

export function relayUnary(method: Method, settings: RelaySettings) {
  return (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => {
    const visit = visitOf(call.metadata, settings);
    if (visit === undefined) return void answer(noSession());
    const ended = visit.place.begin();
    const options = { deadline: deadlineOf(call.getDeadline(), settings) };
    const upstream = visit.place.process.client.makeUnaryRequest(
      method.path,
      asItIs,
      asItIs,
      call.request,
      visit.metadata,
      options,
      (error, value) => {
        ended();
        answer(error === null ? null : passedOn(error), value);
      },
    );
    call.on('cancelled', () => upstream.cancel());
  };
}

function visitOf(
  metadata: Metadata,
  { pool }: RelaySettings,
): { readonly place: Place; readonly metadata: Metadata } | undefined {
  const session = sessionNameOf(metadata);
  const place = session === undefined ? undefined : pool.find(session);
  if (session === undefined || place === undefined) return undefined;
  const named = new Metadata();
  named.set(metadataKeys.session, session);
  return { place, metadata: named };
}

/** The caller's own deadline, but never later than the host allows. */
export function deadlineOf(asked: Date | number, { clock, callMs }: RelaySettings): number {
  return Math.min(Number(asked), clock.now() + callMs);
}

/** Codes, words and promises of the process; nothing else of its metadata. */
export function passedOn({ code, details, metadata }: ServiceError): Partial<ServiceError> {
  const kept = new Metadata();
  const [refused] = metadata?.get(metadataKeys.refused) ?? [];
  if (refused !== undefined) kept.set(metadataKeys.refused, refused);
  return { code, details, metadata: kept };
}
