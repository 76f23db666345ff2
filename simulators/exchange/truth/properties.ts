/**
 * MAPI properties: what every face reads and writes underneath ([MS-OXCDATA] 2.6, 2.8, 2.11). A property is identified by
 * a tag, or by a property set GUID with a numeric or text name, and always by its type: asking for the right name with
 * the wrong type finds nothing, as in a real store.
 */

/** Property types with the names that the EWS schema uses (MapiPropertyTypeType). */
export type PropertyType =
  | 'ApplicationTime'
  | 'Binary'
  | 'Boolean'
  | 'CLSID'
  | 'Currency'
  | 'Double'
  | 'Float'
  | 'Integer'
  | 'Long'
  | 'Short'
  | 'String'
  | 'SystemTime'
  | 'BinaryArray'
  | 'CLSIDArray'
  | 'DoubleArray'
  | 'IntegerArray'
  | 'LongArray'
  | 'StringArray'
  | 'SystemTimeArray'
  | 'ApplicationTimeArray'
  | 'CurrencyArray'
  | 'FloatArray'
  | 'ShortArray';

/** SystemTime is milliseconds since 1970 (UTC); Long and Currency are bigint; CLSID is lower-case text. */
export type Scalar = string | number | bigint | boolean | Uint8Array;
export type PropertyValue = Scalar | readonly Scalar[];

/** An interned identity: two keys are the same property exactly when they are the same object. */
export interface PropertyKey<T extends PropertyValue = PropertyValue> {
  readonly type: PropertyType;
  /** 16-bit property id, for properties that are not named. */
  readonly tag?: number;
  /** Property set GUID, lower case, for named properties. */
  readonly set?: string;
  readonly id?: number;
  readonly name?: string;
  /** Never present; carries the value's type. */
  readonly value?: T;
}

const interned = new Map<string, PropertyKey>();

/** The key of a tagged property. */
export function tagged<T extends PropertyValue>(tag: number, type: PropertyType): PropertyKey<T> {
  return intern(`${tag}:${type}`, { type, tag });
}

/** The key of a named property; text names are case-sensitive. */
export function named<T extends PropertyValue>(set: string, name: number | string, type: PropertyType): PropertyKey<T> {
  const guid = set.toLowerCase();
  return typeof name === 'number'
    ? intern(`${guid}:${name}:${type}`, { type, set: guid, id: name })
    : intern(`${guid}/${name}:${type}`, { type, set: guid, name });
}

function intern<T extends PropertyValue>(text: string, key: PropertyKey): PropertyKey<T> {
  const known = interned.get(text);
  if (known !== undefined) return known as PropertyKey<T>;
  interned.set(text, key);
  return key as PropertyKey<T>;
}

/**
 * The property bag of one message: its values, and a layout that says which key each belongs to. Layouts are shared by all
 * messages that got the same keys in the same order, because an estate has millions of messages and some hundred layouts.
 */
export class Properties {
  #layout: Layout;
  #values: PropertyValue[];

  constructor(layout: Layout = emptyLayout, values: PropertyValue[] = []) {
    this.#layout = layout;
    this.#values = values;
  }

  get<T extends PropertyValue>(key: PropertyKey<T>): T | undefined {
    const at = this.#layout.places.get(key);
    return at === undefined ? undefined : (this.#values[at] as T);
  }

  has(key: PropertyKey): boolean {
    return this.#layout.places.has(key);
  }

  set<T extends PropertyValue>(key: PropertyKey<T>, value: T): void {
    const at = this.#layout.places.get(key);
    if (at !== undefined) {
      this.#values[at] = value;
      return;
    }
    this.#layout = withKey(this.#layout, key);
    this.#values.push(value);
  }

  delete(key: PropertyKey): void {
    const at = this.#layout.places.get(key);
    if (at === undefined) return;
    this.#values.splice(at, 1);
    let layout = emptyLayout;
    for (const kept of this.#layout.places.keys()) if (kept !== key) layout = withKey(layout, kept);
    this.#layout = layout;
  }

  /** Independent copy; values are shared, because values are never changed in place. */
  clone(): Properties {
    return new Properties(this.#layout, this.#values.slice());
  }

  /** Gives back the room that growing took: what is stored should not be larger than it is. */
  compact(): void {
    this.#values = this.#values.slice();
  }

  *entries(): Generator<readonly [PropertyKey, PropertyValue]> {
    let at = 0;
    for (const key of this.#layout.places.keys()) {
      yield [key, this.#values[at] as PropertyValue];
      at += 1;
    }
  }

  get count(): number {
    return this.#values.length;
  }
}

/** Keys in the order they were set, each with its place among the values, and the layouts one key longer. */
interface Layout {
  readonly places: ReadonlyMap<PropertyKey, number>;
  readonly longer: Map<PropertyKey, Layout>;
}

const emptyLayout: Layout = { places: new Map(), longer: new Map() };

/** Layouts that are shared; property names a client makes up beyond that get layouts of their own, which are not kept. */
const layoutsMax = 50_000;
let layoutCount = 1;

function withKey(layout: Layout, key: PropertyKey): Layout {
  const known = layout.longer.get(key);
  if (known !== undefined) return known;
  const made: Layout = { places: new Map(layout.places).set(key, layout.places.size), longer: new Map() };
  if (layoutCount < layoutsMax) {
    layout.longer.set(key, made);
    layoutCount += 1;
  }
  return made;
}

/** Value equality, also for arrays and bytes. */
export function sameValue(left: PropertyValue | undefined, right: PropertyValue | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
}
