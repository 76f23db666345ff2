/** Ends of a call that say for certain that it did not start. */
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { Fault } from '#contract/fault.ts';
import { metadataKeys } from '../protocol.ts';

/** The error of a call that was not started, with the fault its caller shall see. */
export function refusal(fault: Fault): Partial<ServiceError> {
  const metadata = new Metadata();
  metadata.set(metadataKeys.refused, fault.code);
  return { code: status.FAILED_PRECONDITION, details: fault.message, metadata };
}
