/**
 * Removes second items of one create (I8): only what is still exactly as we made it, and only in the version we looked at.
 * An edited twin is a user's item: it stays, and becomes an item of its own.
 */
import type { Snapshot } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { IntentRow, LinkView } from '#store/port.ts';
import type { Rows } from '../act/settle.ts';
import { rowOf } from '../observe/observe.ts';
import { type Domain, instantNow, type Task } from '../task.ts';

/** @returns a fault when nobody knows whether a twin is still there: the intent must stay */
export async function collapse(
  task: Task,
  domain: Domain,
  intent: IntentRow,
  twins: readonly Snapshot[],
  rows: Rows,
): Promise<Fault | undefined> {
  if (twins.length === 0) return undefined;
  const { side } = intent;
  const removes = twins.map(({ id, version }) => ({ id, version }));
  const outcomes = await task.connectors[side].remove(domain.kind, removes);
  task.ports.crashPoint?.('recover.collapse.afterRemove');
  for (const [index, { id }] of twins.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined || outcome.kind === 'unknown') return outcome?.fault ?? unanswered;
    if (outcome.kind === 'rejected') {
      if (outcome.fault.code !== 'item.conflict' && outcome.fault.code !== 'item.gone') return outcome.fault;
      continue;
    }
    rows.forget.push({ side, kind: domain.kind, id });
    rows.journal.push({
      at: instantNow(task.ports),
      kind: domain.kind,
      linkKey: intent.linkKey,
      event: 'twinRemoved',
      side,
      detail: { intent: intent.intentId, id },
    });
  }
  task.ports.log({ level: 'warn', event: 'engine.twinsCollapsed', link: intent.linkKey, count: twins.length });
  return undefined;
}

const unanswered: Fault = { code: 'server.garbled', message: 'the side did not answer for this record' };

/** Settles the intent that `observe/twins.ts` made for a late twin. */
export async function collapseLate(
  task: Task,
  domain: Domain,
  view: LinkView,
  intent: IntentRow,
  rows: Rows,
): Promise<Fault | 'waiting' | undefined> {
  const { side, remoteId } = intent;
  const reply = await task.connectors[side].read(domain.kind, [remoteId as string]);
  if (!reply.ok) return reply.fault;
  const outcome = reply.value[0];
  if (outcome === undefined || outcome.kind === 'failed') return 'waiting';
  if (outcome.kind === 'present') {
    const { snapshot } = outcome;
    // Nothing is removed unless the link has another item here, and this one is as it was when it was recognised.
    const untouched = snapshot.version === intent.expectedVersion && view.link.ids[side] !== snapshot.id;
    const fault = untouched ? await collapse(task, domain, intent, [snapshot], rows) : undefined;
    if (fault !== undefined) return fault;
    if (!untouched && view.link.ids[side] !== snapshot.id) {
      const row = rowOf(domain, side, snapshot, undefined, null, view[side]?.epoch ?? 1, task);
      if (row !== undefined) rows.items.push(row);
    }
  }
  rows.settled.push(intent.intentId);
  return undefined;
}
