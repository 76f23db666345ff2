/** The part of BER that LDAP uses (RFC 4511 5.1): definite lengths, one-byte tags, nothing deeper than a bound. */

export interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  octets: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Messages longer than this many bytes end the connection. */
export const messageBytesMax = 1024 * 1024;

export type FirstElement =
  | { readonly kind: 'element'; readonly element: Element; readonly end: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed' };

/** The first element of some bytes, when all of it has come. */
export function firstElement(bytes: Buffer): FirstElement {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return { kind: 'incomplete' };
  if ((tag & 0x1f) === 0x1f || first === 0x80) return { kind: 'malformed' };
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4) return { kind: 'malformed' };
  if (bytes.length < 2 + lengthBytes) return { kind: 'incomplete' };
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  if (length > messageBytesMax) return { kind: 'malformed' };
  const start = 2 + lengthBytes;
  if (bytes.length < start + length) return { kind: 'incomplete' };
  return { kind: 'element', element: { tag, content: bytes.subarray(start, start + length) }, end: start + length };
}

/** The elements that some content consists of; undefined when it is no run of whole elements. */
export function elementsOf(content: Buffer): readonly Element[] | undefined {
  const elements: Element[] = [];
  let rest = content;
  while (rest.length > 0) {
    const first = firstElement(rest);
    if (first.kind !== 'element') return undefined;
    elements.push(first.element);
    rest = rest.subarray(first.end);
  }
  return elements;
}

export function integerOf(element: Element | undefined, tag: number = tags.integer): number | undefined {
  if (element?.tag !== tag || element.content.length < 1 || element.content.length > 5) return undefined;
  return element.content.readIntBE(0, element.content.length);
}

export function textOf(element: Element | undefined, tag: number = tags.octets): string | undefined {
  return element?.tag === tag ? element.content.toString('utf8') : undefined;
}

/** One element around its content. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const size = Math.ceil((32 - Math.clz32(length)) / 8);
  const head = Buffer.alloc(2 + size);
  head[0] = tag;
  head[1] = 0x80 | size;
  head.writeUIntBE(length, 2, size);
  return Buffer.concat([head, content]);
}

export function integer(value: number, tag: number = tags.integer): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeIntBE(value, 0, 5);
  let from = 0;
  // As short as the sign allows.
  while (from < 4 && bytes[from] === ((bytes[from + 1] as number) & 0x80 ? 0xff : 0x00)) from += 1;
  return element(tag, bytes.subarray(from));
}

export function octets(value: string | Uint8Array, tag: number = tags.octets): Buffer {
  return element(tag, typeof value === 'string' ? Buffer.from(value, 'utf8') : value);
}
