/** The schema files of one build as a grammar: what each element may hold, read type by type as documents need them. */
import { readFileSync } from 'node:fs';
import { child, readXml, type XmlElement } from '#xml/reader.ts';
import { builtInTest, listTest, restrictedTest, type ValueTest } from './certain-values.ts';
import { messagesNs, typesNs } from './envelope.ts';

/** A part of a content model. `first` holds the names of the elements it can begin with. */
export type Particle = ElementParticle | GroupParticle;

export interface ElementParticle {
  readonly kind: 'element';
  readonly name: string;
  readonly ns: string;
  readonly min: number;
  readonly max: number;
  /** Satisfied by nothing. */
  readonly mayBeEmpty: boolean;
  /** What stands inside; looked up late, because types hold each other. */
  readonly type: () => ContentType;
}

export interface GroupParticle {
  readonly kind: 'sequence' | 'choice' | 'all';
  readonly parts: readonly Particle[];
  readonly first: ReadonlySet<string>;
  readonly mayBeEmpty: boolean;
  readonly min: number;
  readonly max: number;
}

export interface ContentType {
  /** False for types with parts that are not read here (wildcards): their documents are for a validator. */
  readonly isKnown: boolean;
  readonly attributes: ReadonlyMap<string, ValueTest>;
  readonly required: readonly string[];
  /** Child elements; undefined when there may be none. */
  readonly content: Particle | undefined;
  /** Set when there is text and no children. */
  readonly text: ValueTest | undefined;
}

const unknownType: ContentType = {
  isKnown: false,
  attributes: new Map(),
  required: [],
  content: undefined,
  text: undefined,
};
const noText: ValueTest = () => false;

/** One build's declarations. */
export class Grammar {
  readonly #declared = new Map<string, XmlElement>();
  readonly #types = new Map<string, ContentType>();
  readonly #substitutes = new Map<string, XmlElement[]>();

  /** `folder` is a folder of `schema/`. */
  constructor(folder: string) {
    for (const [prefix, file] of [
      ['t', 'types.xsd'],
      ['m', 'messages.xsd'],
    ] as const) {
      const read = readXml(readFileSync(new URL(`../../schema/${folder}/${file}`, import.meta.url), 'utf8'));
      if (read.ok) this.#collect(prefix, read.root);
    }
  }

  #collect(prefix: string, schema: XmlElement): void {
    for (const one of schema.children) {
      const { name, substitutionGroup } = one.attributes;
      if (name === undefined) continue;
      this.#declared.set(`${kindOf(one)} ${prefix}:${name}`, one);
      if (substitutionGroup === undefined) continue;
      this.#substitutes.set(substitutionGroup, [...(this.#substitutes.get(substitutionGroup) ?? []), one]);
    }
  }

  /** The type of a global element of the messages namespace, such as a request. */
  messageType(name: string): ContentType {
    const declared = this.#declared.get(`element m:${name}`);
    return declared === undefined ? unknownType : this.#typeOf(declared, 'm');
  }

  #typeOf(element: XmlElement, prefix: string): ContentType {
    const { type } = element.attributes;
    if (type !== undefined) return this.#named(type);
    const inline = child(element, 'complexType') ?? child(element, 'simpleType');
    return inline === undefined ? unknownType : this.#read(inline, prefix);
  }

  #named(qname: string): ContentType {
    const known = this.#types.get(qname);
    if (known !== undefined) return known;
    const declared = this.#declared.get(`type ${qname}`);
    const type = declared === undefined ? textType(this.#valueTest(qname)) : this.#read(declared, prefixOf(qname));
    this.#types.set(qname, type);
    return type;
  }

  #read(type: XmlElement, prefix: string): ContentType {
    if (type.name === 'simpleType') return textType(this.#simple(type));
    if (type.attributes.abstract === 'true' || type.attributes.mixed === 'true')
      return { ...this.#complex(type, prefix), isKnown: false };
    return this.#complex(type, prefix);
  }

  #complex(type: XmlElement, prefix: string): ContentType {
    const derivation = (child(type, 'complexContent') ?? child(type, 'simpleContent'))?.children.find(isDerivation);
    if (derivation === undefined) return this.#withOwn(emptyType, type, prefix);
    const base = this.#base(derivation.attributes.base ?? '');
    if (derivation.name === 'restriction') {
      if (child(type, 'simpleContent') !== undefined) return unknownType;
      return this.#withOwn({ ...base, content: undefined }, derivation, prefix);
    }
    return this.#withOwn(base, derivation, prefix);
  }

  /** A type to derive from; being abstract does not matter to those derived. */
  #base(qname: string): ContentType {
    const declared = this.#declared.get(`type ${qname}`);
    return declared?.name === 'complexType' ? this.#complex(declared, prefixOf(qname)) : this.#named(qname);
  }

  /** A type with what a definition adds: attributes, and content after the content there is. */
  #withOwn(base: ContentType, definition: XmlElement, prefix: string): ContentType {
    const attributes = new Map(base.attributes);
    const required = new Set(base.required);
    let { content } = base;
    let isKnown = base.isKnown;
    for (const one of definition.children) {
      switch (one.name) {
        case 'annotation':
          break;
        case 'attribute':
        case 'attributeGroup':
          for (const attribute of this.#attributesOf(one)) {
            const { name = '', use } = attribute.attributes;
            attributes.set(name, use === 'prohibited' ? noText : this.#attributeTest(attribute));
            if (use === 'required') required.add(name);
          }
          break;
        case 'sequence':
        case 'choice':
        case 'all':
        case 'group': {
          const own = this.#particle(one, prefix);
          if (own === undefined) isKnown = false;
          else content = content === undefined ? own : groupOf('sequence', [content, own], 1, 1);
          break;
        }
        default:
          isKnown = false;
      }
    }
    return { isKnown, attributes, required: [...required], content, text: base.text };
  }

  #attributesOf(one: XmlElement): readonly XmlElement[] {
    if (one.name === 'attribute') return [one];
    const declared = this.#declared.get(`attributeGroup ${one.attributes.ref}`);
    return declared?.children.filter(({ name }) => name === 'attribute') ?? [];
  }

  #attributeTest(attribute: XmlElement): ValueTest {
    const { type, ref, fixed } = attribute.attributes;
    if (ref !== undefined || fixed !== undefined) return noText;
    if (type !== undefined) return this.#valueTest(type);
    const inline = child(attribute, 'simpleType');
    return inline === undefined ? noText : this.#simple(inline);
  }

  /** undefined when it holds something that is not read here. */
  #particle(one: XmlElement, prefix: string): Particle | undefined {
    const min = Number(one.attributes.minOccurs ?? 1);
    const max =
      one.attributes.maxOccurs === 'unbounded' ? Number.POSITIVE_INFINITY : Number(one.attributes.maxOccurs ?? 1);
    switch (one.name) {
      case 'element':
        return this.#elementParticle(one, prefix, min, max);
      case 'group': {
        const qname = one.attributes.ref ?? '';
        const inside = this.#declared.get(`group ${qname}`)?.children.find(isModel);
        const part = inside === undefined ? undefined : this.#particle(inside, prefixOf(qname));
        return part === undefined ? undefined : groupOf('sequence', [part], min, max);
      }
      case 'sequence':
      case 'choice':
      case 'all': {
        const parts = one.children
          .filter(({ name }) => name !== 'annotation')
          .map((part) => this.#particle(part, prefix));
        return parts.every((part) => part !== undefined) ? groupOf(one.name, parts, min, max) : undefined;
      }
      default:
        return undefined;
    }
  }

  /** A reference to the head of a substitution group is a choice of its members. */
  #elementParticle(one: XmlElement, prefix: string, min: number, max: number): Particle | undefined {
    const { ref, name } = one.attributes;
    if (ref === undefined) return this.#element(one, name ?? '', prefix, min, max);
    const declared = this.#declared.get(`element ${ref}`);
    if (declared === undefined) return undefined;
    const members = [declared, ...(this.#substitutes.get(ref) ?? [])].filter(
      ({ attributes }) => attributes.abstract !== 'true',
    );
    const parts = members.map((member) => this.#element(member, member.attributes.name ?? '', prefixOf(ref), 1, 1));
    return groupOf('choice', parts, min, max);
  }

  #element(one: XmlElement, name: string, prefix: string, min: number, max: number): ElementParticle {
    let found: ContentType | undefined;
    const type = (): ContentType => {
      found ??= one.attributes.fixed === undefined ? this.#typeOf(one, prefix) : unknownType;
      return found;
    };
    return { kind: 'element', name, ns: prefix === 't' ? typesNs : messagesNs, mayBeEmpty: min === 0, min, max, type };
  }

  #valueTest(qname: string): ValueTest {
    if (qname.startsWith('xs:')) return builtInTest(qname.slice(3));
    const declared = this.#declared.get(`type ${qname}`);
    return declared?.name === 'simpleType' ? this.#simple(declared) : noText;
  }

  #simple(type: XmlElement): ValueTest {
    const derivation = type.children.find(({ name }) => name !== 'annotation');
    const inline =
      derivation?.children.filter(({ name }) => name === 'simpleType').map((one) => this.#simple(one)) ?? [];
    const { base, itemType, memberTypes } = derivation?.attributes ?? {};
    switch (derivation?.name) {
      case 'restriction': {
        const from = base === undefined ? inline[0] : this.#valueTest(base);
        return restrictedTest(
          from ?? noText,
          derivation.children.filter(({ name }) => name !== 'simpleType'),
        );
      }
      case 'list':
        return listTest((itemType === undefined ? inline[0] : this.#valueTest(itemType)) ?? noText);
      case 'union': {
        const members = [...inline, ...(memberTypes?.split(/\s+/).map((one) => this.#valueTest(one)) ?? [])];
        return (text) => members.some((one) => one(text));
      }
      default:
        return noText;
    }
  }
}

const emptyType: ContentType = {
  isKnown: true,
  attributes: new Map(),
  required: [],
  content: undefined,
  text: undefined,
};

function textType(text: ValueTest): ContentType {
  return { ...emptyType, text };
}

function groupOf(kind: GroupParticle['kind'], parts: readonly Particle[], min: number, max: number): GroupParticle {
  const first = new Set<string>();
  for (const part of parts) {
    if (part.kind === 'element') first.add(part.name);
    else for (const name of part.first) first.add(name);
    if (kind === 'sequence' && !part.mayBeEmpty) break;
  }
  const isFree = (part: Particle): boolean => part.mayBeEmpty;
  const mayBeEmpty = min === 0 || (kind === 'choice' ? parts.some(isFree) : parts.every(isFree));
  return { kind, parts, first, mayBeEmpty, min, max };
}

function kindOf(one: XmlElement): string {
  return one.name === 'complexType' || one.name === 'simpleType' ? 'type' : one.name;
}

function prefixOf(qname: string): string {
  return qname.slice(0, qname.indexOf(':'));
}

function isDerivation({ name }: XmlElement): boolean {
  return name === 'extension' || name === 'restriction';
}

function isModel({ name }: XmlElement): boolean {
  return name === 'sequence' || name === 'choice' || name === 'all';
}
