/** Ports for tests: a clock that moves only when told, randomness from a seed, timers that fire with the clock. */
import type { LogEvent, Ports } from '#ports/ports.ts';

export interface VirtualPorts extends Ports {
  readonly events: LogEvent[];
  /** Moves the clock forward. */
  advance(durationMs: number): void;
}

export function virtualPorts(seed = 1, startMs = Date.UTC(2026, 2, 2, 8)): VirtualPorts {
  let nowMs = startMs;
  let state = seed >>> 0 || 1;
  const sleepers: { readonly untilMs: number; readonly wake: () => void }[] = [];
  const events: LogEvent[] = [];
  // xorshift32: small, seeded, good enough to spread ids.
  const next = (): number => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  return {
    events,
    clock: { now: () => nowMs },
    timer: {
      sleep: (durationMs, signal) =>
        new Promise((resolve) => {
          sleepers.push({ untilMs: nowMs + durationMs, wake: resolve });
          signal?.addEventListener('abort', () => resolve(), { once: true });
        }),
    },
    random: {
      fraction: () => next() / 2 ** 32,
      bytes: (count) => Uint8Array.from({ length: count }, () => (next() >>> 11) & 255),
    },
    log: (event) => {
      events.push(event);
    },
    advance(durationMs) {
      nowMs += durationMs;
      for (const sleeper of sleepers.splice(0)) {
        if (sleeper.untilMs <= nowMs) sleeper.wake();
        else sleepers.push(sleeper);
      }
    },
  };
}
