/**
 * The scanner behind `readXml`: XML 1.0 with namespaces, without document types. It jumps from mark to mark with
 * `indexOf` instead of looking at every character, because reading answers is most of what syncing costs the processor.
 * Every rule of well-formedness is checked; `reader.test.ts` compares it with two other parsers on whole, damaged and random
 * documents.
 */
import { codeOf, hasForbiddenCharacters, isSpace, isXmlCharacter, nameEnd, skipSpace } from './characters.ts';
import type { XmlElement, XmlFault } from './reader.ts';

/** Elements nested deeper than this are refused, so that nobody who walks a tree needs to fear for the stack. */
export const depthMax = 200;

/** Thrown inside the scanner only; `readXml` answers with its fault. */
export class Refusal extends Error {
  readonly fault: XmlFault;
  constructor(kind: XmlFault['kind'], message: string) {
    super(message);
    this.fault = { kind, message };
  }
}

interface Building {
  readonly name: string;
  readonly ns: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** What prefixes mean here, and the names already resolved with them. */
interface Scope {
  readonly uris: ReadonlyMap<string, string>;
  readonly names: Map<string, { readonly name: string; readonly ns: string }>;
}

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';
const outermost: ReadonlyMap<string, string> = new Map([
  ['', ''],
  ['xml', xmlNamespace],
]);
const none: Readonly<Record<string, string>> = Object.freeze({});
const declaration =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(["'])1\.[0-9]+\1([ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(["'])[A-Za-z][A-Za-z0-9._-]*\3)?([ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(["'])(yes|no)\5)?[ \t\r\n]*\?>/;

const slash = 0x2f;
const greater = 0x3e;
const bang = 0x21;
const question = 0x3f;
const equals = 0x3d;

/** One document being read. */
export class Scanner {
  readonly #source: string;
  #at = 0;
  readonly #open: Building[] = [];
  /** Qualified names and outer scopes of the open elements. */
  readonly #openNames: string[] = [];
  readonly #outerScopes: Scope[] = [];
  #scope: Scope = { uris: outermost, names: new Map() };
  #root: XmlElement | undefined;
  /** What the document has anywhere, so that it is not looked for everywhere. */
  readonly #has: { readonly references: boolean; readonly returns: boolean; readonly sectionEnds: boolean };

  constructor(source: string) {
    if (hasForbiddenCharacters(source)) malformed('a character that XML forbids');
    this.#source = source;
    this.#has = {
      references: source.includes('&'),
      returns: source.includes('\r'),
      sectionEnds: source.includes(']]>'),
    };
  }

  /** The root element of the whole document. Throws a `Refusal`. */
  document(): XmlElement {
    const source = this.#source;
    if (source.startsWith('<?xml') && isSpace(source.charCodeAt(5))) {
      const head = declaration.exec(source);
      if (head === null) malformed('the XML declaration is not complete');
      this.#at = head[0].length;
    }
    for (;;) {
      const mark = source.indexOf('<', this.#at);
      if (mark < 0) break;
      if (mark > this.#at) this.#characters(mark);
      this.#at = mark;
      const next = source.charCodeAt(mark + 1);
      if (next === slash) this.#endTag();
      else if (next === bang) this.#section();
      else if (next === question) this.#instruction();
      else this.#startTag();
    }
    if (this.#open.length > 0) malformed(`the element ${this.#openNames.at(-1)} is not closed`);
    if (skipSpace(source, this.#at) < source.length) malformed('text outside the root element');
    if (this.#root === undefined) throw new Refusal('empty', 'no element in the document');
    return this.#root;
  }

  /** Character data up to `end`. */
  #characters(end: number): void {
    const top = this.#open[this.#open.length - 1];
    if (top === undefined) {
      if (skipSpace(this.#source, this.#at) < end) malformed('text outside the root element');
      return;
    }
    let text = this.#source.slice(this.#at, end);
    if (this.#has.sectionEnds && text.includes(']]>')) malformed('the end of a section that did not begin');
    if (this.#has.returns) text = withLineEnds(text);
    if (this.#has.references) text = expanded(text);
    top.text = top.text === '' ? text : top.text + text;
  }

  #startTag(): void {
    if (this.#root !== undefined && this.#open.length === 0) malformed('a second root element');
    if (this.#open.length >= depthMax) throw new Refusal('tooDeep', `nested deeper than ${depthMax}`);
    const source = this.#source;
    const start = this.#at + 1;
    const end = nameEnd(source, start);
    if (end === start) malformed('a tag without a name');
    const qname = source.slice(start, end);
    const outer = this.#scope;
    this.#at = end;
    const attributes = source.charCodeAt(end) === greater ? none : this.#attributes();
    const { name, ns } = this.#resolved(qname);
    const element: Building = { name, ns, attributes, children: [], text: '' };
    const top = this.#open[this.#open.length - 1];
    if (top === undefined) this.#root = element;
    else top.children.push(element);
    if (source.charCodeAt(this.#at) === slash) {
      this.#scope = outer;
      this.#at += 2;
      return;
    }
    this.#open.push(element);
    this.#openNames.push(qname);
    this.#outerScopes.push(outer);
    this.#at += 1;
  }

  /** Attributes up to `>` or `/>`, where it stops; declarations of namespaces go into the scope. */
  #attributes(): Readonly<Record<string, string>> {
    const source = this.#source;
    let attributes: Record<string, string> | undefined;
    let declared: Map<string, string> | undefined;
    let prefixed: string[] | undefined;
    for (;;) {
      const start = skipSpace(source, this.#at);
      const code = source.charCodeAt(start);
      if (code === greater || (code === slash && source.charCodeAt(start + 1) === greater)) {
        this.#at = start;
        break;
      }
      if (start === this.#at) malformed('white space is missing before an attribute');
      const qname = source.slice(start, nameEnd(source, start));
      if (qname === '' || qname === 'xmlns:') malformed('an attribute without a name');
      const value = this.#attributeValue(start + qname.length);
      if (qname === 'xmlns' || qname.startsWith('xmlns:')) {
        declared ??= new Map();
        declare(declared, qname.slice('xmlns:'.length), value);
        continue;
      }
      const colon = qname.indexOf(':');
      if (colon >= 0) {
        prefixed ??= [];
        prefixed.push(qname);
      }
      attributes ??= {};
      const local = colon < 0 ? qname : qname.slice(colon + 1);
      if (colon < 0 && Object.hasOwn(attributes, local) && !prefixed?.some((one) => one.endsWith(`:${local}`))) {
        malformed(`the attribute ${qname} stands twice`);
      }
      attributes[local] = value;
    }
    if (declared !== undefined) this.#scope = { uris: new Map([...this.#scope.uris, ...declared]), names: new Map() };
    if (prefixed !== undefined) this.#checkPrefixed(prefixed);
    return attributes ?? none;
  }

  /** `= "value"` after an attribute's name; moves behind it. */
  #attributeValue(after: number): string {
    const source = this.#source;
    const sign = skipSpace(source, after);
    if (source.charCodeAt(sign) !== equals) malformed('an attribute without a value');
    const start = skipSpace(source, sign + 1);
    const quote = source[start];
    if (quote !== '"' && quote !== "'") malformed('an attribute value without quotes');
    const end = source.indexOf(quote, start + 1);
    if (end < 0) malformed('an attribute value that does not end');
    this.#at = end + 1;
    const raw = source.slice(start + 1, end);
    if (raw.includes('<')) malformed('a < in an attribute value');
    return /[&\t\r\n]/.test(raw) ? expanded(raw.replace(/\r\n|[\t\r\n]/g, ' ')) : raw;
  }

  /** Attributes with prefixes: each prefix is bound, and no two mean the same. */
  #checkPrefixed(qnames: readonly string[]): void {
    const seen = new Set<string>();
    for (const qname of qnames) {
      const { ns, name } = this.#resolved(qname);
      const key = `${ns} ${name}`;
      if (seen.has(key)) malformed(`the attribute ${qname} stands twice`);
      seen.add(key);
    }
  }

  #resolved(qname: string): { readonly name: string; readonly ns: string } {
    const known = this.#scope.names.get(qname);
    if (known !== undefined) return known;
    const colon = qname.indexOf(':');
    const prefix = colon < 0 ? '' : qname.slice(0, colon);
    const name = qname.slice(colon + 1);
    if (colon === 0 || name.includes(':') || nameEnd(name, 0) !== name.length || name === '')
      malformed(`the name ${qname}`);
    const ns = this.#scope.uris.get(prefix);
    if (ns === undefined) malformed(`the prefix ${prefix} means nothing`);
    const resolved = { name, ns };
    this.#scope.names.set(qname, resolved);
    return resolved;
  }

  #endTag(): void {
    const qname = this.#openNames.pop();
    const source = this.#source;
    if (qname === undefined || !source.startsWith(qname, this.#at + 2)) malformed('an end tag that closes nothing');
    const end = skipSpace(source, this.#at + 2 + qname.length);
    if (source.charCodeAt(end) !== greater) malformed('an end tag that closes nothing');
    this.#at = end + 1;
    this.#open.pop();
    this.#scope = this.#outerScopes.pop() as Scope;
  }

  /** A comment or a section of character data; a document type is refused. */
  #section(): void {
    const source = this.#source;
    if (source.startsWith('<!--', this.#at)) {
      const end = source.indexOf('--', this.#at + 4);
      if (end < 0 || source.charCodeAt(end + 2) !== greater) malformed('a comment that does not end');
      this.#at = end + 3;
    } else if (source.startsWith('<![CDATA[', this.#at)) {
      const top = this.#open[this.#open.length - 1];
      const end = source.indexOf(']]>', this.#at);
      if (end < 0 || top === undefined) malformed('a section of character data out of place');
      top.text += withLineEnds(source.slice(this.#at + '<![CDATA['.length, end));
      this.#at = end + 3;
    } else if (source.startsWith('<!DOCTYPE', this.#at)) {
      throw new Refusal('doctype', 'a document type declaration is not accepted');
    } else malformed('a declaration');
  }

  #instruction(): void {
    const source = this.#source;
    const start = this.#at + 2;
    const end = nameEnd(source, start);
    const close = source.indexOf('?>', end);
    const isTarget = end > start && !/^xml$/i.test(source.slice(start, end)) && !source.slice(start, end).includes(':');
    if (!isTarget || close < 0 || (close > end && !isSpace(source.charCodeAt(end))))
      malformed('a processing instruction');
    this.#at = close + 2;
  }
}

/** Namespaces in XML 1.0 section 3: what may be declared. `prefix` is empty for the default namespace. */
function declare(declared: Map<string, string>, prefix: string, uri: string): void {
  if (declared.has(prefix)) malformed(`the prefix ${prefix} is declared twice`);
  const reserved = prefix === 'xml' ? uri !== xmlNamespace : uri === xmlNamespace;
  if (
    reserved ||
    uri === xmlnsNamespace ||
    prefix === 'xmlns' ||
    prefix.includes(':') ||
    (prefix !== '' && uri === '')
  ) {
    malformed(`the prefix ${prefix} may not be declared so`);
  }
  declared.set(prefix, uri);
}

/** XML section 2.11. */
function withLineEnds(raw: string): string {
  return raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };

/** Replaces references; any but the five predefined entities and references to characters is refused. */
function expanded(raw: string): string {
  let mark = raw.indexOf('&');
  if (mark < 0) return raw;
  let text = '';
  let from = 0;
  for (; mark >= 0; mark = raw.indexOf('&', from)) {
    const end = raw.indexOf(';', mark);
    if (end < 0) malformed('a reference that does not end');
    text += raw.slice(from, mark) + referred(raw.slice(mark + 1, end));
    from = end + 1;
  }
  return text + raw.slice(from);
}

function referred(reference: string): string {
  if (/^#(?:[0-9]{1,8}|x[0-9a-fA-F]{1,8})$/.test(reference)) {
    const code = codeOf(reference.slice(1));
    if (isXmlCharacter(code)) return String.fromCodePoint(code);
  }
  const entity = Object.hasOwn(entities, reference) ? entities[reference] : undefined;
  return entity ?? malformed(`the reference &${reference.slice(0, 20)};`);
}

function malformed(what: string): never {
  throw new Refusal('malformed', `malformed: ${what}`);
}
