/**
 * Checked when a write of the engine reaches a side, before it takes effect: it was planned and recorded (I20), is
 * conditional (I9), stays in its fields and directions (I13, I14), removes only on evidence (I10) and within the brake
 * (I11), resurrects nothing (I3) and leaves whole series (I19).
 */
import { mayCross } from '#engine/policy.ts';
import { groupOf } from '#model/groups.ts';
import type { Item, Kind } from '#model/item.ts';
import { problems } from '#model/validate.ts';
import { type IntentRow, otherSide, type Side } from '#store/port.ts';
import { lookOf } from '../look.ts';
import type { Arrived } from '../side-connector.ts';
import { birthOf } from '../witness.ts';
import type { World } from '../world.ts';

/** I17: one call at a time, and never more at once than the side works well with. */
export function checkCall(world: World, label: string, underWay: number): void {
  if (underWay > 0) world.fail('I17', `${label} while another call to that side is under way`);
  const call = label.slice(label.indexOf('.') + 1, label.indexOf(' '));
  if (call !== 'read' && call !== 'create' && call !== 'update' && call !== 'remove') return;
  const count = label.split(' ').length - 2;
  const limit = world.setting.batch[call === 'read' ? 'read' : 'write'];
  if (count > limit) world.fail('I17', `${label}: ${count} at once, ${limit} at most`);
}

export function checkWrite(world: World, side: Side, kind: Kind, write: Arrived): void {
  const level = world.setting.levels[kind];
  const forbidden = level === 'none' || level === (side === 'crm' ? 'export' : 'import');
  const intent = intentFor(world, side, kind, write);
  const collapsing = write.call === 'remove' && isTwin(world, side, write.entry.id);
  if (intent === undefined && !collapsing) {
    const unconditional = write.call !== 'create' && world.store.intents.some((one) => one.remoteId === write.entry.id);
    world.fail(
      unconditional ? 'I9' : 'I20',
      `${write.call} on ${side} that was not planned like this: ${JSON.stringify(write.entry)}`,
    );
  }
  switch (write.call) {
    case 'create':
      if (forbidden) world.fail('I13', `create on ${side} of a kind that goes the other way`);
      checkContent(world, side, write.entry.item, 'a created item');
      checkResurrection(world, side, write.entry.item, write.entry.linkKey);
      checkPatience(world, side, write.entry.linkKey, intent as IntentRow);
      break;
    case 'update':
      if (forbidden && write.entry.paths.length > 0)
        world.fail('I13', `update on ${side} of a kind that goes the other way`);
      checkPaths(world, side, kind, write.entry.paths);
      if (write.entry.paths.length > 0) checkContent(world, side, write.entry.target, 'an update');
      checkBrake(world, side, kind, 'overwrites', intent as IntentRow);
      break;
    case 'remove':
      // Of another version: it will be refused.
      if (collapsing || world.sides[side].items.get(write.entry.id)?.version !== Number(write.entry.version)) break;
      if (forbidden) world.fail('I13', `removal on ${side} of a kind that goes the other way`);
      checkEvidence(world, side, kind, intent as IntentRow);
      checkBrake(world, side, kind, 'removals', intent as IntentRow);
      break;
  }
}

/** The newest intent that asks for exactly this. */
function intentFor(world: World, side: Side, kind: Kind, write: Arrived): IntentRow | undefined {
  return world.store.intents.findLast((intent) => {
    if (intent.side !== side || intent.kind !== kind || intent.op !== write.call) return false;
    if (write.call === 'create') return intent.linkKey === write.entry.linkKey;
    return intent.remoteId === write.entry.id && intent.expectedVersion === write.entry.version;
  });
}

/**
 * An untouched second effect of our own: another item carries the same key. While the answer of a create is open, or was
 * given up, a person's copy that says exactly the same cannot be told from it, and is one item too many at worst.
 */
function isTwin(world: World, side: Side, id: string): boolean {
  const { items, bin, away, happenings } = world.sides[side];
  // A stalled engine may ask for what another one has done meanwhile.
  const stored = items.get(id) ?? bin.get(id);
  if (stored?.linkKey === undefined) return false;
  const others = [...items, ...bin, ...away].some(([other, one]) => other !== id && one.linkKey === stored.linkKey);
  if (!others) return false;
  const look = lookOf(world.sides[side], stored.item);
  // What a person changed in fields that are not kept the same nobody can see from here.
  const asSent = world.store.intents.some(
    (one) => one.linkKey === stored.linkKey && one.target !== null && lookOf(world.sides[side], one.target) === look,
  );
  if (stored.by === 'engine' && (stored.lastBy !== 'person' || asSent)) return true;
  const doubtful = world.store.journal.some(
    (entry) => entry.linkKey === stored.linkKey && (entry.event === 'neverArrived' || entry.event === 'foundByKey'),
  );
  const open = [...world.store.state.intents.values()].some((one) => one.linkKey === stored.linkKey);
  const untouched = happenings.every((one) => one.id !== id || one.what === 'create' || one.author === 'engine');
  return (doubtful || open) && untouched;
}

function checkContent(world: World, side: Side, item: Item, what: string): void {
  const wrong = problems(item)[0];
  if (wrong !== undefined) world.fail('I19', `${what} on ${side} is not valid: ${wrong.code} at ${wrong.path}`);
}

function checkPaths(world: World, side: Side, kind: Kind, paths: readonly string[]): void {
  for (const path of paths) {
    const held = world.sides[side].setting.shared[kind][groupOf(path)];
    const leaf = path.slice(groupOf(path).length + 1);
    const allowed = held === true || (held !== undefined && (leaf === '' || held.includes(leaf)));
    if (!allowed) world.fail('I13', `${path} is written on ${side} although not both sides can hold it`);
    if (!mayCross(world.setting.policy, kind, groupOf(path), side))
      world.fail('I13', `${path} is written on ${side} although it goes the other way`);
  }
}

function checkResurrection(world: World, side: Side, item: Item, linkKey: string): void {
  const birth = birthOf(item);
  // What a server made of a create whose answer was lost looks like an edit, and rather so than the other way round.
  const rewritten = world.setting.rewrites[otherSide(side)];
  if (rewritten && world.store.journal.some((one) => one.linkKey === linkKey && one.event === 'foundByKey')) return;
  // Whoever deleted it had seen the edit, but nobody knows that our write of it had arrived.
  const unanswered = world.store.intents.findLast((one) => one.linkKey === linkKey && one.op === 'update');
  const told = world.store.journal.some((one) => one.detail.intent === unanswered?.intentId);
  if (unanswered?.side === side && unanswered.paths.length > 0 && !told) return;
  // An edit that may not cross is an edit all the same, and may win against a deletion.
  if (world.setting.policy.kinds?.[item.kind]?.directions !== undefined) return;
  if (birth === undefined || world.forgetful || (world.ledger.allowed.get(birth) ?? 1) > 1) return;
  const was = world.deleted.get(`${side} ${birth}`);
  if (was !== undefined && was === lookOf(world.sides[side], item)) {
    world.fail('I3', `${birth} is made again on ${side}, where a person took it away, and nobody has edited it since`);
  }
}

/** I8: what may still arrive is not sent again before its settle time is over. */
function checkPatience(world: World, side: Side, linkKey: string, intent: IntentRow): void {
  const name = `${side} ${linkKey}`;
  const before = world.createsSent.get(name);
  world.createsSent.set(name, { intentId: intent.intentId, atMs: world.nowMs });
  // A clock that is wrong, or a store that knows nothing of it, excuses it.
  if (before === undefined || world.clockWasWrong || world.forgetful) return;
  const given = world.store.journal.some(
    ({ event, detail }) => event === 'neverArrived' && detail.intent === before.intentId,
  );
  if (given && world.nowMs - before.atMs < world.setting.settleMs) {
    world.fail('I8', `${linkKey} is created on ${side} again ${world.nowMs - before.atMs} ms after the first time`);
  }
}

/** On the other side a person deleted the item, or took it out of scope and the policy carries that. */
function checkEvidence(world: World, side: Side, kind: Kind, intent: IntentRow): void {
  const other = world.sides[otherSide(side)];
  const id = world.store.state.links.get(intent.linkKey)?.ids[other.setting.side];
  const how = id === null || id === undefined ? undefined : other.leftByPeople.get(other.rootOf(id));
  // A restored store goes by what it once knew: that we removed the other item on evidence then.
  const before =
    world.forgetful &&
    other.happenings.some((one) => one.what === 'remove' && other.rootOf(one.id) === other.rootOf(id ?? ''));
  if (how === undefined && before) return;
  if (how === undefined)
    world.fail('I10', `${kind} ${intent.remoteId} is removed from ${side} although nobody deleted ${id}`);
  const { policy } = world.setting;
  if (!policy.deletions[side])
    world.fail('I10', `${kind} ${intent.remoteId} is removed from ${side} against the policy`);
  // After a lost position a departure cannot be told from a deletion: the item is not listed and not found.
  if (how.has('delete') || other.relisted) return;
  // It had changed its id before: then the feed says of the old one that it is gone.
  if (other.leftAs.get(other.rootOf(id as string)) !== id) return;
  const deliberate = ['unlisted', 'reassigned', 'converted'].some((reason) => how.has(reason));
  if (policy.scopeExit !== 'removeCopy' || !deliberate) {
    world.fail(
      'I10',
      `${kind} ${intent.remoteId} is removed from ${side} although ${id} only left the scope (${[...how].join(', ')})`,
    );
  }
}

function checkBrake(world: World, side: Side, kind: Kind, work: 'removals' | 'overwrites', intent: IntentRow): void {
  // Filling in at a first meeting, and putting on a key, overwrite nothing.
  const known = world.store.state.links.get(intent.linkKey)?.base ?? null;
  if (work === 'overwrites' && (known === null || intent.paths.length === 0)) return;
  if (world.conflicts.has(intent.linkKey)) return;
  const name = `${world.writer} ${side} ${kind} ${work}`;
  const ids = (world.braked.get(name) ?? new Set()).add(intent.linkKey);
  world.braked.set(name, ids);
  if (world.store.releases.has(`${side} ${kind}`)) return;
  const links = Math.max(world.brakeLinks.get(kind) ?? 0, world.activeLinks(kind));
  const { itemsMin, share } = world.setting.policy.brake[work];
  const limit = Math.max(itemsMin, Math.floor(share * links));
  if (ids.size <= limit) return;
  world.fail('I11', `${ids.size} ${work} of ${kind}s on ${side} in one pass, the brake stands at ${limit}`);
}
