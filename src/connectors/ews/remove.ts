/**
 * Removing items to Deleted Items. DeleteItem does not look at change keys, so the present ones are read just before and a
 * stale version is refused here.
 */
import type { Remove, WriteOutcome } from '#contract/connector.ts';
import { fault } from '#contract/fault.ts';
import type { Outcome } from './batch.ts';
import type { Mailbox } from './mailbox.ts';
import { buildDeleteItem, readDeleteItem } from './operations/delete-item.ts';
import { itemId } from './operations/item-id.ts';
import { failedWrite, readKeys, rejected, writeBatch } from './write.ts';

const done: WriteOutcome<null> = { kind: 'applied', value: null };

/** One outcome per removal, in order. Already gone is applied. */
export async function removeItems(
  mailbox: Mailbox,
  removes: readonly Remove[],
): Promise<readonly WriteOutcome<null>[]> {
  const keys = await readKeys(
    mailbox,
    removes.map(({ id }) => id),
  );
  const outcomes = removes.map(({ version }, index) => refusalOf(version, keys[index] as Outcome<string | undefined>));
  const allowed = removes.filter((_, index) => outcomes[index] === undefined);
  const removed = await writeBatch(
    mailbox,
    allowed.map(({ id, version }) => itemId(id, version)),
    buildDeleteItem,
    readDeleteItem,
  );
  let next = 0;
  return outcomes.map((outcome) => {
    if (outcome !== undefined) return outcome;
    const result = removed[next++] as Outcome<true>;
    if (result.kind === 'value' || result.trouble.fault.code === 'item.gone') return done;
    return failedWrite(result.trouble);
  });
}

/** Undefined: the item is as planned against and may be removed. */
function refusalOf(version: string, key: Outcome<string | undefined>): WriteOutcome<null> | undefined {
  if (key.kind === 'trouble') return key.trouble.fault.code === 'item.gone' ? done : rejected(key.trouble.fault);
  if (key.value === version) return undefined;
  return rejected(fault('item.conflict', 'The item was changed in the meantime.'));
}
