/** How one pair is doing, in the words of the status page. Pure. */
import { scopeOf } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import type { PairDetails, PairStatus, Tally } from '#store/port.ts';

/**
 * - disabled: switched off by an administrator.
 * - initial: the first sync is under way; `percent` of the items known so far are settled.
 * - inSync: nothing is waiting.
 * - lagging: changes are waiting, or the last pass is overdue.
 * - failing: the last pass failed; `fault` says why.
 * - held: a mass change waits for a person.
 */
export type PairState = 'disabled' | 'initial' | 'inSync' | 'lagging' | 'failing' | 'held';

export interface PairReport extends PairDetails {
  readonly status: PairStatus;
}

export interface Judgement {
  readonly state: PairState;
  /** Only while initial. */
  readonly percent?: number;
}

/** A pass that is this late is overdue. */
export const overdueMs = 10 * 60_000;

export function judge({ status, feeds, waiting, brakes }: PairReport, nowMs: number): Judgement {
  const { pair, lastOutcome, lastGoodAt } = status;
  if (!pair.enabled) return { state: 'disabled' };
  // Being asked to wait is no failure; the work is merely late.
  const fault = lastOutcome?.fault;
  if (fault !== undefined) return { state: scopeOf(fault.code) === 'budget' ? 'lagging' : 'failing' };
  if (brakes.some((brake) => brake.state === 'held')) return { state: 'held' };
  // What is set aside is shown in a column of its own; nothing waits for it.
  const open = waiting.reduce((sum, kind) => sum + kind.pendingLinks - kind.setAside + kind.unlinked, 0);
  if (lastGoodAt === null) {
    const listed = feeds.length > 0 && feeds.every((feed) => feed.listed);
    const all = waiting.reduce((sum, kind) => sum + kind.activeLinks + kind.unlinked, 0);
    return { state: 'initial', percent: listed && all > 0 ? Math.floor((100 * (all - open)) / all) : 0 };
  }
  if (open > 0 || status.nextAtMs + overdueMs < nowMs) return { state: 'lagging' };
  return { state: 'inSync' };
}

/** The judgement in words. */
export function stateText({ state, percent }: Judgement): string {
  switch (state) {
    case 'disabled':
      return 'disabled';
    case 'initial':
      return `initial ${percent ?? 0} %`;
    case 'inSync':
      return 'in sync';
    case 'lagging':
      return 'lagging';
    case 'failing':
      return 'failing';
    case 'held':
      return 'held by brake';
  }
}

/** A number of one tally, zero when the kind has none. */
export function tallyOf(report: Pick<PairReport, 'tallies'>, kind: Kind): Tally {
  const none = { kind, paired: 0, quarantined: 0, review: 0, held: 0, events: {} };
  return report.tallies.find((tally) => tally.kind === kind) ?? none;
}
