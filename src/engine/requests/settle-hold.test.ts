import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CalendarEvent, Contact, Item } from '#model/item.ts';
import type { Hold, Side, Store } from '#store/port.ts';
import { engineWorld, type World } from '#testing/engine-world.ts';
import type { Policy } from '../policy.ts';
import { settleable } from './settleable.ts';

const ann: Contact = {
  kind: 'contact',
  name: { given: 'Ann', surname: 'Ash' },
  emails: { '1': 'ann@ash.example' },
  webPage: 'https://ash.example/',
};
const weekly: CalendarEvent = {
  kind: 'event',
  title: 'Lunch',
  when: { start: '2026-03-02T12:00:00', end: '2026-03-02T13:00:00', allDay: false, zone: 'Europe/Berlin' },
  recurrence: {
    pattern: { kind: 'weekly', interval: 1, days: ['monday'], firstDay: 'monday' },
    range: { kind: 'count', count: 4 },
  },
  showAs: 'busy',
};

interface Pairing {
  readonly world: World;
  readonly ids: Readonly<Record<Side, string>>;
}

async function paired(item: Item, policy: Partial<Policy> = { conflict: 'hold' }): Promise<Pairing> {
  const world = await engineWorld({ policy });
  const crm = world.crm.add(item);
  await world.settle();
  return { world, ids: { crm, mailbox: [...world.mailbox.items.keys()][0] as string } };
}

const itemOn = <T extends Item>({ world, ids }: Pairing, side: Side) => world[side].items.get(ids[side])?.item as T;

function edit<T extends Item>({ world, ids }: Pairing, side: Side, change: (item: T) => Item): void {
  world[side].edit<T>(ids[side], change);
}

/** Name, first address and web page are changed on both sides. */
async function clashed(): Promise<Pairing> {
  const found = await paired(ann);
  for (const side of ['crm', 'mailbox'] as const) {
    edit<Contact>(found, side, (item) => ({
      ...item,
      name: { given: side, surname: side },
      emails: { '1': `${side}@ash.example` },
      webPage: `https://${side}.example/`,
    }));
  }
  await found.world.settle();
  return found;
}

async function holds({ world }: Pairing): Promise<readonly Hold[]> {
  return (await world.store.held(world.pair.pairId, 9))[0]?.holds ?? [];
}

async function ask({ world }: Pairing, take: Side, path: string | null = null): Promise<void> {
  const { pairId } = world.pair;
  const [link] = await world.store.held(pairId, 9);
  const linkKey = link?.linkKey ?? '';
  const [view] = await world.store.links(pairId, [linkKey]);
  const verdict = settleable(view, path);
  assert.equal(verdict.kind, 'yes');
  if (verdict.kind === 'yes')
    await world.store.ask(pairId, { kind: 'settle', linkKey, path, take, seen: verdict.seen });
}

const journalled = ({ world }: Pairing, event: string) => world.store.journal(world.pair.pairId, { event, limit: 99 });

async function writesOf({ world }: Pairing): Promise<number> {
  return world.crm.writes.length + world.mailbox.writes.length;
}

test('what both sides changed stays on each as it is there, a whole name too', async () => {
  const found = await clashed();
  for (const side of ['crm', 'mailbox'] as const) {
    assert.deepEqual(itemOn<Contact>(found, side).name, { given: side, surname: side });
  }
  assert.deepEqual((await holds(found)).map(({ path }) => path).sort(), ['emails.1', 'name', 'webPage']);
});

test('a person settles one value or all, and the other side’s is overruled and kept in the journal', async () => {
  const found = await clashed();
  await ask(found, 'mailbox', 'name');
  await found.world.settle();
  for (const side of ['crm', 'mailbox'] as const) {
    assert.deepEqual(itemOn<Contact>(found, side).name, { given: 'mailbox', surname: 'mailbox' });
    assert.equal(itemOn<Contact>(found, side).webPage, `https://${side}.example/`);
  }
  await ask(found, 'crm');
  await found.world.settle();
  for (const side of ['crm', 'mailbox'] as const) {
    const { emails, webPage } = itemOn<Contact>(found, side);
    assert.deepEqual([emails?.['1'], webPage], ['crm@ash.example', 'https://crm.example/']);
  }
  assert.deepEqual(await holds(found), []);
  assert.deepEqual(await found.world.store.requests(found.world.pair.pairId, 9), []);
  const told = JSON.stringify((await journalled(found, 'conflict')).map(({ detail }) => detail));
  assert.match(told, /"path":"name","side":"crm","value":{"given":"crm","surname":"crm"},.*"rule":"settled"/);
  assert.match(told, /"path":"emails.1","side":"mailbox","value":"mailbox@ash.example",.*"rule":"settled"/);
  const before = await writesOf(found);
  await found.world.settle();
  assert.equal(await writesOf(found), before);
});

test('a conflict that changed after it was shown is not settled by what was said before', async () => {
  const found = await clashed();
  await ask(found, 'crm', 'webPage');
  for (const side of ['crm', 'mailbox'] as const) {
    edit<Contact>(found, side, (item) => ({ ...item, webPage: `https://${side}2.example/` }));
  }
  await found.world.settle();
  await found.world.settle();
  assert.equal(itemOn<Contact>(found, 'mailbox').webPage, 'https://mailbox2.example/');
  assert.match(JSON.stringify((await journalled(found, 'settleRefused'))[0]?.detail), /changed since it was shown/);
  assert.deepEqual(await found.world.store.requests(found.world.pair.pairId, 9), []);
});

test('a person who takes his change back on one side settles the conflict for the other', async () => {
  const found = await clashed();
  edit<Contact>(found, 'crm', (item) => ({ ...item, name: ann.name! }));
  await found.world.settle();
  assert.deepEqual(itemOn<Contact>(found, 'mailbox').name, ann.name);
  assert.deepEqual((await holds(found)).map(({ path }) => path).sort(), ['emails.1', 'webPage']);
});

test('an edit against a deletion is settled for the edit, or for the deletion', async () => {
  for (const [deleted, edited] of [
    ['mailbox', 'crm'],
    ['crm', 'mailbox'],
  ] as const) {
    for (const take of [deleted, edited]) {
      const found = await paired(ann, { editAgainstDelete: 'hold' });
      found.world[deleted].delete(found.ids[deleted]);
      edit<Contact>(found, edited, (item) => ({ ...item, webPage: 'https://edited.example/' }));
      await found.world.settle();
      assert.equal((await holds(found))[0]?.path, '');
      await ask(found, take);
      await found.world.settle();
      const pages = [found.world.crm, found.world.mailbox].map((side) =>
        side.all('contact').map((item) => (item as Contact).webPage),
      );
      const kept = take === edited ? ['https://edited.example/'] : [];
      assert.deepEqual(pages, [kept, kept], `${deleted} deleted, ${take} taken`);
      assert.deepEqual(await holds(found), []);
    }
  }
});

test('the schedule of a series is settled as a whole, also what was changed in it while it waited', async () => {
  for (const take of ['crm', 'mailbox'] as const) {
    const found = await paired(weekly, { kinds: { event: { conflict: 'hold' } } });
    const daily = { pattern: { kind: 'daily', interval: 1 }, range: { kind: 'count', count: 4 } } as const;
    edit<CalendarEvent>(found, 'crm', (item) => ({ ...item, recurrence: daily }));
    edit<CalendarEvent>(found, 'mailbox', (item) => ({
      ...item,
      recurrence: { ...weekly.recurrence!, range: { kind: 'count', count: 9 } },
      overrides: { '2026-03-09T12:00:00': { excluded: true } },
    }));
    await found.world.settle();
    const later = { ...weekly.when, end: '2026-03-02T14:00:00' };
    edit<CalendarEvent>(found, 'mailbox', (item) => ({ ...item, when: later }));
    await found.world.settle();
    assert.deepEqual(itemOn<CalendarEvent>(found, 'crm').when, weekly.when, 'held together');
    const wanted = itemOn<CalendarEvent>(found, take);
    await ask(found, take, 'recurrence');
    await found.world.settle();
    for (const side of ['crm', 'mailbox'] as const) {
      assert.deepEqual(itemOn<CalendarEvent>(found, side), wanted, `${take} taken, ${side}`);
    }
    assert.deepEqual(await holds(found), []);
  }
});

test('a settling whose request or answer is lost takes effect once, and nothing goes on waiting', async () => {
  for (const take of ['crm', 'mailbox'] as const) {
    for (const kind of ['loseReply', 'loseRequest'] as const) {
      const found = await clashed();
      await ask(found, take);
      const other = found.world[take === 'crm' ? 'mailbox' : 'crm'];
      let lost = 0;
      other.mishap = (name) => (name === 'update' && lost++ === 0 ? { kind } : undefined);
      await found.world.settle(20);
      assert.ok(lost > 0);
      for (const side of ['crm', 'mailbox'] as const) {
        assert.equal(itemOn<Contact>(found, side).webPage, `https://${take}.example/`);
        assert.deepEqual(itemOn<Contact>(found, side).name, { given: take, surname: take });
      }
      assert.deepEqual(await holds(found), [], `${take} ${kind}`);
    }
  }
});

test('wherever the engine dies while it settles, the value that was taken stands on both sides in the end', async () => {
  let deaths = 0;
  for (const moment of ['before', 'after'] as const) {
    for (let nth = 1, reached = true; reached; nth += 1) {
      const found = await clashed();
      await ask(found, 'mailbox');
      const { store } = found.world;
      let commits = 0;
      const commit: Store['commit'] = async (lease, batch) => {
        commits += 1;
        if (commits === nth && moment === 'before') throw new Error('dies before the commit');
        await store.commit(lease, batch);
        if (commits === nth) throw new Error('dies after the commit');
      };
      found.world.store = { ...store, commit };
      await found.world.pass().catch(() => {});
      found.world.store = store;
      await found.world.settle(20);
      for (const side of ['crm', 'mailbox'] as const) {
        assert.equal(itemOn<Contact>(found, side).webPage, 'https://mailbox.example/', `${moment} commit ${nth}`);
      }
      assert.deepEqual(await holds(found), []);
      assert.equal((await journalled(found, 'settled')).length, 1);
      reached = commits >= nth;
      if (reached) deaths += 1;
    }
  }
  assert.ok(deaths >= 6, String(deaths));
});
