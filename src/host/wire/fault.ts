/** Faults across the protocol. Pure. */
import { type Fault, type FaultCode, fault, faultCodes } from '#contract/fault.ts';
import type { WireFault } from './messages.ts';

export function wireFault({ code, message, source, path, retryAfterMs }: Fault): WireFault {
  return {
    code,
    message,
    ...(source !== undefined && { source }),
    ...(path !== undefined && { path }),
    ...(retryAfterMs !== undefined && { retryAfterMs: Math.min(Math.max(0, Math.round(retryAfterMs)), uint32Max) }),
  };
}

/** A code this program does not know ends the pass like a mistake of ours: it means nothing the engine could act on. */
export function faultOf({ code = '', message = '', source, path, retryAfterMs }: WireFault): Fault {
  const known = isFaultCode(code);
  const kept = known ? source : code;
  return fault(known ? code : 'defect.internal', message, {
    ...(kept !== undefined && { source: kept }),
    ...(path !== undefined && { path }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

export function isFaultCode(code: string): code is FaultCode {
  return (faultCodes as readonly string[]).includes(code);
}

const uint32Max = 4_294_967_295;
