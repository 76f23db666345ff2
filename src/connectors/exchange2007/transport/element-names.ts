/**
 * Names of numbered MAPI properties begin with a digit (`<g:0x00008102>`), which is no XML name; the server writes them all
 * the same. Their first digit is escaped before the document is read, the way Exchange escapes characters elsewhere.
 */

/** Sections of character data are matched first, so that what looks like a tag in them stays. */
const sectionOrName = /<!\[CDATA\[[\s\S]*?\]\]>|<(\/?)([A-Za-z_][A-Za-z0-9._-]*):([0-9])/g;

/** The document with names that XML allows. */
export function withAllowedNames(source: string): string {
  return source.replace(sectionOrName, (whole, slash?: string, prefix?: string, digit?: string) =>
    digit === undefined ? whole : `<${slash}${prefix}:_x003${digit}_`,
  );
}

/** The name as the server means it: `_x0030_x00008102` is `0x00008102`. */
export function meantName(name: string): string {
  if (!name.includes('_x')) return name;
  return name.replace(/_x([0-9a-fA-F]{4})_/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
