/**
 * An imitation of Exchange 2007's WebDAV for tests, written apart from the connector: one mailbox in memory that keeps the
 * properties it is given, and answers with the habits recorded of real servers (status before properties, names that are no
 * XML names, hosts of its own in addresses).
 */
import { child, childrenNamed, readXml, type XmlElement } from '#xml/reader.ts';
import { escapeXml } from '#xml/writer.ts';
import { parseStatement } from './condition.ts';
import { type Answer, type Asked, listen } from './listener.ts';
import { shownMessage, takeMessage } from './message.ts';
import {
  DavStore,
  entityTagOf,
  folderNames,
  permanentPathOf,
  replIdOf,
  resourceTagOf,
  type StoredItem,
  type Value,
} from './store.ts';

export const davUser = 'svc@dav.example';
export const davPassword = 'dav-pw1';
export const davAddress = 'alice@dav.example';

/** Habits to be switched on. All optional. */
export interface DavTraits {
  /** A filter that knows no BPROPFIND. */
  readonly blocksBatches?: boolean;
  /** What comes of a position the server does not know. */
  readonly unknownPosition?: 'refused' | 'listsAnew';
  /** No Repl-UID and ETag after writes. */
  readonly hidesTags?: boolean;
  /** Permanent addresses that are not made of the ids. */
  readonly odderAddresses?: boolean;
  /** Answers in place of the imitation, asked first. */
  readonly instead?: (asked: Asked) => Answer | 'hangUp' | undefined;
}

export interface DavExchange {
  /** Of the directory with the mailboxes. */
  readonly url: string;
  readonly store: DavStore;
  readonly asked: Asked[];
  close(): Promise<void>;
}

const rootPath = `/exchange/${davAddress}/`;
const exchangeNs = 'http://schemas.microsoft.com/exchange/';
const replNs = 'http://schemas.microsoft.com/repl/';
const httpmailNs = 'urn:schemas:httpmail:';
/** A front end that calls itself by another name. */
const host = 'http://mail.dav.example';

export async function startDavExchange(traits: DavTraits = {}): Promise<DavExchange> {
  const store = new DavStore();
  const asked: Asked[] = [];
  const listener = await listen((one) => {
    asked.push(one);
    const instead = traits.instead?.(one);
    if (instead !== undefined) return instead;
    const signedIn = `Basic ${Buffer.from(`${davUser}:${davPassword}`).toString('base64')}`;
    if (one.headers.authorization !== signedIn)
      return { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } };
    return new Reply(store, traits, one).answer();
  });
  return { url: `${listener.origin}/exchange/`, store, asked, close: () => listener.close() };
}

const wellKnown: Readonly<Record<string, string>> = {
  contacts: folderNames[0],
  calendar: folderNames[1],
  tasks: folderNames[2],
  deleteditems: folderNames[3],
};

/** What a path means. */
type Place =
  | { readonly kind: 'root' }
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'item'; readonly folder: string; readonly name: string; readonly item: StoredItem | undefined };

class Reply {
  readonly #store: DavStore;
  readonly #traits: DavTraits;
  readonly #asked: Asked;

  constructor(store: DavStore, traits: DavTraits, asked: Asked) {
    this.#store = store;
    this.#traits = traits;
    this.#asked = asked;
  }

  answer(): Answer {
    const { method } = this.#asked;
    if (method === 'BPROPFIND' && this.#traits.blocksBatches === true) return { status: 404 };
    const place = this.#placeOf(this.#asked.path);
    if (method === 'BPROPFIND') return this.#batch();
    if (place === undefined) return { status: 404 };
    switch (method) {
      case 'PROPFIND':
        return this.#propfind(place);
      case 'PROPPATCH':
        return place.kind === 'item' ? this.#proppatch(place) : { status: 403 };
      case 'SEARCH':
        return place.kind === 'folder' ? this.#search(place.folder) : { status: 400 };
      case 'GET':
        return place.kind === 'item' && place.item !== undefined ? shownMessage(place.item) : { status: 404 };
      case 'PUT':
        return place.kind === 'item' && place.item !== undefined ? this.#put(place.item) : { status: 404 };
      case 'MOVE':
        return place.kind === 'item' && place.item !== undefined ? this.#move(place.item) : { status: 404 };
      default:
        return { status: 501 };
    }
  }

  #placeOf(path: string): Place | undefined {
    const decoded = decodeURIComponent(path.replace(/^https?:\/\/[^/]*/, ''));
    if (decoded === rootPath) return { kind: 'root' };
    if (!decoded.startsWith(rootPath)) return undefined;
    const rest = decoded.slice(rootPath.length);
    if (rest.startsWith('-FlatUrlSpace-/')) {
      const item = [...this.#store.items.values()].find((one) => this.#permanent(one) === rest);
      return item && { kind: 'item', folder: item.folder, name: item.name, item };
    }
    const [folder = '', name = ''] = rest.split('/');
    if (!folderNames.some((one) => one === folder)) return undefined;
    return name === ''
      ? { kind: 'folder', folder }
      : { kind: 'item', folder, name, item: this.#store.named(folder, name) };
  }

  #permanent(item: StoredItem): string {
    return this.#traits.odderAddresses === true ? `${permanentPathOf(item)}-odd` : permanentPathOf(item);
  }

  #propfind(place: Place): Answer {
    const wanted = child(bodyOf(this.#asked), 'prop')?.children ?? [];
    if (place.kind === 'item')
      return place.item === undefined ? { status: 404 } : multistatus([this.#row(place.item, wanted)]);
    return multistatus([
      response(
        host + this.#asked.path,
        wanted.flatMap((one) => this.#ofFolder(place, one)),
      ),
    ]);
  }

  #ofFolder(place: Place, { ns, name }: XmlElement): readonly Value[] {
    const folder = ns === httpmailNs ? wellKnown[name] : undefined;
    if (folder !== undefined) return [value(ns, name, `${host}${rootPath}${encodeURIComponent(folder)}`)];
    if (name === 'visiblecount' && place.kind === 'folder') {
      return [value(ns, name, String(this.#store.of(place.folder).length), 'int')];
    }
    if (name === 'timezone') return [value(ns, name, 'W. Europe Standard Time')];
    return [];
  }

  #batch(): Answer {
    const request = bodyOf(this.#asked);
    const wanted = child(request, 'prop')?.children ?? [];
    const targets = childrenNamed(child(request, 'target'), 'href').map(({ text }) => text);
    return multistatus(
      targets.map((target) => {
        const place = this.#placeOf(target);
        if (place?.kind === 'item' && place.item !== undefined) return this.#row(place.item, wanted);
        return `<a:response><a:href>${escapeXml(target)}</a:href><a:status>HTTP/1.1 404 Resource Not Found</a:status></a:response>`;
      }),
    );
  }

  #row(item: StoredItem, wanted: readonly { readonly ns: string; readonly name: string }[]): string {
    const found = wanted.flatMap(({ ns, name }) => this.#valueOf(item, ns, name) ?? []);
    return response(`${host}${rootPath}${encodeURIComponent(item.folder)}/${encodeURIComponent(item.name)}`, found);
  }

  #valueOf(item: StoredItem, ns: string, name: string): Value | undefined {
    switch (ns + name) {
      case `${replNs}repl-uid`:
        return value(ns, name, replIdOf(item.number));
      case `${replNs}resourcetag`:
        return value(ns, name, resourceTagOf(item));
      case 'DAV:getetag':
        return value(ns, name, entityTagOf(item));
      case 'DAV:href':
        return value(ns, name, `${host}${rootPath}${encodeURIComponent(item.folder)}/${encodeURIComponent(item.name)}`);
      case `${exchangeNs}permanenturl`:
        return value(ns, name, `${host}${rootPath}${this.#permanent(item)}`);
      case 'DAV:isfolder':
      case 'DAV:ishidden':
        return value(ns, name, '0', 'boolean');
      case 'urn:schemas:calendar:instancetype':
        return item.values.get(keyOf(ns, name)) ?? value(ns, name, '0', 'int');
      default:
        return item.values.get(keyOf(ns, name));
    }
  }

  #proppatch(place: Extract<Place, { kind: 'item' }>): Answer {
    const { 'if-none-match': none, 'if-match': match } = this.#asked.headers;
    if (none === '*' && place.item !== undefined) return { status: 412 };
    if (match !== undefined && place.item === undefined) return { status: 404 };
    if (match !== undefined && match !== '*' && place.item !== undefined && match !== entityTagOf(place.item)) {
      return { status: 412 };
    }
    const request = bodyOf(this.#asked);
    const item = place.item ?? this.#store.add(place.folder, place.name);
    const names: { readonly ns: string; readonly name: string }[] = [];
    for (const part of request.children) {
      for (const one of child(part, 'prop')?.children ?? []) {
        const name = one.name.replace(/^_x003(\d)_/, '$1');
        names.push({ ns: one.ns, name });
        if (part.name === 'remove') item.values.delete(keyOf(one.ns, name));
        else item.values.set(keyOf(one.ns, name), writtenValue(one, name));
      }
    }
    item.change = this.#store.next();
    const tags = {
      ETag: entityTagOf(item),
      'Repl-UID': `<${replIdOf(item.number)}>`,
      ResourceTag: `<${resourceTagOf(item)}>`,
    };
    const answer = multistatus([
      response(
        host + this.#asked.path,
        names.map(({ ns, name }) => value(ns, name, '')),
      ),
    ]);
    return this.#traits.hidesTags === true ? answer : { ...answer, headers: { ...answer.headers, ...tags } };
  }

  /** What a message says replaces what the item had; a key and a rule are not said in this one. */
  #put(item: StoredItem): Answer {
    if (this.#asked.headers['if-match'] !== entityTagOf(item)) return { status: 412 };
    if (!takeMessage(item, this.#asked.body)) return { status: 422 };
    for (const [key, { name }] of item.values) if (/^(liaison-link|0x00008216)$/.test(name)) item.values.delete(key);
    item.change = this.#store.next();
    return this.#traits.hidesTags === true ? { status: 200 } : { status: 200, headers: { ETag: entityTagOf(item) } };
  }

  #search(folder: string): Answer {
    const request = bodyOf(this.#asked);
    const statement = parseStatement(child(request, 'sql')?.text.trim() ?? '');
    if (statement === undefined) return { status: 422 };
    const columns = statement.columns.map(split);
    const items = this.#store
      .of(folder)
      .filter((item) => statement.isWanted((name) => this.#valueOf(item, ...pairOf(name))?.text ?? ''));
    const rowsOf = (some: readonly StoredItem[]) => some.map((item) => this.#row(item, columns));
    const position = child(request, 'repl');
    if (position !== undefined) return this.#manifest(folder, child(position, 'collblob')?.text ?? '', items, rowsOf);
    const [, first = '0', last = '0'] = /rows=(\d+)-(\d+)/.exec(this.#asked.headers.range ?? '') ?? [];
    if (Number(first) > 0 && Number(first) >= items.length) return { status: 416 };
    const page = items.slice(Number(first), Number(last) + 1);
    const range = `rows ${first}-${Number(first) + page.length - 1}; total=${items.length}`;
    const answer = multistatus(rowsOf(page));
    return { ...answer, headers: { ...answer.headers, 'Content-Range': range } };
  }

  #manifest(
    folder: string,
    blob: string,
    items: readonly StoredItem[],
    rowsOf: (some: readonly StoredItem[]) => readonly string[],
  ): Answer {
    const since = blob === '' ? 0 : Number(/^AAAB(\d+)$/.exec(blob)?.[1] ?? Number.NaN);
    if (Number.isNaN(since) && this.#traits.unknownPosition !== 'listsAnew') return { status: 400 };
    const changed = items.filter((item) => Number.isNaN(since) || item.change > since);
    const gone =
      blob === '' || Number.isNaN(since)
        ? []
        : this.#store.departed.filter((one) => one.folder === folder && one.change > since);
    if (changed.length + gone.length === 0 && blob !== '') return multistatus([], '<r:repl></r:repl>');
    const deleted = gone.map(
      ({ number }) =>
        `<a:response><a:href>${host}${rootPath}${encodeURIComponent(folder)}/x.EML</a:href><r:changetype>delete</r:changetype><a:propstat><a:status>HTTP/1.1 200 OK</a:status><a:prop><r:repl-uid>${replIdOf(number)}</r:repl-uid></a:prop></a:propstat></a:response>`,
    );
    const position = `<r:repl><r:collblob>AAAB${this.#store.last}</r:collblob></r:repl>`;
    return multistatus([...rowsOf(changed), ...deleted], position);
  }

  #move(item: StoredItem): Answer {
    const { destination = '', 'if-match': match } = this.#asked.headers;
    if (match !== undefined && match !== entityTagOf(item)) return { status: 412 };
    const place = this.#placeOf(destination);
    if (place?.kind !== 'item') return { status: 409 };
    const isTaken = place.item !== undefined;
    this.#store.move(item, place.folder, isTaken ? `${place.name}-${this.#store.last}` : place.name);
    return { status: 201 };
  }
}

function bodyOf({ body }: Asked): XmlElement {
  const document = readXml(body.replace(/<(\/?)(\w+):(\d)/g, '<$1$2:_x003$3_'));
  if (!document.ok) throw new Error(`not a document: ${document.fault.message} in ${body}`);
  return document.root;
}

function writtenValue(element: XmlElement, name: string): Value {
  const values = childrenNamed(element, 'v').map(({ text }) => text);
  const type = element.attributes.dt;
  return { ns: element.ns, name, type, text: element.text, ...(type?.startsWith('mv.') && { values }) };
}

/** Numbers of named properties in any spelling. */
function keyOf(ns: string, name: string): string {
  const plain = name.replace(/^_x003(\d)_/, '$1');
  return ns.includes('/mapi/id/') ? `${ns.toLowerCase()}${Number(plain)}` : ns + plain;
}

function value(ns: string, name: string, text: string, type?: string): Value {
  return { ns, name, text, type };
}

function pairOf(full: string): readonly [string, string] {
  const { ns, name } = split(full);
  return [ns, name];
}

function split(full: string): { readonly ns: string; readonly name: string } {
  const at = Math.max(full.lastIndexOf('/'), full.lastIndexOf(':')) + 1;
  return { ns: full.slice(0, at), name: full.slice(at) };
}

function response(href: string, values: readonly Value[]): string {
  const elements = values.map((one) => {
    const content = one.values?.map((each) => `<c:v>${escapeXml(each)}</c:v>`).join('') ?? escapeXml(one.text);
    const type = one.type === undefined ? '' : ` b:dt="${one.type}"`;
    return `<p:${one.name} xmlns:p="${escapeXml(one.ns)}"${type}>${content}</p:${one.name}>`;
  });
  return `<a:response><a:href>${escapeXml(href)}</a:href><a:propstat><a:status>HTTP/1.1 200 OK</a:status><a:prop>${elements.join('')}</a:prop></a:propstat></a:response>`;
}

function multistatus(responses: readonly string[], position = ''): Answer {
  const body = `<?xml version="1.0"?><a:multistatus xmlns:b="urn:uuid:c2f41010-65b3-11d1-a29f-00aa00c14882/" xmlns:c="xml:" xmlns:r="${replNs}" xmlns:a="DAV:">${position}${responses.join('')}</a:multistatus>`;
  return { status: 207, headers: { 'Content-Type': 'text/xml', 'MS-WebStorage': '08.01.10240' }, body };
}
