/** What an error of a call to a host means to the engine. Pure. */
import { type ServiceError, status } from '@grpc/grpc-js';
import { type Fault, fault } from '#contract/fault.ts';
import { metadataKeys } from '../protocol.ts';
import { isFaultCode } from '../wire/fault.ts';

/** A full host may have room again. */
const busyRetryMs = 5_000;

/** What a peer promised did not start; undefined when it promised nothing. */
export function refusedBy({ metadata, details }: ServiceError): Fault | undefined {
  const [code] = metadata?.get(metadataKeys.refused) ?? [];
  if (typeof code !== 'string' || !isFaultCode(code)) return undefined;
  return fault(code, details, {
    source: 'connector host',
    ...(code === 'budget.exhausted' && { retryAfterMs: busyRetryMs }),
  });
}

/** Why a host cannot be used at all. */
export function unusable(host: string, error: ServiceError): Fault {
  const source = status[error.code] ?? String(error.code);
  switch (error.code) {
    case status.UNAVAILABLE:
      if (/certificate|self.signed|\bCERT_|\bSSL|\bTLS|unable to (get|verify)|alert/i.test(error.details)) {
        const message = `the connector host ${host} and this engine do not accept each other's certificates`;
        return fault('server.tls', message, { source: error.details });
      }
      return fault('server.unreachable', `the connector host ${host} cannot be reached`, { source: error.details });
    case status.DEADLINE_EXCEEDED:
      return fault('server.timeout', `the connector host ${host} gave no answer in time`, { source });
    case status.UNIMPLEMENTED:
      return fault('server.version', `what answers as connector host ${host} does not know this protocol`, { source });
    default:
      return fault('server.garbled', `what answers as connector host ${host} does not keep to the protocol`, {
        source: error.details,
      });
  }
}

/**
 * What became of a call in the middle of a visit: it may have had its effect. Only this visit is the trouble, because
 * another process, or another host, may be well.
 */
export function lost(error: ServiceError): Fault {
  const source = status[error.code] ?? String(error.code);
  switch (error.code) {
    case status.DEADLINE_EXCEEDED:
      return fault('mailbox.unavailable', 'the connector gave no answer in time', { source });
    case status.RESOURCE_EXHAUSTED:
      return fault('mailbox.unavailable', 'the connector sent more than the protocol allows', { source });
    case status.INTERNAL:
      return fault('mailbox.unavailable', 'the connector failed; see the log of its host', { source });
    default:
      return fault('mailbox.unavailable', 'the connection to the connector was lost', { source });
  }
}

/** An answer that belongs to another call, holds more than was asked for, or is not readable. */
export const protocolBroken: Fault = fault(
  'mailbox.unavailable',
  'the connector answered something that was not asked',
  {
    source: 'protocol',
  },
);
