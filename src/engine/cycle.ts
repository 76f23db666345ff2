/**
 * The engine on one page: one pass over one pair.
 *
 *   observe   read both feeds of every kind to their ends; store observations and cursors
 *   recover   find out what became of unanswered writes
 *   requests  carry out what people asked for
 *   pair up   give new items their links
 *   brake     look at the plan as a whole
 *   act       carry it out, write by write
 *
 * Recover stands after observe because the feeds are its best evidence; no link with an unsettled intent is planned before.
 * Boot and steady state run exactly this. Any exception (lost fence, store gone, defect) ends the pass; the stored rows make
 * the next one continue where it stopped.
 */
import { type Fault, scopeOf } from '#contract/fault.ts';
import type { Feed, Waiting } from '#store/port.ts';
import { act } from './act/act.ts';
import { brake } from './brake/brake.ts';
import { askAgain, type InTurn, isUpgrading, observe } from './observe/observe.ts';
import type { DecideContext } from './plan/decide.ts';
import { pairUp } from './plan/pair-up.ts';
import { recover } from './recover/recover.ts';
import { requests } from './requests/requests.ts';
import { archivedBeforeOf, type Domain, mayWrite, type Task, type Trouble } from './task.ts';

export interface CycleResult {
  readonly changed: boolean;
  /** What went wrong, most serious first; empty after a clean pass. */
  readonly troubles: readonly NonNullable<Trouble>[];
  /** A pass before this time cannot settle what is still open; undefined when nothing is. */
  readonly waitUntilMs: number | undefined;
}

export async function cycle(task: Task): Promise<CycleResult> {
  const troubles: NonNullable<Trouble>[] = [];
  const feeds = await task.store.feeds(task.pair.pairId);
  const readable: Domain[] = [];
  const whole: Domain[] = [];
  for (const domain of task.domains) {
    const found = await observeBoth(task, domain, feeds);
    troubles.push(...found);
    if (found.length === 0) readable.push(domain);
    if (found.some((trouble) => endsTask(trouble.fault))) return { changed: false, troubles, waitUntilMs: undefined };
    if (found.length === 0 || !(await upgrades(task, domain))) whole.push(domain);
  }

  const recovered = await recover(task, whole);
  const { waitUntilMs } = recovered;
  if (recovered.trouble !== undefined)
    return { changed: false, troubles: [...troubles, recovered.trouble], waitUntilMs };

  const asking = await requests(task, whole);
  if (asking !== undefined) {
    troubles.push(asking);
    if (endsTask(asking.fault)) return { changed: false, troubles, waitUntilMs };
  }

  let changed = false;
  for (const domain of readable) {
    let waiting = await waitingOf(task, domain);
    if (waiting.unreadable > 0) {
      const found = await askAgainBoth(task, domain);
      troubles.push(...found);
      if (found.length > 0) continue;
      waiting = await waitingOf(task, domain);
    }
    if (waiting.unlinked > 0) await pairUp(task, domain, waiting.unreadable > 0);
    if (waiting.unlinked + waiting.pendingLinks + waiting.heldBrakes === 0) continue;
    const context: DecideContext = {
      policy: task.policy,
      mayWrite: (side) => mayWrite(task.pair, domain.kind, side),
      archivedBefore: archivedBeforeOf(task, domain.kind),
    };
    const held = await brake(task, domain, await waitingOf(task, domain), context);
    const acted = await act(task, domain, context, held);
    changed ||= acted.writes > 0;
    if (acted.trouble === undefined) continue;
    troubles.push(acted.trouble);
    if (endsTask(acted.trouble.fault)) break;
  }
  return { changed, troubles, waitUntilMs };
}

/** Both sides of one kind at once; neither is planned unless both were read to the end. */
async function observeBoth(
  task: Task,
  domain: Domain,
  feeds: readonly Feed[],
): Promise<readonly NonNullable<Trouble>[]> {
  const inTurn = oneAtATime();
  const faults = await Promise.all(
    (['crm', 'mailbox'] as const).map(async (side) => {
      const feed = feeds.find((one) => one.side === side && one.kind === domain.kind);
      const fault = await observe(task, domain, side, feed, inTurn);
      return fault === undefined ? undefined : { side, kind: domain.kind, fault };
    }),
  );
  return faults.filter((fault) => fault !== undefined);
}

/** Half read under a new mapping: what is known of its items is of two forms, so nothing is concluded from it. */
async function upgrades(task: Task, domain: Domain): Promise<boolean> {
  const feeds = await task.store.feeds(task.pair.pairId);
  return feeds.some((feed) => feed.kind === domain.kind && isUpgrading(feed, task, domain));
}

/** What could not be read is asked for once in every pass; whoever is healed is an observation like any other. */
async function askAgainBoth(task: Task, domain: Domain): Promise<readonly NonNullable<Trouble>[]> {
  const inTurn = oneAtATime();
  const feeds = await task.store.feeds(task.pair.pairId);
  const troubles: NonNullable<Trouble>[] = [];
  for (const feed of feeds.filter((one) => one.kind === domain.kind)) {
    const fault = await askAgain(task, domain, feed, inTurn);
    if (fault !== undefined) troubles.push({ side: feed.side, kind: domain.kind, fault });
  }
  return troubles;
}

/** Runs what it is given one after the other: two sides may claim the same link, whose row is written whole. */
function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next;
    return next;
  };
}

async function waitingOf(task: Task, domain: Domain): Promise<Waiting> {
  const all = await task.store.waiting(task.pair.pairId);
  const none = { pendingLinks: 0, setAside: 0, unlinked: 0, unreadable: 0, heldBrakes: 0, activeLinks: 0 };
  const found = all.find((one) => one.kind === domain.kind);
  return found ?? { kind: domain.kind, ...none, leaving: { crm: 0, mailbox: 0 } };
}

/** A sick item or folder stops itself only; a sick mailbox, server, budget or account ends the pass. */
function endsTask(fault: Fault): boolean {
  return scopeOf(fault.code) !== 'item' && fault.code !== 'mailbox.folderGone';
}
