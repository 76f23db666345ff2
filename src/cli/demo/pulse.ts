/** Watches the passes of all pairs go by, and says when everybody has come to rest. */
import type { PassTrouble } from '#dispatch/run-pair.ts';
import type { CycleOutcome, Pair, Side } from '#store/port.ts';

export class Pulse {
  readonly written: Record<Side, number> = { crm: 0, mailbox: 0 };
  readonly read: Record<Side, number> = { crm: 0, mailbox: 0 };
  readonly #quietSinceMs = new Map<string, number>();
  readonly #troubles = new Map<string, string>();
  passes = 0;

  /** A pass ended. */
  passed(pair: Pair, outcome: CycleOutcome, troubles: readonly PassTrouble[], nowMs: number): void {
    this.passes += 1;
    const [first] = troubles;
    if (first === undefined) this.#troubles.delete(pair.mailbox);
    else this.#troubles.set(pair.mailbox, `${first.side}: ${first.fault.message} (${first.fault.code})`);
    // A pass that changed nothing has seen everything that was there when it began.
    if (outcome.result === 'quiet') this.#quietSinceMs.set(pair.mailbox, nowMs - outcome.durationMs);
  }

  /** Every one of these had a pass that began after this moment and found nothing to do. */
  isQuietSince(mailboxes: readonly string[], sinceMs: number): boolean {
    return mailboxes.every((mailbox) => (this.#quietSinceMs.get(mailbox) ?? Number.NEGATIVE_INFINITY) >= sinceMs);
  }

  /** What went wrong last, by mailbox. */
  get troubles(): ReadonlyMap<string, string> {
    return this.#troubles;
  }
}
