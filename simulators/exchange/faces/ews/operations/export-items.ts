/**
 * ExportItems and UploadItems ([MS-OXWSBTRF] 3.1.4.1, 3.1.4.2): whole items as a stream that only servers understand, and back,
 * also into another mailbox.
 */
import { child, childText, type XmlElement } from '#xml/reader.ts';
import type { Item, View } from '../../../truth/item.ts';
import { draftOfStream, itemStream } from '../../../truth/item-stream.ts';
import { type Call, writerOf } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { forEachInput } from '../messages.ts';
import { itemIdMarkup } from '../references.ts';
import { resolveFolder, resolveItem } from '../resolve.ts';
import { strikeItem } from '../strikes.ts';

export function exportItems(call: Call): string {
  return forEachInput('ExportItems', child(call.request, 'ItemIds')?.children ?? [], '', (reference, index) => {
    strikeItem(call, index);
    const { view } = resolveItem(reference, call);
    if (view.occurrence !== undefined) throw new EwsError('ErrorCalendarCannotUseIdForOccurrenceId');
    return `${messageId(view.item, call)}<m:Data>${itemStream(view.item).toString('base64')}</m:Data>`;
  });
}

export function uploadItems(call: Call): string {
  return forEachInput('UploadItems', child(call.request, 'Items')?.children ?? [], '', (input, index) => {
    strikeItem(call, index);
    return messageId(uploaded(input, call), call);
  });
}

/** CreateNew makes an item, Update replaces the one that is named, UpdateOrCreate does what is possible. */
function uploaded(input: XmlElement, call: Call): Item {
  const { CreateAction: action, IsAssociated } = input.attributes;
  const parent = child(input, 'ParentFolderId');
  if (parent === undefined) throw new EwsError('ErrorInvalidIdEmpty');
  const folder = resolveFolder({ ...parent, name: 'FolderId' }, call, 'ErrorParentFolderNotFound');
  const reference = child(input, 'ItemId');
  const known = reference === undefined || action === 'CreateNew' ? undefined : existing(reference, action, call);
  if (action === 'Update' && known === undefined) throw new EwsError('ErrorInvalidIdEmpty');
  const draft = draftOfStream(Buffer.from(childText(input, 'Data') ?? '', 'base64'), known);
  if (draft === undefined) throw new EwsError('ErrorCorruptData');
  if (known !== undefined) return call.mailbox.update(draft, writerOf(call));
  return call.mailbox.create(folder, draft, writerOf(call), IsAssociated === 'true');
}

function existing(reference: XmlElement, action: string | undefined, call: Call): View | undefined {
  try {
    const { view } = resolveItem({ ...reference, name: 'ItemId' }, call);
    if (view.occurrence !== undefined) throw new EwsError('ErrorCalendarCannotUseIdForOccurrenceId');
    return view;
  } catch (error) {
    if (error instanceof EwsError && error.code === 'ErrorItemNotFound' && action === 'UpdateOrCreate')
      return undefined;
    throw error;
  }
}

/** In these answers the id is in the messages namespace. */
function messageId(item: Item, call: Call): string {
  return itemIdMarkup(call.mailbox, { item, occurrence: undefined }).replace('<t:', '<m:');
}
