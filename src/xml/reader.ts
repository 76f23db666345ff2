/**
 * Reads an XML 1.0 document into a small immutable-by-convention tree.
 *
 * What must hold: a truncated or malformed document is never accepted (an accepted, cut-off change list would read as
 * deletions); no entity but the five predefined ones and character references is expanded; depth and size are bounded.
 * Exchange is known to send characters that XML 1.0 forbids (as raw bytes and as references such as `&#x10;`): those,
 * and only those, are removed and the document is read again.
 */
import { SaxesParser } from 'saxes';

/** One element. `ns` is the namespace URI ('' for none), `text` the concatenated character data of this element itself. */
export interface XmlElement {
  readonly name: string;
  readonly ns: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** Why a text is not a document we accept. */
export interface XmlFault {
  readonly kind: 'malformed' | 'tooDeep' | 'doctype' | 'empty';
  readonly message: string;
}

export type XmlResult =
  | { readonly ok: true; readonly root: XmlElement }
  | { readonly ok: false; readonly fault: XmlFault };

/** Elements nested deeper than this are refused: the parser's namespace look-up costs O(depth). */
export const depthMax = 200;

/** Parses one whole document. Attributes are keyed by local name; `xmlns` declarations are left out. Never throws. */
export function readXml(text: string): XmlResult {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const first = attempt(source);
  if (first.ok || first.fault.kind !== 'malformed') return first;
  const cleaned = withoutForbiddenCharacters(source);
  return cleaned === source ? first : attempt(cleaned);
}

interface Building {
  name: string;
  ns: string;
  attributes: Readonly<Record<string, string>>;
  children: XmlElement[];
  text: string;
}

const none: Readonly<Record<string, string>> = Object.freeze({});

class Refusal extends Error {
  readonly fault: XmlFault;
  constructor(fault: XmlFault) {
    super(fault.message);
    this.fault = fault;
  }
}

function attempt(source: string): XmlResult {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: Building[] = [];
  let top: Building | undefined;
  let root: XmlElement | undefined;

  parser.on('error', (error) => {
    throw new Refusal({ kind: 'malformed', message: error.message });
  });
  parser.on('doctype', () => {
    throw new Refusal({ kind: 'doctype', message: 'a document type declaration is not accepted' });
  });
  parser.on('opentag', (tag) => {
    if (open.length >= depthMax) throw new Refusal({ kind: 'tooDeep', message: `nested deeper than ${depthMax}` });
    let attributes: Record<string, string> | undefined;
    for (const key in tag.attributes) {
      const attribute = tag.attributes[key];
      if (attribute === undefined || attribute.prefix === 'xmlns' || attribute.name === 'xmlns') continue;
      attributes ??= {};
      attributes[attribute.local] = attribute.value;
    }
    const element: Building = { name: tag.local, ns: tag.uri, attributes: attributes ?? none, children: [], text: '' };
    if (top === undefined) root = element;
    else top.children.push(element);
    open.push(element);
    top = element;
  });
  parser.on('text', (value) => {
    if (top !== undefined) top.text = top.text === '' ? value : top.text + value;
  });
  parser.on('cdata', (value) => {
    if (top !== undefined) top.text += value;
  });
  parser.on('closetag', () => {
    open.pop();
    top = open[open.length - 1];
  });

  try {
    parser.write(source).close();
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, fault: error.fault };
    throw error;
  }
  if (root === undefined) return { ok: false, fault: { kind: 'empty', message: 'no element in the document' } };
  return { ok: true, root };
}

/** Character sections are matched first so that a literal `&#x1;` inside CDATA stays as it is. */
const sectionOrReference = /<!\[CDATA\[[\s\S]*?\]\]>|&#(x[0-9a-fA-F]+|[0-9]+);/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the characters XML 1.0 section 2.2 forbids
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function withoutForbiddenCharacters(source: string): string {
  return source
    .replace(forbidden, '')
    .replace(sectionOrReference, (whole, digits: string | undefined) =>
      digits === undefined || isXmlCharacter(codeOf(digits)) ? whole : '',
    );
}

function codeOf(digits: string): number {
  return digits.startsWith('x') ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10);
}

/** XML 1.0 (fifth edition) section 2.2, production Char. */
export function isXmlCharacter(code: number): boolean {
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}

/** The first child with this local name, whatever its namespace prefix. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  if (element === undefined) return undefined;
  for (const one of element.children) if (one.name === name) return one;
  return undefined;
}

/** All children with this local name, in document order. */
export function childrenNamed(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  if (element === undefined) return [];
  return element.children.filter((one) => one.name === name);
}

/** The text of the first child with this local name; undefined when there is no such child. */
export function childText(element: XmlElement | undefined, name: string): string | undefined {
  return child(element, name)?.text;
}
