/**
 * The pieces every mapping builds from: property paths, item shapes, and the changes of UpdateItem (`SetItemField` holds
 * exactly one property, `DeleteItemField` clears one; EWS schema `ItemChangeDescriptionType`).
 */
import type { Path } from '#model/groups.ts';
import { groupOf, leafOf } from '#model/groups.ts';
import type { Markup } from '#xml/writer.ts';
import { xml } from '#xml/writer.ts';

/** The item elements we write. */
export type ItemElement = 'Contact' | 'CalendarItem' | 'Task';

/** `t:FieldURI` of a property such as `contacts:GivenName`. */
function fieldUri(uri: string): Markup {
  return xml`<t:FieldURI FieldURI="${uri}"/>`;
}

/** The `m:ItemShape` of GetItem that asks for the id and these properties, bodies as text. */
export function itemShape(uris: readonly string[], extended: readonly Markup[]): Markup {
  return xml`<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:BodyType>Text</t:BodyType><t:AdditionalProperties>${uris.map(fieldUri)}${extended}</t:AdditionalProperties></m:ItemShape>`;
}

/** An element of text, nothing when there is no text. */
export function textElement(name: string, text: string | undefined): Markup | undefined {
  return text === undefined ? undefined : xml`<t:${name}>${text}</t:${name}>`;
}

/** `t:Children`, `t:Categories` and the like: a list of strings; never written empty (some servers refuse that). */
export function stringsElement(name: string, texts: readonly string[] | undefined): Markup | undefined {
  if (texts === undefined || texts.length === 0) return undefined;
  return xml`<t:${name}>${texts.map((text) => xml`<t:String>${text}</t:String>`)}</t:${name}>`;
}

/** Sets one property: `content` is the property's own element. */
export function setField(item: ItemElement, uri: string, content: Markup): Markup {
  return xml`<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:${item}>${content}</t:${item}></t:SetItemField>`;
}

/** Clears one property. */
function deleteField(uri: string): Markup {
  return xml`<t:DeleteItemField><t:FieldURI FieldURI="${uri}"/></t:DeleteItemField>`;
}

/** Sets the property when there is content, clears it otherwise. */
export function setOrDelete(item: ItemElement, uri: string, content: Markup | undefined): Markup {
  return content === undefined ? deleteField(uri) : setField(item, uri, content);
}

/** Sets or clears one entry of a dictionary property, e.g. `contacts:EmailAddress` at `EmailAddress1`. */
export function setOrDeleteIndexed(item: ItemElement, uri: string, index: string, content: Markup | undefined): Markup {
  const path = xml`<t:IndexedFieldURI FieldURI="${uri}" FieldIndex="${index}"/>`;
  return content === undefined ? deletePath(path) : setPath(item, path, content);
}

/** An `t:ExtendedProperty` with one value. */
export function extendedElement(path: Markup, value: string | number): Markup {
  return xml`<t:ExtendedProperty>${path}<t:Value>${value}</t:Value></t:ExtendedProperty>`;
}

/** Sets or clears a MAPI property by its `t:ExtendedFieldURI`. */
export function setOrDeleteExtended(item: ItemElement, path: Markup, value: string | number | undefined): Markup {
  return value === undefined ? deletePath(path) : setPath(item, path, extendedElement(path, value));
}

function setPath(item: ItemElement, path: Markup, content: Markup): Markup {
  return xml`<t:SetItemField>${path}<t:${item}>${content}</t:${item}></t:SetItemField>`;
}

function deletePath(path: Markup): Markup {
  return xml`<t:DeleteItemField>${path}</t:DeleteItemField>`;
}

/** The leaves of each group that is changed leaf by leaf. */
export type Leaves = Readonly<Record<string, readonly string[]>>;

/** The asked paths in the order asked, each once, whole groups replaced by their leaves. */
export function leafPaths(paths: readonly Path[], leaves: Leaves): ReadonlySet<Path> {
  const found = new Set<Path>();
  for (const path of paths) {
    const below = leaves[groupOf(path)];
    if (below === undefined) found.add(groupOf(path));
    else if (leafOf(path) !== undefined) found.add(path);
    else for (const leaf of below) found.add(`${path}.${leaf}`);
  }
  return found;
}

/** Text with the line ends Outlook writes (CR LF). */
export function wireLines(text: string): string {
  return text.includes('\n') ? text.replaceAll('\n', '\r\n') : text;
}

/** The pieces that are there, in order. */
export function present(...pieces: readonly (Markup | undefined)[]): readonly Markup[] {
  return pieces.filter((piece) => piece !== undefined);
}

/** A value while it is gathered: writable, and undefined where nothing was said. */
export type Loose<T> = { -readonly [K in keyof T]: T[K] | undefined };
