/** From the name of a WebDAV property to what it is. Every name is something: unknown ones are named properties of their own. */
import { propertyOf, type View } from '../../../truth/item.ts';
import { named, type PropertyKey, type PropertyType, tagged } from '../../../truth/properties.ts';
import { contact, email, event, message, propertySets, todo } from '../../../truth/property-keys.ts';
import { typeOfCode } from '../mapi-types.ts';
import { type DavName, joinedName, namespaces, unescapedName } from '../names.ts';
import type { Resource } from '../resource.ts';
import { calendarMapiProperties, calendarProperties } from './calendar-properties.ts';
import { contactMapiProperties, contactProperties } from './contact-properties.ts';
import {
  davProperties,
  exchangeProperties,
  generalMapiProperties,
  httpmailProperties,
  mailheaderProperties,
  replProperties,
} from './general-properties.ts';
import { alias, type DavProperty, type PropertyTable } from './property.ts';
import { specialTags } from './special-tags.ts';

/** Tables by namespace, in the order in which a request for everything answers them. */
export const tables: ReadonlyMap<string, PropertyTable> = new Map([
  [namespaces.contacts, contactProperties],
  [namespaces.httpmail, httpmailProperties],
  [namespaces.exchange, exchangeProperties],
  [namespaces.calendar, calendarProperties],
  [namespaces.mailheader, mailheaderProperties],
  [namespaces.repl, replProperties],
  [namespaces.dav, davProperties],
  [namespaces.mapi, { ...generalMapiProperties, ...contactMapiProperties, ...calendarMapiProperties }],
]);

/**
 * The property of a name. `type` is what the request says its type is; without, it is the one that is known or stored, and text
 * for a name nobody ever heard of.
 */
export function propertyOfName(name: DavName, type?: PropertyType): DavProperty {
  const known = tables.get(name.ns)?.[name.name];
  if (known !== undefined) return known;
  if (name.ns === namespaces.proptag) return taggedProperty(name.name) ?? unknown(name, type);
  const set = /^(http:\/\/schemas\.microsoft\.com\/mapi\/(id|string)\/)\{([0-9a-f-]{36})\}\/$/i.exec(name.ns);
  if (set === null) return unknown(name, type);
  const guid = (set[3] ?? '').toLowerCase();
  if (set[2]?.toLowerCase() === 'string') return namedProperty(guid, unescapedName(name.name), type);
  const id = readLid(name.name);
  return id === undefined ? unknown(name, type) : namedProperty(guid, id, type);
}

/** `0x00008102`, `0x8102`, `_x0030_x8102`, `32900`: all of these are seen. */
export function readLid(name: string): number | undefined {
  const plain = unescapedName(name);
  if (/^0x[0-9a-f]{1,8}$/i.test(plain)) return Number.parseInt(plain.slice(2), 16);
  if (/^x[0-9a-f]{4,8}$/i.test(plain)) return Number.parseInt(plain.slice(1), 16);
  return /^\d{1,6}$/.test(plain) ? Number(plain) : undefined;
}

/** How the server spells a name in its answers: numbers of named properties always with eight digits. */
export function spelledName(name: DavName): DavName {
  if (!name.ns.startsWith(namespaces.id)) return name;
  const id = readLid(name.name);
  return id === undefined ? name : { ns: name.ns, name: `0x${id.toString(16).padStart(8, '0')}` };
}

function taggedProperty(name: string): DavProperty | undefined {
  const match = /^x([0-9a-f]{4})([0-9a-f]{4})$/i.exec(unescapedName(name));
  if (match === null) return undefined;
  const tag = Number.parseInt(match[1] ?? '', 16);
  const type = typeOfCode(Number.parseInt(match[2] ?? '', 16));
  if (type === undefined) return undefined;
  return specialTags.get(tag) ?? readOnlyWhenComputed(tag, alias(tagged(tag, type)));
}

/** Tags whose values the store makes. */
const computedTags: ReadonlySet<number> = new Set([
  0x0e08, 0x0e09, 0x0e1b, 0x0fff, 0x0ff9, 0x3007, 0x3008, 0x300b, 0x3ffa, 0x65e0, 0x65e1, 0x65e2, 0x65e3, 0x674a,
  0x6748,
]);

function readOnlyWhenComputed(tag: number, property: DavProperty): DavProperty {
  return computedTags.has(tag) ? { ...property, write: undefined } : property;
}

/** Types of the named properties with a documented meaning. */
const knownKeys: ReadonlyMap<string, PropertyKey> = new Map(
  [message, contact, event, todo, ...email]
    .flatMap((group) => Object.values(group) as readonly PropertyKey[])
    .filter((key) => key.set !== undefined)
    .map((key) => [`${key.set} ${key.id ?? key.name}`, key]),
);

function namedProperty(set: string, name: number | string, type: PropertyType | undefined): DavProperty {
  const known = knownKeys.get(`${set} ${name}`);
  if (known !== undefined && (type === undefined || type === known.type)) return alias(known);
  if (type !== undefined) return alias(named(set, name, type));
  // Without a type, reading finds the property of whatever type it was stored with.
  const text = alias(named(set, name, 'String'));
  return {
    ...text,
    read: (resource) => stored(resource, set, name)?.value,
    typeOf: (resource) => stored(resource, set, name)?.type,
  };
}

function stored(resource: Resource, set: string, name: number | string) {
  if (resource.kind === 'folder') return undefined;
  for (const key of keysOf(resource.view)) {
    if (key.set === set && (key.id ?? key.name) === name) {
      const value = propertyOf(resource.view, key);
      return value === undefined ? undefined : { type: key.type, value };
    }
  }
  return undefined;
}

function* keysOf(view: View): Generator<PropertyKey> {
  for (const [key] of view.item.properties.entries()) yield key;
  const exception = view.occurrence?.exception;
  if (exception !== undefined) for (const [key] of exception.properties.entries()) yield key;
}

function unknown(name: DavName, type: PropertyType | undefined): DavProperty {
  return namedProperty(propertySets.PublicStrings, unescapedName(joinedName(name)), type);
}
