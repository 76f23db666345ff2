/** Names in LDAP: distinguished names (RFC 4514), values in filters (RFC 4515), GUIDs as Active Directory stores them. Pure. */

export interface Rdn {
  /** Lower case, e.g. `cn`. */
  readonly type: string;
  readonly value: string;
  /** The name from this part on, as it was written. */
  readonly rest: string;
}

const charactersMax = 8_192;

/** The parts of a distinguished name, the leaf first; undefined when it is none. Of a part with several values the first. */
export function rdnsOf(dn: string): readonly Rdn[] | undefined {
  if (dn.length > charactersMax) return undefined;
  const parts: Rdn[] = [];
  for (let at = 0; at < dn.length; ) {
    const end = endOfPart(dn, at);
    const part = /^\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)\s*=(.*)$/s.exec(dn.slice(at, end));
    if (part === null) return undefined;
    const value = unescaped(firstValue(part[2] ?? ''));
    if (value === undefined) return undefined;
    parts.push({ type: (part[1] ?? '').toLowerCase(), value, rest: dn.slice(at).trimStart() });
    at = end + 1;
    if (at === dn.length) return undefined;
  }
  return parts;
}

/** Where the part that begins at `from` ends: the next comma that is not escaped. */
function endOfPart(dn: string, from: number): number {
  let at = from;
  while (at < dn.length && dn[at] !== ',') at += dn[at] === '\\' ? 2 : 1;
  return Math.min(at, dn.length);
}

function firstValue(text: string): string {
  let at = 0;
  while (at < text.length && text[at] !== '+') at += text[at] === '\\' ? 2 : 1;
  return text.slice(0, at);
}

/** `\,` is a comma, `\C3\A4` the bytes of an ä; blanks around are not part of the value unless escaped. */
function unescaped(text: string): string | undefined {
  const trimmed = text.replace(/^ +/, '').replace(/((?:^|[^\\])(?:\\\\)*(?:\\ )?) +$/, '$1');
  const bytes: Buffer[] = [];
  for (let at = 0; at < trimmed.length; ) {
    if (trimmed[at] !== '\\') {
      const next = trimmed.indexOf('\\', at);
      const end = next === -1 ? trimmed.length : next;
      bytes.push(Buffer.from(trimmed.slice(at, end)));
      at = end;
      continue;
    }
    const pair = trimmed.slice(at + 1, at + 3);
    if (/^[0-9A-Fa-f]{2}$/.test(pair)) {
      bytes.push(Buffer.from(pair, 'hex'));
      at += 3;
    } else if (/^[ "#+,;<=>\\]/.test(pair)) {
      bytes.push(Buffer.from(pair.slice(0, 1)));
      at += 2;
    } else return undefined;
  }
  return Buffer.concat(bytes).toString();
}

/** A value as it may stand in a filter: nothing in it can end the value or be a wildcard. */
export function filterValue(text: string): string {
  return text.replace(/[\\*()\0]/g, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** `DC=corp,DC=example,DC=com` -> `corp.example.com`; undefined when no such part is in it. */
export function dnsNameOf(dn: string): string | undefined {
  const parts = (rdnsOf(dn) ?? []).filter(({ type }) => type === 'dc').map(({ value }) => value.toLowerCase());
  return parts.length === 0 ? undefined : parts.join('.');
}

/** 16 bytes as Active Directory stores a GUID (the first three groups little endian). */
export function guidText(bytes: Uint8Array): string | undefined {
  if (bytes.length !== 16) return undefined;
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const hex = order.map((at) => (bytes[at] as number).toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
