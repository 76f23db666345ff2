/** Reads a search statement; every mistake ends the reading with a reason. */
import type { PropertyType } from '../../../truth/properties.ts';
import { typeOfName } from '../data-types.ts';
import { type DavName, splitName } from '../names.ts';
import type { Column, Comparison, Condition, Depth, Operand, Order, Scope, Statement } from './statement.ts';
import { type Token, tokensOf } from './tokens.ts';

/** Conditions nested deeper than this are refused. */
const depthMax = 64;

export type Parsed =
  | { readonly ok: true; readonly statement: Statement }
  | { readonly ok: false; readonly reason: string };

class Mistake extends Error {}

/** Reads a statement. Never throws. */
export function parseStatement(text: string): Parsed {
  const tokens = tokensOf(text);
  if (tokens === undefined) return { ok: false, reason: 'a character that does not belong there' };
  try {
    return { ok: true, statement: new Parser(tokens).statement() };
  } catch (error) {
    if (error instanceof Mistake) return { ok: false, reason: error.message };
    throw error;
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  statement(): Statement {
    this.#word('SELECT');
    const columns = this.#columns();
    const from = this.#at;
    this.#word('FROM');
    const scope = this.#from();
    const where = this.#tryWord('WHERE') ? this.#condition() : undefined;
    const source = this.#tokens
      .slice(from, this.#at)
      .map(({ kind, text }) => (kind === 'word' ? text.toUpperCase() : `${kind[0]}${text}`))
      .join(' ');
    const orders = this.#tryWord('ORDER') ? this.#orders() : [];
    if (this.#tryWord('GROUP')) this.#fail('GROUP BY is not supported');
    if (this.#at < this.#tokens.length) this.#fail(`unexpected ${this.#tokens[this.#at]?.text}`);
    return { columns, scope, where, orders, source };
  }

  #columns(): readonly Column[] | undefined {
    if (this.#trySign('*')) return undefined;
    const columns: Column[] = [];
    do {
      const { name, type } = this.#property();
      const alias = this.#tryWord('AS') ? this.#next('word', 'name').text : undefined;
      columns.push({ name, type, alias });
    } while (this.#trySign(','));
    return columns;
  }

  #from(): Scope {
    if (!this.#tryWord('SCOPE')) {
      return { depth: 'shallow', places: [this.#next('name', 'text').text] };
    }
    this.#sign('(');
    const scopes: Scope[] = [];
    while (!this.#trySign(')')) {
      scopes.push(readScope(this.#next('text', 'name').text) ?? this.#fail('a scope that cannot be read'));
      this.#trySign(',');
    }
    const depth = scopes[0]?.depth ?? 'deep';
    if (scopes.some((one) => one.depth !== depth)) this.#fail('scopes of different depth');
    return { depth, places: scopes.flatMap((one) => one.places) };
  }

  #orders(): readonly Order[] {
    this.#word('BY');
    const orders: Order[] = [];
    do {
      const { name, type } = this.#property();
      const isDescending = this.#tryWord('DESC');
      if (!isDescending) this.#tryWord('ASC');
      orders.push({ name, type, isDescending });
    } while (this.#trySign(','));
    return orders;
  }

  #condition(): Condition {
    const parts = [this.#conjunction()];
    while (this.#tryWord('OR')) parts.push(this.#conjunction());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
  }

  #conjunction(): Condition {
    const parts = [this.#negation()];
    while (this.#tryWord('AND')) parts.push(this.#negation());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
  }

  #negation(): Condition {
    this.#depth += 1;
    if (this.#depth > depthMax) this.#fail('nested too deep');
    const condition = this.#tryWord('NOT') ? ({ kind: 'not', part: this.#negation() } as const) : this.#primary();
    this.#depth -= 1;
    return condition;
  }

  #primary(): Condition {
    if (this.#trySign('(')) {
      const inside = this.#condition();
      this.#sign(')');
      return inside;
    }
    if (this.#tryWord('CONTAINS') || this.#tryWord('FREETEXT')) return this.#contains();
    const left = this.#operand();
    if (this.#tryWord('IS')) {
      const isNot = this.#tryWord('NOT');
      this.#word('NULL');
      return isNot ? { kind: 'not', part: { kind: 'isNull', left } } : { kind: 'isNull', left };
    }
    const isNot = this.#tryWord('NOT');
    if (this.#tryWord('LIKE')) {
      const like = { kind: 'like', left, pattern: this.#next('text').text } as const;
      return isNot ? { kind: 'not', part: like } : like;
    }
    const sign = this.#next('sign').text;
    if (!['=', '!=', '<>', '<', '<=', '>', '>='].includes(sign)) this.#fail(`unexpected ${sign}`);
    return { kind: 'compare', left, sign: (sign === '<>' ? '!=' : sign) as Comparison, right: this.#operand() };
  }

  #contains(): Condition {
    this.#sign('(');
    const left = this.#trySign('*') || this.#peek()?.kind === 'text' ? undefined : this.#operand();
    this.#trySign(',');
    const words = this.#next('text').text.split(/\s+(?:and\s+)?/i);
    this.#sign(')');
    return { kind: 'contains', left, words: words.map((one) => one.replace(/["*]/g, '')).filter((one) => one !== '') };
  }

  #operand(): Operand {
    if (this.#tryWord('CAST')) return this.#cast();
    const token = this.#next('name', 'text', 'number', 'word');
    switch (token.kind) {
      case 'name':
        return { kind: 'property', name: this.#named(token.text), type: undefined };
      case 'word': {
        const value = { TRUE: true, FALSE: false }[token.text.toUpperCase()];
        return value === undefined ? this.#fail(`unexpected ${token.text}`) : { kind: 'boolean', value };
      }
      default:
        return { kind: token.kind as 'text' | 'number', text: token.text, type: undefined };
    }
  }

  /** Of a property, or of a literal in quotes of either kind. */
  #cast(): Operand {
    this.#sign('(');
    const token = this.#next('name', 'text', 'number');
    this.#word('AS');
    const written = this.#next('text', 'name', 'word').text;
    const type = typeOfName(written) ?? this.#fail(`no type ${written}`);
    this.#sign(')');
    return token.kind === 'name' && isPropertyName(token.text)
      ? { kind: 'property', name: this.#named(token.text), type }
      : { kind: token.kind === 'number' ? 'number' : 'text', text: token.text, type };
  }

  #property(): { readonly name: DavName; readonly type: PropertyType | undefined } {
    const operand = this.#operand();
    return operand.kind === 'property' ? operand : this.#fail('a property is expected');
  }

  #named(text: string): DavName {
    return splitName(text) ?? this.#fail(`"${text}" is no property`);
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #next(...kinds: readonly Token['kind'][]): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined || !kinds.includes(token.kind)) return this.#fail(`unexpected ${token?.text ?? 'end'}`);
    this.#at += 1;
    return token;
  }

  #tryWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word' || token.text.toUpperCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #word(word: string): void {
    if (!this.#tryWord(word)) this.#fail(`${word} is expected`);
  }

  #trySign(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #sign(sign: string): void {
    if (!this.#trySign(sign)) this.#fail(`${sign} is expected`);
  }

  #fail(reason: string): never {
    throw new Mistake(reason);
  }
}

/** A date and base64 have no scheme and no namespace before the last colon. */
function isPropertyName(text: string): boolean {
  return /^(?:[a-z][a-z0-9.+-]*:\/\/|urn:|DAV:)/i.test(text);
}

/** `SHALLOW TRAVERSAL OF "/exchange/…"`; without a depth it is deep. */
function readScope(text: string): Scope | undefined {
  const match = /^\s*(?:(SHALLOW|DEEP|HIERARCHICAL)\s+TRAVERSAL\s+OF\s+)?(.*?)\s*$/is.exec(text);
  if (match === null) return undefined;
  const depth = (match[1] ?? 'deep').toLowerCase() as Depth;
  const place = (match[2] ?? '').replace(/^["']+|["']+$/g, '');
  return { depth, places: place === '' ? [] : [place] };
}
