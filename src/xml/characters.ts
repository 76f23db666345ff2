/** Which characters XML 1.0 (fifth edition) allows where. */

/** Section 2.2, production Char. */
export function isXmlCharacter(code: number): boolean {
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}

/** The characters that production Char leaves out, halves of surrogate pairs aside. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the characters XML 1.0 section 2.2 forbids
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const allForbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** The text holds a character that no XML document may hold. */
export function hasForbiddenCharacters(text: string): boolean {
  return forbidden.test(text) || !text.isWellFormed();
}

/** Character sections are matched first so that a literal `&#x1;` inside CDATA stays as it is. */
const sectionOrReference = /<!\[CDATA\[[\s\S]*?\]\]>|&#(x[0-9a-fA-F]+|[0-9]+);/g;

/** The document without forbidden characters and without references to such. */
export function withoutForbiddenCharacters(source: string): string {
  return source
    .replace(allForbidden, '')
    .replace(sectionOrReference, (whole, digits: string | undefined) =>
      digits === undefined || isXmlCharacter(codeOf(digits)) ? whole : '',
    );
}

/** The code in `x20AC` or `8364`. */
export function codeOf(digits: string): number {
  return digits.startsWith('x') ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10);
}

const nameStart = 1;
const nameLater = 2;

/** What each ASCII character may do in a name; the colon is handled by namespaces but belongs to names. */
const asciiNames = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_:]/.test(character)) return nameStart | nameLater;
  return /[-.0-9]/.test(character) ? nameLater : 0;
});

/** Section 2.3, production Name, for names with characters beyond ASCII. */
const wideStart =
  ':A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}-\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}';
const wideName = new RegExp(`[${wideStart}][-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}-\\u{2040}${wideStart}]*`, 'uy');

/** Where the name that begins at `start` ends; `start` itself when there is none. */
export function nameEnd(source: string, start: number): number {
  let at = start;
  let allowed = nameStart;
  for (; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    if (code >= 128) {
      wideName.lastIndex = start;
      return wideName.test(source) ? wideName.lastIndex : start;
    }
    if (((asciiNames[code] as number) & allowed) === 0) break;
    allowed = nameLater;
  }
  return at;
}

/** White space of XML, section 2.3. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0xa || code === 0x9 || code === 0xd;
}

/** The first position from `start` on that is no white space. */
export function skipSpace(source: string, start: number): number {
  let at = start;
  while (isSpace(source.charCodeAt(at))) at += 1;
  return at;
}
