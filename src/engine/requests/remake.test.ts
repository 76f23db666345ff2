import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Contact } from '#model/item.ts';
import type { Store } from '#store/port.ts';
import { engineWorld, type World } from '#testing/engine-world.ts';

const ada: Contact = { kind: 'contact', name: { given: 'Ada', surname: 'Byron' }, webPage: 'https://ada.example/' };

/** Both sides held Ada; somebody deleted her in the CRM, and so she left the mailbox too. */
async function removed(): Promise<{ readonly world: World; readonly decision: number; readonly key: string }> {
  const world = await engineWorld();
  const id = world.crm.add(ada);
  await world.settle();
  world.crm.delete(id);
  await world.settle();
  assert.equal(world.mailbox.items.size, 0);
  const [entry] = await journalled(world, 'removed');
  return { world, decision: entry?.sequence ?? 0, key: entry?.linkKey ?? '' };
}

const journalled = (world: World, event: string) => world.store.journal(world.pair.pairId, { event, limit: 9 });
const ask = (world: World, decision: number) => world.store.ask(world.pair.pairId, { kind: 'undo', decision });

/** Each side holds Ada once, as one pair with a new key. */
async function assertBack(world: World, key: string, message = 'made again'): Promise<void> {
  for (const side of [world.crm, world.mailbox]) assert.deepEqual(side.all('contact'), [ada], message);
  const keys = new Set([...world.crm.items.values(), ...world.mailbox.items.values()].map(({ linkKey }) => linkKey));
  assert.equal(keys.size, 1, message);
  assert.ok(!keys.has(key), message);
  assert.equal((await world.tally('contact'))?.paired, 1, message);
  assert.equal((await journalled(world, 'undone')).length, 1, message);
  assert.equal((await journalled(world, 'remade')).length, 1, message);
  const before = world.crm.writes.length + world.mailbox.writes.length;
  await world.pass();
  assert.equal(world.crm.writes.length + world.mailbox.writes.length, before, message);
}

test('a removed item is made again on both sides, as one pair of its own', async () => {
  const { world, decision, key } = await removed();
  await ask(world, decision);
  await world.settle();
  await assertBack(world, key);
  assert.deepEqual(await world.store.requests(world.pair.pairId, 9), []);
});

test('a removal is undone once, however often somebody asks, and what was made again can be removed again', async () => {
  const { world, decision, key } = await removed();
  for (let times = 0; times < 2; times += 1) {
    await ask(world, decision);
    await world.settle();
  }
  assert.match(JSON.stringify((await journalled(world, 'undoRefused')).map(({ detail }) => detail)), /already/);
  await assertBack(world, key);
  world.mailbox.delete([...world.mailbox.items.keys()][0] as string);
  await world.settle();
  assert.equal(world.crm.items.size, 0);
});

test('what somebody brought back, or what the CRM still has, is not made a second time', async () => {
  const fetched = await removed();
  fetched.world.mailbox.add(ada, fetched.key);
  await ask(fetched.world, fetched.decision);
  await fetched.world.settle();
  for (const side of [fetched.world.crm, fetched.world.mailbox]) assert.equal(side.items.size, 1);
  assert.match(JSON.stringify((await journalled(fetched.world, 'undoRefused'))[0]?.detail), /in the mailbox/);

  const world = await engineWorld();
  const id = world.crm.add(ada);
  await world.settle();
  world.crm.release(id, 'unlisted');
  await world.settle();
  const [entry] = await journalled(world, 'removed');
  await ask(world, entry?.sequence ?? 0);
  await world.settle();
  assert.equal(world.mailbox.items.size + world.crm.items.size, 0);
  assert.match(JSON.stringify((await journalled(world, 'undoRefused'))[0]?.detail), /no longer for this user/);
});

test('whatever is lost while it is made again, nothing is doubled and nothing missing', async () => {
  for (const side of ['mailbox', 'crm'] as const) {
    for (const kind of ['loseRequest', 'loseReply'] as const) {
      const { world, decision, key } = await removed();
      await ask(world, decision);
      let lost = 0;
      world[side].mishap = (name) => (name === 'create' && lost++ === 0 ? { kind } : undefined);
      await world.settle(20);
      assert.ok(lost > 0);
      await assertBack(world, key, `${side} ${kind}`);
    }
  }
});

test('wherever the engine dies while it is made again, nothing is doubled and nothing missing', async () => {
  let deaths = 0;
  for (const moment of ['before', 'after'] as const) {
    for (let nth = 1, reached = true; reached; nth += 1) {
      const { world, decision, key } = await removed();
      await ask(world, decision);
      const whole = world.store;
      let commits = 0;
      const commit: Store['commit'] = async (lease, batch) => {
        commits += 1;
        if (commits === nth && moment === 'before') throw new Error('dies before the commit');
        await whole.commit(lease, batch);
        if (commits === nth) throw new Error('dies after the commit');
      };
      world.store = { ...whole, commit };
      await world.pass().catch(() => {});
      world.store = whole;
      await world.settle(20);
      await assertBack(world, key, `${moment} commit ${nth}`);
      reached = commits >= nth;
      if (reached) deaths += 1;
    }
  }
  assert.ok(deaths >= 10, String(deaths));
});

test('decisions that wrote nothing, and those that kept everything, say why there is nothing to undo', async () => {
  const world = await engineWorld({ policy: { conflict: 'keepBoth' } });
  const [one, two] = [world.crm.add(ada), world.crm.add({ ...ada, name: { given: 'Ed', surname: 'East' } })];
  await world.settle();
  world.crm.edit<Contact>(one, (item) => ({ ...item, webPage: 'https://crm.example/' }));
  const partner = [...world.mailbox.items].find(([, { item }]) => (item as Contact).name?.given === 'Ada')?.[0];
  world.mailbox.edit<Contact>(partner as string, (item) => ({ ...item, webPage: 'https://m.example/' }));
  world.crm.release(two, 'access');
  await world.settle();
  await world.settle();
  for (const event of ['keptBoth', 'ended']) {
    const [entry] = await journalled(world, event);
    await ask(world, entry?.sequence ?? 0);
  }
  const before = world.crm.writes.length + world.mailbox.writes.length;
  await world.settle();
  assert.equal(world.crm.writes.length + world.mailbox.writes.length, before);
  const told = JSON.stringify((await journalled(world, 'undoRefused')).map(({ detail }) => detail));
  assert.match(told, /as two records/);
  assert.match(told, /nothing was written/);
});
