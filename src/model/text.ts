/**
 * The canonical form of texts. Every function answers undefined for a text that says nothing, and applying it to its own
 * result changes nothing.
 */

/** What XML 1.0 (section 2.2) cannot carry: most C0 controls, lone surrogates, U+FFFE and U+FFFF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be removed.
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Cs}]/gu;

/** Already canonical as a line: printable ASCII without blanks at the ends. The common case, kept free of allocation. */
const plainLine = /^[!-~](?:[ -~]*[!-~])?$/;

/** One line: trimmed, inner line ends to single blanks. */
export function line(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (plainLine.test(text)) return text;
  const clean = characters(text).trim();
  if (clean === '') return undefined;
  if (!clean.includes('\n')) return clean;
  const parts = clean.split('\n').map((part) => part.trim());
  return parts.filter((part) => part !== '').join(' ');
}

/** Several lines: no white space at the end of a line, no blank lines at the beginning or end. */
export function lines(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (plainLine.test(text)) return text;
  let clean = characters(text).trimEnd();
  // Asking first spares the split; a regular expression for the whole job would be quadratic in runs of blanks.
  if (/[^\S\n]\n/.test(clean)) {
    clean = clean
      .split('\n')
      .map((each) => each.trimEnd())
      .join('\n');
  }
  let start = 0;
  while (clean.charCodeAt(start) === 10) start++;
  return clean.length === start ? undefined : clean.slice(start);
}

/** An e-mail address as a key: one line, lower case. */
export function addressKey(text: string): string {
  const clean = line(text) ?? '';
  // Lower-casing can leave the canonical form (U+0130), so it is restored.
  return clean.toLowerCase().normalize('NFC');
}

/** Orders texts by code point; the built-in order compares UTF-16 units and puts U+FFxx after emoji. */
export function byCodePoint(one: string, two: string): number {
  const shorter = Math.min(one.length, two.length);
  for (let at = 0; at < shorter; at++) {
    const ours = one.charCodeAt(at);
    const theirs = two.charCodeAt(at);
    if (ours === theirs) continue;
    const isOursSurrogate = ours >= 0xd800 && ours <= 0xdfff;
    const isTheirsSurrogate = theirs >= 0xd800 && theirs <= 0xdfff;
    if (isOursSurrogate !== isTheirsSurrogate) return isOursSurrogate ? 1 : -1;
    return ours - theirs;
  }
  return one.length - two.length;
}

function characters(text: string): string {
  return text.replace(forbidden, '').replace(/\r\n?/g, '\n').normalize('NFC');
}
