/** Throttling policies: how many requests an account may have running, how many it may send, and what they may cost. */
import type { Clock } from '#ports/ports.ts';
import { type Balance, type BudgetPolicy, balanceAt, charged, microDelayMs, refusedForMs } from './budget.ts';

export interface ThrottlePolicy {
  /** Running requests per account and mailbox. */
  readonly maxConcurrency?: number | undefined;
  /** Running SyncFolderItems calls per mailbox. */
  readonly concurrentSyncCalls?: number | undefined;
  /** Streaming connections per account and mailbox. */
  readonly hangingConnections?: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  /** Longest delay before a request is carried out; it grows from half of the requests per minute on. */
  readonly microDelayMs?: number | undefined;
  /** Server time per account and mailbox. */
  readonly budget?: BudgetPolicy | undefined;
  readonly backOffMs: number;
}

/** Which limit was passed, in the server's words. */
export interface Refusal {
  readonly policy: 'MaxConcurrency' | 'ConcurrentSyncCalls' | 'HangingConnection' | 'CutoffBalance';
  readonly limit: number;
  readonly backOffMs: number;
}

/** A slot to give back, or a refusal. */
export type Admission =
  | { readonly kind: 'admitted'; readonly delayMs: number; release(): void }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const minuteMs = 60_000;

export class Throttle {
  readonly #policy: ThrottlePolicy | undefined;
  readonly #clock: Clock;
  readonly #running = new Map<string, number>();
  readonly #recent = new Map<string, number[]>();
  readonly #balances = new Map<string, Balance>();

  constructor(policy: ThrottlePolicy | undefined, clock: Clock) {
    this.#policy = policy;
    this.#clock = clock;
  }

  /** Admits a request, or says which limit it would pass. */
  enter(account: string, mailbox: string, operation: string): Admission {
    const policy = this.#policy;
    if (policy === undefined) return { kind: 'admitted', delayMs: 0, release: () => {} };
    const isHanging = operation === 'GetStreamingEvents';
    const slots = [
      isHanging
        ? { key: `h ${account} ${mailbox}`, policy: 'HangingConnection' as const, limit: policy.hangingConnections }
        : { key: `c ${account} ${mailbox}`, policy: 'MaxConcurrency' as const, limit: policy.maxConcurrency },
      ...(operation === 'SyncFolderItems'
        ? [{ key: `s ${mailbox}`, policy: 'ConcurrentSyncCalls' as const, limit: policy.concurrentSyncCalls }]
        : []),
    ];
    for (const slot of slots) {
      if (slot.limit === undefined || (this.#running.get(slot.key) ?? 0) < slot.limit) continue;
      return { kind: 'refused', refusal: { policy: slot.policy, limit: slot.limit, backOffMs: policy.backOffMs } };
    }
    if (this.#isOverRate(account, policy)) {
      const limit = policy.requestsPerMinute ?? 0;
      return { kind: 'refused', refusal: { policy: 'CutoffBalance', limit, backOffMs: policy.backOffMs } };
    }
    const caller = `${account} ${mailbox}`;
    const { budget } = policy;
    const balance = budget === undefined ? undefined : this.#balance(caller, budget);
    if (budget !== undefined && balance !== undefined) {
      const backOffMs = refusedForMs(balance, budget);
      if (backOffMs > 0) {
        return { kind: 'refused', refusal: { policy: 'CutoffBalance', limit: budget.cutoffMs, backOffMs } };
      }
    }
    for (const { key } of slots) this.#add(key, 1);
    const startMs = this.#clock.now();
    const heldMs = budget === undefined || balance === undefined ? 0 : microDelayMs(balance, budget);
    return {
      kind: 'admitted',
      delayMs: this.#microDelayMs(account, policy) + heldMs,
      release: () => {
        for (const { key } of slots) this.#add(key, -1);
        // What a stream waits for costs nothing.
        if (budget !== undefined) this.#charge(caller, isHanging ? 0 : this.#clock.now() - startMs - heldMs, budget);
      },
    };
  }

  #balance(caller: string, budget: BudgetPolicy): Balance {
    return balanceAt(this.#balances.get(caller), this.#clock.now(), budget);
  }

  #charge(caller: string, tookMs: number, budget: BudgetPolicy): void {
    this.#balances.set(caller, charged(this.#balance(caller, budget), Math.max(tookMs, 0), budget));
  }

  /** Servers slow an account down before they refuse it. */
  #microDelayMs(account: string, { requestsPerMinute, microDelayMs = 0 }: ThrottlePolicy): number {
    if (requestsPerMinute === undefined || microDelayMs === 0) return 0;
    const used = (this.#recent.get(account)?.length ?? 0) / requestsPerMinute;
    return Math.round(Math.max(0, 2 * used - 1) * microDelayMs);
  }

  #add(key: string, change: number): void {
    const next = (this.#running.get(key) ?? 0) + change;
    if (next <= 0) this.#running.delete(key);
    else this.#running.set(key, next);
  }

  #isOverRate(account: string, policy: ThrottlePolicy): boolean {
    if (policy.requestsPerMinute === undefined) return false;
    const nowMs = this.#clock.now();
    const recent = (this.#recent.get(account) ?? []).filter((atMs) => atMs > nowMs - minuteMs);
    this.#recent.set(account, recent);
    if (recent.length >= policy.requestsPerMinute) return true;
    recent.push(nowMs);
    return false;
  }
}
