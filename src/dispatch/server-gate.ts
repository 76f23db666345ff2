/**
 * Who may knock at a server. A server that never answered this process, or that failed for everybody, is tried by one pass at
 * a time until one gets through: thousands of mailboxes do not queue at a closed door, and a wrong password is sent once, not
 * by every pass under way, so that the service account is not locked out.
 */
import type { Fault } from '#contract/fault.ts';
import { type Cadence, serverWideWait } from './back-off.ts';

/** How soon those who wait for another pass's try look again. */
const probeLookMs = 500;

interface Door {
  open: boolean;
  closedUntilMs: number;
  /** One pass is trying. */
  probing: boolean;
}

export class ServerGate {
  readonly #doors = new Map<string, Door>();
  readonly #cadence: Cadence;

  constructor(cadence: Cadence) {
    this.#cadence = cadence;
  }

  /** Undefined: go on. Else how long to wait before asking again. Whoever goes on must say `passed` afterwards. */
  waitMs(server: string, nowMs: number): number | undefined {
    const door = this.#door(server);
    if (door.open) return undefined;
    if (door.closedUntilMs > nowMs) return door.closedUntilMs - nowMs;
    if (door.probing) return Math.min(probeLookMs, this.#cadence.retryMs);
    door.probing = true;
    return undefined;
  }

  /** The server answered a pass that is still under way: the others need not wait for its end. */
  proved(server: string): void {
    this.#door(server).open = true;
  }

  /** What a pass met at the mailbox side; undefined when it got through. Answers how long the server stays closed. */
  passed(server: string, trouble: Fault | undefined, nowMs: number): number | undefined {
    const door = this.#door(server);
    door.probing = false;
    const wait = trouble === undefined ? undefined : serverWideWait(trouble, this.#cadence);
    // Any answer about a mailbox proves that the server and the account are well.
    door.open = wait === undefined;
    if (wait !== undefined) door.closedUntilMs = nowMs + wait;
    return wait;
  }

  /** The pass ended without learning anything about the server. */
  abandoned(server: string): void {
    this.#door(server).probing = false;
  }

  #door(server: string): Door {
    const known = this.#doors.get(server);
    if (known !== undefined) return known;
    const door = { open: false, closedUntilMs: 0, probing: false };
    this.#doors.set(server, door);
    return door;
  }
}
