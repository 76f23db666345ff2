/** Lists and reads everything one side holds of a kind, batch by batch. */
import type { Connector, Cursor, ReadOutcome, RemoteId } from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';

/** A listing that has not ended by then never will. */
const pagesMax = 100_000;

/**
 * Reads the side's whole listing; every item present at its end is read once and given to `take` in batches. Answers the
 * fault that stopped it, undefined when it went through. Holds ids only.
 */
export async function listAll(
  connector: Connector,
  kind: Kind,
  take: (outcomes: readonly ReadOutcome[]) => void,
): Promise<Fault | undefined> {
  const ids = new Set<RemoteId>();
  let cursor: Cursor | null = null;
  for (let page = 0; ; page += 1) {
    if (page === pagesMax) return fault('server.garbled', `the listing did not end within ${pagesMax} pages`);
    const reply = await connector.changes(kind, cursor);
    if (!reply.ok) return reply.fault;
    for (const change of reply.value.changes) {
      if (change.kind === 'present') ids.add(change.id);
      else ids.delete(change.id);
    }
    cursor = reply.value.cursor;
    if (reply.value.complete) break;
  }
  const all = [...ids];
  const size = connector.capabilities.batch.read;
  for (let start = 0; start < all.length; start += size) {
    const reply = await connector.read(kind, all.slice(start, start + size));
    if (!reply.ok) return reply.fault;
    take(reply.value);
  }
  return undefined;
}
