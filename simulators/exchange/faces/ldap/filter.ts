/** Search filters (RFC 4511 4.5.1.7): read with bounds, and tested with the matching that Active Directory has. */
import { type Element, elementsOf, textOf } from './ber.ts';
import type { Entry, Value } from './entry.ts';

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'equal' | 'atLeast' | 'atMost'; readonly name: string; readonly value: Buffer }
  | { readonly kind: 'present'; readonly name: string }
  | {
      readonly kind: 'substrings';
      readonly name: string;
      readonly first: string | undefined;
      readonly middle: readonly string[];
      readonly last: string | undefined;
    }
  /** Bits of a number: all of them, or any. */
  | { readonly kind: 'bits'; readonly name: string; readonly mask: bigint; readonly needsAll: boolean }
  /** A rule nobody knows matches nothing. */
  | { readonly kind: 'never' };

/** Filters nested deeper, or with more parts, are refused. */
const depthMax = 64;
const partsMax = 2000;

const bitRules: Readonly<Record<string, boolean>> = {
  '1.2.840.113556.1.4.803': true,
  '1.2.840.113556.1.4.804': false,
};

/** Reads a filter; undefined when it is not one, or too much of one. */
export function readFilter(element: Element): Filter | undefined {
  const budget = { parts: partsMax };
  return read(element, 0, budget);
}

function read(element: Element, depth: number, budget: { parts: number }): Filter | undefined {
  budget.parts -= 1;
  if (depth > depthMax || budget.parts < 0) return undefined;
  switch (element.tag) {
    case 0xa0:
    case 0xa1: {
      const parts = elementsOf(element.content)?.map((one) => read(one, depth + 1, budget));
      if (parts === undefined || parts.includes(undefined)) return undefined;
      return { kind: element.tag === 0xa0 ? 'and' : 'or', parts: parts as readonly Filter[] };
    }
    case 0xa2: {
      const [inside, more] = elementsOf(element.content) ?? [];
      const part = inside === undefined || more !== undefined ? undefined : read(inside, depth + 1, budget);
      return part === undefined ? undefined : { kind: 'not', part };
    }
    case 0xa3:
    case 0xa5:
    case 0xa6:
    case 0xa8: {
      const [name, value] = elementsOf(element.content) ?? [];
      const attribute = textOf(name);
      if (attribute === undefined || value === undefined) return undefined;
      const kind = element.tag === 0xa5 ? 'atLeast' : element.tag === 0xa6 ? 'atMost' : 'equal';
      return { kind, name: attribute.toLowerCase(), value: value.content };
    }
    case 0x87:
      return { kind: 'present', name: element.content.toString('utf8').toLowerCase() };
    case 0xa4:
      return readSubstrings(element);
    case 0xa9:
      return readExtensible(element);
    default:
      return undefined;
  }
}

function readSubstrings(element: Element): Filter | undefined {
  const [name, list] = elementsOf(element.content) ?? [];
  const attribute = textOf(name);
  const pieces = list === undefined ? undefined : elementsOf(list.content);
  if (attribute === undefined || pieces === undefined || pieces.length === 0 || pieces.length > partsMax)
    return undefined;
  const text = (tag: number): readonly string[] =>
    pieces.filter((one) => one.tag === tag).map((one) => one.content.toString('utf8').toLowerCase());
  return {
    kind: 'substrings',
    name: attribute.toLowerCase(),
    first: text(0x80)[0],
    middle: text(0x81),
    last: text(0x82)[0],
  };
}

function readExtensible(element: Element): Filter | undefined {
  const parts = elementsOf(element.content);
  if (parts === undefined) return undefined;
  const text = (tag: number): string | undefined => parts.find((one) => one.tag === tag)?.content.toString('utf8');
  const name = text(0x82);
  const needsAll = bitRules[text(0x81) ?? ''];
  const value = text(0x83) ?? '';
  if (name === undefined || needsAll === undefined || !/^-?\d{1,19}$/.test(value)) return { kind: 'never' };
  return { kind: 'bits', name: name.toLowerCase(), mask: BigInt.asUintN(64, BigInt(value)), needsAll };
}

/** Whether an object satisfies a filter. */
export function satisfies(entry: Entry, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((one) => satisfies(entry, one));
    case 'or':
      return filter.parts.some((one) => satisfies(entry, one));
    case 'not':
      return !satisfies(entry, filter.part);
    case 'present':
      return entry.attributes.has(filter.name);
    case 'equal':
      return some(entry, filter.name, (value) => isEqual(filter.name, value, filter.value));
    case 'atLeast':
      return some(entry, filter.name, (value) => compared(value, filter.value) >= 0);
    case 'atMost':
      return some(entry, filter.name, (value) => compared(value, filter.value) <= 0);
    case 'substrings':
      return some(entry, filter.name, (value) => typeof value === 'string' && containsAll(value.toLowerCase(), filter));
    case 'bits':
      return some(entry, filter.name, (value) => {
        if (typeof value !== 'string' || !/^-?\d+$/.test(value)) return false;
        const bits = BigInt.asUintN(64, BigInt(value)) & filter.mask;
        return filter.needsAll ? bits === filter.mask : bits !== 0n;
      });
    case 'never':
      return false;
  }
}

function some(entry: Entry, name: string, test: (value: Value) => boolean): boolean {
  return entry.attributes.get(name)?.values.some(test) ?? false;
}

/** Text without regard to case; a category also by its short name. */
function isEqual(name: string, value: Value, wanted: Buffer): boolean {
  if (typeof value !== 'string') return wanted.equals(value);
  const [left, right] = [value.toLowerCase(), wanted.toString('utf8').toLowerCase()];
  if (left === right) return true;
  return name === 'objectcategory' && !right.includes('=') && left.replaceAll('-', '').startsWith(`cn=${right},`);
}

function compared(value: Value, wanted: Buffer): number {
  if (typeof value !== 'string') return Buffer.compare(Buffer.from(value), wanted);
  const other = wanted.toString('utf8');
  if (/^-?\d+$/.test(value) && /^-?\d+$/.test(other))
    return Number(BigInt(value) - BigInt(other) > 0n) - Number(BigInt(value) < BigInt(other));
  const [left, right] = [value.toLowerCase(), other.toLowerCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}

function containsAll(value: string, filter: Extract<Filter, { kind: 'substrings' }>): boolean {
  const { first = '', middle, last = '' } = filter;
  if (!value.startsWith(first)) return false;
  let at = first.length;
  for (const piece of middle) {
    const found = value.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return value.endsWith(last) && value.length - last.length >= at;
}
