/** Search expressions ([MS-OXWSSRCH] 2.2.4.14 SearchExpressionType) over anything that has fields and properties. */
import { child, type XmlElement } from '#xml/reader.ts';
import type { PropertyKey, PropertyType, PropertyValue, Scalar } from '../../truth/properties.ts';
import { EwsError, fieldDetail } from './ews-error.ts';
import { readExtendedPath, readScalar } from './extended.ts';
import { readDateTime } from './text.ts';

/** One row that is searched or sorted. */
export interface Subject {
  /** Value of a field by its path. */
  field(uri: string): PropertyValue | undefined;
  isSearchable(uri: string): boolean;
  property(key: PropertyKey): PropertyValue | undefined;
  /** Value of one dictionary entry. */
  entry?(uri: string, index: string): PropertyValue | undefined;
}

/** Expressions may nest this deep. */
const depthMax = 32;

/** Whether a row satisfies an expression. Paths that cannot be searched: ErrorUnsupportedPathForQuery. */
export function matches(expression: XmlElement, subject: Subject, depth = 0): boolean {
  if (depth > depthMax) throw new EwsError('ErrorRestrictionTooLong');
  const { name, children } = expression;
  switch (name) {
    case 'And':
      return children.every((one) => matches(one, subject, depth + 1));
    case 'Or':
      return children.some((one) => matches(one, subject, depth + 1));
    case 'Not':
      return !matches(children[0] as XmlElement, subject, depth + 1);
    case 'Exists':
      return valueAt(children[0] as XmlElement, subject).value !== undefined;
    case 'Contains':
      return contains(expression, subject);
    case 'Excludes': {
      const { value } = valueAt(children[0] as XmlElement, subject);
      const mask = Number(child(expression, 'Bitmask')?.attributes.Value ?? 0);
      return typeof value !== 'number' || (value & mask) === 0;
    }
    default:
      return comparison(expression, subject);
  }
}

/** Refuses an expression that names what cannot be searched, whether or not there is anything to search. */
export function checkExpression(expression: XmlElement, isSearchable: (uri: string) => boolean): void {
  const { name } = expression;
  if (name === 'FieldURI') {
    const uri = expression.attributes.FieldURI ?? '';
    if (!isSearchable(uri)) throw new EwsError('ErrorUnsupportedPathForQuery', { details: fieldDetail(uri) });
  } else if (name === 'ExtendedFieldURI') readExtendedPath(expression);
  else for (const one of expression.children) checkExpression(one, isSearchable);
}

/** Orders two values of one path; missing values come first. */
export function compareValues(left: PropertyValue | undefined, right: PropertyValue | undefined): number {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? -1 : 1;
  if (typeof left === 'string' && typeof right === 'string') {
    const a = left.toLowerCase();
    const b = right.toLowerCase();
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The value a path names, with the type that constants beside it have. */
export function valueAt(
  path: XmlElement,
  subject: Subject,
): { readonly value: PropertyValue | undefined; readonly type: PropertyType | undefined } {
  if (path.name === 'ExtendedFieldURI') {
    const { key } = readExtendedPath(path);
    return { value: subject.property(key), type: key.type };
  }
  const uri = path.attributes.FieldURI ?? '';
  if (path.name === 'IndexedFieldURI') {
    return { value: subject.entry?.(uri, path.attributes.FieldIndex ?? ''), type: undefined };
  }
  if (!subject.isSearchable(uri)) throw new EwsError('ErrorUnsupportedPathForQuery', { details: fieldDetail(uri) });
  return { value: subject.field(uri), type: undefined };
}

function comparison(expression: XmlElement, subject: Subject): boolean {
  const [path, operand] = expression.children;
  if (path === undefined || operand === undefined) throw new EwsError('ErrorInvalidRestriction');
  const { value, type } = valueAt(path, subject);
  const inner = operand.children[0];
  const right =
    inner?.name === 'Constant'
      ? constantLike(inner.attributes.Value ?? '', value, type)
      : inner === undefined
        ? undefined
        : valueAt(inner, subject).value;
  if (value === undefined || right === undefined) return expression.name === 'IsNotEqualTo';
  if (Array.isArray(value)) {
    const some = (value as readonly Scalar[]).some((one) => ordered(expression.name, compareValues(one, right)));
    return expression.name === 'IsNotEqualTo'
      ? !(value as readonly Scalar[]).some((one) => compareValues(one, right) === 0)
      : some;
  }
  return ordered(expression.name, compareValues(value, right));
}

function ordered(name: string, order: number): boolean {
  switch (name) {
    case 'IsEqualTo':
      return order === 0;
    case 'IsNotEqualTo':
      return order !== 0;
    case 'IsGreaterThan':
      return order > 0;
    case 'IsGreaterThanOrEqualTo':
      return order >= 0;
    case 'IsLessThan':
      return order < 0;
    case 'IsLessThanOrEqualTo':
      return order <= 0;
    default:
      throw new EwsError('ErrorInvalidRestriction');
  }
}

/** A constant read as the value beside it is: by property type, else by what the value looks like. */
function constantLike(text: string, value: PropertyValue | undefined, type: PropertyType | undefined): Scalar {
  if (type !== undefined) return extendedConstant(text, type);
  switch (typeof value) {
    case 'number': {
      const moment = readDateTime(text);
      if (moment !== undefined) return moment.kind === 'instant' ? moment.utcMs : moment.wallMs;
      const number = Number(text);
      if (text.trim() === '' || Number.isNaN(number)) throw new EwsError('ErrorInvalidValueForProperty');
      return number;
    }
    case 'boolean':
      if (!/^\s*(?:true|false|1|0)\s*$/i.test(text)) throw new EwsError('ErrorInvalidValueForProperty');
      return /^\s*(?:true|1)\s*$/i.test(text);
    default:
      return text;
  }
}

/** Searches compare elements of arrays, so constants beside an array are one of them. */
function extendedConstant(text: string, type: PropertyType): Scalar {
  try {
    return readScalar(text, type.replace(/Array$/, '') as PropertyType);
  } catch (error) {
    if (!(error instanceof EwsError)) throw error;
    throw new EwsError('ErrorInvalidValueForProperty');
  }
}

function contains(expression: XmlElement, subject: Subject): boolean {
  const [path] = expression.children;
  const wanted = child(expression, 'Constant')?.attributes.Value ?? '';
  const { value } = valueAt(path as XmlElement, subject);
  if (typeof value === 'number' || typeof value === 'boolean') throw new EwsError('ErrorContainsFilterWrongType');
  const { ContainmentMode: mode = 'FullString', ContainmentComparison: how = 'Exact' } = expression.attributes;
  const texts = typeof value === 'string' ? [value] : Array.isArray(value) ? value.map(String) : [];
  return texts.some((text) => containsText(fold(text, how), fold(wanted, how), mode));
}

function fold(text: string, how: string): string {
  const plain = how.includes('NonSpacing') || how === 'Loose' ? text.normalize('NFD').replace(/\p{M}/gu, '') : text;
  return how === 'Exact' || how === 'IgnoreNonSpacingCharacters' ? plain : plain.toLowerCase();
}

function containsText(text: string, wanted: string, mode: string): boolean {
  switch (mode) {
    case 'FullString':
      return text === wanted;
    case 'Prefixed':
      return text.startsWith(wanted);
    case 'Substring':
      return text.includes(wanted);
    case 'PrefixOnWords':
      return words(text).some((one) => one.startsWith(wanted));
    default:
      return words(text).includes(wanted);
  }
}

function words(text: string): readonly string[] {
  return text.split(/[^\p{L}\p{N}]+/u);
}
