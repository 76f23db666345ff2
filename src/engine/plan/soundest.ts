/** Whether what a merge made is a valid item, and what stands in its place when it is not. Pure. */
import { type Fault, fault } from '#contract/fault.ts';
import { type Group, groups } from '#model/groups.ts';
import type { Item } from '#model/item.ts';
import { diffPaths } from '#model/project.ts';
import { problems } from '#model/validate.ts';
import { type HeldValue, otherSide, type Side } from '#store/port.ts';
import type { Policy } from '../policy.ts';
import { type FactsOfBoth, judgeItem } from './conflict.ts';
import type { Loser, Merged } from './merge.ts';
import type { Single } from './orphans.ts';

type Sound =
  | {
      readonly kind: 'sound';
      readonly item: Item;
      readonly losers: readonly Loser[];
      readonly holds: readonly HeldValue[];
      readonly singles: readonly Single[];
    }
  | { readonly kind: 'unsound'; readonly side: Side; readonly fault: Fault };

/** Two sound edits may merge into an unsound item: then the whole item is one conflict, decided by policy. */
export function soundest(
  merged: Merged,
  items: Readonly<Record<Side, Item>>,
  facts: FactsOfBoth,
  policy: Policy,
): Sound {
  if (problems(merged.item).length === 0) return { kind: 'sound', ...merged };
  const [first] = groups[merged.item.kind];
  const winner = judgeItem(merged.item.kind, first as Group, facts, policy);
  for (const side of [winner, otherSide(winner)] as const) {
    if (problems(items[side]).length > 0) continue;
    const other = otherSide(side);
    const losers = diffPaths(items[other], items[side]).map(
      (path): Loser => ({
        path,
        side: other,
        value: null,
        kept: null,
        rule: 'unsoundMerge',
      }),
    );
    return { kind: 'sound', item: items[side], losers, holds: [], singles: [] };
  }
  return { kind: 'unsound', side: winner, fault: unsound(merged.item) };
}

/** The first thing that is wrong with an item. */
export function unsound(item: Item): Fault {
  const first = problems(item)[0];
  return fault(
    'item.invalid',
    first?.message ?? 'the item is not valid',
    first === undefined ? {} : { path: first.path },
  );
}
