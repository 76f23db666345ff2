/**
 * Checked when people are idle, faults are off and the engine says it is done. Any legal outcome passes; what is judged is
 * only what no outcome may look like.
 */
import { directionOf } from '#engine/policy.ts';
import { groupOf } from '#model/groups.ts';
import type { CalendarEvent } from '#model/item.ts';
import { problems } from '#model/validate.ts';
import { type ItemRow, type LinkRow, type Side, sides } from '#store/port.ts';
import { essence } from '../look.ts';
import type { Stored } from '../side.ts';
import { birthOf, witnessesIn } from '../witness.ts';
import type { World } from '../world.ts';

export function checkQuiet(world: World): void {
  checkOpen(world);
  checkLinks(world);
  checkItems(world);
  checkBirths(world);
  checkWitnesses(world);
}

/** I18: no write is left of which nobody knows whether it happened, unless its item cannot be read. */
function checkOpen(world: World): void {
  for (const { side, op, linkKey, remoteId } of world.store.state.intents.values()) {
    const ids = world.store.state.links.get(linkKey)?.ids;
    const sick = sides.some((name) => world.isSick(itemOf(world, name, ids?.[name] ?? null)));
    if (!sick && !world.isSick(itemOf(world, side, remoteId))) {
      world.fail('I18', `the ${op} of ${linkKey} on ${side} is never settled`);
    }
  }
}

/** I2, I4: a link names one item on each side, and they say the same. */
function checkLinks(world: World): void {
  const taken = new Map<string, string>();
  for (const link of world.store.state.links.values()) {
    if (link.ended !== null) continue;
    for (const side of sides) {
      const id = link.ids[side];
      if (id === null) continue;
      const name = `${side} ${link.kind} ${id}`;
      if (taken.has(name)) world.fail('I2', `${name} belongs to the links ${taken.get(name)} and ${link.linkKey}`);
      taken.set(name, link.linkKey);
    }
    const { crm, mailbox } = link.ids;
    if (world.isSick(itemOf(world, 'crm', crm)) || world.isSick(itemOf(world, 'mailbox', mailbox))) continue;
    if (link.quarantine === null) checkEqual(world, link);
    else
      world.fail(
        'I16',
        `${link.linkKey} is still in quarantine although nothing is sick: ${link.quarantine.fault.message}`,
      );
  }
}

function itemOf(world: World, side: Side, id: string | null): Stored | undefined {
  return id === null ? undefined : world.sides[side].items.get(id);
}

function checkEqual(world: World, link: LinkRow): void {
  if (world.setting.levels[link.kind] !== 'full') return;
  const held = link.holds.map((hold) => hold.path);
  // An edit against a deletion waits for a person.
  if (held.includes('')) return;
  const { crm, mailbox } = link.ids;
  const one = crm === null ? undefined : world.sides.crm.items.get(crm);
  const two = mailbox === null ? undefined : world.sides.mailbox.items.get(mailbox);
  if (one === undefined || two === undefined) {
    world.fail('I4', `the link ${link.linkKey} ties ${crm} and ${mailbox}, of which not both exist`);
  }
  const differs = (path: string): boolean =>
    held.some((hold) => groupOf(hold) === groupOf(path)) ||
    directionOf(world.setting.policy, link.kind, groupOf(path)) !== 'both';
  const [left, right] = [essence(world.sides.crm, one.item, differs), essence(world.sides.mailbox, two.item, differs)];
  if (left !== right) {
    world.fail(
      'I4',
      `crm ${crm} and mailbox ${mailbox} differ: ${JSON.stringify(one.item)} against ${JSON.stringify(two.item)}`,
    );
  }
  if (link.base === null) world.fail('I4', `the link ${link.linkKey} never got a base`);
}

/** I12, I8, I19: every item is accounted for. */
function checkItems(world: World): void {
  for (const side of sides) {
    for (const [id, stored] of world.sides[side].items) {
      if (world.setting.levels[stored.kind] === 'none' || world.isSick(stored)) continue;
      const row = world.store.state.items.get(`${side} ${stored.kind} ${id}`);
      if (row === undefined && world.isHistory(stored.item)) continue;
      if (row === undefined) world.fail('I12', `${side} ${id} is there, and the engine has never heard of it`);
      if (row.version !== String(stored.version)) {
        world.fail('I12', `${side} ${id} is at version ${stored.version}, the engine knows ${row.version}`);
      }
      // Of several with one key, one takes the place of the item that moved: which one, nobody can tell.
      const left = row.parked === 'oneWay' && world.ledger.ended.has(birthOf(stored.item) ?? '');
      const several = (world.ledger.allowed.get(birthOf(stored.item) ?? '') ?? 1) > 1;
      checkPlace(world, side, id, row, stored.by === 'engine' && stored.lastBy === 'engine' && !several && !left);
      if (stored.kind === 'event') checkSeries(world, side, id, stored.item as CalendarEvent);
    }
  }
}

function checkPlace(world: World, side: Side, id: string, row: ItemRow, ours: boolean): void {
  const link = row.linkKey === null ? undefined : world.store.state.links.get(row.linkKey);
  if (link !== undefined && link.ended === null && link.ids[side] === id) return;
  if (row.presence === 'unreadable')
    world.fail('I16', `${side} ${id} is still set aside as unreadable although it can be read`);
  // Whoever was linked once may have its partner among those that cannot be read now.
  const waits = world.forgetful && row.claimedKey !== null && someoneSick(world, row.kind);
  if (row.parked === null && waits) return;
  if (row.parked === null) world.fail('I4', `${side} ${id} belongs to no link and waits for nothing`);
  const unsure = world.forgetful && (row.parked === 'ambiguous' || row.parked === 'oneWay');
  if (ours && row.parked !== 'linkEnded' && !unsure)
    world.fail('I8', `${side} ${id} was made by the engine and belongs to no link (${row.parked})`);
}

function someoneSick(world: World, kind: ItemRow['kind']): boolean {
  return sides.some((side) =>
    [...world.sides[side].items.values()].some((one) => one.kind === kind && world.isSick(one)),
  );
}

function checkSeries(world: World, side: Side, id: string, event: CalendarEvent): void {
  const wrong = problems(event).find((one) => one.code === 'overrideNotInRule');
  if (wrong !== undefined) world.fail('I19', `${side} ${id}: ${wrong.path} is no occurrence of its series`);
}

/** I2, I1: what a person made once is there once, or a person ended it. */
function checkBirths(world: World): void {
  const live = { crm: new Map<string, string[]>(), mailbox: new Map<string, string[]>() };
  for (const side of sides) {
    for (const [id, stored] of world.sides[side].items) {
      const birth = birthOf(stored.item);
      if (birth !== undefined) live[side].set(birth, [...(live[side].get(birth) ?? []), id]);
    }
  }
  // Two people with one address, met for the first time, become one: whose name gave way is in the journal.
  const overruled = new Set(
    JSON.stringify(world.store.journal.filter((entry) => entry.detail.overruled !== undefined)).match(/B\d+b/g),
  );
  const births = new Set([...live.crm.keys(), ...live.mailbox.keys()]);
  for (const { birth } of world.ledger.authored.values()) if (birth !== undefined) births.add(birth);
  for (const birth of births) {
    const allowed = world.ledger.allowed.get(birth) ?? 1;
    for (const side of sides) {
      const ids = live[side].get(birth) ?? [];
      if (ids.length > allowed)
        world.fail('I2', `${birth} is on ${side} ${ids.length} times (${ids.join(', ')}), ${allowed} at most`);
    }
    const missing = !live.crm.has(birth) && !live.mailbox.has(birth);
    if (missing && !world.ledger.ended.has(birth) && !overruled.has(birth))
      world.fail('I1', `${birth} is on no side any more although nobody took it away`);
  }
}

/** I1: every value a person wrote is to be seen, was replaced by somebody who saw it, or is in the journal. */
function checkWitnesses(world: World): void {
  const there = new Set<string>();
  for (const side of sides) {
    const { items, away } = world.sides[side];
    for (const stored of [...items.values(), ...away.values()])
      for (const one of witnessesIn(stored.item)) there.add(one);
  }
  let told: ReadonlySet<string> | undefined;
  for (const [witness, by] of world.ledger.authored) {
    if (there.has(witness) || world.ledger.retired.has(witness)) continue;
    told ??= witnessesIn([
      world.store.journal.map((entry) => entry.detail),
      // Commits that never were on the disk take their account with them.
      world.forgetful ? world.store.intents.filter((one) => one.op === 'remove').map((one) => one.target) : [],
    ]);
    if (!told.has(witness))
      world.fail('I1', `${witness}, written on ${by.side} into ${by.id} (${by.birth}), is merely gone`);
  }
}
