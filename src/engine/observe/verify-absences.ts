/**
 * After a listing that started over, an item that was not listed is only suspected to be gone. Each suspect is read
 * directly: not found makes it gone (on the evidence of absence), out of scope makes it out, anything else keeps it (I10).
 * What was last seen under an older mapping is read like any page of the feed instead.
 */
import type { Change } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { Feed, ItemRow } from '#store/port.ts';
import { type Domain, keepLease, type Task } from '../task.ts';

export async function verifyAbsences(
  task: Task,
  domain: Domain,
  feed: Feed,
  readPage: (changes: readonly Change[]) => Promise<Fault | undefined>,
): Promise<Fault | undefined> {
  const { pairId } = task.pair;
  const connector = task.connectors[feed.side];
  let after: string | null = null;
  for (;;) {
    await keepLease(task);
    const rows: readonly ItemRow[] = await task.store.notSeen(
      pairId,
      feed.side,
      domain.kind,
      feed.epoch,
      after,
      connector.capabilities.batch.read,
    );
    const last = rows[rows.length - 1];
    if (last === undefined) break;
    const reply = await connector.read(
      domain.kind,
      rows.map((row) => row.id),
    );
    if (!reply.ok) return reply.fault;
    const items: ItemRow[] = [];
    const forget: { side: Feed['side']; kind: Domain['kind']; id: string }[] = [];
    const again: Change[] = [];
    for (const [index, outcome] of reply.value.entries()) {
      const row = rows[index];
      if (row === undefined) continue;
      const left = { ...row, item: null, pending: true, parked: null, epoch: feed.epoch };
      if (outcome.kind === 'present' || outcome.kind === 'failed') {
        if (row.presence === 'unreadable') continue;
        if (row.epoch < feed.mappedEpoch) again.push({ kind: 'present', id: row.id, version: row.version });
        else items.push({ ...row, epoch: feed.epoch });
      } else if (row.linkKey === null) forget.push({ side: feed.side, kind: domain.kind, id: row.id });
      else if (outcome.kind === 'out') items.push({ ...left, presence: 'out', outReason: outcome.reason });
      else items.push({ ...left, presence: 'gone', evidence: 'absence' });
    }
    await task.store.commit(task.lease, { items, forget });
    task.ports.crashPoint?.('observe.absences.afterCommit');
    const fault = again.length === 0 ? undefined : await readPage(again);
    if (fault !== undefined) return fault;
    after = last.id;
  }
  await task.store.commit(task.lease, { feeds: [{ ...feed, verified: true }] });
  return undefined;
}
