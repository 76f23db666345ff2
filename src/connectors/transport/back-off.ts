/**
 * The gate every request of one mailbox passes: after the server said "busy", none starts before the time it asked for.
 * Without a hint the wait doubles, with full jitter above the half, so that many mailboxes do not come back at once.
 */
import type { Clock, Random, Timer } from '#ports/ports.ts';

/** How long to hold back when a server is busy. */
export interface BackOffSettings {
  /** First wait when the server gives no hint; doubled, with jitter, while it stays busy. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** A request waits inside the connector at most this long; beyond, it is answered `budget.exhausted` at once. */
  readonly waitMaxMs: number;
}

export class BackOffGate {
  readonly #settings: BackOffSettings;
  readonly #clock: Clock;
  readonly #timer: Timer;
  readonly #random: Random;
  #opensAt = 0;
  #busyInARow = 0;

  constructor(
    settings: BackOffSettings,
    ports: { readonly clock: Clock; readonly timer: Timer; readonly random: Random },
  ) {
    this.#settings = settings;
    this.#clock = ports.clock;
    this.#timer = ports.timer;
    this.#random = ports.random;
  }

  /** The server is busy. A hint is a floor, one tenth of jitter on top. */
  close(hintMs: number | undefined): void {
    this.#busyInARow += 1;
    const doubled = Math.min(this.#settings.maxMs, this.#settings.firstMs * 2 ** Math.min(this.#busyInARow - 1, 20));
    const waitMs =
      hintMs === undefined
        ? doubled * (0.5 + this.#random.fraction() / 2)
        : hintMs * (1 + this.#random.fraction() / 10);
    this.#opensAt = Math.max(this.#opensAt, this.#clock.now() + Math.ceil(waitMs));
  }

  /** A request went through. */
  calm(): void {
    this.#busyInARow = 0;
  }

  /** How long the gate stays closed, in milliseconds; 0: it is open. */
  get remainingMs(): number {
    return Math.max(0, this.#opensAt - this.#clock.now());
  }

  /** Waits until the gate is open. False: it stays closed longer than a request may wait; ask `remainingMs`. */
  async pass(signal: AbortSignal): Promise<boolean> {
    for (let waitMs = this.remainingMs; waitMs > 0; waitMs = this.remainingMs) {
      if (waitMs > this.#settings.waitMaxMs || signal.aborted) return false;
      await this.#timer.sleep(waitMs, signal);
    }
    return true;
  }
}
