import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Contact } from '#model/item.ts';
import { engineWorld, type World } from '#testing/engine-world.ts';

const ada: Contact = { kind: 'contact', name: { given: 'Ada', surname: 'Byron' }, webPage: 'a' };

/** Both sides changed the web page; the CRM's `b` won over the mailbox's `c`. */
async function conflicted(): Promise<{ readonly world: World; readonly decision: number }> {
  const world = await engineWorld();
  world.crm.add(ada);
  await world.settle();
  for (const [side, webPage] of [
    [world.crm, 'b'],
    [world.mailbox, 'c'],
  ] as const) {
    side.edit<Contact>([...side.items.keys()][0] as string, (item) => ({ ...item, webPage }));
  }
  await world.settle();
  const [entry] = await world.store.journal(world.pair.pairId, { event: 'conflict', limit: 1 });
  return { world, decision: entry?.sequence ?? 0 };
}

const pages = ({ crm, mailbox }: World) => [crm, mailbox].map((side) => (side.all('contact')[0] as Contact).webPage);

async function events(world: World, event: string): Promise<number> {
  return (await world.store.journal(world.pair.pairId, { event, limit: 9 })).length;
}

const ask = (world: World, decision: number) => world.store.ask(world.pair.pairId, { kind: 'undo', decision });

test('an overruled value is put back on both sides, once, and what it overrules is kept', async () => {
  const { world, decision } = await conflicted();
  assert.deepEqual(pages(world), ['b', 'b']);
  await ask(world, decision);
  await world.settle();
  assert.deepEqual(pages(world), ['c', 'c']);
  assert.equal(await events(world, 'undone'), 1);
  const again = await world.store.journal(world.pair.pairId, { event: 'conflict', limit: 9 });
  assert.match(JSON.stringify(again[1]?.detail), /"value":"b","kept":"c","rule":"undone"/);
  assert.deepEqual(await world.store.requests(world.pair.pairId, 9), []);
  await ask(world, again[1]?.sequence ?? 0);
  await world.settle();
  assert.deepEqual(pages(world), ['b', 'b']);
});

test('a value that somebody changed again since is left alone, and the answer is in the journal', async () => {
  const { world, decision } = await conflicted();
  world.crm.edit<Contact>([...world.crm.items.keys()][0] as string, (item) => ({ ...item, webPage: 'd' }));
  await ask(world, decision);
  await world.settle();
  await world.settle();
  assert.deepEqual(pages(world), ['d', 'd']);
  assert.equal(await events(world, 'undone'), 0);
  assert.equal(await events(world, 'undoRefused'), 1);
});

test('a decision that is none, or overruled nothing, changes nothing', async () => {
  const { world } = await conflicted();
  const [created] = await world.store.journal(world.pair.pairId, { event: 'created', limit: 1 });
  for (const decision of [created?.sequence ?? 0, 99_999]) await ask(world, decision);
  await world.settle();
  assert.deepEqual(pages(world), ['b', 'b']);
  assert.deepEqual(await world.store.requests(world.pair.pairId, 9), []);
});

test('an undoing whose answer was lost takes effect once', async () => {
  for (const side of ['crm', 'mailbox'] as const) {
    for (const kind of ['loseReply', 'loseRequest'] as const) {
      const { world, decision } = await conflicted();
      await ask(world, decision);
      let cut = 0;
      world[side].mishap = (name) => (name === 'update' && cut++ === 0 ? { kind } : undefined);
      await world.pass();
      await world.settle();
      assert.deepEqual(pages(world), ['c', 'c'], `${side} ${kind}`);
      assert.equal(await events(world, 'undone'), 1);
    }
  }
});
