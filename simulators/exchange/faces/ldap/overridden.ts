import type { AttributeInput } from './entry.ts';

/** Attributes with those of an estate over them; `null` takes one away. Names are not case-sensitive. */
export function overridden(
  usual: Readonly<Record<string, AttributeInput>>,
  own: Readonly<Record<string, string | readonly string[] | null>>,
): Readonly<Record<string, AttributeInput>> {
  const attributes = { ...usual };
  for (const [name, value] of Object.entries(own)) {
    const known = Object.keys(attributes).find((one) => one.toLowerCase() === name.toLowerCase());
    if (known !== undefined) delete attributes[known];
    if (value !== null) attributes[known ?? name] = value;
  }
  return attributes;
}
