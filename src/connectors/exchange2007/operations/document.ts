/** Request documents: properties as elements, their namespaces declared on the root. */
import { joined, type Markup, xml } from '#xml/writer.ts';
import { type Property, type PropertyChange, replNamespace } from './property.ts';

const declaration = '<?xml version="1.0" encoding="utf-8"?>';
export const dataTypeNamespace = 'urn:uuid:c2f41010-65b3-11d1-a29f-00aa00c14882/';

/** Gathers the namespaces one document needs. */
class Prefixes {
  readonly #byNamespace = new Map<string, string>([['DAV:', 'D']]);

  of(ns: string): string {
    const known = this.#byNamespace.get(ns);
    if (known !== undefined) return known;
    const prefix = `n${this.#byNamespace.size}`;
    this.#byNamespace.set(ns, prefix);
    return prefix;
  }

  get declarations(): Markup {
    return joined([...this.#byNamespace].map(([ns, prefix]) => xml` xmlns:${prefix}="${ns}"`));
  }
}

/** `propfind`, for one resource or with `targets` for several. */
export function propfindDocument(properties: readonly Property[], targets: readonly string[] = []): string {
  const prefixes = new Prefixes();
  const names = properties.map(({ ns, name }) => xml`<${prefixes.of(ns)}:${name}/>`);
  const hrefs = targets.map((target) => xml`<D:href>${target}</D:href>`);
  const targeted = hrefs.length === 0 ? undefined : xml`<D:target>${hrefs}</D:target>`;
  return `${declaration}${xml`<D:propfind${prefixes.declarations}>${targeted}<D:prop>${names}</D:prop></D:propfind>`.text}`;
}

/** `propertyupdate`: everything to be set, then everything to be removed. */
export function propertyUpdateDocument(changes: readonly PropertyChange[]): string {
  const prefixes = new Prefixes();
  const set = changes.filter(({ value }) => value !== undefined).map((change) => valueElement(change, prefixes));
  const removed = changes
    .filter(({ value }) => value === undefined)
    .map(({ property: { ns, name } }) => xml`<${prefixes.of(ns)}:${name}/>`);
  const content = [
    ...(set.length === 0 ? [] : [xml`<D:set><D:prop>${set}</D:prop></D:set>`]),
    ...(removed.length === 0 ? [] : [xml`<D:remove><D:prop>${removed}</D:prop></D:remove>`]),
  ];
  const types = xml` xmlns:dt="${dataTypeNamespace}" xmlns:x="xml:"`;
  return `${declaration}${xml`<D:propertyupdate${prefixes.declarations}${types}>${content}</D:propertyupdate>`.text}`;
}

/** Without a type an unknown named property would be made as text, so everything but text says its type. */
function valueElement({ property, value = '' }: PropertyChange, prefixes: Prefixes): Markup {
  const { ns, name, type } = property;
  const element = `${prefixes.of(ns)}:${name}`;
  const typed = type === 'string' ? undefined : xml` dt:dt="${type}"`;
  const content = typeof value === 'string' ? xml`${value}` : joined(value.map((one) => xml`<x:v>${one}</x:v>`));
  return xml`<${element}${typed}>${content}</${element}>`;
}

/** `searchrequest`, with the position of a replication manifest where one is wanted. */
export function searchDocument(sql: string, manifest?: { readonly collblob: string }): string {
  const position =
    manifest && xml`<R:repl xmlns:R="${replNamespace}"><R:collblob>${manifest.collblob}</R:collblob></R:repl>`;
  return `${declaration}${xml`<D:searchrequest xmlns:D="DAV:">${position}<D:sql>${sql}</D:sql></D:searchrequest>`.text}`;
}
