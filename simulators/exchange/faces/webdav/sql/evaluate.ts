/**
 * Conditions as functions of a resource. A property that is not there satisfies nothing but IS NULL; texts are compared without
 * regard to case; one value of a property with several is enough.
 */
import type { PropertyType, PropertyValue, Scalar } from '../../../truth/properties.ts';
import { readScalar } from '../data-types.ts';
import { plainText } from '../item-text.ts';
import { joinedName } from '../names.ts';
import { propertyOfName } from '../properties/registry.ts';
import type { Resource } from '../resource.ts';
import type { Comparison, Condition, Operand, Order } from './statement.ts';

export type Test = (resource: Resource) => boolean;

export type Compiled = { readonly ok: true; readonly test: Test } | { readonly ok: false; readonly reason: string };

class Mistake extends Error {}

/** Makes a condition a function; refuses calculated properties and literals of a wrong type. Never throws. */
export function compileCondition(condition: Condition | undefined): Compiled {
  if (condition === undefined) return { ok: true, test: () => true };
  try {
    return { ok: true, test: compile(condition) };
  } catch (error) {
    if (error instanceof Mistake) return { ok: false, reason: error.message };
    throw error;
  }
}

function compile(condition: Condition): Test {
  switch (condition.kind) {
    case 'and': {
      const tests = condition.parts.map(compile);
      return (resource) => tests.every((test) => test(resource));
    }
    case 'or': {
      const tests = condition.parts.map(compile);
      return (resource) => tests.some((test) => test(resource));
    }
    case 'not': {
      const test = compile(condition.part);
      return (resource) => !test(resource);
    }
    case 'isNull': {
      const read = reader(condition.left);
      return (resource) => read(resource).value === undefined;
    }
    case 'compare':
      return comparison(condition.left, condition.sign, condition.right);
    case 'like': {
      const read = reader(condition.left);
      const pattern = likePattern(condition.pattern);
      return (resource) => some(read(resource).value, (one) => pattern.test(String(one)));
    }
    case 'contains':
      return contains(condition.left, condition.words);
  }
}

interface Found {
  readonly value: PropertyValue | undefined;
  readonly type: PropertyType;
}

function reader(operand: Operand): (resource: Resource) => Found {
  if (operand.kind !== 'property') throw new Mistake('a property is expected');
  const property = propertyOfName(operand.name, operand.type);
  if (property.isCalculated === true) throw new Mistake(`${joinedName(operand.name)} cannot be searched for`);
  // A cast to another type than the stored one still finds the stored value.
  const other = operand.type === undefined ? undefined : propertyOfName(operand.name);
  return (resource) => {
    const value = property.read(resource);
    if (value !== undefined || other === undefined)
      return { value, type: property.typeOf?.(resource) ?? property.type };
    return { value: other.read(resource), type: other.typeOf?.(resource) ?? other.type };
  };
}

function comparison(left: Operand, sign: Comparison, right: Operand): Test {
  if (left.kind !== 'property') {
    if (right.kind !== 'property') throw new Mistake('a comparison needs a property');
    return comparison(right, mirrored[sign], left);
  }
  const read = reader(left);
  if (right.kind === 'property') {
    const other = reader(right);
    return (resource) => {
      const wanted = other(resource).value;
      return some(read(resource).value, (one) => wanted !== undefined && holds(compared(one, wanted as Scalar), sign));
    };
  }
  const literals = new Map<PropertyType, Scalar | undefined>();
  return (resource) => {
    const { value, type } = read(resource);
    if (value === undefined) return false;
    const scalar = (type.endsWith('Array') ? type.slice(0, -5) : type) as PropertyType;
    if (!literals.has(scalar)) literals.set(scalar, literalOf(right, scalar));
    const wanted = literals.get(scalar);
    return wanted !== undefined && some(value, (one) => holds(compared(one, wanted), sign));
  };
}

const mirrored: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** A literal as a value of the property's type; undefined when it cannot be one. */
function literalOf(literal: Exclude<Operand, { kind: 'property' }>, type: PropertyType): Scalar | undefined {
  if (literal.kind === 'boolean') return type === 'Boolean' ? literal.value : undefined;
  const isNumeric = ['Short', 'Integer', 'Double', 'Float'].includes(type);
  return isNumeric ? readScalar('Double', literal.text) : readScalar(type, literal.text);
}

function compared(left: Scalar, right: Scalar): number {
  if (left instanceof Uint8Array || right instanceof Uint8Array) {
    if (!(left instanceof Uint8Array) || !(right instanceof Uint8Array)) return Number.NaN;
    return Buffer.compare(left, right);
  }
  if (typeof left === 'string' || typeof right === 'string') {
    const [one, other] = [String(left).toLowerCase(), String(right).toLowerCase()];
    return one < other ? -1 : one > other ? 1 : 0;
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

function holds(order: number, sign: Comparison): boolean {
  switch (sign) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function some(value: PropertyValue | undefined, test: (one: Scalar) => boolean): boolean {
  if (value === undefined) return false;
  return Array.isArray(value) ? (value as readonly Scalar[]).some(test) : test(value as Scalar);
}

/** `%` stands for any text, `_` for one character. */
function likePattern(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
    .replace(/%+/g, '[\\s\\S]*')
    .replace(/_/g, '[\\s\\S]');
  return new RegExp(`^${source}$`, 'iu');
}

/** Every word begins a word of the text; without a property, of the subject or the plain body. */
function contains(left: Operand | undefined, words: readonly string[]): Test {
  const wanted = words.map((one) => one.toLowerCase());
  const read = left === undefined ? undefined : reader(left);
  const subject = propertyOfName({ ns: 'urn:schemas:httpmail:', name: 'subject' });
  return (resource) => {
    const texts =
      read === undefined
        ? [subject.read(resource), resource.kind === 'item' ? plainText(resource.view) : undefined]
        : [read(resource).value];
    const found = texts.flatMap((text) =>
      String(text ?? '')
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u),
    );
    return wanted.length > 0 && wanted.every((word) => found.some((one) => one.startsWith(word)));
  };
}

/** Sorts as ORDER BY says; rows that are equal stay in the order they had, and what has no value comes first. */
export function sorted(rows: readonly Resource[], orders: readonly Order[]): readonly Resource[] {
  if (orders.length === 0) return rows;
  const keys = orders.map(({ name, type, isDescending }) => {
    const property = propertyOfName(name, type);
    return { read: (one: Resource) => property.read(one), sign: isDescending ? -1 : 1 };
  });
  const keyed = rows.map((row) => ({ row, values: keys.map(({ read }) => read(row)) }));
  keyed.sort((left, right) => {
    for (const [index, { sign }] of keys.entries()) {
      const [one, other] = [left.values[index], right.values[index]];
      const order =
        one === undefined || other === undefined
          ? Number(one !== undefined) - Number(other !== undefined)
          : compared(one as Scalar, other as Scalar);
      if (order !== 0) return sign * order;
    }
    return 0;
  });
  return keyed.map(({ row }) => row);
}
