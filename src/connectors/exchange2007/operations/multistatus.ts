/** Reads `multistatus` answers: one entry per resource, with what was found of it and what was refused. */
import { child, childrenNamed, childText, type XmlElement } from '#xml/reader.ts';
import { keyOf, type Property, type PropertyValue, replNamespace } from './property.ts';

/** Values by property. */
export class Properties {
  readonly #values = new Map<string, PropertyValue>();

  add(element: XmlElement): void {
    const values = element.children.filter(({ name }) => name === 'v').map(({ text }) => text);
    // Links (`urn:schemas:httpmail:inbox`) may come as text or as an href inside.
    const text = element.text.trim() === '' ? (childText(element, 'href') ?? element.text) : element.text;
    this.#values.set(keyOf(element), values.length > 0 ? values : text);
  }

  /** The text; undefined when there is none or it is empty, which mean the same to a reader. */
  text(property: Property): string | undefined {
    const value = this.#values.get(keyOf(property));
    const text = typeof value === 'object' ? value[0] : value;
    return text === undefined || text === '' ? undefined : text;
  }

  /** All values; none when there is no such property. */
  texts(property: Property): readonly string[] {
    const value = this.#values.get(keyOf(property));
    if (value === undefined || value === '') return [];
    return typeof value === 'string' ? [value] : value;
  }

  number(property: Property): number | undefined {
    const number = Number(this.text(property)?.trim() ?? Number.NaN);
    return Number.isFinite(number) ? number : undefined;
  }

  flag(property: Property): boolean {
    return /^(1|true)$/i.test(this.text(property)?.trim() ?? '');
  }

  bytes(property: Property): Buffer | undefined {
    const text = this.text(property);
    return text === undefined ? undefined : Buffer.from(text, 'base64');
  }
}

export interface RefusedProperty {
  readonly key: string;
  readonly status: number;
}

export interface ResourceStatus {
  /** As the server wrote it. */
  readonly href: string;
  /** Of the whole resource; undefined when only its properties have one. */
  readonly status: number | undefined;
  readonly found: Properties;
  readonly refused: readonly RefusedProperty[];
  /** Of a manifest; `change` when it is not said. */
  readonly isDeleted: boolean;
}

/** In document order. Statuses may come before or after their properties, or not at all, which is success. */
export function readMultistatus(root: XmlElement): readonly ResourceStatus[] {
  return childrenNamed(root, 'response').map((response) => {
    const found = new Properties();
    const refused: RefusedProperty[] = [];
    for (const propstat of childrenNamed(response, 'propstat')) {
      const status = statusOf(childText(propstat, 'status')) ?? 200;
      for (const property of child(propstat, 'prop')?.children ?? []) {
        if (status < 300) found.add(property);
        else if (status !== 404) refused.push({ key: keyOf(property), status });
      }
    }
    return {
      href: childText(response, 'href')?.trim() ?? '',
      status: statusOf(childText(response, 'status')),
      found,
      refused,
      isDeleted: childText(response, 'changetype')?.trim() === 'delete',
    };
  });
}

/** The collblob of a manifest; undefined: the position did not move, or the answer is none. */
export function collblobOf(root: XmlElement): string | undefined {
  const blob = childText(manifestOf(root), 'collblob')?.trim();
  return blob === undefined || blob === '' ? undefined : blob;
}

export function isManifest(root: XmlElement): boolean {
  return manifestOf(root) !== undefined;
}

function manifestOf(root: XmlElement): XmlElement | undefined {
  return root.children.find(({ name, ns }) => name === 'repl' && ns === replNamespace);
}

function statusOf(line: string | undefined): number | undefined {
  const digits = /^\s*HTTP\/\d(?:\.\d)?\s+(\d{3})\b/i.exec(line ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
