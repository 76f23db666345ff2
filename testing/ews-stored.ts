/**
 * The least of an EWS server for tests of pure mappings: keeps one item as the tree of its element, gives times back as
 * instants, and applies the changes of UpdateItem property by property. Knows nothing of the kinds.
 */
import { ianaZoneOf, toInstant } from '#model/zones.ts';
import type { XmlElement } from '#xml/reader.ts';
import { child, childText, readXml } from '#xml/reader.ts';
import type { Markup } from '#xml/writer.ts';
import { joined, xml } from '#xml/writer.ts';

const namespaces =
  'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"';

/** A request around one item to create, as the schema wants it. */
export function createEnvelope(element: Markup): string {
  return envelope(
    xml`<m:CreateItem MessageDisposition="SaveOnly" SendMeetingInvitations="SendToNone"><m:Items>${element}</m:Items></m:CreateItem>`,
  );
}

/** A request around the changes of one item. */
export function updateEnvelope(updates: readonly Markup[]): string {
  return envelope(
    xml`<m:UpdateItem ConflictResolution="NeverOverwrite" MessageDisposition="SaveOnly" SendMeetingInvitationsOrCancellations="SendToNone"><m:ItemChanges><t:ItemChange><t:ItemId Id="AAMk" ChangeKey="AQ=="/><t:Updates>${updates}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
  );
}

/** A request with an item shape. */
export function readEnvelope(shape: Markup): string {
  return envelope(xml`<m:GetItem>${shape}<m:ItemIds><t:ItemId Id="AAMk"/></m:ItemIds></m:GetItem>`);
}

function envelope(body: Markup): string {
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ${namespaces}><s:Body>${body.text}</s:Body></s:Envelope>`;
}

/** The element tree of a piece of markup. */
export function elementOf(markup: Markup | string): XmlElement {
  const text = typeof markup === 'string' ? markup : markup.text;
  const parsed = readXml(`<r ${namespaces}>${text}</r>`);
  if (!parsed.ok) throw new Error(parsed.fault.message);
  return parsed.root.children[0]!;
}

/** The item as a server would answer it after creating it: with an id, and times as instants. */
export function storedItem(created: Markup, id = 'AAMkAGI='): XmlElement {
  const element = elementOf(created);
  const itemId: XmlElement = {
    name: 'ItemId',
    ns: element.ns,
    attributes: { Id: id, ChangeKey: 'EQAAABYA' },
    children: [],
    text: '',
  };
  return withInstants({ ...element, children: [itemId, ...element.children] });
}

/** The item after the changes; times that come without offset are of its StartTimeZone. */
export function appliedTo(item: XmlElement, updates: readonly Markup[]): XmlElement {
  let result = item;
  for (const change of elementOf(`<t:Updates>${joined(updates).text}</t:Updates>`).children) {
    const path = change.children[0]!;
    const content = change.children[1]?.children[0];
    result = { ...result, children: replaced(result.children, path, content) };
  }
  return withInstants(result);
}

type Children = readonly XmlElement[];

function replaced(children: Children, path: XmlElement, content: XmlElement | undefined): Children {
  switch (path.name) {
    case 'FieldURI': {
      const name = path.attributes.FieldURI!.split(':')[1]!;
      return put(children, (one) => one.name === name, content);
    }
    case 'ExtendedFieldURI':
      return put(children, (one) => isSameProperty(child(one, 'ExtendedFieldURI'), path), content);
    case 'IndexedFieldURI':
      return withEntry(children, path.attributes.FieldURI!.split(':').slice(1), path.attributes.FieldIndex!, content);
    default:
      throw new Error(`unknown path ${path.name}`);
  }
}

function put(children: Children, isIt: (one: XmlElement) => boolean, content: XmlElement | undefined): Children {
  const rest = children.filter((one) => !isIt(one));
  return content === undefined ? rest : [...rest, content];
}

function isSameProperty(one: XmlElement | undefined, two: XmlElement): boolean {
  return one !== undefined && JSON.stringify(one.attributes) === JSON.stringify(two.attributes);
}

const dictionaries: Readonly<Record<string, string>> = {
  EmailAddress: 'EmailAddresses',
  ImAddress: 'ImAddresses',
  PhoneNumber: 'PhoneNumbers',
  PhysicalAddress: 'PhysicalAddresses',
};

function withEntry(
  children: Children,
  [dictionary, part]: readonly string[],
  key: string,
  content: XmlElement | undefined,
): Children {
  const name = dictionaries[dictionary!]!;
  const whole = children.find((one) => one.name === name) ?? { ...bare(name), ns: children[0]!.ns };
  const entry = whole.children.find((one) => one.attributes.Key === key);
  const given = content?.children[0];
  const next =
    part === undefined
      ? given
      : {
          ...(entry ?? { ...bare('Entry'), attributes: { Key: key } }),
          children: put(entry?.children ?? [], (one) => one.name === part, given?.children[0]),
        };
  const entries = put(whole.children, (one) => one.attributes.Key === key, next);
  return put(children, (one) => one.name === name, { ...whole, children: entries });
}

function bare(name: string): XmlElement {
  return { name, ns: '', attributes: {}, children: [], text: '' };
}

function withInstants(item: XmlElement): XmlElement {
  const zone = ianaZoneOf(child(item, 'StartTimeZone')?.attributes.Id ?? 'UTC') ?? 'Etc/UTC';
  const instant = (text: string) => (text.length === 19 ? toInstant(text, zone) : text);
  const children = item.children.map((one) =>
    one.name === 'Start' || one.name === 'End' ? { ...one, text: instant(one.text) } : one,
  );
  return { ...item, children };
}

/** The items of a recorded GetItem answer. */
export function itemsOfAnswer(envelopeText: string): readonly XmlElement[] {
  const parsed = readXml(envelopeText);
  if (!parsed.ok) throw new Error(parsed.fault.message);
  const found: XmlElement[] = [];
  const walk = (element: XmlElement) => {
    if (element.name === 'Items') found.push(...element.children);
    else element.children.forEach(walk);
  };
  walk(parsed.root);
  return found;
}

/** The text of a property of an item, for assertions. */
export function propertyText(item: XmlElement, name: string): string | undefined {
  return childText(item, name);
}
