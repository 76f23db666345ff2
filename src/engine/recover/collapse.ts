/**
 * Removes second items of one create (I8): only what is still exactly as we made it, and only in the version we looked at.
 * An edited twin is a user's item: it stays, and becomes an item of its own.
 */
import type { Snapshot } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { IntentRow, LinkView } from '#store/port.ts';
import type { Rows } from '../act/settle.ts';
import { rowOf } from '../observe/observe.ts';
import { readAll } from '../observe/read-all.ts';
import { type Domain, instantNow, type Task } from '../task.ts';

/** @returns a fault when nobody knows whether a twin is still there: the intent must stay */
export async function collapse(
  task: Task,
  domain: Domain,
  intent: IntentRow,
  twins: readonly Snapshot[],
  rows: Rows,
): Promise<Fault | undefined> {
  const size = task.connectors[intent.side].capabilities.batch.write;
  for (let start = 0; start < twins.length; start += size) {
    const fault = await removeTwins(task, domain, intent, twins.slice(start, start + size), rows);
    if (fault !== undefined) return fault;
  }
  if (twins.length > 0) {
    task.ports.log({ level: 'warn', event: 'engine.twinsCollapsed', link: intent.linkKey, count: twins.length });
  }
  return undefined;
}

async function removeTwins(
  task: Task,
  domain: Domain,
  intent: IntentRow,
  twins: readonly Snapshot[],
  rows: Rows,
  again = true,
): Promise<Fault | undefined> {
  const { side } = intent;
  const conflicts: Snapshot[] = [];
  const removes = twins.map(({ id, version }) => ({ id, version }));
  const outcomes = await task.connectors[side].remove(domain.kind, removes);
  task.ports.crashPoint?.('recover.collapse.afterRemove');
  for (const [index, twin] of twins.entries()) {
    const { id } = twin;
    const outcome = outcomes[index];
    if (outcome === undefined || outcome.kind === 'unknown') return outcome?.fault ?? unanswered;
    if (outcome.kind === 'rejected') {
      if (outcome.fault.code === 'item.conflict') conflicts.push(twin);
      else if (outcome.fault.code !== 'item.gone') return outcome.fault;
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
  return conflicts.length > 0 && again ? await lookOnce(task, domain, intent, conflicts, rows) : undefined;
}

/** Refused as changed: what is still in the version we looked at nobody has made his own, so it is tried once more. */
async function lookOnce(
  task: Task,
  domain: Domain,
  intent: IntentRow,
  twins: readonly Snapshot[],
  rows: Rows,
): Promise<Fault | undefined> {
  const ids = twins.map((twin) => twin.id);
  const reply = await readAll(task, domain, intent.side, ids);
  if (!reply.ok) return reply.fault;
  const unchanged = twins.filter(({ id, version }) =>
    reply.outcomes.some((one) => one.kind === 'present' && one.snapshot.id === id && one.snapshot.version === version),
  );
  return unchanged.length === 0 ? undefined : await removeTwins(task, domain, intent, unchanged, rows, false);
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
