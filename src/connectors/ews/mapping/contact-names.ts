/**
 * The names a contact is listed under. A server derives DisplayName and Subject when it likes and leaves FileAs empty, and
 * a contact without them is a blank line in Outlook's lists; so they are always written with a new contact, and written
 * again when the name changes, unless the user has chosen other ones.
 */
import type { Contact } from '#model/item.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { listedNames, spaced } from '../../mapi/listed-names.ts';
import { setOrDelete, textElement } from './field.ts';

/** What must be read before an update that `touchesNames`, besides the name's own parts. */
export const listedNameUris: readonly string[] = [
  'item:Subject',
  'contacts:FileAs',
  'contacts:FileAsMapping',
  'contacts:DisplayName',
  'contacts:EmailAddresses',
];

/**
 * The changes that keep the listed names in step with the name: only names that still are what we or the server derived
 * from the contact as it was `before`.
 */
export function listedNameChanges(stored: XmlElement, before: Contact, target: Contact): readonly Markup[] {
  const old = listedNames(before);
  const now = listedNames(target);
  if (old.fileAs === now.fileAs && old.displayName === now.displayName) return [];
  const { FileAs = '', FileAsMapping = '', DisplayName = '', Subject = '' } = textsByName(stored);
  const derived = new Set(['', old.displayName, ...serverNames(before)]);
  const changes: Markup[] = [];
  // With a mapping the server keeps FileAs in step by itself and refuses to be told.
  if (noMapping.has(FileAsMapping) && (FileAs === '' || FileAs === old.fileAs)) {
    changes.push(setOrDelete('Contact', 'contacts:FileAs', textElement('FileAs', now.fileAs)));
  }
  if (derived.has(DisplayName)) {
    changes.push(setOrDelete('Contact', 'contacts:DisplayName', textElement('DisplayName', now.displayName)));
  }
  if (derived.has(Subject)) {
    changes.push(setOrDelete('Contact', 'item:Subject', textElement('Subject', now.displayName)));
  }
  return changes;
}

const noMapping: ReadonlySet<string> = new Set(['', 'None', 'Empty']);

function textsByName(element: XmlElement): Readonly<Record<string, string>> {
  return Object.fromEntries(element.children.map((child) => [child.name, child.text]));
}

/** What servers were seen to derive (Exchange 2013 to 2019): `Given Surname` and `Given Surname - Company`. */
function serverNames(contact: Contact): readonly (string | undefined)[] {
  const short = spaced(contact.name?.given, contact.name?.surname);
  const company = contact.organization?.company;
  return short === undefined || company === undefined ? [short] : [short, `${short} - ${company}`];
}
