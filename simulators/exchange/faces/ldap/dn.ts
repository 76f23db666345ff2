/** Distinguished names (RFC 4514), as far as a directory compares them. */

/** Names longer than this many characters, or with more parts, are no names here. */
const dnLengthMax = 4096;
const partsMax = 100;

/** The parts of a name, the most specific first; undefined when it is not one. */
export function partsOf(dn: string): readonly string[] | undefined {
  if (dn.length > dnLengthMax) return undefined;
  if (dn.trim() === '') return [];
  const parts = dn.split(/(?<!\\)(?:\\\\)*,/);
  if (parts.length > partsMax) return undefined;
  return parts.every((one) => /^\s*[A-Za-z][A-Za-z0-9-]*\s*=/.test(one)) ? parts : undefined;
}

/** One spelling for all that mean the same: lower case, without blanks around signs. */
export function normalDn(dn: string): string | undefined {
  return partsOf(dn)
    ?.map((one) =>
      one
        .trim()
        .replace(/^([^=]*?)\s*=\s*/, '$1=')
        .toLowerCase(),
    )
    .join(',');
}

export function parentOf(normal: string): string {
  const comma = /(?<!\\)(?:\\\\)*,/.exec(normal);
  return comma === null ? '' : normal.slice(comma.index + comma[0].length);
}

/** Whether a name lies below another, or is it; both in the normal spelling. */
export function isWithinDn(normal: string, base: string): boolean {
  return base === '' || normal === base || normal.endsWith(`,${base}`);
}

/** `DC=example,DC=test` of `example.test`. */
export function domainDn(domain: string): string {
  return domain
    .split('.')
    .map((one) => `DC=${one}`)
    .join(',');
}

/** A value inside a name. */
export function escapedValue(value: string): string {
  return value.replace(/[,+"\\<>;=]/g, '\\$&').replace(/^[ #]| $/g, '\\$&');
}
