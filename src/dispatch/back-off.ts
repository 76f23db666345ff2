/** When a pair is due again. Pure. */
import { type Fault, scopeOf } from '#contract/fault.ts';

export interface Cadence {
  /** Between two passes over a pair when all is well. */
  readonly intervalMs: number;
  /** First wait after a failure; doubles with every further one. */
  readonly retryMs: number;
  readonly retryMsMax: number;
  /** A refused sign-in is tried rarely: repeated tries lock accounts. */
  readonly signInRetryMs: number;
}

export const defaultCadence: Cadence = {
  intervalMs: 60_000,
  retryMs: 5_000,
  retryMsMax: 15 * 60_000,
  signInRetryMs: 5 * 60_000,
};

/**
 * How long to wait after a pass.
 * @param attempts failed passes in a row, this one included; 0 after a good one
 * @param jitter a number in [0, 1)
 */
export function waitAfter(trouble: Fault | undefined, attempts: number, cadence: Cadence, jitter: number): number {
  if (trouble === undefined) return cadence.intervalMs;
  const first = scopeOf(trouble.code) === 'authentication' ? cadence.signInRetryMs : cadence.retryMs;
  const limit = Math.max(cadence.retryMsMax, first);
  const grown = Math.min(first * 2 ** Math.min(Math.max(attempts - 1, 0), 20), limit);
  // Half fixed, half random: the server's hint is a floor, and many pairs do not come back at once.
  return Math.max(trouble.retryAfterMs ?? 0, Math.round(grown / 2 + (grown / 2) * jitter));
}

/** Troubles that everybody on the same server has; undefined when only this pair is concerned. */
export function serverWideWait(trouble: Fault, cadence: Cadence): number | undefined {
  switch (scopeOf(trouble.code)) {
    case 'authentication':
      return trouble.code === 'authentication.rejected' ? cadence.signInRetryMs : undefined;
    case 'server':
      return trouble.retryAfterMs ?? cadence.retryMs;
    default:
      return undefined;
  }
}
