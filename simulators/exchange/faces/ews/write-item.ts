/** Item elements of requests: reading them into drafts. */
import type { XmlElement } from '#xml/reader.ts';
import { EwsError, EwsFault, fieldDetail } from './ews-error.ts';
import { setExtended } from './extended.ts';
import type { Field } from './fields/field.ts';
import { fieldOfElement, type ItemType } from './item-types.ts';
import { readMimeContent } from './mime-input.ts';
import type { Pending } from './pending.ts';
import { rankOf } from './profiles.ts';

/** Elements that a new item may carry and that are simply not stored. */
const ignored: ReadonlySet<string> = new Set(['Attachments', 'ItemClass']);

/** Takes every element of a new item. MimeContent stands first, so what is said beside it is said over it. */
export function readNewItem(pending: Pending, type: ItemType, item: XmlElement): void {
  for (const value of item.children) {
    if (value.name === 'ExtendedProperty') setExtended(pending, value);
    else if (value.name === 'MimeContent') readMimeContent(pending, value.text);
    else if (!ignored.has(value.name)) setField(pending, fieldOfElement(type, value.name), value, item.name);
  }
}

/** Sets one field; refuses read-only ones by name. */
export function setField(pending: Pending, field: Field | undefined, value: XmlElement, itemElement: string): void {
  if (field === undefined)
    throw new EwsError('ErrorInvalidPropertyRequest', { details: fieldDetail(`${itemElement}:${value.name}`) });
  if (field.since !== undefined && rankOf(field.since) > pending.call.rank) {
    throw new EwsFault('ErrorIncorrectSchemaVersion');
  }
  if (field.set === undefined) throw new EwsError('ErrorInvalidPropertySet', { details: fieldDetail(field.uri) });
  field.set(pending, value);
}
