/** What a mapping read. */
import type { Item } from '#model/item.ts';
import { refuse } from '../../mapi/refusal.ts';
import type { BaseDraft } from './base.ts';
import type { ReadMapping } from './mapping.ts';

/** What was read; without an item id it is nothing anybody could keep. */
export function readResult(
  draft: BaseDraft,
  item: Item,
  exceptionIds: readonly string[],
  unresolved: readonly string[],
): ReadMapping {
  const { id, changeKey, itemClass, linkKey, modifiedAt } = draft;
  if (id === '') return refuse('item.unreadable', 'the item came without its id');
  const known = { id, changeKey, itemClass, item, exceptionIds, unresolved, modifiedAt };
  return { ok: true, value: linkKey === undefined ? known : { ...known, linkKey } };
}
