/** Reads any number of items, never more at once than the side works well with (I17). */
import type { ReadOutcome } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { Side } from '#store/port.ts';
import { type Domain, keepLease, type Task } from '../task.ts';

type ReadAll =
  | { readonly ok: true; readonly outcomes: readonly ReadOutcome[] }
  | { readonly ok: false; readonly fault: Fault };

/** One outcome per id, in the order asked. */
export async function readAll(task: Task, domain: Domain, side: Side, ids: readonly string[]): Promise<ReadAll> {
  const connector = task.connectors[side];
  const outcomes: ReadOutcome[] = [];
  for (let start = 0; start < ids.length; start += connector.capabilities.batch.read) {
    await keepLease(task);
    const reply = await connector.read(domain.kind, ids.slice(start, start + connector.capabilities.batch.read));
    if (!reply.ok) return reply;
    outcomes.push(...reply.value);
  }
  return { ok: true, outcomes };
}
