/** Elements that name items and folders: ItemId, FolderId, ParentFolderId, Mailbox. */
import type { Folder } from '../../truth/folder.ts';
import type { Item, View } from '../../truth/item.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import { folderChangeKey, itemChangeKey, parentFolderKey } from './change-keys.ts';
import { folderIdText, itemIdText, occurrenceIdText } from './ids.ts';
import { element } from './text.ts';

export function itemIdMarkup(mailbox: Mailbox, view: View): string {
  const { item, occurrence } = view;
  const id =
    occurrence === undefined
      ? itemIdText(mailbox, item.folder.counter, item.counter)
      : occurrenceIdText(mailbox, item.folder.counter, item.counter, occurrence.day);
  return `<t:ItemId Id="${id}" ChangeKey="${itemChangeKey(mailbox, item)}"/>`;
}

/** An item's id under another element name or with another key. */
export function itemReference(name: string, mailbox: Mailbox, item: Item, changeKey: string): string {
  return `<t:${name} Id="${itemIdText(mailbox, item.folder.counter, item.counter)}" ChangeKey="${changeKey}"/>`;
}

export function folderIdMarkup(mailbox: Mailbox, folder: Folder): string {
  return `<t:FolderId Id="${folderIdText(mailbox, folder.counter)}" ChangeKey="${folderChangeKey(mailbox, folder)}"/>`;
}

/** Parents come with a four-byte key that only says "folder". */
export function parentFolderMarkup(mailbox: Mailbox, folder: Folder): string {
  return `<t:ParentFolderId Id="${folderIdText(mailbox, folder.counter)}" ChangeKey="${parentFolderKey}"/>`;
}

export interface MailboxReference {
  readonly name: string;
  readonly address: string | undefined;
  readonly routingType: string | undefined;
  readonly mailboxType: string | undefined;
}

export function mailboxMarkup(reference: MailboxReference): string {
  const part = (name: string, text: string | undefined) => (text === undefined ? '' : element(name, text));
  return `<t:Mailbox>${element('Name', reference.name)}${part('EmailAddress', reference.address)}${part('RoutingType', reference.routingType)}${part('MailboxType', reference.mailboxType)}</t:Mailbox>`;
}
