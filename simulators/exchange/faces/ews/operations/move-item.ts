/** MoveItem: the moved item is a new one with a new id. */
import type { Call } from '../call.ts';
import { transferItems } from '../transfer.ts';

export function moveItem(call: Call): string {
  return transferItems('MoveItem', call, (item, target) => call.mailbox.move(item, target));
}
