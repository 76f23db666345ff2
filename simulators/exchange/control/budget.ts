/**
 * The budget of server time that servers from 2013 on keep for each caller: it fills at a steady rate up to a limit, every request
 * takes from it what it cost, a caller in debt is slowed down, and one too deep in debt is refused until enough came back.
 */

export interface BudgetPolicy {
  /** The most a caller can save up, in milliseconds of server time (EwsMaxBurst). */
  readonly maxBurstMs: number;
  /** Milliseconds of server time that come back in an hour (EwsRechargeRate). */
  readonly rechargeMsPerHour: number;
  /** A deeper debt than this is refused (EwsCutoffBalance). */
  readonly cutoffMs: number;
  /** What a request costs beside the time it takes, because a simulated server takes next to none. */
  readonly requestCostMs: number;
  /** The longest delay of a request while in debt; it grows with the debt. */
  readonly microDelayMsMax: number;
}

/** What one caller had at some time. */
export interface Balance {
  readonly atMs: number;
  readonly balanceMs: number;
}

const hourMs = 3_600_000;

/** A balance later on, filled up by the time that passed; a caller who never called has all there is. */
export function balanceAt(known: Balance | undefined, nowMs: number, policy: BudgetPolicy): Balance {
  if (known === undefined) return { atMs: nowMs, balanceMs: policy.maxBurstMs };
  const passedMs = Math.max(nowMs - known.atMs, 0);
  const filledMs = known.balanceMs + (passedMs * policy.rechargeMsPerHour) / hourMs;
  return { atMs: Math.max(nowMs, known.atMs), balanceMs: Math.min(filledMs, policy.maxBurstMs) };
}

/** A balance after a request that took so long. */
export function charged(balance: Balance, tookMs: number, policy: BudgetPolicy): Balance {
  return { ...balance, balanceMs: balance.balanceMs - tookMs - policy.requestCostMs };
}

/** How long until requests are taken again, in milliseconds; 0 when they are. */
export function refusedForMs({ balanceMs }: Balance, policy: BudgetPolicy): number {
  const missingMs = -policy.cutoffMs - balanceMs;
  return missingMs <= 0 ? 0 : Math.ceil((missingMs * hourMs) / policy.rechargeMsPerHour);
}

/** How long a request is held back first. */
export function microDelayMs({ balanceMs }: Balance, policy: BudgetPolicy): number {
  if (balanceMs >= 0) return 0;
  const debt = policy.cutoffMs === 0 ? 1 : Math.min(-balanceMs / policy.cutoffMs, 1);
  return Math.ceil(debt * policy.microDelayMsMax);
}
