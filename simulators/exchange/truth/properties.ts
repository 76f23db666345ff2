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
 * The property bag of one message. Kept as one flat array (key, value, key, value …): an item has some thirty
 * properties, a mailbox hundreds of items and an estate thousands of mailboxes, so a map per item would cost too much.
 */
export class Properties {
  #flat: unknown[];

  constructor(flat: unknown[] = []) {
    this.#flat = flat;
  }

  get<T extends PropertyValue>(key: PropertyKey<T>): T | undefined {
    const at = this.#find(key);
    return at < 0 ? undefined : (this.#flat[at + 1] as T);
  }

  has(key: PropertyKey): boolean {
    return this.#find(key) >= 0;
  }

  set<T extends PropertyValue>(key: PropertyKey<T>, value: T): void {
    const at = this.#find(key);
    if (at < 0) this.#flat.push(key, value);
    else this.#flat[at + 1] = value;
  }

  delete(key: PropertyKey): void {
    const at = this.#find(key);
    if (at >= 0) this.#flat.splice(at, 2);
  }

  /** Independent copy; values are shared, because values are never changed in place. */
  clone(): Properties {
    return new Properties(this.#flat.slice());
  }

  *entries(): Generator<readonly [PropertyKey, PropertyValue]> {
    for (let at = 0; at < this.#flat.length; at += 2) {
      yield [this.#flat[at] as PropertyKey, this.#flat[at + 1] as PropertyValue];
    }
  }

  get count(): number {
    return this.#flat.length / 2;
  }

  #find(key: PropertyKey): number {
    const flat = this.#flat;
    for (let at = 0; at < flat.length; at += 2) if (flat[at] === key) return at;
    return -1;
  }
}

/** Value equality, also for arrays and bytes. */
export function sameValue(left: PropertyValue | undefined, right: PropertyValue | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) if (left[index] !== right[index]) return false;
  return true;
}
