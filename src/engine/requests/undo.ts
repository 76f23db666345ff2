/**
 * Undo: carries out a person's word on a decision.
 *
 * An overruled value is written to both sides through the same door as any merge (intent, write, read-back, base),
 * conditional on both sides still holding what was kept. The request is answered after the writes: a crash in between finds
 * out what became of them and, where need be, does it again.
 *
 * A removed item is made again on both sides, when neither has it any more; see `remake.ts`.
 */
import { diffPaths } from '#model/project.ts';
import type { JournalEntry, JournalRow, LinkRow, LinkView } from '#store/port.ts';
import type { Errand } from '../act/act.ts';
import { performBatch } from '../act/perform.ts';
import type { Write } from '../plan/decide.ts';
import { type Domain, instantNow, keepLease, mayWrite, sharedForm, type Task, type Trouble } from '../task.ts';
import { isBusy } from './busy.ts';
import { freshLinkToMake, whereabouts } from './remake.ts';
import { type UndoCase, undoCase } from './undo-case.ts';
import { type Undoable, undoable } from './undoable.ts';

export async function undo(
  task: Task,
  domains: readonly Domain[],
  request: number,
  decision: number,
): Promise<Trouble> {
  const found = await undoCase(task.store, task.pair.pairId, decision);
  const { entry, view } = found;
  const domain = domains.find(({ kind }) => kind === entry?.kind);
  if (entry !== undefined && domain === undefined) return undefined;
  const verdict = await judged(task, domain, found);
  if (verdict.kind === 'wait') return undefined;
  if (verdict.kind === 'put') {
    const fresh = await lookedAt(task, domain as Domain, view as LinkView);
    if (fresh === undefined) return undefined;
    const done = await put(task, domain as Domain, fresh, verdict);
    if (done.trouble !== undefined) return done.trouble;
    // Somebody changed it at this moment, or a side refused: the next pass knows more.
    if (!done.applied) return undefined;
  }
  await answer(task, request, decision, entry, verdict);
  return undefined;
}

async function judged(task: Task, domain: Domain | undefined, found: UndoCase): Promise<Undoable> {
  const { entry, view } = found;
  const verdict = undoable(found);
  if (entry === undefined || domain === undefined || (verdict.kind !== 'put' && verdict.kind !== 'make'))
    return verdict;
  if (!mayWrite(task.pair, entry.kind, 'crm') || !mayWrite(task.pair, entry.kind, 'mailbox')) {
    return { kind: 'no', reason: 'this kind crosses in one direction only' };
  }
  const { link } = view as LinkView;
  if (await isBusy(task, link.linkKey)) return { kind: 'wait' };
  if (verdict.kind === 'put') return verdict;
  const where = await whereabouts(task, domain, link);
  return where.kind === 'nowhere' ? verdict : where;
}

/**
 * The link with the CRM's item as it is at this moment, stored as an observation: should the answer of the first write be
 * lost, the CRM's own value is still compared, and never taken to have moved along. Undefined when it is not as it was.
 */
async function lookedAt(task: Task, domain: Domain, view: LinkView): Promise<LinkView | undefined> {
  const { crm } = view;
  if (crm === null) return undefined;
  const reply = await task.connectors.crm.read(domain.kind, [crm.id]);
  const outcome = reply.ok ? reply.value[0] : undefined;
  if (outcome?.kind !== 'present' || outcome.snapshot.version !== crm.version) return undefined;
  const row = { ...crm, item: sharedForm(outcome.snapshot.item, domain), pending: true };
  await task.store.commit(task.lease, { items: [row] });
  return { ...view, crm: row };
}

interface Done {
  readonly applied: boolean;
  readonly trouble: Trouble;
}

async function put(
  task: Task,
  domain: Domain,
  view: LinkView,
  { target, losers }: Extract<Undoable, { kind: 'put' }>,
): Promise<Done> {
  const paths = diffPaths(view.link.base ?? undefined, target);
  const write = (side: Write['side']): Write => ({ side, op: 'update', target, paths, purpose: 'content' });
  const cell = { id: 'undo', action: 'merge' } as const;
  const { holds } = view.link;
  const first = { view, write: write('mailbox'), second: write('crm'), otherUnsure: false, cell, losers, holds };
  let applied = 0;
  for (let stage: readonly Errand[] = [first]; stage.length > 0; ) {
    const following: Errand[] = [];
    for (const errand of stage) {
      await keepLease(task);
      const done = await performBatch(task, domain, errand.write.side, errand.write.op, [errand]);
      if (done.trouble !== undefined) return { applied: false, trouble: done.trouble };
      applied += done.applied;
      following.push(...done.next);
    }
    stage = following;
  }
  return { applied: applied > 0, trouble: undefined };
}

async function answer(
  task: Task,
  request: number,
  decision: number,
  entry: JournalRow | undefined,
  verdict: Undoable,
): Promise<void> {
  const links: LinkRow[] = [];
  const journal: JournalEntry[] = [];
  const note = (linkKey: string | null, event: string, detail: JournalEntry['detail']): void => {
    if (entry === undefined) return;
    journal.push({ at: instantNow(task.ports), kind: entry.kind, linkKey, event, side: null, detail });
  };
  const linkKey = entry?.linkKey ?? null;
  if (verdict.kind === 'make') {
    const made = freshLinkToMake(task, verdict.item);
    links.push(made);
    note(linkKey, 'undone', { decision, link: made.linkKey });
    note(made.linkKey, 'remade', { decision, link: linkKey });
  } else if (verdict.kind === 'no') {
    note(linkKey, 'undoRefused', { decision, why: verdict.reason });
  } else {
    note(linkKey, 'undone', { decision });
  }
  await task.store.commit(task.lease, { answered: [request], links, journal });
}
