/** CreateAttachment ([MS-OXWSATT] 3.1.4.1): each one changes the item's key. */
import { child, type XmlElement } from '#xml/reader.ts';
import { Draft } from '../../../truth/draft.ts';
import { attachmentsOf, type View } from '../../../truth/item.ts';
import { contact } from '../../../truth/property-keys.ts';
import { attachmentIdText } from '../attachments.ts';
import { type Call, writerOf } from '../call.ts';
import { itemChangeKey } from '../change-keys.ts';
import { itemIdText } from '../ids.ts';
import { forEachInput } from '../messages.ts';
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
  saveAttachments(view, [...kept, added], call);
  const { item } = view;
  const root = itemIdText(call.mailbox, item.folder.counter, item.counter);
  const id = attachmentIdText(call.mailbox, item, number);
  return `<m:Attachments><t:FileAttachment><t:AttachmentId Id="${id}" RootItemId="${root}" RootItemChangeKey="${itemChangeKey(call.mailbox, item)}"/></t:FileAttachment></m:Attachments>`;
}

/** Saves an item with another list of attachments. */
export function saveAttachments(view: View, attachments: ReturnType<typeof attachmentsOf>, call: Call): void {
  const draft = new Draft({ item: view.item, occurrence: undefined });
  draft.attachments = attachments;
  draft.put(contact.hasPicture, attachments.some((one) => one.isContactPhoto) || undefined);
  call.mailbox.update(draft, writerOf(call));
}
