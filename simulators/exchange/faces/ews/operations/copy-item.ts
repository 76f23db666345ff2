/** CopyItem: everything is copied, link properties too. */
import type { Call } from '../call.ts';
import { transferItems } from '../transfer.ts';

export function copyItem(call: Call): string {
  return transferItems('CopyItem', call, (item, target) => call.mailbox.copy(item, target));
}
