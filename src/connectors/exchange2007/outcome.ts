/** Values of the connector's parts: found or not, and with what certainty a write failed. */
import type { WriteOutcome } from '#contract/connector.ts';
import { type Fault, type FaultScope, scopeOf } from '#contract/fault.ts';
import type { Trouble } from './transport/classify.ts';

export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly trouble: Trouble };

export function rejected(fault: Fault): WriteOutcome<never> {
  return { kind: 'rejected', fault };
}

export function unknown(fault: Fault): WriteOutcome<never> {
  return { kind: 'unknown', fault };
}

/** Trouble with a write that may have happened is unknown. */
export function failedWrite(trouble: Trouble): WriteOutcome<never> {
  return trouble.certain ? rejected(trouble.fault) : unknown(trouble.fault);
}

const commonScopes: readonly FaultScope[] = ['mailbox', 'server', 'budget', 'authentication'];

/** The trouble is not about one item: everybody else would meet it too. */
export function concernsAll({ fault }: Trouble): boolean {
  return commonScopes.includes(scopeOf(fault.code));
}
