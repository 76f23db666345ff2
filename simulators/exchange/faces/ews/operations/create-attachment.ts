/** CreateAttachment ([MS-OXWSATT] 3.1.4.1): each one changes the item's key. */
import { child, type XmlElement } from '#xml/reader.ts';
import { Draft } from '../../../truth/draft.ts';
import { type Attachment, attachmentsOf, type View } from '../../../truth/item.ts';
import { contact } from '../../../truth/property-keys.ts';
import { occurrenceOn } from '../../../truth/series.ts';
import { attachmentElement, attachmentIdText } from '../attachments.ts';
import { type Call, writerOf } from '../call.ts';
import { itemChangeKey } from '../change-keys.ts';
import { itemIdText } from '../ids.ts';
import { forEachInput } from '../messages.ts';
import { Pending } from '../pending.ts';
import { readAttachment } from '../read-attachments.ts';
import { resolveItem } from '../resolve.ts';

export function createAttachment(call: Call): string {
  const list = child(call.request, 'Attachments')?.children ?? [];
  return forEachInput('CreateAttachment', list, '<m:Attachments/>', (element) => addOne(element, call));
}

function addOne(element: XmlElement, call: Call): string {
  const { view } = resolveItem(child(call.request, 'ParentItemId') ?? call.request, call);
  const before = attachmentsOf(view);
  const number = Math.max(0, ...before.map((one) => one.number)) + 1;
  const added = readAttachment(element, number, call);
  const kept = added.isContactPhoto ? before.filter((one) => !one.isContactPhoto) : before;
  const saved = saveAttachments(view, [...kept, added], call);
  return `<m:Attachments>${newAttachmentMarkup(saved, added, call)}</m:Attachments>`;
}

/** What writing answers of an attachment: its id, and the item's id and new key. */
export function newAttachmentMarkup(view: View, attachment: Attachment, call: Call): string {
  const { item } = view;
  const root = itemIdText(call.mailbox, item.folder.counter, item.counter);
  const id = attachmentIdText(call.mailbox, { view, above: [] }, attachment.number);
  const name = attachmentElement(attachment);
  return `<t:${name}><t:AttachmentId Id="${id}" RootItemId="${root}" RootItemChangeKey="${itemChangeKey(call.mailbox, item)}"/></t:${name}>`;
}

/** Saves an item, or an occurrence as an exception, with another list of attachments; answers it as it now is. */
export function saveAttachments(view: View, attachments: readonly Attachment[], call: Call): View {
  const { item, occurrence } = view;
  if (occurrence !== undefined) {
    const pending = Pending.of(call, view);
    pending.draft.attachments = attachments;
    pending.complete();
    call.mailbox.update(pending.draft, writerOf(call));
    return item.series?.kind === 'appointment' ? { item, occurrence: occurrenceOn(item.series, occurrence.day) } : view;
  }
  const draft = new Draft(view);
  draft.attachments = attachments;
  draft.put(contact.hasPicture, attachments.some((one) => one.isContactPhoto) || undefined);
  call.mailbox.update(draft, writerOf(call));
  return view;
}
