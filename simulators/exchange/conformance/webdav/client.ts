/** A plain WebDAV caller for tests of the face: sends what it is told and takes answers apart. */
import { child, childrenNamed, type XmlElement } from '#xml/reader.ts';
import { readBody } from '../../faces/webdav/request-xml.ts';

export interface DavReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Rows of a multistatus. */
  readonly rows: readonly DavRow[];
  /** The manifest's token; empty when the server said "keep yours". */
  readonly collblob: string | undefined;
}

export interface DavRow {
  readonly href: string;
  readonly status: string | undefined;
  readonly changeType: string | undefined;
  /** Found properties by local name. */
  readonly found: Readonly<Record<string, XmlElement>>;
  /** Local names by status code. */
  readonly byStatus: Readonly<Record<string, readonly string[]>>;
}

export type Dav = (
  method: string,
  path: string,
  more?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer },
) => Promise<DavReply>;

/** A caller signed in by Basic. */
export function davClient(origin: string, user: string, password: string): Dav {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return async (method, path, { headers = {}, body } = {}) => {
    const type = body === undefined ? {} : { 'content-type': 'text/xml' };
    const url = path.startsWith('http') ? path : origin + path;
    const init = { method, headers: { authorization, ...type, ...headers }, redirect: 'manual' as const };
    const response = await fetch(url, body === undefined ? init : { ...init, body: body as never });
    return readReply(response.status, response.headers, await response.text());
  };
}

export function readReply(status: number, headers: Headers, text: string): DavReply {
  const root = status === 207 ? readBody(text) : undefined;
  const repl = child(root, 'repl');
  return {
    status,
    headers,
    text,
    rows: childrenNamed(root, 'response').map(readRow),
    collblob: repl === undefined ? undefined : (child(repl, 'collblob')?.text ?? ''),
  };
}

function readRow(response: XmlElement): DavRow {
  const found: Record<string, XmlElement> = {};
  const byStatus: Record<string, readonly string[]> = {};
  for (const stat of childrenNamed(response, 'propstat')) {
    const code = child(stat, 'status')?.text.split(' ')[1] ?? '';
    const properties = child(stat, 'prop')?.children ?? [];
    byStatus[code] = properties.map(({ name }) => name);
    if (code === '200') for (const one of properties) found[one.name] = one;
  }
  return {
    href: child(response, 'href')?.text ?? '',
    status: child(response, 'status')?.text.split(' ')[1],
    changeType: child(response, 'changetype')?.text,
    found,
    byStatus,
  };
}

const prefixes = {
  D: 'DAV:',
  e: 'http://schemas.microsoft.com/exchange/',
  h: 'urn:schemas:httpmail:',
  mh: 'urn:schemas:mailheader:',
  c: 'urn:schemas:contacts:',
  cal: 'urn:schemas:calendar:',
  m: 'http://schemas.microsoft.com/mapi/',
  mt: 'http://schemas.microsoft.com/mapi/proptag/',
  appt: 'http://schemas.microsoft.com/mapi/id/{00062002-0000-0000-C000-000000000046}/',
  task: 'http://schemas.microsoft.com/mapi/id/{00062003-0000-0000-C000-000000000046}/',
  com: 'http://schemas.microsoft.com/mapi/id/{00062008-0000-0000-C000-000000000046}/',
  own: 'http://schemas.microsoft.com/mapi/string/{00020329-0000-0000-C000-000000000046}/',
  r: 'http://schemas.microsoft.com/repl/',
  x: 'xml:',
  dt: 'urn:uuid:c2f41010-65b3-11d1-a29f-00aa00c14882/',
};

const declarations = Object.entries(prefixes)
  .map(([prefix, ns]) => ` xmlns:${prefix}="${ns}"`)
  .join('');

/** `<D:propfind>` for these property elements. */
export function propfindBody(properties: string, targets: readonly string[] = []): string {
  return `<?xml version="1.0"?><D:propfind${declarations}>${targetMarkup(targets)}<D:prop>${properties}</D:prop></D:propfind>`;
}

/** `<D:propertyupdate>` with these property elements. */
export function updateBody(set: string, remove = '', targets: readonly string[] = []): string {
  const removal = remove === '' ? '' : `<D:remove><D:prop>${remove}</D:prop></D:remove>`;
  const setting = set === '' ? '' : `<D:set><D:prop>${set}</D:prop></D:set>`;
  return `<?xml version="1.0"?><D:propertyupdate${declarations}>${targetMarkup(targets)}${setting}${removal}</D:propertyupdate>`;
}

/** `<D:searchrequest>`; a token makes it ask for a manifest. */
export function searchBody(sql: string, collblob?: string, seen: readonly string[] = []): string {
  const list =
    seen.length === 0
      ? ''
      : `<r:resourcetaglist>${seen.map((one) => `<r:resourcetag>${one}</r:resourcetag>`).join('')}</r:resourcetaglist>`;
  const repl = collblob === undefined ? '' : `<r:repl><r:collblob>${collblob}</r:collblob>${list}</r:repl>`;
  const text = sql.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<?xml version="1.0"?><D:searchrequest${declarations}>${repl}<D:sql>${text}</D:sql></D:searchrequest>`;
}

/** The targets of a batch. */
export function targetMarkup(targets: readonly string[]): string {
  if (targets.length === 0) return '';
  return `<D:target>${targets.map((one) => `<D:href>${one}</D:href>`).join('')}</D:target>`;
}
