/**
 * People edit on both sides at random, undo and settle at random, calls go wrong at random, the state store is lost or the
 * mapping upgraded now and then: in the end both sides hold the same, nothing is doubled, nothing that nobody deleted is
 * missing, and silence follows.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fault } from '#contract/fault.ts';
import { prints } from '#model/fingerprint.ts';
import type { Contact, Item, Kind, Task } from '#model/item.ts';
import { memoryStore } from '#store/memory/memory-store.ts';
import { engineWorld, type World } from '#testing/engine-world.ts';
import type { MapSide, Mishap } from '#testing/map-side.ts';
import { upgradeMapping } from '#testing/upgrade-mapping.ts';
import type { Policy } from './policy.ts';
import { settleable } from './requests/settleable.ts';

type Step =
  | { readonly kind: 'add'; readonly side: 'crm' | 'mailbox'; readonly task: boolean }
  | { readonly kind: 'edit'; readonly side: 'crm' | 'mailbox'; readonly pick: number; readonly field: number }
  | { readonly kind: 'delete'; readonly side: 'crm' | 'mailbox'; readonly pick: number }
  | { readonly kind: 'move'; readonly pick: number }
  | { readonly kind: 'pass'; readonly mishaps: readonly number[] }
  | { readonly kind: 'loseCursors'; readonly side: 'crm' | 'mailbox' }
  | { readonly kind: 'loseStore' }
  | { readonly kind: 'upgrade' }
  | { readonly kind: 'undo'; readonly pick: number }
  | { readonly kind: 'settle'; readonly pick: number; readonly side: 'crm' | 'mailbox' };

const side = fc.constantFrom('crm' as const, 'mailbox' as const);
const pick = fc.nat(50);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), side, task: fc.boolean() }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('edit' as const), side, pick, field: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), side, pick }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), pick }) },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('pass' as const), mishaps: fc.array(fc.nat(30), { maxLength: 6 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('loseCursors' as const), side }) },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: 'loseStore' }) },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: 'upgrade' }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('undo' as const), pick }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const), pick, side }) },
  ),
  { minLength: 4, maxLength: 30 },
);

const policies = fc.constantFrom<Partial<Policy>>({}, { conflict: 'hold', editAgainstDelete: 'hold' });

test('whatever people do and whatever goes wrong, both sides end equal, with nothing lost, doubled or resurrected', async () => {
  await fc.assert(fc.asyncProperty(steps, policies, live), { numRuns: Number(process.env.LIAISON_STORIES ?? 400) });
});

async function live(story: readonly Step[], policy: Partial<Policy>): Promise<void> {
  const tunables = { pageLinks: 4, mapping: 1 };
  const world = await engineWorld({ mailbox: { writesReturnItem: false }, policy, tunables });
  const made = new Map<string, Set<'crm' | 'mailbox'>>();
  const deleted = new Set<string>();
  let serial = 0;
  let lostStore = false;
  for (const step of story) {
    switch (step.kind) {
      case 'add': {
        serial += 1;
        const name = `w${serial}`;
        made.set(name, new Set([step.side]));
        world[step.side].add(step.task ? taskNamed(name) : contactNamed(name));
        break;
      }
      case 'edit':
        edit(world[step.side], step.pick, step.field, `e${serial++}`);
        break;
      case 'delete': {
        const id = idAt(world[step.side], step.pick);
        if (id === undefined) break;
        deleted.add(nameOf(world[step.side].items.get(id)?.item as Item));
        world[step.side].delete(id);
        break;
      }
      case 'move': {
        const id = idAt(world.mailbox, step.pick);
        // Before it carries a key, an item that changes its id cannot be told from a deletion and a new item.
        if (id !== undefined && world.mailbox.items.get(id)?.linkKey !== undefined) world.mailbox.move(id);
        break;
      }
      case 'loseCursors':
        world[step.side].loseCursors();
        break;
      case 'loseStore':
        // What was deleted meanwhile may come back after a total loss; the rest must hold.
        lostStore = true;
        world.store = memoryStore();
        await world.store.putPairs([world.pair]);
        break;
      case 'upgrade':
        await upgradeMapping(world, tunables);
        break;
      case 'undo':
        await askToUndo(world, step.pick);
        break;
      case 'settle':
        await askToSettle(world, step.pick, step.side);
        break;
      case 'pass':
        await passWith(world, step.mishaps);
        break;
    }
  }
  await world.settle(20);
  await releaseAll(world);
  await world.settle(20);
  for (let rounds = 0; (await world.store.held(world.pair.pairId, 1)).length > 0; rounds += 1) {
    assert.ok(rounds < 20, 'every conflict can be settled');
    await askToSettle(world, 0, 'crm');
    await world.settle(20);
    await releaseAll(world);
    await world.settle(20);
  }
  // Items whose partner was deleted before both were known to be equal are left to a person, on the review list.
  const parked = new Set((await world.store.review(world.pair.pairId, 1_000)).map((row) => row.id));
  check(world, made, deleted, lostStore, parked);
}

async function passWith(world: World, mishaps: readonly number[]): Promise<void> {
  let call = 0;
  const planned = new Map(mishaps.map((at, index) => [at, index]));
  const choose = (name: string): Mishap | undefined => {
    call += 1;
    const index = planned.get(call);
    if (index === undefined || name === 'readItem') return undefined;
    if (index % 3 === 0) return { kind: 'loseReply' };
    return index % 3 === 1 ? { kind: 'loseRequest' } : { kind: 'refuse', fault: fault('server.unreachable', 'down') };
  };
  world.crm.mishap = choose;
  world.mailbox.mishap = choose;
  await world.pass();
  world.crm.mishap = () => undefined;
  world.mailbox.mishap = () => undefined;
}

/** A side that emptied while its position was lost waits for a person; here the deletions were meant. */
async function releaseAll({ store, pair }: World): Promise<void> {
  for (const { side: on, kind, plan } of await store.brakes(pair.pairId)) {
    await store.releaseBrake(pair.pairId, on, kind, plan);
  }
}

async function askToUndo({ store, pair }: World, pickAt: number): Promise<void> {
  const entries = await store.journal(pair.pairId, { limit: 1_000 });
  const decisions = entries.filter(({ event }) => event === 'removed' || event === 'conflict');
  const chosen = decisions[pickAt % decisions.length];
  if (chosen !== undefined) await store.ask(pair.pairId, { kind: 'undo', decision: chosen.sequence });
}

async function askToSettle({ store, pair }: World, pickAt: number, take: 'crm' | 'mailbox'): Promise<void> {
  const links = await store.held(pair.pairId, 100);
  const linkKey = links[pickAt % links.length]?.linkKey;
  if (linkKey === undefined) return;
  const [view] = await store.links(pair.pairId, [linkKey]);
  const verdict = settleable(view, null);
  if (verdict.kind === 'yes')
    await store.ask(pair.pairId, { kind: 'settle', linkKey, path: null, take, seen: verdict.seen });
}

function check(
  world: World,
  made: ReadonlyMap<string, unknown>,
  deleted: ReadonlySet<string>,
  lostStore: boolean,
  parked: ReadonlySet<string>,
): void {
  for (const kind of ['contact', 'task'] as const) {
    const [crm, mailbox] = [contents(world.crm, kind, parked), contents(world.mailbox, kind, parked)];
    assert.deepEqual(crm, mailbox, 'both sides hold the same');
  }
  const names = [...world.crm.items.values()].map((stored) => nameOf(stored.item));
  assert.equal(new Set(names).size, names.length, 'nothing is doubled');
  for (const name of made.keys()) {
    if (!deleted.has(name)) assert.ok(names.includes(name), `${name} is missing although nobody deleted it`);
  }
  if (!lostStore) assert.ok(names.length <= made.size);
}

function contents(on: MapSide, kind: Kind, parked: ReadonlySet<string>): readonly string[] {
  return [...on.items]
    .filter(([id, stored]) => stored.kind === kind && !parked.has(id))
    .map(([, stored]) => JSON.stringify(prints(stored.item)))
    .sort();
}

function idAt(on: MapSide, pickAt: number): string | undefined {
  const ids = [...on.items.keys()];
  return ids.length === 0 ? undefined : ids[pickAt % ids.length];
}

function edit(on: MapSide, pickAt: number, field: number, witness: string): void {
  const id = idAt(on, pickAt);
  if (id === undefined) return;
  on.edit<Contact | Task>(id, (item) => {
    if (field === 0) return { ...item, body: { text: witness } };
    if (item.kind === 'task') return { ...item, categories: [...(item.categories ?? []), witness] };
    return { ...item, emails: { ...item.emails, [field === 1 ? '2' : '3']: `${witness}@example.test` } };
  });
}

function contactNamed(name: string): Contact {
  return { kind: 'contact', name: { given: name, surname: 'Witness' }, emails: { '1': `${name}@example.test` } };
}

function taskNamed(name: string): Task {
  return { kind: 'task', title: name, progress: { status: 'notStarted', percent: 0 } };
}

function nameOf(item: Item): string {
  return item.kind === 'contact' ? (item.name?.given ?? '') : (item.title ?? '');
}
