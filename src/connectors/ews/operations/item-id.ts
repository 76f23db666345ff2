/** How requests name items and folders, and how answers do (types.xsd ItemIdType, OccurrenceItemIdType, FolderIdType). */
import type { XmlElement } from '#xml/reader.ts';
import { type Markup, xml } from '#xml/writer.ts';

export type FolderName = 'contacts' | 'calendar' | 'tasks';

/** `t:DistinguishedFolderId`; `mailbox` names its owner when the caller is somebody else who does not impersonate. */
export function folderId(folder: FolderName, mailbox: string | undefined): Markup {
  if (mailbox === undefined) return xml`<t:DistinguishedFolderId Id="${folder}"/>`;
  return xml`<t:DistinguishedFolderId Id="${folder}"><t:Mailbox><t:EmailAddress>${mailbox}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>`;
}

/** `t:ItemId`; a change key makes a write conditional. */
export function itemId(id: string, changeKey?: string): Markup {
  return changeKey === undefined ? xml`<t:ItemId Id="${id}"/>` : xml`<t:ItemId Id="${id}" ChangeKey="${changeKey}"/>`;
}

/** `t:OccurrenceItemId`; the index counts from 1 along the pattern, deleted occurrences included. */
export function occurrenceId(masterId: string, index: number, changeKey?: string): Markup {
  return changeKey === undefined
    ? xml`<t:OccurrenceItemId RecurringMasterId="${masterId}" InstanceIndex="${index}"/>`
    : xml`<t:OccurrenceItemId RecurringMasterId="${masterId}" ChangeKey="${changeKey}" InstanceIndex="${index}"/>`;
}

/** An item as answers name it. */
export interface ItemKey {
  readonly id: string;
  /** Undefined when the server gave none that can be used. */
  readonly changeKey: string | undefined;
}

/**
 * Notifications, parent folders and updates of the read flag carry a key of 4 bytes (a type and three zeros, in base64) that
 * names no state. Other short keys are what some servers simply count with.
 */
const statelessKey = /^[A-Za-z0-9+/][AQgw]AAAA==$/;

/** The id of an item element; undefined when it has none. */
export function itemKeyOf(item: XmlElement): ItemKey | undefined {
  for (const one of item.children) {
    if (one.name !== 'ItemId') continue;
    const { Id: id, ChangeKey: key } = one.attributes;
    if (id === undefined || id === '') return undefined;
    return { id, changeKey: key === undefined || key === '' || statelessKey.test(key) ? undefined : key };
  }
  return undefined;
}

/** The item in an element that holds one; elements without an id, which some servers add, are passed over. */
export function itemIn(holder: XmlElement | undefined): XmlElement | undefined {
  return holder?.children.find((one) => one.children.some(({ name }) => name === 'ItemId'));
}
