/** One entry of an LDAP directory. Attribute names are case-insensitive (RFC 4512 section 2.5) and kept in lower case. */

export interface LdapEntry {
  readonly dn: string;
  readonly attributes: ReadonlyMap<string, readonly (string | Uint8Array)[]>;
}

export function textsOf(entry: LdapEntry, name: string): readonly string[] {
  const values = entry.attributes.get(name.toLowerCase()) ?? [];
  return values.filter((value) => typeof value === 'string');
}

/** The first value that is not empty. */
export function textOf(entry: LdapEntry, name: string): string | undefined {
  return textsOf(entry, name).find((value) => value !== '');
}

export function bytesOf(entry: LdapEntry, name: string): Uint8Array | undefined {
  const [value] = entry.attributes.get(name.toLowerCase()) ?? [];
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
}
