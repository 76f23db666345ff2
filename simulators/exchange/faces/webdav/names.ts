/** Names of WebDAV properties as Exchange 2007 spells them: a namespace and a local name, in XML or written together in SQL. */

/** Namespaces with a meaning of their own. */
export const namespaces = {
  dav: 'DAV:',
  exchange: 'http://schemas.microsoft.com/exchange/',
  httpmail: 'urn:schemas:httpmail:',
  mailheader: 'urn:schemas:mailheader:',
  contacts: 'urn:schemas:contacts:',
  calendar: 'urn:schemas:calendar:',
  mapi: 'http://schemas.microsoft.com/mapi/',
  proptag: 'http://schemas.microsoft.com/mapi/proptag/',
  id: 'http://schemas.microsoft.com/mapi/id/',
  string: 'http://schemas.microsoft.com/mapi/string/',
  repl: 'http://schemas.microsoft.com/repl/',
  office: 'urn:schemas-microsoft-com:office:office',
  exchangeData: 'urn:schemas-microsoft-com:exch-data:',
  types: 'urn:uuid:c2f41010-65b3-11d1-a29f-00aa00c14882/',
  xml: 'xml:',
  /** Of the answer to POLL; the capital letter is the server's. */
  notification: 'http://schemas.microsoft.com/Exchange/',
} as const;

export interface DavName {
  readonly ns: string;
  readonly name: string;
}

/** Takes a name apart that is written in one piece, as in SQL; undefined when it has no namespace. */
export function splitName(text: string): DavName | undefined {
  const brace = text.startsWith(namespaces.string) ? text.indexOf('}/') : -1;
  if (brace >= 0) return { ns: text.slice(0, brace + 2), name: text.slice(brace + 2) };
  const at = Math.max(text.lastIndexOf('/'), text.lastIndexOf(':'), text.lastIndexOf('#'));
  if (at < 0 || at === text.length - 1) return undefined;
  const ns = text.slice(0, text[at] === '#' ? at : at + 1);
  return { ns, name: text.slice(at + 1) };
}

/** The name in one piece. */
export function joinedName({ ns, name }: DavName): string {
  return ns.endsWith(':') || ns.endsWith('/') ? ns + name : `${ns}#${name}`;
}

/** Undoes the `_x0030_` escapes of characters that XML names cannot have. */
export function unescapedName(name: string): string {
  return name.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Escapes what an XML name cannot have, except a digit at the beginning, which servers of 2007 leave as it is. */
export function escapedName(name: string): string {
  return name.replace(
    /[^\p{L}\p{Nd}._-]/gu,
    (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
  );
}
