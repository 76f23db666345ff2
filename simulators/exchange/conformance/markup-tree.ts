/**
 * Markup as it was written: prefixes, namespace declarations, attribute order and the style of empty elements are kept,
 * which a reader of XML rightly throws away. Reads only what servers write (no CDATA, comments or entities in names).
 */

export interface MarkupElement {
  readonly prefix: string;
  readonly name: string;
  /** In document order, namespace declarations included. */
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children: readonly MarkupElement[];
  /** Text as written, entities and all; empty for an element with children. */
  readonly text: string;
  /** `/>` and ` />` are two styles; undefined for an element with an end tag. */
  readonly emptyStyle: '/>' | ' />' | undefined;
}

export interface MarkupDocument {
  /** What stands before the root element: the XML declaration, white space. */
  readonly prolog: string;
  readonly root: MarkupElement;
}

type Growing = { -readonly [K in keyof MarkupElement]: MarkupElement[K] } & { children: MarkupElement[] };

const tag = /<(\/?)(?:(\w+):)?(\w+)((?:\s+[\w:]+="[^"]*")*)(\s*\/?)>/g;

/** Reads a document; throws on markup that is not balanced, which is a defect of the caller's sample or server. */
export function readMarkup(text: string): MarkupDocument {
  const prolog = /^(?:<\?xml[^>]*\?>)?\s*/.exec(text)?.[0] ?? '';
  const open: Growing[] = [];
  let root: MarkupElement | undefined;
  let at = prolog.length;
  for (const match of text.matchAll(tag)) {
    const [whole, isEnd, prefix = '', name = '', attributes = '', end = ''] = match;
    const between = text.slice(at, match.index);
    at = match.index + whole.length;
    const parent = open.at(-1);
    if (isEnd === '/') {
      if (parent?.name !== name) throw new Error(`</${name}> closes <${parent?.name}>`);
      if (parent.children.length === 0) parent.text = between;
      open.pop();
      continue;
    }
    const element: Growing = {
      prefix,
      name,
      attributes: [...attributes.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
      children: [],
      text: '',
      emptyStyle: end === '/' ? '/>' : end === ' /' ? ' />' : undefined,
    };
    if (parent === undefined) root ??= element;
    else parent.children.push(element);
    if (element.emptyStyle === undefined) open.push(element);
  }
  if (root === undefined || open.length > 0) throw new Error(`not balanced: ${text.slice(0, 80)}`);
  return { prolog, root };
}
