/** What a resource answers to a list of properties. */
import type { PropertyAnswer, PropStat } from './multistatus.ts';
import { type DavName, namespaces } from './names.ts';
import type { DavProperty } from './properties/property.ts';
import { propertyOfName, spelledName, tables } from './properties/registry.ts';
import type { WantedProperty } from './request-xml.ts';
import type { Resource } from './resource.ts';

/** A property asked for, looked up once for all rows. */
export interface Column {
  readonly name: DavName;
  readonly alias: string | undefined;
  readonly property: DavProperty;
}

export function columnOf({ name, type }: WantedProperty, alias?: string): Column {
  return { name: spelledName(name), alias, property: propertyOfName(name, type) };
}

const markups: Readonly<Record<string, (resource: Resource) => string>> = {
  resourcetype: ({ kind }) =>
    kind === 'folder' ? '<a:resourcetype><a:collection/></a:resourcetype>' : '<a:resourcetype/>',
  lockdiscovery: () => '<lockdiscovery xmlns="DAV:"></lockdiscovery>',
  supportedlock: () =>
    '<a:supportedlock><lockentry xmlns="DAV:"><locktype><transaction><groupoperation/></transaction></locktype><lockscope><local/></lockscope></lockentry></a:supportedlock>',
};

/** The found and the missing, each under its status. `isBrief` leaves the missing out. */
export function propStats(resource: Resource, columns: readonly Column[], isBrief: boolean): readonly PropStat[] {
  const found: PropertyAnswer[] = [];
  const missing: PropertyAnswer[] = [];
  for (const column of columns) {
    const answer = answerOf(resource, column);
    if (answer === undefined) missing.push({ name: column.name, alias: column.alias });
    else found.push(answer);
  }
  const stats: PropStat[] = [];
  if (found.length > 0 || missing.length === 0 || isBrief) stats.push({ status: 200, properties: found });
  if (missing.length > 0 && !isBrief) stats.push({ status: 404, properties: missing });
  return stats;
}

function answerOf(resource: Resource, { name, alias, property }: Column): PropertyAnswer | undefined {
  const markup = name.ns === namespaces.dav ? markups[name.name] : undefined;
  if (markup !== undefined) return { name, markup: markup(resource) };
  const value = property.read(resource);
  if (value === undefined) return undefined;
  return { name, alias, type: property.typeOf?.(resource) ?? property.type, value };
}

/** Namespaces declared in the answer to a request for everything, in the order of their letters. */
export const allNamespaces: readonly string[] = [
  namespaces.contacts,
  namespaces.httpmail,
  namespaces.exchange,
  namespaces.calendar,
  namespaces.office,
  namespaces.mailheader,
  namespaces.repl,
  namespaces.exchangeData,
];

/** Properties in the order in which a recorded server lists everything of a contact; all others follow. */
const recordedOrder: readonly (readonly [ns: string, name: string])[] = [
  [namespaces.contacts, 'initials'],
  [namespaces.dav, 'contentclass'],
  [namespaces.contacts, 'workaddress'],
  [namespaces.dav, 'supportedlock'],
  [namespaces.contacts, 'sn'],
  [namespaces.contacts, 'fileas'],
  [namespaces.contacts, 'homepostaladdress'],
  [namespaces.contacts, 'givenName'],
  [namespaces.exchange, 'permanenturl'],
  [namespaces.dav, 'getcontenttype'],
  [namespaces.dav, 'id'],
  [namespaces.exchange, 'mid'],
  [namespaces.contacts, 'middlename'],
  [namespaces.dav, 'isfolder'],
  [namespaces.dav, 'resourcetype'],
  [namespaces.dav, 'getetag'],
  [namespaces.contacts, 'fileasid'],
  [namespaces.dav, 'lockdiscovery'],
  [namespaces.contacts, 'email1'],
  [namespaces.exchange, 'outlookmessageclass'],
  [namespaces.dav, 'creationdate'],
  [namespaces.dav, 'ishidden'],
  [namespaces.contacts, 'proxyaddresses'],
  [namespaces.dav, 'parentname'],
  [namespaces.contacts, 'nickname'],
  [namespaces.dav, 'getcontentlength'],
  [namespaces.dav, 'isstructureddocument'],
  [namespaces.repl, 'repl-uid'],
  [namespaces.dav, 'displayname'],
  [namespaces.dav, 'href'],
  [namespaces.dav, 'isreadonly'],
  [namespaces.dav, 'uid'],
  [namespaces.dav, 'getlastmodified'],
  [namespaces.httpmail, 'hasattachment'],
  [namespaces.dav, 'iscollection'],
  [namespaces.contacts, 'cn'],
  [namespaces.httpmail, 'read'],
  [namespaces.repl, 'resourcetag'],
  [namespaces.contacts, 'otherpostaladdress'],
];

let all: readonly Column[] | undefined;

/** Every property that a request for everything may answer; those of the MAPI namespaces must be asked for by name. */
export function allColumns(): readonly Column[] {
  if (all !== undefined) return all;
  const names = new Map(recordedOrder.map(([ns, name]) => [`${ns}${name}`, { ns, name }]));
  for (const [ns, table] of tables) {
    if (ns === namespaces.mapi) continue;
    for (const name of Object.keys(table)) names.set(`${ns}${name}`, { ns, name });
  }
  all = [...names.values()].map((name) => columnOf({ name, type: undefined }));
  return all;
}

/** What mail and appointments have, and contacts are never asked about. */
const notOfPersons: ReadonlySet<string> = new Set(['importance', 'date', 'datereceived', 'sensitivity']);

/** What belongs to another kind of item is not shown unless asked for by name. */
export function shownByAll(resource: Resource, { name }: Column): boolean {
  const contentClass = propertyOfName({ ns: namespaces.dav, name: 'contentclass' }).read(resource);
  const isPerson = contentClass === 'urn:content-classes:person';
  if (name.ns === namespaces.contacts) return isPerson;
  if (name.ns === namespaces.calendar) {
    return contentClass === 'urn:content-classes:appointment' || contentClass === 'urn:content-classes:calendarmessage';
  }
  return !(isPerson && notOfPersons.has(name.name));
}
