/** DeleteAttachment ([MS-OXWSATT] 3.1.4.2): the answer carries the item's new key. */
import { child } from '#xml/reader.ts';
import { attachmentsOf } from '../../../truth/item.ts';
import type { Call } from '../call.ts';
import { itemChangeKey } from '../change-keys.ts';
import { EwsError } from '../ews-error.ts';
import { itemIdText } from '../ids.ts';
import { forEachInput } from '../messages.ts';
import { saveAttachments } from './create-attachment.ts';
import { findAttachment } from './get-attachment.ts';

export function deleteAttachment(call: Call): string {
  const references = child(call.request, 'AttachmentIds')?.children ?? [];
  return forEachInput('DeleteAttachment', references, '', (reference) => {
    const { place, attachment } = findAttachment(reference.attributes.Id, call);
    // What hangs on an attached item can only be replaced together with it.
    if (place.above.length > 0) throw new EwsError('ErrorAttachmentNotSupported');
    const { item } = place.view;
    const kept = attachmentsOf(place.view).filter((one) => one !== attachment);
    saveAttachments(place.view, kept, call);
    const root = itemIdText(call.mailbox, item.folder.counter, item.counter);
    return `<m:RootItemId RootItemId="${root}" RootItemChangeKey="${itemChangeKey(call.mailbox, item)}"/>`;
  });
}
