/** SendItem ([MS-OXWSMSG] 3.1.4.6): sends saved messages. */
import { child } from '#xml/reader.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { noRecipientsError, sendSaved } from '../meetings.ts';
import { forEachInput } from '../messages.ts';
import { resolveFolderIn, resolveItem } from '../resolve.ts';

export function sendItem(call: Call): string {
  const references = child(call.request, 'ItemIds')?.children ?? [];
  return forEachInput('SendItem', references, '', (reference) => {
    const { view, change } = resolveItem(reference, call);
    if (change === undefined) throw new EwsError('ErrorChangeKeyRequired');
    if (change !== view.item.change) throw new EwsError('ErrorStaleObject');
    if (view.item.recipients.length === 0) throw noRecipientsError();
    const keep = call.request.attributes.SaveItemToFolder === 'true';
    const wrapper = child(call.request, 'SavedItemFolderId');
    if (!keep && wrapper !== undefined) throw new EwsError('ErrorInvalidSendItemSaveSettings');
    const folder = wrapper === undefined ? undefined : resolveFolderIn(wrapper, call, 'ErrorFolderNotFound');
    sendSaved(view.item, call, keep, folder);
    return '';
  });
}
