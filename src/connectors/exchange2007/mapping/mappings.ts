/** The mappings of all kinds. */
import type { Kind } from '#model/item.ts';
import { contactMapping } from './contact.ts';
import { eventMapping } from './event.ts';
import type { KindMapping } from './mapping.ts';
import { taskMapping } from './task.ts';

export const mappings: Readonly<Record<Kind, KindMapping>> = {
  contact: contactMapping,
  event: eventMapping,
  task: taskMapping,
};
