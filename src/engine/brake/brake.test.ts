import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Contact } from '#model/item.ts';
import { engineWorld, type World } from '#testing/engine-world.ts';
import { defaultPolicy } from '../policy.ts';

const limits = { removals: { itemsMin: 2, share: 0 }, overwrites: { itemsMin: 100, share: 1 }, fusePairs: 2 };
const policy = { ...defaultPolicy, brake: limits };

async function filled(contacts: number): Promise<World> {
  const world = await engineWorld({ policy });
  for (let n = 1; n <= contacts; n += 1) {
    const contact: Contact = { kind: 'contact', name: { given: `Person ${n}`, surname: 'Ash' } };
    world.crm.add(contact);
  }
  await world.settle();
  return world;
}

/** Another mailbox whose brake is held. */
async function brakedPair(world: World, pairId: string): Promise<() => Promise<boolean>> {
  const pair = { ...world.pair, pairId, crmUser: pairId, mailbox: `${pairId}@example.test` };
  await world.store.putPairs([pair]);
  const claim = await world.store.claimPair(pairId, 'other', world.ports.clock.now(), 60_000);
  const brake = { side: 'crm', kind: 'contact', work: 'removals', count: 9, links: 9, sample: [] } as const;
  await world.store.commit(claim!.lease, {
    brakes: [{ ...brake, plan: 'plan', since: '2026-03-02T08:00:00Z', state: 'held' }],
  });
  return () => world.store.releaseBrake(pairId, 'crm', 'contact', 'plan');
}

test('a brake on too many removals clears by itself when what was missing is there again', async () => {
  const world = await filled(6);
  const ids = [...world.mailbox.items.keys()].slice(0, 4);
  const stored = ids.map((id) => world.mailbox.items.get(id)!);
  for (const id of ids) world.mailbox.delete(id);
  await world.settle();
  assert.equal(world.crm.items.size, 6);
  const held = async () => (await world.store.brakes(world.pair.pairId)).map((brake) => brake.state);
  assert.deepEqual(await held(), ['held']);
  for (const { item, linkKey } of stored) world.mailbox.add(item, linkKey);
  await world.settle();
  assert.equal(world.crm.items.size, 6);
  assert.equal(world.mailbox.items.size, 6);
  assert.deepEqual(await held(), ['cleared']);
});

test('while many mailboxes are held at once, nothing is removed anywhere, and everything else goes on', async () => {
  const world = await filled(6);
  await brakedPair(world, 'other001');
  const release = await brakedPair(world, 'other002');
  const [first, second] = [...world.mailbox.items.keys()];
  world.mailbox.delete(first as string);
  world.mailbox.edit<Contact>(second as string, (item) => ({ ...item, webPage: 'https://new.example/' }));
  await world.settle();
  assert.equal(world.crm.items.size, 6);
  assert.match(JSON.stringify([...world.crm.items.values()]), /new\.example/);
  assert.equal(await release(), true);
  await world.settle();
  assert.equal(world.crm.items.size, 5);
});
