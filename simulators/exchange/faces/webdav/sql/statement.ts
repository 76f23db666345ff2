/** The search language of Exchange 2007, as data: `SELECT … FROM SCOPE(…) WHERE … ORDER BY …` (reference, section 1.7). */
import type { PropertyType } from '../../../truth/properties.ts';
import type { DavName } from '../names.ts';

export interface Column {
  readonly name: DavName;
  readonly type: PropertyType | undefined;
  readonly alias: string | undefined;
}

export type Depth = 'shallow' | 'deep' | 'hierarchical';

export interface Scope {
  readonly depth: Depth;
  /** URLs or paths; none for the place of the request itself. */
  readonly places: readonly string[];
}

/** A property as it is compared, or a value. */
export type Operand =
  | { readonly kind: 'property'; readonly name: DavName; readonly type: PropertyType | undefined }
  | { readonly kind: 'text' | 'number'; readonly text: string; readonly type: PropertyType | undefined }
  | { readonly kind: 'boolean'; readonly value: boolean };

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'compare'; readonly left: Operand; readonly sign: Comparison; readonly right: Operand }
  | { readonly kind: 'like'; readonly left: Operand; readonly pattern: string }
  | { readonly kind: 'isNull'; readonly left: Operand }
  /** Words in a property, or in any text when it names none. */
  | { readonly kind: 'contains'; readonly left: Operand | undefined; readonly words: readonly string[] };

export interface Order {
  readonly name: DavName;
  readonly type: PropertyType | undefined;
  readonly isDescending: boolean;
}

export interface Statement {
  /** `*` when undefined. */
  readonly columns: readonly Column[] | undefined;
  readonly scope: Scope;
  readonly where: Condition | undefined;
  readonly orders: readonly Order[];
  /** FROM to the end of WHERE as it was written: what a manifest's token is bound to. */
  readonly source: string;
}
