/** The little of Exchange's SQL that is asked: `"name" = value` joined by AND, OR and parentheses. */

export interface Statement {
  readonly columns: readonly string[];
  readonly isWanted: (textOf: (name: string) => string) => boolean;
}

const token = /"([^"]*)"|'((?:[^']|'')*)'|\b(AND|OR|true|false)\b|([()=])|(-?\d+)/g;

type Test = Statement['isWanted'];

/** Undefined: it is none. */
export function parseStatement(sql: string): Statement | undefined {
  const [, list, where] =
    /^SELECT (.*?) FROM SCOPE\('SHALLOW TRAVERSAL OF "[^"]*"'\) WHERE (.*?)(?: ORDER BY "[^"]*")?$/s.exec(sql) ?? [];
  if (list === undefined || where === undefined) return undefined;
  const columns = [...list.matchAll(/"([^"]*)"/g)].map(([, name = '']) => name);
  const tokens = [...where.matchAll(token)];
  const isWanted = anyOf(tokens);
  return tokens.length > 0 || isWanted === undefined ? undefined : { columns, isWanted };
}

function anyOf(tokens: RegExpMatchArray[]): Test | undefined {
  let test = allOf(tokens);
  while (test !== undefined && tokens[0]?.[0] === 'OR') {
    tokens.shift();
    const [left, right] = [test, allOf(tokens)];
    test = right && ((textOf) => left(textOf) || right(textOf));
  }
  return test;
}

function allOf(tokens: RegExpMatchArray[]): Test | undefined {
  let test = comparison(tokens);
  while (test !== undefined && tokens[0]?.[0] === 'AND') {
    tokens.shift();
    const [left, right] = [test, comparison(tokens)];
    test = right && ((textOf) => left(textOf) && right(textOf));
  }
  return test;
}

function comparison(tokens: RegExpMatchArray[]): Test | undefined {
  const first = tokens.shift();
  if (first?.[0] === '(') {
    const inner = anyOf(tokens);
    return tokens.shift()?.[0] === ')' ? inner : undefined;
  }
  const name = first?.[1];
  if (name === undefined || tokens.shift()?.[0] !== '=') return undefined;
  const value = tokens.shift();
  if (value === undefined) return undefined;
  const wanted = value[2]?.replaceAll("''", "'") ?? { true: '1', false: '0' }[value[0]] ?? value[0];
  return (textOf) => textOf(name).toLowerCase() === wanted.toLowerCase();
}
