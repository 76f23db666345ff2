/**
 * The dispatcher: keeps `concurrency` passes running, the longest waiting pair first. The schedule is a row per pair in the
 * store (due time, lease, fence), so any number of engine processes share the work and a dead one loses nothing: its leases
 * run out and the pairs are claimed again.
 *
 * A server that fails for everybody is left alone for a while by all pairs on it (`server-gate.ts`).
 */
import { type Claim, FenceLost, type Lease, type Pair, StoreUnavailable } from '#store/port.ts';
import { type RunOptions, runPair } from './run-pair.ts';
import { ServerGate } from './server-gate.ts';

export interface DispatcherOptions extends RunOptions {
  /** Names this process among all engines. */
  readonly owner: string;
  readonly concurrency: number;
  /** Longest sleep between two looks at the schedule. */
  readonly pollMs: number;
  /** The server a mailbox is on, where the user map leaves it open; by default as the map says. */
  readonly serverOf?: (pair: Pair) => Promise<string>;
}

/** Runs until `signal` aborts; passes under way are finished first. */
export async function dispatch(options: DispatcherOptions, signal: AbortSignal): Promise<void> {
  const { store, ports } = options;
  const running = new Set<Promise<void>>();
  const shift: Shift = { options, gate: new ServerGate(options.cadence), abandoned: new Set() };
  while (!signal.aborted) {
    const free = options.concurrency - running.size;
    let claims: readonly Claim[] = [];
    try {
      await giveBack(shift);
      if (free > 0) {
        claims = await store.claim(options.owner, ports.clock.now(), options.tunables.leaseMs, free);
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      ports.log({ level: 'warn', event: 'dispatch.storeUnavailable' });
    }
    for (const claim of claims) {
      const pass = serve(claim, shift).finally(() => running.delete(pass));
      running.add(pass);
    }
    if (claims.length === 0) await rest(options, running, signal);
  }
  await Promise.all(running);
}

interface Shift {
  readonly options: DispatcherOptions;
  readonly gate: ServerGate;
  /** Leases of passes that ended without a word to the store: they must not hold their mailboxes until they run out. */
  readonly abandoned: Set<Lease>;
}

async function serve(claim: Claim, shift: Shift): Promise<void> {
  const { options, gate } = shift;
  const server = await serverOf(claim, shift);
  if (server === undefined) return;
  const waitMs = gate.waitMs(server, options.ports.clock.now());
  if (waitMs !== undefined) {
    await putBack(claim, shift, waitMs);
    return;
  }
  let told = false;
  const outcome = await runPair(claim, {
    ...options,
    progress: (pair, step) => {
      if (step.side === 'mailbox') gate.proved(server);
      options.progress?.(pair, step);
    },
    passed: (pair, passed, troubles) => {
      told = true;
      const wide = troubles.find((trouble) => trouble.side === 'mailbox');
      const closedMs = gate.passed(server, wide?.fault, options.ports.clock.now());
      if (closedMs !== undefined) {
        const code = wide?.fault.code;
        options.ports.log({ level: 'warn', event: 'dispatch.serverClosed', server, code, waitMs: closedMs });
      }
      options.passed?.(pair, passed, troubles);
    },
  });
  if (!told) gate.abandoned(server);
  if (outcome === undefined) shift.abandoned.add(claim.lease);
}

/** Undefined: the store went away meanwhile. */
async function serverOf({ pair, lease }: Claim, { options, abandoned }: Shift): Promise<string | undefined> {
  try {
    return (await options.serverOf?.(pair)) ?? pair.server;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    abandoned.add(lease);
    return undefined;
  }
}

/** A mailbox whose server is closed keeps its own account of what happened last; only its turn moves. */
async function putBack(claim: Claim, shift: Shift, waitMs: number): Promise<void> {
  const { ports, store, cadence } = shift.options;
  const spreadMs = Math.round(ports.random.fraction() * Math.min(waitMs, cadence.retryMs));
  try {
    await store.release(claim.lease, ports.clock.now() + waitMs + spreadMs);
  } catch (error) {
    if (error instanceof StoreUnavailable) shift.abandoned.add(claim.lease);
    else if (!(error instanceof FenceLost)) throw error;
  }
}

/**
 * Ends the leases of abandoned passes as soon as the store answers again. A store that reads but cannot write (its disk is
 * full) would have every pass repeated without end: each waits as after a failure.
 */
async function giveBack(shift: Shift): Promise<void> {
  const { store, ports, cadence } = shift.options;
  for (const lease of shift.abandoned) {
    try {
      await store.release(lease, ports.clock.now() + cadence.retryMs);
    } catch (error) {
      if (!(error instanceof FenceLost)) throw error;
    }
    shift.abandoned.delete(lease);
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
