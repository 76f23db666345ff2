/** Turns one complaint of the schema into words at a place in the file. Pure. */
import { type Document, isMap, isScalar, type Node, type Pair } from 'yaml';
import * as z from 'zod';
import { configSchema } from './config-schema.ts';
import { nearest } from './nearest.ts';

export interface Explained {
  /** Character offset in the text. */
  readonly offset: number;
  readonly key: string;
  readonly message: string;
}

type Path = readonly PropertyKey[];

/** One issue may name several unknown keys; each gets a place and a sentence of its own. */
export function explainIssue(issue: z.core.$ZodIssue, document: Document, value: unknown): readonly Explained[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((name) => {
        const path = [...issue.path, name];
        return { offset: offsetOf(document, path), key: keyOf(path), message: unknownKey(name, issue.path) };
      });
    case 'invalid_key':
      return [explain(issue.issues[0]?.message ?? issue.message, issue.path, document)];
    default:
      return [explain(sentence(issue.message, valueAt(value, issue.path), issue.path), issue.path, document)];
  }
}

function explain(message: string, path: Path, document: Document): Explained {
  return { offset: offsetOf(document, path), key: keyOf(path), message };
}

function sentence(instead: string, found: unknown, path: Path): string {
  if (found === undefined) return `is missing; ${instead}`;
  if (found === null) return `has no value; ${instead}`;
  // Whatever stands in the place of a secret may be one: it is not repeated.
  if (path.at(-1) === 'password' || path.at(-1) === 'url') return instead;
  return `${shown(found)} cannot stand here; ${instead}`;
}

const shownCharactersMax = 40;

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of keys';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
}

function unknownKey(name: string, path: Path): string {
  const known = knownKeys(path);
  const near = nearest(name, known);
  return `there is no such key; ${near === undefined ? `write one of: ${known.join(', ')}` : `did you mean ${near}?`}`;
}

/** The keys the schema knows at a place; none where no group stands. */
export function knownKeys(path: Path): readonly string[] {
  let schema: unknown = configSchema;
  for (const step of path) {
    const bare = unwrapped(schema);
    if (bare instanceof z.ZodRecord) schema = bare.valueType;
    else if (bare instanceof z.ZodObject) schema = (bare.shape as Readonly<Record<PropertyKey, unknown>>)[step];
    else return [];
  }
  const bare = unwrapped(schema);
  return bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  let bare = schema;
  while (bare instanceof z.ZodOptional || bare instanceof z.ZodDefault || bare instanceof z.ZodPrefault) {
    bare = bare.unwrap();
  }
  return bare;
}

/** Where the key stands; for a missing one, where the group stands that should hold it. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = rangeStart(node) ?? 0;
  for (const step of path) {
    if (!isMap(node)) return offset;
    const pair = node.items.find((one: Pair) => isScalar(one.key) && String(one.key.value) === String(step));
    if (pair === undefined) return offset;
    offset = rangeStart(pair.key) ?? offset;
    node = pair.value;
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) found = (found as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[step];
  return found;
}

function keyOf(path: Path): string {
  return path.map(String).join('.');
}
