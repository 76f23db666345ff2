/** The mappings of all kinds for one installation's link key. */
import type { Kind } from '#model/item.ts';
import { contactMapping } from './contact.ts';
import { eventMapping } from './event.ts';
import type { KindMapping } from './mapping.ts';
import { taskMapping } from './task.ts';

/** Make this once per connector: the item shapes are prepared here. `linkKeyName` is one name for all items. */
export function mappings(linkKeyName: string): Readonly<Record<Kind, KindMapping>> {
  return {
    contact: contactMapping(linkKeyName),
    event: eventMapping(linkKeyName),
    task: taskMapping(linkKeyName),
  };
}
