/**
 * The dispatcher: keeps `concurrency` passes running, the longest waiting pair first. The schedule is a row per pair in the
 * store (due time, lease, fence), so any number of engine processes share the work and a dead one loses nothing: its leases
 * run out and the pairs are claimed again.
 *
 * A server that fails for everybody is left alone for a while by all pairs on it, so that ten thousand mailboxes do not
 * knock at a closed door, and a refused service account is not locked out.
 */
import type { Fault } from '#contract/fault.ts';
import { instantNow } from '#engine/task.ts';
import { type Claim, StoreUnavailable } from '#store/port.ts';
import { serverWideWait } from './back-off.ts';
import { type RunOptions, runPair } from './run-pair.ts';

export interface DispatcherOptions extends RunOptions {
  /** Names this process among all engines. */
  readonly owner: string;
  readonly concurrency: number;
  /** Longest sleep between two looks at the schedule. */
  readonly pollMs: number;
}

/** Runs until `signal` aborts; passes under way are finished first. */
export async function dispatch(options: DispatcherOptions, signal: AbortSignal): Promise<void> {
  const { store, ports } = options;
  const running = new Set<Promise<void>>();
  const closedUntilMs = new Map<string, number>();
  while (!signal.aborted) {
    const free = options.concurrency - running.size;
    let claims: readonly Claim[] = [];
    try {
      if (free > 0) {
        claims = await store.claim(options.owner, ports.clock.now(), options.tunables.leaseMs, free);
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      ports.log({ level: 'warn', event: 'dispatch.storeUnavailable' });
    }
    for (const claim of claims) {
      const pass = serve(claim, options, closedUntilMs).finally(() => running.delete(pass));
      running.add(pass);
    }
    if (claims.length === 0) await rest(options, running, signal);
  }
  await Promise.all(running);
}

async function serve(claim: Claim, options: DispatcherOptions, closedUntilMs: Map<string, number>): Promise<void> {
  const { server } = claim.pair;
  const now = options.ports.clock.now();
  const until = closedUntilMs.get(server) ?? 0;
  if (until > now) {
    await putBack(claim, options, until);
    return;
  }
  const outcome = await runPair(claim, {
    ...options,
    passed: (pair, passed, troubles) => {
      const wide = troubles.find((trouble) => trouble.side === 'mailbox');
      if (wide !== undefined) close(server, wide.fault, options, closedUntilMs);
      options.passed?.(pair, passed, troubles);
    },
  });
  if (outcome !== undefined && outcome.fault === undefined) closedUntilMs.delete(server);
}

function close(server: string, trouble: Fault, options: DispatcherOptions, closedUntilMs: Map<string, number>): void {
  const wait = serverWideWait(trouble, options.cadence);
  if (wait === undefined) return;
  closedUntilMs.set(server, options.ports.clock.now() + wait);
  options.ports.log({ level: 'warn', event: 'dispatch.serverClosed', server, code: trouble.code, waitMs: wait });
}

async function putBack(claim: Claim, options: DispatcherOptions, untilMs: number): Promise<void> {
  const { ports, store } = options;
  const spreadMs = Math.round(ports.random.fraction() * options.cadence.retryMs);
  const outcome = { at: instantNow(ports), result: 'unfinished', durationMs: 0 } as const;
  try {
    await store.finish(claim.lease, outcome, untilMs + spreadMs, claim.attempts);
  } catch {
    // Lease lost or store gone: the lease runs out and the pair is claimed again.
  }
}

/** Sleeps until something is due, a pass ends, or the process is asked to stop. */
async function rest(
  options: DispatcherOptions,
  running: ReadonlySet<Promise<void>>,
  signal: AbortSignal,
): Promise<void> {
  const { store, ports, pollMs } = options;
  let waitMs = pollMs;
  if (running.size < options.concurrency) {
    try {
      const due = await store.nextDueMs();
      if (due !== undefined) waitMs = Math.min(pollMs, Math.max(due - ports.clock.now(), 10));
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
  const woken = new AbortController();
  const stop = (): void => woken.abort();
  signal.addEventListener('abort', stop, { once: true });
  await Promise.race([ports.timer.sleep(waitMs, woken.signal), ...running]);
  signal.removeEventListener('abort', stop);
  woken.abort();
}
