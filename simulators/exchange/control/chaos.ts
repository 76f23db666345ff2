/** A random subset of faults with random strengths, all from one seed: the weather of a torture run. */
import type { Random } from '#ports/ports.ts';
import { type BusyForm, type Fault, type FaultKind, faultKinds } from './faults.ts';

/** Forms of busy that a random fault may take. */
const busyForms: readonly BusyForm[] = [
  'fault',
  'message',
  'http503',
  'redirect',
  'html500',
  'casHeader',
  'close',
  'unauthorized',
  'connectionCount',
];

/** A wrong clock is at most half of this away, either way. */
const clockOffsetMsMax = 7_200_000;

export interface ChaosOptions {
  /** Share of kinds that are on, 0 to 1. */
  readonly breadth: number;
  /** Highest chance per request of each kind that is on, 0 to 1. */
  readonly strength: number;
  /** Kinds to choose from; all when absent. */
  readonly kinds?: readonly FaultKind[] | undefined;
}

/** Faults to inject; they strike until the control calms down. */
export function randomFaults(random: Random, options: ChaosOptions): readonly Fault[] {
  const kinds = options.kinds ?? faultKinds;
  const chosen = kinds.filter(() => random.fraction() < options.breadth);
  return chosen.map((kind) => {
    const form = busyForms[Math.floor(random.fraction() * busyForms.length)];
    return {
      kind,
      times: Number.POSITIVE_INFINITY,
      chance: random.fraction() * options.strength,
      form: kind === 'busy' ? form : undefined,
      backOffMs: random.fraction() < 0.7 ? Math.floor(random.fraction() * 50) : undefined,
      status: random.fraction() < 0.5 ? 500 : 503,
      delayMs: Math.floor(random.fraction() * 40),
      ...(kind === 'clockOffset' && {
        offsetMs: Math.floor((random.fraction() - 0.5) * clockOffsetMsMax),
        driftMs: Math.floor((random.fraction() - 0.5) * 1000),
      }),
    };
  });
}
