/** GetAttachment ([MS-OXWSATT] 3.1.4.3). */
import { child } from '#xml/reader.ts';
import { attachmentMarkup, readAttachmentId } from '../attachments.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { forEachInput } from '../messages.ts';
import { itemOf } from '../resolve.ts';

export function getAttachment(call: Call): string {
  const references = child(call.request, 'AttachmentIds')?.children ?? [];
  return forEachInput('GetAttachment', references, '<m:Attachments/>', (reference) => {
    const { item, attachment } = findAttachment(reference.attributes.Id, call);
    const content = Buffer.from(attachment.content).toString('base64');
    return `<m:Attachments>${attachmentMarkup(call.mailbox, item, attachment, call.rank, content)}</m:Attachments>`;
  });
}

/** The attachment an id names, with its item. */
export function findAttachment(text: string | undefined, call: Call) {
  const id = readAttachmentId(text ?? '');
  if (id === undefined) throw new EwsError('ErrorInvalidAttachmentId');
  const item = itemOf({ ...id, kind: 'item' }, call);
  const attachment = item.attachments.find((one) => one.number === id.number);
  if (attachment === undefined) {
    throw new EwsError('ErrorCannotOpenFileAttachment', { text: 'The attachment could not be opened.' });
  }
  return { item, attachment };
}
