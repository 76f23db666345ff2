/** Answers of the mappings, and the one door through which an item is refused. */
import type { Fault, FaultCode } from '#contract/fault.ts';
import { fault } from '#contract/fault.ts';
import type { Path } from '#model/groups.ts';
import type { Item } from '#model/item.ts';
import type { BaseDraft } from './base.ts';
import type { ReadMapping } from './mapping.ts';

/** A refusal naming the canonical path that cannot be read or written. */
export function refuse(code: FaultCode, message: string, path?: Path): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault: fault(code, message, path === undefined ? {} : { path }) };
}

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
