/**
 * The brake (I11): looks at the plan of one kind as a whole before anything is written. More removals, or more overwrites,
 * than the limits allow are held back until a person releases exactly this plan; creations and small changes go on. A plan
 * that shrinks below its limit by itself (what was missing is there again) clears its brake.
 *
 * A cheap count decides first whether there is anything to look at; only then is the plan gone through, page by page.
 */
import { createHash } from 'node:crypto';
import type { LinkKey } from '#contract/connector.ts';
import { type Brake, type LinkView, otherSide, type Side, type Waiting } from '#store/port.ts';
import { type DecideContext, decide } from '../plan/decide.ts';
import type { BrakeLimits } from '../policy.ts';
import { type Domain, instantNow, type Task } from '../task.ts';

export type Work = Brake['work'];

/** What must not be written this time. */
export type Held = ReadonlySet<Hold>;
type Hold = `${Work | 'recreations'}.${Side}`;

const nothingHeld: Held = new Set();
const allRemovals: Held = new Set<Hold>(['removals.crm', 'removals.mailbox']);
const sampleMax = 10;

export async function brake(task: Task, domain: Domain, waiting: Waiting, context: DecideContext): Promise<Held> {
  const limits = task.policy.brake;
  const removable = Math.max(waiting.leaving.crm, waiting.leaving.mailbox);
  const limit = {
    removals: limitOf(limits.removals, waiting.activeLinks),
    overwrites: limitOf(limits.overwrites, waiting.activeLinks),
  };
  const clears = removable > 0 && removable + waiting.pendingLinks >= waiting.activeLinks;
  const small = removable <= limit.removals && waiting.pendingLinks <= limit.overwrites && !clears;
  const fuse = removable > 0 && (await fuseHolds(task, domain));
  if (small && waiting.heldBrakes === 0) return fuse ? allRemovals : nothingHeld;

  const plan = await survey(task, domain, context);
  const held = new Set<Hold>(fuse ? allRemovals : nothingHeld);
  const rows: Brake[] = [];
  const stored = await task.store.brakes(task.pair.pairId);
  for (const side of ['crm', 'mailbox'] as const) {
    for (const work of ['removals', 'overwrites'] as const) {
      const known = stored.find((one) => one.side === side && one.kind === domain.kind && one.work === work);
      const { emptied, concerned } = massOf(plan, side, work, waiting);
      const print = planPrint(concerned);
      if (concerned.length <= limit[work] && !emptied) {
        if (known?.state === 'held') rows.push({ ...known, state: 'cleared' });
        continue;
      }
      if (known?.plan === print && known.state === 'released') continue;
      held.add(`${work}.${side}`);
      if (emptied) held.add(`recreations.${otherSide(side)}`);
      if (known?.plan === print && known.state === 'held') continue;
      rows.push({
        side,
        kind: domain.kind,
        work,
        count: concerned.length,
        links: waiting.activeLinks,
        plan: print,
        sample: concerned.slice(0, sampleMax),
        since: instantNow(task.ports),
        state: 'held',
      });
    }
  }
  await store(task, domain, rows);
  return held;
}

/** The links concerned by one sort of mass change, and whether a side emptied. */
function massOf(
  plan: Survey,
  side: Side,
  work: Work,
  waiting: Waiting,
): { readonly emptied: boolean; readonly concerned: readonly LinkKey[] } {
  const other = otherSide(side);
  // A side that emptied without saying so (absence, not tombstones) has no allowance at all.
  const emptied =
    work === 'removals' &&
    plan.byAbsence[side] + plan.recreations[other].length > 0 &&
    waiting.leaving[other] >= waiting.activeLinks - plan.unsettled;
  // What is edited here and seems gone there must not be made again there either: it is not known to be gone.
  const concerned = emptied ? [...plan.removals[side], ...plan.recreations[other]] : plan[work][side];
  return { emptied, concerned };
}

/** Brakes held for many other mailboxes at the same time: something is wrong with more than one of them (global fuse). */
async function fuseHolds(task: Task, domain: Domain): Promise<boolean> {
  const { fusePairs } = task.policy.brake;
  const others = await task.store.brakedPairs(task.pair.pairId, fusePairs);
  if (others < fusePairs) return false;
  task.ports.log({ level: 'warn', event: 'engine.fuseHolds', pair: task.pair.pairId, kind: domain.kind, others });
  return true;
}

async function store(task: Task, domain: Domain, rows: readonly Brake[]): Promise<void> {
  if (rows.length === 0) return;
  const at = instantNow(task.ports);
  await task.store.commit(task.lease, {
    brakes: rows,
    journal: rows.map((row) => ({
      at,
      kind: domain.kind,
      linkKey: null,
      event: row.state === 'held' ? 'brakeTripped' : 'brakeCleared',
      side: row.side,
      detail: { work: row.work, count: row.count, links: row.links, plan: row.plan },
    })),
  });
  task.ports.crashPoint?.('brake.afterCommit');
  for (const { side, work, count } of rows.filter((row) => row.state === 'held')) {
    task.ports.log({ level: 'warn', event: 'engine.brakeTripped', pair: task.pair.pairId, side, work, count });
  }
}

interface Survey {
  readonly removals: Readonly<Record<Side, LinkKey[]>>;
  readonly overwrites: Readonly<Record<Side, LinkKey[]>>;
  /** Removals on this side because the other side's item was merely absent. */
  readonly byAbsence: Record<Side, number>;
  /** Items to be made again on this side, from which they are merely absent. */
  readonly recreations: Readonly<Record<Side, LinkKey[]>>;
  /** Links that have no base yet: they cannot have left. */
  readonly unsettled: number;
}

async function survey(task: Task, domain: Domain, context: DecideContext): Promise<Survey> {
  const plan = {
    unsettled: 0,
    removals: { crm: [] as LinkKey[], mailbox: [] as LinkKey[] },
    overwrites: { crm: [] as LinkKey[], mailbox: [] as LinkKey[] },
    byAbsence: { crm: 0, mailbox: 0 },
    recreations: { crm: [] as LinkKey[], mailbox: [] as LinkKey[] },
  };
  let after: LinkKey | null = null;
  for (;;) {
    const views: readonly LinkView[] = await task.store.pendingLinks(
      task.pair.pairId,
      domain.kind,
      task.ports.clock.now(),
      after,
      task.tunables.pageLinks,
    );
    const last = views[views.length - 1];
    if (last === undefined) return plan;
    for (const view of views) {
      if (view.link.base === null) plan.unsettled += 1;
      const decision = decide(view, context);
      if (decision.kind !== 'write') continue;
      for (const write of decision.writes) {
        if (write.op === 'remove') {
          plan.removals[write.side].push(view.link.linkKey);
          const source = write.side === 'crm' ? view.mailbox : view.crm;
          if (source?.evidence === 'absence') plan.byAbsence[write.side] += 1;
        }
        if (write.op === 'create' && view[write.side]?.evidence === 'absence') {
          plan.recreations[write.side].push(view.link.linkKey);
        }
        // Filling in at the first meeting is not an overwrite.
        if (write.op === 'update' && view.link.base !== null) plan.overwrites[write.side].push(view.link.linkKey);
      }
    }
    after = last.link.linkKey;
  }
}

function limitOf(limit: BrakeLimits['removals'], links: number): number {
  return Math.max(limit.itemsMin, Math.floor(limit.share * links));
}

function planPrint(keys: readonly LinkKey[]): string {
  return createHash('sha256')
    .update(JSON.stringify([...keys].sort()))
    .digest('base64url')
    .slice(0, 16);
}
