/**
 * Writes XML by tagged template: `` xml`<t:Subject>${subject}</t:Subject>` ``. Every inserted string is escaped; a piece of
 * markup, or a list of pieces, is inserted as it is. Characters that XML 1.0 forbids are dropped, because one of them
 * would make the server refuse the whole batch.
 */

/** A piece of well-formed markup. Made only by `xml` and `joined`. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Insertable = string | number | boolean | Markup | readonly Markup[] | undefined;

/** Builds markup; undefined inserts nothing, so that optional elements read as `${value && xml`…`}`. */
export function xml(strings: TemplateStringsArray, ...values: readonly Insertable[]): Markup {
  let text = strings[0] ?? '';
  for (let index = 0; index < values.length; index += 1) {
    text += insert(values[index]) + (strings[index + 1] ?? '');
  }
  return new Markup(text);
}

/** Pieces one after another. */
export function joined(pieces: readonly Markup[]): Markup {
  let text = '';
  for (const piece of pieces) text += piece.text;
  return new Markup(text);
}

function insert(value: Insertable): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escapeXml(value);
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return joined(value).text;
  return String(value);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the characters XML 1.0 section 2.2 forbids
const special = /[&<>"'\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const specials = /[&<>"'\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Escapes text for element content and attribute values; a carriage return becomes a reference so that it survives. */
export function escapeXml(value: string): string {
  const wellFormed = value.isWellFormed() ? value : value.toWellFormed();
  return special.test(wellFormed) ? wellFormed.replace(specials, replacement) : wellFormed;
}

function replacement(character: string): string {
  switch (character) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return '&quot;';
    case "'":
      return '&apos;';
    case '\r':
      return '&#xD;';
    default:
      return '';
  }
}
