/** Answering a call with a stream of frames, no faster than they are read. */
import { type EventEmitter, once } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Connector } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import type { Ports } from '#ports/ports.ts';
import { kindOf, type WireCall } from '../wire/messages.ts';
import { refusal } from './refuse.ts';
import { defect, noSession, type Sessions } from './serve-connector.ts';
import { sessionNameOf } from './session-names.ts';

type Ask = WireCall & { readonly kind?: string };

/** The frames of one answer; nothing is sent before the first one is there. */
export type Frames<A extends Ask> = (connector: Connector, kind: Kind, ask: A) => AsyncGenerator<object>;

export function streaming<A extends Ask>(sessions: Sessions, frames: Frames<A>, ports: Ports) {
  return async (call: ServerWritableStream<A, object>): Promise<void> => {
    const connector = sessions.get(sessionNameOf(call.metadata) ?? '');
    if (connector === undefined) return void call.emit('error', noSession());
    const kind = kindOf(call.request.kind);
    if (kind === undefined) return void call.emit('error', refusal(fault('defect.request', 'no such kind of item')));
    try {
      for await (const frame of frames(connector, kind, call.request)) {
        if (call.cancelled) return;
        if (!call.write({ call: call.request.call ?? 0, ...frame })) await drained(call);
      }
      call.end();
    } catch (error) {
      call.emit('error', error instanceof Malformed ? refusal(error.fault) : defect(error, ports));
    }
  };
}

/** The request is not what the protocol allows; thrown before the connector was asked. */
export class Malformed extends Error {
  readonly fault = fault('defect.request', 'the request holds something that is no item');
}

/** Whoever asked may have gone: then nobody drains. */
async function drained(call: EventEmitter): Promise<void> {
  const gone = new AbortController();
  const left = () => gone.abort();
  call.once('cancelled', left);
  try {
    await once(call, 'drain', { signal: gone.signal });
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    call.off('cancelled', left);
  }
}
