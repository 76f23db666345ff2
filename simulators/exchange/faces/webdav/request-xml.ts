/** Bodies of requests: XML with names that begin with a digit, as clients of this server write them. */
import { child, childrenNamed, readXml, type XmlElement } from '#xml/reader.ts';
import type { PropertyType } from '../../truth/properties.ts';
import { typeOfName } from './data-types.ts';
import { type DavName, unescapedName } from './names.ts';

/** A property that a request names. */
export interface WantedProperty {
  readonly name: DavName;
  /** What `dt:dt` says. */
  readonly type: PropertyType | undefined;
}

/** Properties and targets a request may name at most. */
export const propertiesMax = 1000;
export const targetsMax = 2000;

/** Reads a body; undefined when it is not XML. `<p:0x00008102/>` is taken as if its first digit were escaped. */
export function readBody(text: string): XmlElement | undefined {
  const readable = text.replace(
    /<(\/?)([A-Za-z_][\w.-]*):(\d)/g,
    (_, slash: string, prefix: string, digit: string) => `<${slash}${prefix}:_x003${digit}_`,
  );
  const result = readXml(readable);
  return result.ok ? result.root : undefined;
}

export function nameOf(element: XmlElement): DavName {
  return { ns: element.ns, name: unescapedDigit(element.name) };
}

/** Only the escape of a first digit is undone here; others are part of the name. */
function unescapedDigit(name: string): string {
  return /^_x003\d_/.test(name) ? unescapedName(name.slice(0, 7)) + name.slice(7) : name;
}

/** Properties of a `prop` element, in order. */
export function wantedProperties(prop: XmlElement | undefined): readonly WantedProperty[] {
  return (prop?.children ?? []).map((one) => ({ name: nameOf(one), type: declaredType(one) }));
}

/** The type that an element says; undefined when it says none, or none there is. */
export function declaredType(element: XmlElement): PropertyType | undefined {
  const { dt } = element.attributes;
  return dt === undefined ? undefined : typeOfName(dt);
}

/** Targets of a batch: the hrefs, and the destination of each where it has one. */
export function targetsOf(root: XmlElement): readonly { readonly href: string; readonly dest: string | undefined }[] {
  const all: { href: string; dest: string | undefined }[] = [];
  for (const target of childrenNamed(root, 'target')) {
    let href: string | undefined;
    for (const one of target.children) {
      if (one.name === 'href') {
        if (href !== undefined) all.push({ href, dest: undefined });
        href = one.text.trim();
      } else if (one.name === 'dest' && href !== undefined) {
        all.push({ href, dest: one.text.trim() });
        href = undefined;
      }
    }
    if (href !== undefined) all.push({ href, dest: undefined });
  }
  return all;
}

/** What a manifest request says: its token, and the states it has seen otherwise. Undefined when it asks for none. */
export function manifestRequest(
  root: XmlElement,
): { readonly collblob: string; readonly seen: readonly string[] } | undefined {
  const repl = child(root, 'repl');
  if (repl === undefined) return undefined;
  const list = child(repl, 'resourcetaglist') ?? child(child(repl, 'collblob'), 'resourcetaglist');
  const seen = childrenNamed(list, 'resourcetag').map((one) => one.text.trim());
  return { collblob: (child(repl, 'collblob')?.text ?? '').trim(), seen };
}
