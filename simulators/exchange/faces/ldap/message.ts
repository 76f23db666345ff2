/** LDAP messages (RFC 4511): requests read, answers written. */
import { type Element, element, elementsOf, integer, integerOf, octets, tags, textOf } from './ber.ts';
import type { Value } from './entry.ts';
import { type Filter, readFilter } from './filter.ts';

export interface Control {
  readonly oid: string;
  readonly isCritical: boolean;
  readonly value: Buffer | undefined;
}

export interface SearchRequest {
  readonly kind: 'search';
  readonly base: string;
  /** 0 the object, 1 what is directly below, 2 everything from it down. */
  readonly scope: number;
  /** 0 for none. */
  readonly sizeLimit: number;
  /** Seconds; 0 for none. */
  readonly timeLimit: number;
  readonly typesOnly: boolean;
  readonly filter: Filter;
  /** The request as it was written, by which pages know their search again. */
  readonly source: string;
  readonly attributes: readonly string[];
}

export type Request =
  | { readonly kind: 'bind'; readonly name: string; readonly password: string | undefined }
  | { readonly kind: 'unbind' }
  | SearchRequest
  | { readonly kind: 'abandon'; readonly target: number }
  | { readonly kind: 'extended'; readonly oid: string }
  /** A write, or anything else: refused, with the tag of its answer. */
  | { readonly kind: 'other'; readonly answer: number };

export interface Message {
  readonly id: number;
  readonly request: Request;
  readonly controls: readonly Control[];
}

export const answers = { bind: 0x61, entry: 0x64, done: 0x65, reference: 0x73, extended: 0x78 } as const;

const others: ReadonlyMap<number, number> = new Map([
  [0x66, 0x67],
  [0x68, 0x69],
  [0x4a, 0x6b],
  [0x6c, 0x6d],
  [0x6e, 0x6f],
]);

/** Attributes, and controls, that a request may name. */
const attributesMax = 1000;
const controlsMax = 100;

/** Reads the content of a message; undefined when it is not one. */
export function readMessage(content: Buffer): Message | undefined {
  const [idElement, operation, controlList] = elementsOf(content) ?? [];
  const id = integerOf(idElement);
  if (id === undefined || id < 0 || operation === undefined) return undefined;
  const request = readRequest(operation);
  const controls = controlList === undefined ? [] : readControls(controlList);
  return request === undefined || controls === undefined ? undefined : { id, request, controls };
}

function readRequest(operation: Element): Request | undefined {
  switch (operation.tag) {
    case 0x60: {
      const [version, name, secret] = elementsOf(operation.content) ?? [];
      const text = textOf(name);
      if (integerOf(version) === undefined || text === undefined || secret === undefined) return undefined;
      return { kind: 'bind', name: text, password: textOf(secret, 0x80) };
    }
    case 0x42:
      return { kind: 'unbind' };
    case 0x63:
      return readSearch(operation);
    case 0x50: {
      const target = integerOf({ tag: tags.integer, content: operation.content });
      return target === undefined ? undefined : { kind: 'abandon', target };
    }
    case 0x77: {
      const oid = textOf(elementsOf(operation.content)?.[0], 0x80);
      return oid === undefined ? undefined : { kind: 'extended', oid };
    }
    default: {
      const answer = others.get(operation.tag);
      return answer === undefined ? undefined : { kind: 'other', answer };
    }
  }
}

function readSearch(operation: Element): SearchRequest | undefined {
  const [base, scope, , size, time, types, filterElement, list] = elementsOf(operation.content) ?? [];
  const text = textOf(base);
  const depth = integerOf(scope, tags.enumerated);
  const filter = filterElement === undefined ? undefined : readFilter(filterElement);
  const attributes =
    list === undefined ? undefined : elementsOf(list.content)?.map((one) => one.content.toString('utf8'));
  if (text === undefined || depth === undefined || depth < 0 || depth > 2 || filter === undefined) return undefined;
  if (attributes === undefined || attributes.length > attributesMax) return undefined;
  return {
    kind: 'search',
    base: text,
    scope: depth,
    sizeLimit: integerOf(size) ?? 0,
    timeLimit: integerOf(time) ?? 0,
    typesOnly: types?.content[0] !== undefined && types.content[0] !== 0,
    filter,
    source: operation.content.toString('latin1'),
    attributes,
  };
}

function readControls(list: Element): readonly Control[] | undefined {
  if (list.tag !== 0xa0) return undefined;
  const controls = elementsOf(list.content);
  if (controls === undefined || controls.length > controlsMax) return undefined;
  const read = controls.map((one): Control | undefined => {
    const parts = elementsOf(one.content) ?? [];
    const oid = textOf(parts[0]);
    if (oid === undefined) return undefined;
    const isCritical = parts.some((part) => part.tag === tags.boolean && part.content[0] !== 0);
    return { oid, isCritical, value: parts.slice(1).find((part) => part.tag === tags.octets)?.content };
  });
  return read.includes(undefined) ? undefined : (read as readonly Control[]);
}

/** A whole message. */
export function messageBytes(id: number, operation: Buffer, controls: readonly Control[] = []): Buffer {
  const list = controls.map(({ oid, value }) =>
    element(tags.sequence, octets(oid), ...(value === undefined ? [] : [octets(value)])),
  );
  return element(tags.sequence, integer(id), operation, ...(list.length === 0 ? [] : [element(0xa0, ...list)]));
}

/** A result of an operation; `referrals` go with the code 10. */
export function result(tag: number, code: number, text = '', referrals: readonly string[] = []): Buffer {
  const urls = referrals.length === 0 ? [] : [element(0xa3, ...referrals.map((url) => octets(url)))];
  return element(tag, integer(code, tags.enumerated), octets(''), octets(text), ...urls);
}

export function entryAnswer(
  dn: string,
  attributes: readonly { readonly name: string; readonly values: readonly Value[] }[],
): Buffer {
  const list = attributes.map(({ name, values }) =>
    element(tags.sequence, octets(name), element(tags.set, ...values.map((value) => octets(value)))),
  );
  return element(answers.entry, octets(dn), element(tags.sequence, ...list));
}

export function referenceAnswer(urls: readonly string[]): Buffer {
  return element(answers.reference, ...urls.map((url) => octets(url)));
}

/** The answer to an extended request; also what is said before hanging up. */
export function extendedAnswer(code: number, oid: string | undefined, text = ''): Buffer {
  const plain = elementsOf(result(answers.extended, code, text).subarray(0)) ?? [];
  const content = plain[0]?.content ?? Buffer.alloc(0);
  return element(answers.extended, content, ...(oid === undefined ? [] : [octets(oid, 0x8a)]));
}
