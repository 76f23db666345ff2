/** What the mapping refuses before anything is sent, told in advance: the same doors that a real write goes through. */
import type { Draft } from '#contract/connector.ts';
import type { Fault } from '#contract/fault.ts';
import type { Kind } from '#model/item.ts';
import { refusalOfCreate } from './create.ts';
import type { Mailbox } from './mailbox.ts';
import { refusal } from './mapping/check.ts';

/** One answer per draft, in order; null where only the server can tell. */
export async function checkDrafts(
  mailbox: Mailbox,
  kind: Kind,
  drafts: readonly Draft[],
): Promise<readonly (Fault | null)[]> {
  const context = await mailbox.context();
  return drafts.map(({ item, paths }) => {
    if (paths !== undefined || !context.ok) return refusal(item, paths)?.fault ?? null;
    return refusalOfCreate(mailbox, kind, item, context.value) ?? null;
  });
}
