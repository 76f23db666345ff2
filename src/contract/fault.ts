/**
 * Expected trouble as values: a closed set of codes, each with one reaction of the engine and one line of documentation
 * (`docs/faults.md`). A side's own error codes are mapped here by exactly one classifier per connector.
 */

export const faultCodes = [
  // One record is the trouble: it is parked, the rest goes on.
  'item.gone',
  'item.conflict',
  'item.invalid',
  'item.tooLarge',
  'item.unsupported',
  'item.unreadable',
  'item.denied',
  // One mailbox (or CRM user) is the trouble: its cycle ends, the others go on.
  'mailbox.notFound',
  'mailbox.denied',
  'mailbox.unavailable',
  'mailbox.moved',
  'mailbox.full',
  'mailbox.folderGone',
  'mailbox.cursorInvalid',
  // The server is the trouble: everybody on it backs off.
  'server.unreachable',
  'server.timeout',
  'server.tls',
  'server.failure',
  'server.garbled',
  'server.notExchange',
  'server.version',
  // Too much at once: wait, nothing is counted as failed.
  'budget.exhausted',
  // The service account is the trouble: stop at once, never hammer.
  'authentication.rejected',
  'authentication.impersonation',
  // Our own mistake: logged with the request's shape, not retried.
  'defect.request',
  'defect.internal',
] as const;

export type FaultCode = (typeof faultCodes)[number];

export type FaultScope = 'item' | 'mailbox' | 'server' | 'budget' | 'authentication' | 'defect';

export interface Fault {
  readonly code: FaultCode;
  /** One sentence: what happened. No personal data beyond what the administrator typed. */
  readonly message: string;
  /** The side's own code, e.g. `ErrorItemNotFound`, `HTTP 503`, an SQLSTATE. */
  readonly source?: string;
  /** The canonical path that was refused, when the side names one. */
  readonly path?: string;
  /** Wait at least this long, when the side says so. */
  readonly retryAfterMs?: number;
}

/** The scope is the first word of the code. */
export function scopeOf(code: FaultCode): FaultScope {
  return code.slice(0, code.indexOf('.')) as FaultScope;
}

export function fault(code: FaultCode, message: string, more: Omit<Fault, 'code' | 'message'> = {}): Fault {
  return { code, message, ...more };
}
