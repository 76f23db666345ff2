/**
 * Quarantine: a link whose write was refused for a reason that will not go away by itself is set aside, visibly, until one
 * of its items changes; a slow re-try covers reasons that lie outside the items. Everybody else's work goes on (I16).
 */
import { type Fault, scopeOf } from '#contract/fault.ts';
import type { LinkRow, Quarantine, Side } from '#store/port.ts';
import { instantNow, type Task } from '../task.ts';

/** Slow tries grow by this factor up to a week. */
const growth = 2;
const probeMsMax = 7 * 24 * 3_600_000;

export function quarantineOf(task: Task, link: LinkRow, side: Side, fault: Fault): Quarantine {
  const attempts = (link.quarantine?.attempts ?? 0) + 1;
  const waitMs = Math.min(task.tunables.quarantineProbeMs * growth ** (attempts - 1), probeMsMax);
  return {
    fault,
    side,
    since: link.quarantine?.since ?? instantNow(task.ports),
    attempts,
    probeAtMs: task.ports.clock.now() + waitMs,
  };
}

/** Refusals that concern this one record only. A refused request of ours counts: it must not stop the others. */
export function concernsItem(fault: Fault): boolean {
  return scopeOf(fault.code) === 'item' || fault.code === 'defect.request';
}

/** The item is not as we knew it: look again and decide anew, nobody is to blame. */
export function isConflict(fault: Fault): boolean {
  return fault.code === 'item.conflict' || fault.code === 'item.gone';
}
