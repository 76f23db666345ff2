/**
 * The one door for nondeterminism: time, randomness, ids and timers enter the program here and nowhere else, so that a
 * simulation can replace them. `system-ports.ts` holds the real ones.
 */

/** The wall clock. Never used to decide what changed; only for schedules, back-off, leases and display. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

/** Waiting. A sleep that is aborted resolves early and never rejects. */
export interface Timer {
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** A number in [0, 1). */
  fraction(): number;
  /** `count` random bytes. */
  bytes(count: number): Uint8Array;
}

/** One structured event with a stable name; no personal data, only ids and counts. */
export type Log = (event: LogEvent) => void;

export interface LogEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Stable dotted name, e.g. `ews.throttled`. */
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface Ports {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: Random;
  readonly log: Log;
  /** Named places where a simulation may end the process; does nothing in production. */
  readonly crashPoint?: (label: string) => void;
}
