/**
 * An item as a bag of properties, each the very element the client wrote. Entries of dictionary properties stand by
 * themselves, because clients change them one by one (`t:IndexedFieldURI`).
 */
import type { XmlElement } from '#xml/reader.ts';
import { kept, type Node, node, partsOf, t } from './node.ts';
import { Refused } from './refused.ts';
import type { Traits } from './traits.ts';

export type Bag = Map<string, Node>;

/** Element name of the dictionary by the FieldURI of its entries. */
const dictionaries: Readonly<Record<string, string>> = {
  EmailAddress: 'EmailAddresses',
  ImAddress: 'ImAddresses',
  PhoneNumber: 'PhoneNumbers',
  PhysicalAddress: 'PhysicalAddresses',
};
const dictionaryNames = new Set(Object.values(dictionaries));

/** Keeps one property element of a request. */
export function put(bag: Bag, element: XmlElement): void {
  if (element.name === 'ExtendedProperty') {
    const [uri, value] = element.children;
    if (uri === undefined || value === undefined) throw new Refused('ErrorInvalidExtendedProperty');
    bag.set(extendedKey(uri), kept(element));
    return;
  }
  if (!dictionaryNames.has(element.name)) {
    bag.set(element.name, kept(element));
    return;
  }
  for (const entry of element.children) {
    const key = `${element.name}/${entry.attributes.Key}`;
    if (entry.children.length === 0) bag.set(key, kept(entry));
    else for (const part of entry.children) bag.set(`${key}/${part.name}`, kept(part));
  }
}

/** The key of a property path (`t:FieldURI`, `t:IndexedFieldURI`, `t:ExtendedFieldURI`). */
export function keyOfPath(path: XmlElement): string {
  if (path.name === 'ExtendedFieldURI') return extendedKey(path);
  const [, name = '', part] = (path.attributes.FieldURI ?? '').split(':');
  if (path.name === 'FieldURI') return name;
  if (path.name !== 'IndexedFieldURI') throw new Refused('ErrorInvalidPropertyRequest');
  const key = `${dictionaries[name]}/${path.attributes.FieldIndex}`;
  return part === undefined ? key : `${key}/${part}`;
}

const setGuids: Readonly<Record<string, string>> = {
  PublicStrings: '00020329-0000-0000-C000-000000000046',
  Appointment: '00062002-0000-0000-C000-000000000046',
  Task: '00062003-0000-0000-C000-000000000046',
};

function extendedKey({ attributes }: XmlElement): string {
  const { DistinguishedPropertySetId: known, PropertySetId: guid, PropertyName: name, PropertyId: id } = attributes;
  if (attributes.PropertyTag !== undefined) return `tag:${Number(attributes.PropertyTag)}`;
  const set = (known === undefined ? guid : setGuids[known]) ?? '';
  return `set:${set.toUpperCase()}:${name ?? Number(id)}`;
}

/** The elements of a stored property as an answer has them; none when it is not set. */
export function elementsOf(bag: Bag, key: string, traits: Traits): readonly Node[] {
  if (dictionaryNames.has(key)) return dictionaryOf(bag, key);
  const found = bag.get(key);
  if (found === undefined) return [];
  return [found.name === 'ExtendedProperty' && traits.setIdsAsGuid === true ? respelled(found) : found];
}

function dictionaryOf(bag: Bag, name: string): readonly Node[] {
  const entries = new Map<string, Node>();
  for (const [key, value] of bag) {
    const [dictionary, index, part] = key.split('/');
    if (dictionary !== name || index === undefined) continue;
    const earlier = partsOf(entries.get(index));
    entries.set(index, part === undefined ? value : t('Entry', [...earlier, value], { Key: index }));
  }
  return entries.size === 0 ? [] : [t(name, [...entries.values()])];
}

/** The same property by the GUID of its set, its tag in hexadecimal, attributes in another order. */
function respelled(property: Node): Node {
  const [uri, ...rest] = partsOf(property);
  if (uri === undefined) return property;
  const { DistinguishedPropertySetId: known, PropertyTag: tag, ...others } = uri.attributes;
  const attributes = {
    PropertyType: others.PropertyType ?? '',
    ...others,
    ...(known !== undefined && { PropertySetId: setGuids[known] ?? known }),
    ...(tag !== undefined && { PropertyTag: `0x${Number(tag).toString(16)}` }),
  };
  return { ...property, content: [node('t', uri.name, attributes), ...rest] };
}
