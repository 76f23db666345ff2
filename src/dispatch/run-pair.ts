/** One claimed pair: opens its connectors, makes one pass, closes them, and books the outcome with the schedule. */
import type { Connector, Reply, Visit } from '#contract/connector.ts';
import { type Fault, fault, scopeOf } from '#contract/fault.ts';
import { cycle } from '#engine/cycle.ts';
import type { Policy } from '#engine/policy.ts';
import { domainsOf, instantNow, type Progress, type Tunables } from '#engine/task.ts';
import { kinds } from '#model/item.ts';
import type { Ports } from '#ports/ports.ts';
import {
  type Claim,
  type CycleOutcome,
  FenceLost,
  type Pair,
  type Side,
  type Store,
  StoreUnavailable,
} from '#store/port.ts';
import { type Cadence, waitAfter } from './back-off.ts';
import { visitOf } from './visit-of.ts';

/** Opens one side of one pair. A connector belongs to one task and is closed with it. */
export type OpenConnector = (pair: Pair, side: Side, visit: Visit) => Promise<Reply<Connector>>;

export interface RunOptions {
  readonly store: Store;
  readonly open: OpenConnector;
  readonly policy: (pair: Pair) => Policy;
  readonly cadence: Cadence;
  readonly tunables: Tunables;
  readonly ports: Ports;
  readonly progress?: (pair: Pair, step: Progress) => void;
  /** After every pass, with all that went wrong in it. */
  readonly passed?: (pair: Pair, outcome: CycleOutcome, troubles: readonly PassTrouble[]) => void;
}

export interface PassTrouble {
  readonly side: Side;
  readonly kind: string | null;
  readonly fault: Fault;
}

/** @returns the outcome, or undefined when the lease was lost or the store is gone: then nothing was booked. */
export async function runPair(claim: Claim, options: RunOptions): Promise<CycleOutcome | undefined> {
  const { store, ports, cadence } = options;
  const startedMs = ports.clock.now();
  const { pair } = claim;
  let lease = claim.lease;
  try {
    const pass = await onePass(claim, options, (renewed) => {
      lease = renewed;
    });
    const worst = worstOf(pass.troubles);
    const result =
      worst !== undefined
        ? 'failed'
        : pass.waitUntilMs !== undefined
          ? 'unfinished'
          : pass.changed
            ? 'changed'
            : 'quiet';
    const outcome: CycleOutcome = {
      at: instantNow(ports),
      result,
      durationMs: ports.clock.now() - startedMs,
      ...(worst === undefined ? {} : { fault: worst }),
    };
    // A pass that got something done before its trouble is worth another one soon.
    const attempts = worst === undefined ? 0 : pass.changed ? 1 : claim.attempts + 1;
    const wait = waitAfter(worst, attempts, cadence, ports.random.fraction());
    const nextAtMs = ports.clock.now() + wait;
    // What is still open is looked at when it can be told, but never in a tight loop.
    const openAtMs = Math.max(pass.waitUntilMs ?? nextAtMs, ports.clock.now() + cadence.retryMs);
    // Whichever side asked to be left alone, and for whatever else there is to do, is left alone (I17).
    const hintMs = Math.max(0, ...pass.troubles.map((trouble) => trouble.fault.retryAfterMs ?? 0));
    const dueAtMs = Math.max(Math.min(nextAtMs, openAtMs), ports.clock.now() + hintMs);
    await store.finish(lease, outcome, dueAtMs, attempts);
    options.passed?.(pair, outcome, pass.troubles);
    return outcome;
  } catch (error) {
    if (error instanceof FenceLost || error instanceof StoreUnavailable) {
      ports.log({ level: 'warn', event: 'dispatch.passAbandoned', pair: pair.pairId, reason: error.name });
      return undefined;
    }
    return await bookDefect(claim, lease, error, options, startedMs);
  }
}

interface Pass {
  readonly changed: boolean;
  readonly troubles: readonly PassTrouble[];
  readonly waitUntilMs: number | undefined;
}

async function onePass(claim: Claim, options: RunOptions, leased: (lease: Claim['lease']) => void): Promise<Pass> {
  const { pair } = claim;
  const opened: Connector[] = [];
  try {
    const connectors: Partial<Record<Side, Connector>> = {};
    const feeds = await options.store.feeds(pair.pairId);
    for (const side of ['crm', 'mailbox'] as const) {
      const held = connectors.crm?.capabilities.kinds;
      const wanted = kinds.filter((kind) => pair.levels[kind] !== 'none' && (held === undefined || kind in held));
      const reply = await options.open(pair, side, visitOf(feeds, side, wanted));
      if (!reply.ok)
        return { changed: false, troubles: [{ side, kind: null, fault: reply.fault }], waitUntilMs: undefined };
      opened.push(reply.value);
      connectors[side] = reply.value;
    }
    const both = connectors as Record<Side, Connector>;
    const policy = options.policy(pair);
    const task = {
      pair,
      store: options.store,
      connectors: both,
      policy,
      ports: options.ports,
      domains: domainsOf(pair, both, policy),
      tunables: options.tunables,
      progress: (step: Progress) => options.progress?.(pair, step),
      lease: claim.lease,
    };
    try {
      return await cycle(task);
    } finally {
      leased(task.lease);
    }
  } finally {
    await Promise.all(opened.map((connector) => connector.close()));
  }
}

/** A mistake of ours ends this pass only; it is shown like any other fault and tried again later. */
async function bookDefect(
  claim: Claim,
  lease: Claim['lease'],
  error: unknown,
  options: RunOptions,
  startedMs: number,
): Promise<CycleOutcome | undefined> {
  const { ports, store, cadence } = options;
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  ports.log({ level: 'error', event: 'dispatch.defect', pair: claim.pair.pairId, message });
  const trouble = fault('defect.internal', 'an internal error ended this pass; see the log');
  const attempts = claim.attempts + 1;
  const outcome: CycleOutcome = {
    at: instantNow(ports),
    result: 'failed',
    durationMs: ports.clock.now() - startedMs,
    fault: trouble,
  };
  try {
    const wait = waitAfter(trouble, attempts, cadence, ports.random.fraction());
    await store.finish(lease, outcome, ports.clock.now() + wait, attempts);
  } catch (failure) {
    if (!(failure instanceof FenceLost) && !(failure instanceof StoreUnavailable)) throw failure;
    return undefined;
  }
  options.passed?.(claim.pair, outcome, [{ side: 'crm', kind: null, fault: trouble }]);
  return outcome;
}

const order = ['authentication', 'server', 'budget', 'mailbox', 'defect', 'item'] as const;

function worstOf(troubles: readonly PassTrouble[]): Fault | undefined {
  for (const scope of order) {
    const found = troubles.find((trouble) => scopeOf(trouble.fault.code) === scope);
    if (found !== undefined) return found.fault;
  }
  return undefined;
}
