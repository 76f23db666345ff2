/** Requests: carries out what people asked for since the last pass, the oldest first. */
import { type Domain, keepLease, type Task, type Trouble } from '../task.ts';
import { settleHold } from './settle-hold.ts';
import { undo } from './undo.ts';

const requestsMax = 50;

/** @param domains whose items are known well enough to conclude from them */
export async function requests(task: Task, domains: readonly Domain[]): Promise<Trouble> {
  for (const { number, request } of await task.store.requests(task.pair.pairId, requestsMax)) {
    await keepLease(task);
    if (request.kind === 'settle') await settleHold(task, domains, number, request);
    else {
      const trouble = await undo(task, domains, number, request.decision);
      if (trouble !== undefined) return trouble;
    }
  }
  return undefined;
}
