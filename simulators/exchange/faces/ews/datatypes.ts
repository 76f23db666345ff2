/** Names of the simple types behind elements and attributes, read from the schema files: refusals of values name them. */
import { readFileSync } from 'node:fs';
import { readXml, type XmlElement } from '#xml/reader.ts';
import { messagesNs, typesNs } from './envelope.ts';

interface Declarations {
  /** Type by element name. */
  readonly elements: ReadonlyMap<string, string>;
  /** Type by `complexType/attribute`. */
  readonly attributes: ReadonlyMap<string, string>;
}

const cache = new Map<string, Declarations>();

/** The datatype of an element, or of an attribute of it, as `namespace:Name`; undefined when it has no named type. */
export function datatypeOf(folder: string, element: string, attribute: string | undefined): string | undefined {
  const { elements, attributes } = declarationsOf(folder);
  const type = elements.get(element);
  const found = attribute === undefined ? type : attributes.get(`${type?.replace(/^.*:/, '')}/${attribute}`);
  if (found === undefined) return undefined;
  const [prefix, name] = found.split(':');
  const namespaces: Readonly<Record<string, string>> = {
    t: typesNs,
    m: messagesNs,
    xs: 'http://www.w3.org/2001/XMLSchema',
  };
  return `${namespaces[prefix ?? ''] ?? typesNs}:${name}`;
}

function declarationsOf(folder: string): Declarations {
  const known = cache.get(folder);
  if (known !== undefined) return known;
  const elements = new Map<string, string>();
  const attributes = new Map<string, string>();
  for (const file of ['types.xsd', 'messages.xsd']) {
    const read = readXml(readFileSync(new URL(`../../schema/${folder}/${file}`, import.meta.url), 'utf8'));
    if (read.ok) collect(read.root, undefined, elements, attributes);
  }
  const found = { elements, attributes };
  cache.set(folder, found);
  return found;
}

function collect(
  node: XmlElement,
  complexType: string | undefined,
  elements: Map<string, string>,
  attributes: Map<string, string>,
): void {
  const { name, type } = node.attributes;
  if (node.name === 'element' && name !== undefined && type !== undefined && !elements.has(name))
    elements.set(name, type);
  if (node.name === 'attribute' && name !== undefined && type !== undefined)
    attributes.set(`${complexType}/${name}`, type);
  const inside = node.name === 'complexType' && name !== undefined ? name : complexType;
  for (const one of node.children) collect(one, inside, elements, attributes);
}
