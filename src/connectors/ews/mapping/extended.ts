/**
 * MAPI properties in EWS: a server may spell the same property by set name or set GUID, ids in decimal, tags in hexadecimal
 * without zero padding; so they are compared by meaning, never by text.
 */
import type { XmlElement } from '#xml/reader.ts';
import { child, childText } from '#xml/reader.ts';

/** One `t:ExtendedProperty` of an item. `value` is empty when the property has no single value. */
export interface ExtendedProperty {
  readonly uri: Readonly<Record<string, string>>;
  readonly value: string;
}

/** GUIDs of the named property sets we use (MS-OXPROPS 1.3.2), by their EWS name. */
const setGuids = {
  PublicStrings: '00020329-0000-0000-c000-000000000046',
  Appointment: '00062002-0000-0000-c000-000000000046',
  Task: '00062003-0000-0000-c000-000000000046',
} as const;

type PropertySet = keyof typeof setGuids;

/** Reads a `t:ExtendedProperty` element. */
export function extendedProperty(element: XmlElement): ExtendedProperty {
  return { uri: child(element, 'ExtendedFieldURI')?.attributes ?? {}, value: childText(element, 'Value') ?? '' };
}

/** Whether the property is the one with this tag id (without type), e.g. 0x3A45. */
export function hasTag(property: ExtendedProperty, tag: number): boolean {
  const text = property.uri.PropertyTag;
  return text !== undefined && Number(text) === tag;
}

/** Whether the property is the named one; names are case-sensitive. */
export function hasName(property: ExtendedProperty, set: PropertySet, nameOrId: string | number): boolean {
  const { PropertyName: name, PropertyId: id } = property.uri;
  const same = typeof nameOrId === 'string' ? name === nameOrId : id !== undefined && Number(id) === nameOrId;
  return same && isInSet(property.uri, set);
}

function isInSet(uri: Readonly<Record<string, string>>, set: PropertySet): boolean {
  const { DistinguishedPropertySetId: distinguished, PropertySetId: guid } = uri;
  if (distinguished !== undefined) return distinguished === set;
  return guid !== undefined && guid.toLowerCase() === setGuids[set];
}
