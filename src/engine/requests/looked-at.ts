/**
 * A link with some of its items as they are at this moment, stored as observations: what is decided then is compared with
 * what the sides really hold, also when an answer is lost in between.
 */
import type { ItemRow, LinkView, Side } from '#store/port.ts';
import { type Domain, sharedForm, type Task } from '../task.ts';

/** Undefined when one of them is not as it was known: the feed will say what happened. */
export async function lookedAt(
  task: Task,
  domain: Domain,
  view: LinkView,
  which: readonly Side[],
): Promise<LinkView | undefined> {
  const items: ItemRow[] = [];
  for (const side of which) {
    const row = view[side];
    if (row === null) return undefined;
    const reply = await task.connectors[side].read(domain.kind, [row.id]);
    const outcome = reply.ok ? reply.value[0] : undefined;
    if (outcome?.kind !== 'present' || outcome.snapshot.version !== row.version) return undefined;
    items.push({ ...row, item: sharedForm(outcome.snapshot.item, domain), pending: true });
  }
  await task.store.commit(task.lease, { items });
  return { ...view, ...Object.fromEntries(items.map((row) => [row.side, row])) };
}
