/**
 * Settles a conflict that waits: stores the person's word with the conflict and puts its items before the planner, which
 * carries it out through the normal merge. The word is about the values that the person saw; when a side has changed one of
 * them since, it is refused.
 */
import { groupOf } from '#model/groups.ts';
import { sameJson } from '#model/same-json.ts';
import {
  type Hold,
  type ItemRow,
  type JournalEntry,
  type LinkRow,
  type LinkView,
  otherSide,
  type Request,
  type Side,
} from '#store/port.ts';
import { mayCross } from '../policy.ts';
import { type Domain, instantNow, mayWrite, type Task } from '../task.ts';
import { isBusy } from './busy.ts';
import { settleable } from './settleable.ts';
import { isSettled } from './undoable.ts';

type Settle = Extract<Request, { kind: 'settle' }>;

type Verdict =
  | { readonly kind: 'yes'; readonly view: LinkView; readonly holds: readonly Hold[] }
  | { readonly kind: 'no'; readonly reason: string }
  /** Something else is under way; the next pass knows more. */
  | { readonly kind: 'wait' };

export async function settleHold(
  task: Task,
  domains: readonly Domain[],
  number: number,
  request: Settle,
): Promise<void> {
  const [view] = await task.store.links(task.pair.pairId, [request.linkKey]);
  if (view !== undefined && !domains.some(({ kind }) => kind === view.link.kind)) return;
  const verdict = await judged(task, request, view);
  if (verdict.kind === 'wait') return;
  const links: LinkRow[] = [];
  const items: ItemRow[] = [];
  const { take, path } = request;
  const detail = verdict.kind === 'no' ? { take, path, why: verdict.reason } : { take, path };
  if (verdict.kind === 'yes') {
    const { link, crm, mailbox } = verdict.view;
    links.push({ ...link, holds: link.holds.map((hold) => (verdict.holds.includes(hold) ? { ...hold, take } : hold)) });
    for (const row of [crm, mailbox]) if (row !== null) items.push({ ...row, pending: true });
  }
  const event = verdict.kind === 'no' ? 'settleRefused' : 'settled';
  const noted = { at: instantNow(task.ports), linkKey: request.linkKey, event, side: take, detail };
  const journal: JournalEntry[] = view === undefined ? [] : [{ ...noted, kind: view.link.kind }];
  await task.store.commit(task.lease, { answered: [number], links, items, journal });
}

async function judged(task: Task, request: Settle, view: LinkView | undefined): Promise<Verdict> {
  const found = settleable(view, request.path);
  if (found.kind === 'no') return found;
  if (found.seen !== request.seen) return { kind: 'no', reason: 'it has changed since it was shown' };
  const known = view as LinkView;
  for (const hold of found.holds) {
    const why =
      hold.path === '' ? whyNoWhole(task, known, hold, request.take) : whyNotWritten(task, known, hold, request);
    if (why !== undefined) return { kind: 'no', reason: why };
    if (!isAsHeld(known, hold)) return { kind: 'wait' };
  }
  if (await isBusy(task, request.linkKey)) return { kind: 'wait' };
  return { kind: 'yes', view: known, holds: found.holds };
}

const oneWay = 'this kind crosses in one direction only';

function whyNotWritten(task: Task, { link }: LinkView, hold: Hold, { take }: Settle): string | undefined {
  const side = otherSide(take);
  const may = mayWrite(task.pair, link.kind, side) && mayCross(task.policy, link.kind, groupOf(hold.path), side);
  return may ? undefined : oneWay;
}

/** An edit against a deletion: it is made again where it was deleted, or removed where it was edited. */
function whyNoWhole(task: Task, { link }: LinkView, hold: Hold, take: Side): string | undefined {
  const edited = editedOf(hold);
  if (take === edited) return mayWrite(task.pair, link.kind, otherSide(edited)) ? undefined : oneWay;
  if (!task.policy.deletions[edited]) return 'deletions are not carried to that side (sync.policy.deletions)';
  return mayWrite(task.pair, link.kind, edited) ? undefined : oneWay;
}

function editedOf(hold: Hold): Side {
  return hold.crm !== null ? 'crm' : 'mailbox';
}

/** Nothing was observed since that the planner has not looked at yet. */
function isAsHeld(view: LinkView, hold: Hold): boolean {
  if (hold.path !== '') return isSettled(view, 'crm') && isSettled(view, 'mailbox');
  const edited = editedOf(hold);
  return view[otherSide(edited)]?.presence === 'gone' && sameJson(view[edited]?.item, hold[edited]);
}
