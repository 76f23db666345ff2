/** Tokens of the search language. */

export type Token =
  | { readonly kind: 'word'; readonly text: string }
  /** In double quotes: a property, a URL or a literal to cast. */
  | { readonly kind: 'name'; readonly text: string }
  /** In single quotes. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string };

/** Statements longer than this many characters are refused. */
export const statementLengthMax = 200_000;

const pattern =
  /\s+|([A-Za-z_][A-Za-z0-9_]*)|"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([+-]?\d+(?:\.\d+)?)|(<=|>=|<>|!=|[=<>(),*])/gy;

/** All tokens; undefined when there is something else between them. */
export function tokensOf(text: string): readonly Token[] | undefined {
  if (text.length > statementLengthMax) return undefined;
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const [, word, name, literal, number, sign] = match;
    if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name.replaceAll('""', '"') });
    else if (literal !== undefined) tokens.push({ kind: 'text', text: literal.replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
  }
  return tokens;
}
