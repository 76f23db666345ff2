/** What MoveItem and CopyItem share ([MS-OXWSCORE] 3.1.4.7, 3.1.4.1). */
import { child } from '#xml/reader.ts';
import type { Folder } from '../../truth/folder.ts';
import type { Item } from '../../truth/item.ts';
import type { Call } from './call.ts';
import { EwsError } from './ews-error.ts';
import { itemTypeOf } from './item-types.ts';
import { forEachInput } from './messages.ts';
import { itemIdMarkup } from './references.ts';
import { resolveFolderIn, resolveItem } from './resolve.ts';
import { strikeItem } from './strikes.ts';

/** Runs a move or copy of every item named; occurrences are refused, new ids are answered. */
export function transferItems(
  operation: 'MoveItem' | 'CopyItem',
  call: Call,
  transfer: (item: Item, target: Folder) => Item,
): string {
  const references = child(call.request, 'ItemIds')?.children ?? [];
  return forEachInput(operation, references, '<m:Items/>', (reference, index) => {
    strikeItem(call, index);
    const target = resolveFolderIn(child(call.request, 'ToFolderId'), call, 'ErrorFolderNotFound');
    const { view } = resolveItem(reference, call);
    if (view.occurrence !== undefined) throw new EwsError('ErrorCalendarCannotMoveOrCopyOccurrence');
    const item = transfer(view.item, target);
    const type = itemTypeOf({ item, occurrence: undefined });
    if (child(call.request, 'ReturnNewItemIds')?.text.trim() === 'false') return '<m:Items/>';
    return `<m:Items><t:${type}>${itemIdMarkup(call.mailbox, { item, occurrence: undefined })}</t:${type}></m:Items>`;
  });
}
