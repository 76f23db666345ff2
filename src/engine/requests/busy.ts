/** Whether a link has a write whose outcome is open. Nothing is asked of it then. */
import type { LinkKey } from '#contract/connector.ts';
import type { Task } from '../task.ts';

const pageIntents = 2_000;

/** With more open writes than can be looked through, it counts as one of them. */
export async function isBusy(task: Task, linkKey: LinkKey): Promise<boolean> {
  const intents = await task.store.intents(task.pair.pairId, null, pageIntents);
  return intents.length === pageIntents || intents.some((intent) => intent.linkKey === linkKey);
}
