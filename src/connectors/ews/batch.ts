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
  read(response: XmlElement, inputs: readonly I[]): readonly Entry<O>[];
  readonly size: BatchSize;
  /** Trouble of a whole request that one of its entries, or their number, may have caused. */
  splits(trouble: Trouble): boolean;
}

/** What a batch needs of a session. */
export type Caller = Pick<EwsSession, 'call' | 'holdBack'>;

/** Entries that go together, or less if the size is less by then. */
interface Part {
  readonly indices: readonly number[];
  /** Shared by the two halves of a refused request: when both go through, only their number was refused. */
  readonly half?: { readonly items: number; passed: number };
}

/** Failing requests one run may spend on finding the entries that cause it. */
const failingRequestsMax = 24;
/** A request that takes the server its whole time costs as much as several that fail at once. */
const timeUpWeight = 4;
/** How often a busy server is asked again for the entries it stopped before. */
const roundsMax = 3;

/** One outcome per input, in order. `now` in milliseconds. */
export async function runBatch<I, O>(
  session: Caller,
  now: () => number,
  inputs: readonly I[],
  plan: BatchPlan<I, O>,
): Promise<readonly Outcome<O>[]> {
  const outcomes: Outcome<O>[] = new Array(inputs.length);
  const parts: Part[] = [];
  let next = 0;
  let failing = 0;
  let rounds = 0;
  for (;;) {
    const fresh = range(next, Math.min(inputs.length, next + plan.size.items));
    const { half, indices } = parts.pop() ?? { indices: fresh };
    if (indices.length === 0) return outcomes;
    const part = indices.slice(0, plan.size.items);
    if (indices === fresh) next += part.length;
    else if (part.length < indices.length) parts.push({ indices: indices.slice(part.length) });
    const given = part.map((index) => inputs[index] as I);
    const request = plan.build(given);
    // While an entry is searched that makes the server fail, failing is what is expected: no patience then.
    const answer = await session.call(failing === 0 ? request : { ...request, again: 0 });
    if (answer.ok) {
      plan.size.took(answer.elapsedMs);
      const { stopped, isBusy } = settled(session, now(), part, plan.read(answer.element, given), outcomes, request);
      if (isBusy) rounds += 1;
      // A server that stops without being busy takes no more entries at once.
      else if (stopped.length > 0) plan.size.shrink();
      if (stopped.length > 0 && rounds <= roundsMax) parts.push({ indices: stopped });
      if (half !== undefined) {
        half.passed += 1;
        if (half.passed === 2) plan.size.cap(half.items);
      }
      continue;
    }
    const splits = plan.splits(answer.trouble);
    const timeUp = answer.trouble.fault.code === 'server.timeout';
    if (timeUp) plan.size.shrink();
    if (splits) {
      failing += timeUp ? timeUpWeight : 1;
      if (part.length > 1 && failing <= failingRequestsMax) {
        const middle = part.length >> 1;
        const halves = answer.trouble.certain ? { half: { items: middle, passed: 0 } } : {};
        parts.push({ indices: part.slice(middle), ...halves }, { indices: part.slice(0, middle), ...halves });
        continue;
      }
    }
    for (const index of part) outcomes[index] = { kind: 'trouble', trouble: answer.trouble };
    if (splits ? failing > failingRequestsMax : concernsAll(answer.trouble)) {
      const unsent: Outcome<O> = { kind: 'trouble', trouble: { ...answer.trouble, certain: true } };
      for (const { indices: waiting } of [...parts, { indices: range(next, inputs.length) }])
        for (const index of waiting) outcomes[index] = unsent;
      return outcomes;
    }
  }
}

/**
 * Notes the entries of one answer; returns those to ask again, all of which have an outcome for the case they are not: what
 * the server stopped before, and of a read what it left out.
 */
function settled<O>(
  session: Caller,
  now: number,
  part: readonly number[],
  entries: readonly Entry<O>[],
  outcomes: Outcome<O>[],
  request: EwsRequest,
): { readonly stopped: readonly number[]; readonly isBusy: boolean } {
  const stopped: number[] = [];
  let isBusy = false;
  part.forEach((index, position) => {
    const entry = entries[position] ?? { kind: 'missing', operation: 'the batch' };
    if (entry.kind === 'value') {
      outcomes[index] = entry;
      return;
    }
    const trouble = classify(entry, now);
    outcomes[index] = { kind: 'trouble', trouble };
    const isLeftOut = entry.kind === 'missing' && request.effect === 'read';
    if (trouble.fault.code !== 'budget.exhausted' && !isLeftOut) return;
    if (!isLeftOut && trouble.code !== 'ErrorBatchProcessingStopped') {
      isBusy = true;
      session.holdBack(trouble.fault.retryAfterMs);
    }
    if (mayRepeat(request, outcomes[index])) stopped.push(index);
  });
  // When nothing but "stopped" came, asking again would bring the same.
  return { stopped: isBusy || stopped.length < part.length ? stopped : [], isBusy };
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
  #most: number;
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

  /** The server takes no more than this many at all. */
  cap(items: number): void {
    this.#most = Math.min(this.#most, items);
    this.#items = Math.min(this.#items, items);
  }

  /** A request of this size went through in this time. */
  took(elapsedMs: number): void {
    if (elapsedMs > slowMs) this.shrink();
    else if (this.#items < this.#most) this.#items = Math.min(this.#most, this.#items + Math.max(1, this.#items >> 2));
  }
}
