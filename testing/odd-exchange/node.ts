/** A tree of answer elements, and the many ways one and the same tree may be written down. */
import type { XmlElement } from '#xml/reader.ts';
import type { Traits } from './traits.ts';

/** s: SOAP 1.1, m: messages, t: types, e: errors, x: a namespace nobody else knows. */
export type Space = 's' | 'm' | 't' | 'e' | 'x';

export interface Node {
  readonly space: Space;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: readonly Node[] | string;
}

type Attributes = Readonly<Record<string, string>>;

export function node(space: Space, name: string, attributes: Attributes, content: Node['content'] = []): Node {
  return { space, name, attributes, content };
}

export function m(name: string, content: Node['content'] = [], attributes: Attributes = {}): Node {
  return node('m', name, attributes, content);
}

export function t(name: string, content: Node['content'] = [], attributes: Attributes = {}): Node {
  return node('t', name, attributes, content);
}

/** An element of a request, to be kept and given back. */
export function kept(element: XmlElement): Node {
  return t(element.name, element.children.length > 0 ? element.children.map(kept) : element.text, element.attributes);
}

export function textOf(one: Node | undefined): string {
  return typeof one?.content === 'string' ? one.content : '';
}

export function partsOf(one: Node | undefined): readonly Node[] {
  return typeof one?.content === 'object' ? one.content : [];
}

export function partOf(one: Node | undefined, name: string): Node | undefined {
  return partsOf(one).find((part) => part.name === name);
}

const namespaces: Readonly<Record<Space, string>> = {
  s: 'http://schemas.xmlsoap.org/soap/envelope/',
  m: 'http://schemas.microsoft.com/exchange/services/2006/messages',
  t: 'http://schemas.microsoft.com/exchange/services/2006/types',
  e: 'http://schemas.microsoft.com/exchange/services/2006/errors',
  x: 'urn:example:odd',
};
const spaces = Object.keys(namespaces) as readonly Space[];

const plainPrefixes: Readonly<Record<Space, string>> = { s: 's', m: 'm', t: 't', e: 'e', x: 'x' };
const strangePrefixes: Readonly<Record<Space, string>> = { s: '_', m: 'ns-2.x', t: 'm', e: 'é', x: 's' };

/** The whole document, as the traits have it. */
export function documentOf(envelope: Node, traits: Traits): string {
  const tree = traits.sendsUnknownParts === true ? withUnknownParts(envelope) : envelope;
  const mark = traits.marksByteOrder === true ? '\ufeff' : '';
  const gap = traits.prettyPrints === true ? '\n<!-- an answer -->\n' : '';
  return `${mark}<?xml version="1.0" encoding="utf-8"?>${gap}${written(tree, traits, undefined, 0)}${gap}`;
}

function written(one: Node, traits: Traits, outer: Space | undefined, depth: number): string {
  const unprefixed = traits.defaultNamespaces === true;
  const prefixes = traits.strangePrefixes === true ? strangePrefixes : plainPrefixes;
  const tag = unprefixed ? one.name : `${prefixes[one.space]}:${one.name}`;
  let head = tag;
  if (unprefixed && one.space !== outer) head += ` xmlns="${namespaces[one.space]}"`;
  if (outer === undefined) for (const space of spaces) head += ` xmlns:${prefixes[space]}="${namespaces[space]}"`;
  for (const [name, value] of Object.entries(one.attributes)) {
    const [space, local] = name.split(':');
    const full = local === undefined ? name : `${prefixes[space as Space]}:${local}`;
    head += ` ${full}="${escaped(value)}"`;
  }
  if (one.content.length === 0) return traits.prettyPrints === true ? `<${head}\n/>` : `<${head}/>`;
  if (typeof one.content === 'string') return `<${head}>${escaped(one.content)}</${tag}>`;
  const gap = traits.prettyPrints === true ? `\n${'\t'.repeat(depth + 1)}<!-- & -->\n` : '';
  const inner = one.content.map((part) => gap + written(part, traits, one.space, depth + 1)).join('');
  return `<${head}>${inner}${gap}</${tag}>`;
}

/** Every element that holds elements gets one nobody knows, and every record one from a later schema. */
function withUnknownParts(one: Node): Node {
  if (typeof one.content === 'string') return { ...one, attributes: { ...one.attributes, 'x:note': 'n' } };
  const parts = one.content.map(withUnknownParts);
  if (one.space === 's' || parts.length === 0) return { ...one, content: parts };
  const before = node('x', 'Extra', {}, [node('x', 'Inner', { Id: 'inner' }, '1')]);
  const isRecord = parts.some(({ name }) => /^(ItemId|FolderId|ResponseCode)$/.test(name));
  const behind = isRecord ? [t('NewerProperty', 'newer', { NewerAttribute: '1' })] : [];
  return { ...one, attributes: { 'x:note': 'n', ...one.attributes }, content: [before, ...parts, ...behind] };
}

function escaped(text: string): string {
  return text.replace(/[&<>"\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}
