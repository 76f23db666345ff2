/**
 * Reads an XML 1.0 document into a small immutable-by-convention tree.
 *
 * What must hold: a truncated or malformed document is never accepted (an accepted, cut-off change list would read as
 * deletions); no entity but the five predefined ones and character references is expanded; depth and size are bounded.
 * Exchange is known to send characters that XML 1.0 forbids (as raw bytes and as references such as `&#x10;`): those,
 * and only those, are removed and the document is read again.
 */
import { withoutForbiddenCharacters } from './characters.ts';
import { Refusal, Scanner } from './scanner.ts';

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

/** Parses one whole document. Attributes are keyed by local name; `xmlns` declarations are left out. Never throws. */
export function readXml(text: string): XmlResult {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const first = attempt(source);
  if (first.ok || first.fault.kind !== 'malformed') return first;
  const cleaned = withoutForbiddenCharacters(source);
  return cleaned === source ? first : attempt(cleaned);
}

function attempt(source: string): XmlResult {
  try {
    return { ok: true, root: new Scanner(source).document() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, fault: error.fault };
    throw error;
  }
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
