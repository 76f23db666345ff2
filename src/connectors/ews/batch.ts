/**
 * Many inputs through one batch operation. What must hold: an entry that poisons its request is isolated by halving, so
 * that it alone fails; entries the server stopped before are asked again, and only these; when the trouble is not about the
 * entries, the rest is not sent at all and says so.
 */
import { type FaultScope, scopeOf } from '#contract/fault.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Entry } from './operations/response.ts';
import { classify, type Trouble } from './transport/classify.ts';
import type { EwsRequest, EwsSession } from './transport/session.ts';

export type Outcome<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

export interface BatchPlan<I, O> {
  build(inputs: readonly I[]): EwsRequest;
  read(response: XmlElement, inputs: number): readonly Entry<O>[];
  readonly size: BatchSize;
  /** Trouble of a whole request that one of its entries, or their number, may have caused. */
  splits(trouble: Trouble): boolean;
}

/** What a batch needs of a session. */
export type Caller = Pick<EwsSession, 'call' | 'holdBack'>;

/** Failing requests one run may spend on finding the entries that cause it. */
const failingRequestsMax = 24;
/** A request that takes the server its whole time costs as much as several that fail at once. */
const timeUpWeight = 4;
/** How often entries are asked again that the server stopped before. */
const roundsMax = 3;

/** One outcome per input, in order. `now` in milliseconds. */
export async function runBatch<I, O>(
  session: Caller,
  now: () => number,
  inputs: readonly I[],
  plan: BatchPlan<I, O>,
): Promise<readonly Outcome<O>[]> {
  const outcomes: Outcome<O>[] = new Array(inputs.length);
  const parts: (readonly number[])[] = [];
  let next = 0;
  let failing = 0;
  let rounds = 0;
  for (;;) {
    let part = parts.pop();
    if (part === undefined) {
      part = range(next, Math.min(inputs.length, next + plan.size.items));
      next += part.length;
    }
    if (part.length === 0) return outcomes;
    const request = plan.build(part.map((index) => inputs[index] as I));
    // While an entry is searched that makes the server fail, failing is what is expected: no patience then.
    const answer = await session.call(failing === 0 ? request : { ...request, again: 0 });
    if (answer.ok) {
      plan.size.took(answer.elapsedMs);
      const entries = plan.read(answer.element, part.length);
      const stopped = settled(session, now(), part, entries, outcomes).filter((index) =>
        mayRepeat(request, outcomes[index]),
      );
      rounds += stopped.length === 0 ? 0 : 1;
      if (stopped.length > 0 && rounds <= roundsMax) parts.push(stopped);
      continue;
    }
    const splits = plan.splits(answer.trouble);
    const timeUp = answer.trouble.fault.code === 'server.timeout';
    if (timeUp) plan.size.shrink();
    if (splits) {
      failing += timeUp ? timeUpWeight : 1;
      if (part.length > 1 && failing <= failingRequestsMax) {
        const middle = part.length >> 1;
        parts.push(part.slice(middle), part.slice(0, middle));
        continue;
      }
    }
    for (const index of part) outcomes[index] = { kind: 'trouble', trouble: answer.trouble };
    if (splits ? failing > failingRequestsMax : concernsAll(answer.trouble)) {
      const unsent: Outcome<O> = { kind: 'trouble', trouble: { ...answer.trouble, certain: true } };
      for (const waiting of [...parts, range(next, inputs.length)])
        for (const index of waiting) outcomes[index] = unsent;
      return outcomes;
    }
  }
}

/** Notes the entries of one answer; returns those to ask again, all of which have an outcome for the case they are not. */
function settled<O>(
  session: Caller,
  now: number,
  part: readonly number[],
  entries: readonly Entry<O>[],
  outcomes: Outcome<O>[],
): readonly number[] {
  const stopped: number[] = [];
  part.forEach((index, position) => {
    const entry = entries[position] ?? { kind: 'missing', operation: 'the batch' };
    if (entry.kind === 'value') {
      outcomes[index] = entry;
      return;
    }
    const trouble = classify(entry, now);
    outcomes[index] = { kind: 'trouble', trouble };
    if (trouble.fault.code !== 'budget.exhausted') return;
    if (trouble.code !== 'ErrorBatchProcessingStopped') session.holdBack(trouble.fault.retryAfterMs);
    stopped.push(index);
  });
  // When nothing but "stopped" came, asking again would bring the same.
  const allStopped = entries.every(
    (entry) => entry.kind === 'response' && entry.code === 'ErrorBatchProcessingStopped',
  );
  return allStopped ? [] : stopped;
}

/** Only what certainly changed nothing, or could change nothing, is asked again. */
function mayRepeat(request: EwsRequest, outcome: Outcome<unknown> | undefined): boolean {
  return request.effect === 'read' || (outcome?.kind === 'trouble' && outcome.trouble.certain);
}

const commonScopes: readonly FaultScope[] = ['mailbox', 'server', 'budget', 'authentication'];

/** The trouble is not about one item: everybody else would meet it too. */
export function concernsAll(trouble: Trouble): boolean {
  return commonScopes.includes(scopeOf(trouble.fault.code));
}

function range(from: number, to: number): readonly number[] {
  const indices: number[] = [];
  for (let index = from; index < to; index += 1) indices.push(index);
  return indices;
}

/** Slower than this is near the minute after which the server gives up on a batch. */
const slowMs = 20_000;

/** How many entries a request takes: halved when the server has trouble with it, grown back while it has none. */
export class BatchSize {
  readonly #most: number;
  #items: number;

  constructor(most: number) {
    this.#most = most;
    this.#items = most;
  }

  get items(): number {
    return this.#items;
  }

  shrink(): void {
    this.#items = Math.max(1, this.#items >> 1);
  }

  /** A request of this size went through in this time. */
  took(elapsedMs: number): void {
    if (elapsedMs > slowMs) this.shrink();
    else if (this.#items < this.#most) this.#items = Math.min(this.#most, this.#items + Math.max(1, this.#items >> 2));
  }
}
