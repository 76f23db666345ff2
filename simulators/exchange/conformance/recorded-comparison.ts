/**
 * Compares an answer of this server with a recording of a real one: the same elements with the same attributes in the same
 * order, in the same style of markup, with values of the same form. Answers what differs, as short lines that can be listed.
 */
import { type MarkupDocument, type MarkupElement, readMarkup } from './markup-tree.ts';
import { formFor } from './value-forms.ts';

/** One difference. `line` names its kind and place and is the same for all rows of a list; `detail` shows both values. */
export interface Difference {
  readonly line: string;
  readonly detail: string;
}

/** All differences, each line once, in document order. */
export function compareRecorded(recorded: string, simulated: string): readonly Difference[] {
  const [left, right] = [readMarkup(recorded.trim()), readMarkup(simulated.trim())];
  const found = new Map<string, string>();
  const note = (line: string, detail = ''): void => {
    if (!found.has(line)) found.set(line, detail);
  };
  compareStyle(left, right, note);
  compareElement(left.root, right.root, left.root.name, note);
  return [...found].map(([line, detail]) => ({ line, detail }));
}

type Note = (line: string, detail?: string) => void;

function compareStyle(left: MarkupDocument, right: MarkupDocument, note: Note): void {
  if (left.prolog !== right.prolog) note('prolog', `${left.prolog} | ${right.prolog}`);
}

function compareElement(left: MarkupElement, right: MarkupElement, path: string, note: Note): void {
  if (left.prefix !== right.prefix) note(`prefix ${left.prefix}: is ${right.prefix}:`, path);
  if (left.emptyStyle !== undefined && right.emptyStyle !== undefined && left.emptyStyle !== right.emptyStyle) {
    note(`empty elements end with "${right.emptyStyle}"`, path);
  }
  compareAttributes(left, right, path, note);
  if (left.children.length === 0 && right.children.length === 0) {
    const detail = differingForms(left.text, right.text, parentName(path), left.name);
    if (detail !== undefined) note(`value ${short(path)}`, detail);
    return;
  }
  for (const [one, other] of aligned(left.children, right.children, (element) => element.name)) {
    if (other === undefined) note(`only recorded ${short(`${path}/${one?.name}`)}`);
    else if (one === undefined) note(`only simulated ${short(`${path}/${other.name}`)}`);
    else compareElement(one, other, `${path}/${one.name}`, note);
  }
}

/** Namespace declarations count as attributes and must name the same namespace. */
function compareAttributes(left: MarkupElement, right: MarkupElement, path: string, note: Note): void {
  for (const [one, other] of aligned(left.attributes, right.attributes, ([name]) => name)) {
    const name = one?.[0] ?? other?.[0];
    const place = `${short(path)}@${name}`;
    if (other === undefined) note(`only recorded ${place}`);
    else if (one === undefined) note(`only simulated ${place}`);
    else {
      const detail = differingForms(one[1], other[1], left.name, `@${name}`);
      if (detail !== undefined) note(`value ${place}`, detail);
    }
  }
}

/** Both values when they disagree; nothing when they agree. */
function differingForms(left: string, right: string, parent: string, name: string): string | undefined {
  if (left === right) return undefined;
  const form = formFor(parent, name);
  if (left === '' || right === '' || form === undefined) return `"${left}" | "${right}"`;
  const [one, other] = [form(left), form(right)];
  return one !== undefined && one === other ? undefined : `${one ?? left} | ${other ?? right}`;
}

/** Pairs of a longest common subsequence; what has no partner stands alone, in its place. */
function aligned<T>(
  left: readonly T[],
  right: readonly T[],
  nameOf: (one: T) => string,
): readonly (readonly [T | undefined, T | undefined])[] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  const length = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const isSame = nameOf(left[i] as T) === nameOf(right[j] as T);
      (lengths[i] as number[])[j] = isSame ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const pairs: (readonly [T | undefined, T | undefined])[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [one, other] = [left[i], right[j]];
    const isSame = one !== undefined && other !== undefined && nameOf(one) === nameOf(other);
    if (isSame) pairs.push([left[i++], right[j++]]);
    else if (other === undefined || (one !== undefined && length(i + 1, j) >= length(i, j + 1)))
      pairs.push([left[i++], undefined]);
    else pairs.push([undefined, right[j++]]);
  }
  return pairs;
}

function parentName(path: string): string {
  return path.split('/').at(-2) ?? '';
}

/** Places inside a response message are named from there. */
function short(path: string): string {
  return path.replace(/^Envelope\/Body\/\w+\/ResponseMessages\/\w+\//, '').replace(/^Envelope\/(?=Body|Header)/, '');
}
