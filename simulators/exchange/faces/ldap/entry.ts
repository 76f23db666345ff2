/** Objects of the directory. */
import { normalDn } from './dn.ts';

export type Value = string | Uint8Array;

export interface Entry {
  readonly dn: string;
  /** The name in the spelling that is compared. */
  readonly normal: string;
  /** By lower-case name. */
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface Attribute {
  /** As the schema spells it. */
  readonly name: string;
  readonly values: readonly Value[];
}

export type AttributeInput = Value | number | bigint | readonly Value[] | undefined;

/** An object with these attributes; what is undefined or empty is not there. */
export function entry(dn: string, attributes: Readonly<Record<string, AttributeInput>>): Entry {
  const map = new Map<string, Attribute>();
  const own = dn === '' ? {} : { distinguishedName: dn };
  for (const [name, input] of Object.entries({ ...attributes, ...own })) {
    if (input === undefined) continue;
    const values = valuesOf(input);
    if (values.length > 0) map.set(name.toLowerCase(), { name, values });
  }
  return { dn, normal: normalDn(dn) ?? dn.toLowerCase(), attributes: map };
}

function valuesOf(input: Exclude<AttributeInput, undefined>): readonly Value[] {
  if (typeof input === 'number' || typeof input === 'bigint') return [String(input)];
  return typeof input === 'string' || input instanceof Uint8Array ? [input] : input;
}
