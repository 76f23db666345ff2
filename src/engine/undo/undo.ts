/**
 * Undo: carries out a person's word on decisions that overruled values. The value is written to both sides through the same
 * door as any merge (intent, write, read-back, base), conditional on both sides still holding what was kept. The request is
 * answered after the writes: a crash in between finds out what became of them and, where need be, does it again.
 */
import { diffPaths } from '#model/project.ts';
import type { JournalRow, LinkView } from '#store/port.ts';
import type { Errand } from '../act/act.ts';
import { performBatch } from '../act/perform.ts';
import type { Write } from '../plan/decide.ts';
import { type Domain, instantNow, keepLease, mayWrite, sharedForm, type Task, type Trouble } from '../task.ts';
import { type Undoable, undoable } from './undoable.ts';

const requestsMax = 50;
const pageIntents = 2_000;

export async function undo(task: Task): Promise<Trouble> {
  const { pairId } = task.pair;
  for (const decision of await task.store.undoRequests(pairId, requestsMax)) {
    const [next] = await task.store.journal(pairId, { after: decision - 1, limit: 1 });
    const entry = next?.sequence === decision ? next : undefined;
    const domain = task.domains.find(({ kind }) => kind === entry?.kind);
    if (entry !== undefined && domain === undefined) continue;
    const [view] = entry?.linkKey ? await task.store.links(pairId, [entry.linkKey]) : [];
    const verdict = await judged(task, entry, view);
    if (verdict.kind === 'wait') continue;
    if (verdict.kind === 'put') {
      const fresh = await lookedAt(task, domain as Domain, view as LinkView);
      if (fresh === undefined) continue;
      const done = await put(task, domain as Domain, fresh, verdict);
      if (done.trouble !== undefined) return done.trouble;
      // Somebody changed it at this moment, or a side refused: the next pass knows more.
      if (!done.applied) continue;
    }
    await answer(task, decision, entry, verdict);
  }
  return undefined;
}

async function judged(task: Task, entry: JournalRow | undefined, view: LinkView | undefined): Promise<Undoable> {
  const verdict = undoable(entry, view);
  if (verdict.kind !== 'put' || entry === undefined) return verdict;
  if (!mayWrite(task.pair, entry.kind, 'crm') || !mayWrite(task.pair, entry.kind, 'mailbox')) {
    return { kind: 'no', reason: 'this kind crosses in one direction only' };
  }
  const intents = await task.store.intents(task.pair.pairId, null, pageIntents);
  const isBusy = intents.length === pageIntents || intents.some(({ linkKey }) => linkKey === entry.linkKey);
  return isBusy ? { kind: 'wait' } : verdict;
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

async function answer(task: Task, decision: number, entry: JournalRow | undefined, verdict: Undoable): Promise<void> {
  const event = verdict.kind === 'no' ? 'undoRefused' : 'undone';
  const detail = verdict.kind === 'no' ? { decision, why: verdict.reason } : { decision };
  const noted = { at: instantNow(task.ports), linkKey: entry?.linkKey ?? null, event, side: null, detail };
  const journal = entry === undefined ? [] : [{ ...noted, kind: entry.kind }];
  await task.store.commit(task.lease, { answered: [decision], journal });
}
