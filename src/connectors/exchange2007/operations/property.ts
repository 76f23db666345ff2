/**
 * Properties as WebDAV names them: a namespace and a name, and the data type that must be said when one is written
 * (`urn:uuid:c2f41010-…/` dt). Named MAPI properties stand under the GUID of their set, with number or name.
 */
import { meantName } from '../transport/element-names.ts';

export type DataType = 'string' | 'boolean' | 'int' | 'float' | 'dateTime.tz' | 'bin.base64' | 'mv.string' | 'mv.int';

export interface Property {
  readonly ns: string;
  /** As it goes on the wire; may begin with a digit. */
  readonly name: string;
  readonly type: DataType;
}

/** Text of the value; several for the `mv.` types. */
export type PropertyValue = string | readonly string[];

/** Brings one property to a value; without value it is removed. An empty text is a value of its own. */
export interface PropertyChange {
  readonly property: Property;
  readonly value?: PropertyValue | undefined;
}

export const davNamespace = 'DAV:';
export const exchangeNamespace = 'http://schemas.microsoft.com/exchange/';
export const replNamespace = 'http://schemas.microsoft.com/repl/';
const mapiNamespace = 'http://schemas.microsoft.com/mapi/';
const calendarNamespace = 'urn:schemas:calendar:';

/** GUIDs of the named property sets (MS-OXPROPS 1.3.2). */
export const sets = {
  publicStrings: '00020329-0000-0000-C000-000000000046',
  appointment: '00062002-0000-0000-C000-000000000046',
  task: '00062003-0000-0000-C000-000000000046',
  address: '00062004-0000-0000-C000-000000000046',
  common: '00062008-0000-0000-C000-000000000046',
  meeting: '6ED8DA90-450B-101B-98DA-00AA003F1305',
} as const;

export function dav(name: string, type: DataType = 'string'): Property {
  return { ns: davNamespace, name, type };
}

export function exchange(name: string, type: DataType = 'string'): Property {
  return { ns: exchangeNamespace, name, type };
}

export function repl(name: string): Property {
  return { ns: replNamespace, name, type: 'string' };
}

export function httpmail(name: string): Property {
  return { ns: 'urn:schemas:httpmail:', name, type: 'string' };
}

export function mailheader(name: string): Property {
  return { ns: 'urn:schemas:mailheader:', name, type: 'string' };
}

export function contacts(name: string, type: DataType = 'string'): Property {
  return { ns: 'urn:schemas:contacts:', name, type };
}

export function calendar(name: string, type: DataType = 'string'): Property {
  return { ns: calendarNamespace, name, type };
}

/** A friendly name Exchange has for some MAPI properties. */
export function mapi(name: string, type: DataType = 'string'): Property {
  return { ns: mapiNamespace, name, type };
}

/** A MAPI property by its tag, id and type in eight digits, e.g. 0x3a1a001f. */
export function tag(number: number, type: DataType): Property {
  return { ns: `${mapiNamespace}proptag/`, name: `x${hex(number)}`, type };
}

/** A numbered named property. The eight-digit form is the one all clients and servers were seen to take. */
export function lid(set: keyof typeof sets, number: number, type: DataType): Property {
  return { ns: `${mapiNamespace}id/{${sets[set]}}/`, name: `0x${hex(number)}`, type };
}

/** A named property with a name. */
export function named(set: keyof typeof sets, name: string): Property {
  return { ns: `${mapiNamespace}string/{${sets[set]}}/`, name, type: 'string' };
}

function hex(number: number): string {
  return number.toString(16).padStart(8, '0');
}

/** Equal for all spellings of one property: numbers in hexadecimal or decimal, escaped or not; GUIDs in any case. */
export function keyOf({ ns, name }: { readonly ns: string; readonly name: string }): string {
  const meant = meantName(name);
  if (!ns.startsWith(mapiNamespace)) return ns + meant;
  const lower = ns.toLowerCase();
  if (lower.startsWith(`${mapiNamespace}id/`)) return lower + Number(meant);
  return lower.startsWith(`${mapiNamespace}proptag/`) ? lower + meant.toLowerCase() : lower + meant;
}

/** The name in SEARCH statements. */
export function fullName({ ns, name }: Property): string {
  return ns + name;
}
