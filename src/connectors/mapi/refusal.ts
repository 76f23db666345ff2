/** What is refused before anything is built, because the item contradicts itself; and the one door for refusals. */
import type { Fault, FaultCode } from '#contract/fault.ts';
import { fault } from '#contract/fault.ts';
import type { Path } from '#model/groups.ts';
import { groupOf } from '#model/groups.ts';
import type { Item } from '#model/item.ts';
import type { ProblemCode } from '#model/validate.ts';
import { problems } from '#model/validate.ts';

export type Refusal = { readonly ok: false; readonly fault: Fault };

/** A refusal naming the canonical path that cannot be read or written. */
export function refuse(code: FaultCode, message: string, path?: Path): Refusal {
  return { ok: false, fault: fault(code, message, path === undefined ? {} : { path }) };
}

/** Whether a path is among those looked at; without `paths` all are. */
export function askedOf(paths: readonly Path[] | undefined): (path: Path) => boolean {
  if (paths === undefined) return () => true;
  const asked = new Set(paths.map(groupOf));
  return (path) => asked.has(groupOf(path));
}

/**
 * The first contradiction of the item, undefined when there is none. With `paths` only these groups are looked at: a flaw
 * elsewhere in a stored item does not stand in the way of an update.
 */
export function contradiction(item: Item, paths?: readonly Path[]): Refusal | undefined {
  const isAsked = askedOf(paths);
  for (const { code, path, message } of problems(item)) {
    if (isAsked(path)) return refuse(faultCodes[code] ?? 'item.invalid', message, path);
  }
  return undefined;
}

const faultCodes: Partial<Readonly<Record<ProblemCode, FaultCode>>> = {
  textTooLong: 'item.tooLarge',
  listTooLong: 'item.tooLarge',
};
