/** GetAttachment ([MS-OXWSATT] 3.1.4.3): the bytes of files, and attached items with their properties. */
import { child } from '#xml/reader.ts';
import { type Attachment, attachmentsOf, type Item, noPast, type View } from '../../../truth/item.ts';
import { type AttachmentPlace, attachmentMarkup, readAttachmentId } from '../attachments.ts';
import type { Call } from '../call.ts';
import { EwsError } from '../ews-error.ts';
import { readId } from '../ids.ts';
import { forEachInput } from '../messages.ts';
import { viewOf } from '../resolve.ts';
import { embeddedMarkup, type ItemShape, readItemShape } from '../shape.ts';
import { element } from '../text.ts';

export function getAttachment(call: Call): string {
  const references = child(call.request, 'AttachmentIds')?.children ?? [];
  const shape = readItemShape(child(call.request, 'AttachmentShape'), call, 'get', 'AllProperties');
  return forEachInput('GetAttachment', references, '<m:Attachments/>', (reference) => {
    const { place, attachment } = findAttachment(reference.attributes.Id, call);
    const content = contentMarkup(place, attachment, shape);
    return `<m:Attachments>${attachmentMarkup(call.mailbox, place, attachment, call.rank, content)}</m:Attachments>`;
  });
}

function contentMarkup(place: AttachmentPlace, attachment: Attachment, shape: ItemShape): string {
  if (attachment.embedded === undefined) {
    return element('Content', Buffer.from(attachment.content).toString('base64'));
  }
  const above = { view: place.view, numbers: [...place.above, attachment.number] };
  const view = embeddedView(place.view.item, attachment);
  return embeddedMarkup(view, { ...shape, reply: { ...shape.reply, above } });
}

/** An attached message as if it were one of the store, beside the message that it hangs on. */
function embeddedView(parent: Item, { embedded, modifiedMs }: Attachment): View {
  if (embedded === undefined) throw new EwsError('ErrorInvalidIdNotAnItemAttachmentId');
  const item: Item = { ...parent, ...embedded, createdMs: modifiedMs, modifiedMs, isRead: true, past: noPast };
  return { item, occurrence: undefined };
}

/** The attachment an id names, with the place it hangs at. */
export function findAttachment(text: string | undefined, call: Call) {
  if (text === undefined || text === '') throw new EwsError('ErrorInvalidIdEmpty');
  const id = readAttachmentId(text);
  if (id === undefined)
    throw new EwsError(readId(text) === undefined ? 'ErrorInvalidIdMalformed' : 'ErrorInvalidAttachmentId');
  const view = viewOf(id.root, call);
  const above = id.numbers.slice(0, -1);
  let list = attachmentsOf(view);
  for (const number of above) list = list.find((one) => one.number === number)?.embedded?.attachments ?? [];
  const attachment = list.find((one) => one.number === id.numbers.at(-1));
  if (attachment === undefined) {
    throw new EwsError('ErrorCannotOpenFileAttachment', { text: 'The attachment could not be opened.' });
  }
  return { place: { view, above }, attachment };
}
