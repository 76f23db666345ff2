/**
 * The 207 answer in the form of recordings (wire evidence, section 8): the status before the properties, all namespaces on the
 * root, one letter each in the order they are first needed, `a` for DAV and declared last, `b` for types and `c` for `xml:` where
 * values are listed. Names of numbered properties begin with a digit, which no XML parser takes: real servers do that too.
 */
import { escapeXml } from '#xml/writer.ts';
import type { PropertyType, PropertyValue } from '../../truth/properties.ts';
import { nameOfType, valueMarkup } from './data-types.ts';
import { type DavName, escapedName, namespaces } from './names.ts';
import { statusLine } from './status.ts';

/** One property of an answer: with a value, with ready markup inside, or the name alone. */
export interface PropertyAnswer {
  readonly name: DavName;
  /** Name given in the query; it is in no namespace. */
  readonly alias?: string | undefined;
  readonly type?: PropertyType | undefined;
  readonly value?: PropertyValue | undefined;
  /** Whole element, for the few that are more than a value. */
  readonly markup?: string | undefined;
}

export interface PropStat {
  readonly status: number;
  readonly properties: readonly PropertyAnswer[];
}

export interface ResponseRow {
  readonly href: string;
  /** Status of the whole, where there are no properties. */
  readonly status?: number | undefined;
  readonly changeType?: 'change' | 'delete' | undefined;
  readonly propStats: readonly PropStat[];
}

export interface MultistatusOptions {
  /** Namespaces asked for, in the order of the request. */
  readonly namespaces: readonly string[];
  /** Values are listed: types and multiple values are declared. */
  readonly hasValues: boolean;
  /** The manifest's token; `unchanged` for the empty element that says "keep yours". */
  readonly collblob?: string | 'unchanged' | undefined;
}

/** Order of the declarations; others follow in the order of their letters. */
const declarationOrder: readonly string[] = [
  namespaces.types,
  namespaces.httpmail,
  namespaces.mailheader,
  namespaces.xml,
  namespaces.exchange,
  namespaces.office,
  namespaces.repl,
  namespaces.calendar,
  namespaces.contacts,
  namespaces.exchangeData,
];

/** The whole document. */
export function multistatus(rows: readonly ResponseRow[], options: MultistatusOptions): string {
  const prefixes = prefixesOf(options);
  const parts = [`<?xml version="1.0"?><a:multistatus${declarations(prefixes)}>`];
  const r = prefixes.get(namespaces.repl);
  if (options.collblob !== undefined) {
    const blob = options.collblob === 'unchanged' ? '' : `<${r}:collblob>${options.collblob}</${r}:collblob>`;
    parts.push(`<${r}:repl>${blob}</${r}:repl>`);
  }
  for (const row of rows) parts.push(rowMarkup(row, prefixes));
  parts.push('</a:multistatus>');
  return parts.join('');
}

type Prefixes = ReadonlyMap<string, string>;

function prefixesOf({ namespaces: wanted, hasValues, collblob }: MultistatusOptions): Prefixes {
  const prefixes = new Map<string, string>([[namespaces.dav, 'a']]);
  const give = (ns: string): void => {
    if (!prefixes.has(ns)) prefixes.set(ns, letter(prefixes.size));
  };
  if (hasValues) {
    give(namespaces.types);
    give(namespaces.xml);
  }
  for (const ns of wanted) give(ns);
  if (collblob !== undefined) give(namespaces.repl);
  return prefixes;
}

/** a … z, then two letters. */
function letter(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : `${letter(Math.floor(index / 26) - 1)}${last}`;
}

function declarations(prefixes: Prefixes): string {
  const own = [...prefixes].filter(([ns]) => ns !== namespaces.dav);
  const rank = (ns: string): number =>
    declarationOrder.includes(ns) ? declarationOrder.indexOf(ns) : declarationOrder.length;
  const ordered = own
    .map(([ns, prefix]) => ({ ns, prefix, rank: rank(ns) }))
    .sort((left, right) => left.rank - right.rank);
  return [...ordered, { ns: namespaces.dav, prefix: 'a' }]
    .map(({ ns, prefix }) => ` xmlns:${prefix}="${escapeXml(ns)}"`)
    .join('');
}

function rowMarkup(row: ResponseRow, prefixes: Prefixes): string {
  let text = `<a:response><a:href>${escapeXml(row.href)}</a:href>`;
  if (row.changeType !== undefined) {
    const r = prefixes.get(namespaces.repl);
    text += `<${r}:changetype>${row.changeType}</${r}:changetype>`;
  }
  if (row.status !== undefined) text += `<a:status>${statusLine(row.status)}</a:status>`;
  for (const { status, properties } of row.propStats) {
    text += `<a:propstat><a:status>${statusLine(status)}</a:status><a:prop>`;
    for (const one of properties) text += propertyMarkup(one, prefixes);
    text += '</a:prop></a:propstat>';
  }
  return `${text}</a:response>`;
}

function propertyMarkup(one: PropertyAnswer, prefixes: Prefixes): string {
  if (one.markup !== undefined) return one.markup;
  const tag = one.alias ?? `${prefixes.get(one.name.ns)}:${escapedName(one.name.name)}`;
  if (one.value === undefined || one.type === undefined) return `<${tag}/>`;
  const dt = nameOfType(one.type);
  const attribute = dt === undefined ? '' : ` ${prefixes.get(namespaces.types)}:dt="${dt}"`;
  return `<${tag}${attribute}>${valueMarkup(one.type, one.value, prefixes.get(namespaces.xml) ?? 'c')}</${tag}>`;
}
