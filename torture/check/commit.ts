/** Checked at every commit, against what the sides really held: only the latest lease commits (I12), the base is honest (I5). */
import { directionOf } from '#engine/policy.ts';
import { groupOf } from '#model/groups.ts';
import type { PairState } from '#store/memory/pair-state.ts';
import { type Lease, type LinkRow, type Side, type StateBatch, sides } from '#store/port.ts';
import { noPrint } from '../side.ts';
import type { World } from '../world.ts';

export function checkCommit(world: World, lease: Lease, batch: StateBatch, state: PairState): void {
  if (lease.fence !== world.store.fence) world.fail('I12', `${lease.owner} commits under a lease that is over`);
  for (const link of batch.links ?? []) {
    // What a restored store thinks it wrote may never have been.
    if (link.base === null || link.prints === null || world.forgetful) continue;
    const before = state.links.get(link.linkKey)?.prints;
    for (const side of sides) {
      if (before?.[side] !== link.prints[side]) checkHonest(world, link, side, before?.[side]);
    }
  }
}

/** Every print of the base was once shown by the very item it speaks of. */
function checkHonest(
  world: World,
  link: LinkRow,
  side: Side,
  before: Readonly<Record<string, string>> | undefined,
): void {
  const id = link.ids[side];
  const shown = id === null ? undefined : world.sides[side].shown.get(id);
  if (shown === undefined) world.fail('I5', `the base of ${link.linkKey} speaks of ${side} ${id}, which never was`);
  const claimed = link.prints?.[side] ?? {};
  for (const path of new Set([...Object.keys(claimed), ...shown.keys()])) {
    // Of a group that goes one way the base holds the value of the side with the say.
    if (directionOf(world.setting.policy, link.kind, groupOf(path)) !== 'both') continue;
    const print = claimed[path] ?? noPrint;
    if (before !== undefined && (before[path] ?? noPrint) === print) continue;
    const seen = shown.get(path);
    if (print === noPrint && seen === undefined) continue;
    if (seen?.has(print) !== true) {
      world.fail('I5', `the base of ${link.linkKey} says ${path} of ${side} ${id} had a value that it never had`);
    }
  }
}
