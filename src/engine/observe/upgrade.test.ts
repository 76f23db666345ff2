import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fault } from '#contract/fault.ts';
import { groups } from '#model/groups.ts';
import type { CalendarEvent, Contact, Item } from '#model/item.ts';
import type { Store } from '#store/port.ts';
import { engineWorld, type World, type WorldOptions } from '#testing/engine-world.ts';
import { linksOf, upgradeMapping } from '#testing/upgrade-mapping.ts';

const person = (given: string, more: Partial<Contact> = {}): Contact => ({
  kind: 'contact',
  name: { given, surname: 'Ash' },
  emails: { '1': `${given}@ash.example` },
  ...more,
});
const lunch: CalendarEvent = {
  kind: 'event',
  title: 'Lunch',
  when: { start: '2026-03-02T12:00:00', end: '2026-03-02T13:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
};

/** The mailbox's server rewrites web pages, so that its prints are not those of the base. */
const rewrite = (item: Item): Item =>
  item.kind === 'contact' && item.webPage !== undefined && !item.webPage.endsWith('/')
    ? { ...item, webPage: `${item.webPage}/` }
    : item;

interface Upgradable {
  readonly world: World;
  /** From now on another mapping is at work: no stored print fits any more. */
  upgrade(): Promise<void>;
}

async function settled(items: readonly Item[], options: WorldOptions = {}): Promise<Upgradable> {
  const tunables = { mapping: 1, pageLinks: 3 };
  const mailbox = { rewrite, writesReturnItem: false, pageItems: 2, ...options.mailbox };
  const world = await engineWorld({ ...options, mailbox, tunables });
  for (const item of items) world.crm.add(item);
  await world.settle();
  return {
    world,
    upgrade: () => upgradeMapping(world, tunables),
  };
}

const writesOf = ({ crm, mailbox }: World): number => crm.writes.length + mailbox.writes.length;

const five = ['a', 'b', 'c', 'd', 'e'].map((given) => person(given, { webPage: `https://${given}.example` }));

function idOf(world: World, side: 'crm' | 'mailbox', given: string): string {
  const found = [...world[side].items].find(([, { item }]) => (item as Contact).name?.given === given);
  return found?.[0] as string;
}

const contactOn = (world: World, side: 'crm' | 'mailbox', given: string) =>
  world[side].items.get(idOf(world, side, given))?.item as Contact;

test('a new version of the mapping reads everything again and writes nothing, and every pair stays as it was', async () => {
  const { world, upgrade } = await settled([...five, lunch]);
  const [before, links] = [writesOf(world), await linksOf(world.store, world.pair.pairId)];
  await upgrade();
  await world.settle();
  await world.settle();
  assert.equal(writesOf(world), before);
  assert.deepEqual(await linksOf(world.store, world.pair.pairId), links);
  for (const { mapping, mappedEpoch, verified } of await world.store.feeds(world.pair.pairId)) {
    assert.deepEqual([mapping.split('.')[0], mappedEpoch, verified], ['2', 2, true]);
  }
});

test('what people did while the engine was being upgraded crosses, conflicts and deletions too', async () => {
  const { world, upgrade } = await settled(five);
  world.crm.edit<Contact>(idOf(world, 'crm', 'a'), (item) => ({ ...item, birthday: '1980-01-01' }));
  world.mailbox.edit<Contact>(idOf(world, 'mailbox', 'b'), (item) => ({ ...item, birthday: '1981-01-01' }));
  world.mailbox.delete(idOf(world, 'mailbox', 'c'));
  for (const [side, day] of [
    ['crm', '1982-01-01'],
    ['mailbox', '1983-01-01'],
  ] as const) {
    world[side].edit<Contact>(idOf(world, side, 'd'), (item) => ({ ...item, birthday: day }));
  }
  world.mailbox.move(idOf(world, 'mailbox', 'e'));
  world.crm.add(person('f'));
  await upgrade();
  await world.settle();
  for (const side of ['crm', 'mailbox'] as const) {
    const days = ['a', 'b', 'd'].map((given) => contactOn(world, side, given).birthday);
    assert.deepEqual(days, ['1980-01-01', '1981-01-01', '1982-01-01'], side);
    assert.equal(world[side].items.size, 5, side);
  }
  const [entry] = await world.store.journal(world.pair.pairId, { event: 'conflict', limit: 9 });
  assert.match(JSON.stringify(entry?.detail), /1983-01-01/);
});

test('an upgrade that dies anywhere is continued, and still writes nothing but what people changed', async () => {
  for (const moment of ['before', 'after'] as const) {
    for (let nth = 1, reached = true; reached; nth += 1) {
      const { world, upgrade } = await settled(five);
      world.crm.edit<Contact>(idOf(world, 'crm', 'b'), (item) => ({ ...item, birthday: '1980-01-01' }));
      const before = writesOf(world);
      await upgrade();
      const { store } = world;
      let commits = 0;
      const commit: Store['commit'] = async (lease, batch) => {
        commits += 1;
        if (commits === nth && moment === 'before') throw new Error('dies before the commit');
        await store.commit(lease, batch);
        if (commits === nth) throw new Error('dies after the commit');
      };
      world.store = { ...store, commit };
      await world.pass().catch(() => {});
      world.store = store;
      await world.settle();
      assert.equal(contactOn(world, 'mailbox', 'b').birthday, '1980-01-01');
      assert.equal(writesOf(world), before + 1, `${moment} commit ${nth}`);
      reached = commits >= nth;
    }
  }
});

test('a field that is mapped for the first time overwrites nothing silently, and fills what was blank', async () => {
  const fields: Record<string, true> = Object.fromEntries(
    groups.contact.filter(({ name }) => name !== 'birthday').map(({ name }) => [name, true]),
  );
  const { world, upgrade } = await settled(five, { mailbox: { fields: { contact: fields } } });
  for (const [side, given, birthday] of [
    ['crm', 'a', '1980-01-01'],
    ['mailbox', 'a', '1981-01-01'],
    ['mailbox', 'b', '1982-01-01'],
    ['crm', 'c', '1983-01-01'],
    ['mailbox', 'c', '1983-01-01'],
  ] as const) {
    world[side].edit<Contact>(idOf(world, side, given), (item) => ({ ...item, birthday }));
  }
  await world.settle();
  assert.equal(contactOn(world, 'crm', 'b').birthday, undefined, 'not mapped yet');
  const before = writesOf(world);
  fields.birthday = true;
  await upgrade();
  await world.settle();
  for (const side of ['crm', 'mailbox'] as const) {
    const days = ['a', 'b', 'c', 'd'].map((given) => contactOn(world, side, given).birthday);
    assert.deepEqual(days, ['1980-01-01', '1982-01-01', '1983-01-01', undefined], side);
  }
  assert.equal(writesOf(world), before + 2);
  const entries = await world.store.journal(world.pair.pairId, { event: 'conflict', limit: 9 });
  assert.match(JSON.stringify(entries.map(({ detail }) => detail)), /"value":"1981-01-01","kept":"1980-01-01"/);
});

test('what cannot be read during the upgrade is not overwritten, and is compared once it can be read', async () => {
  for (const code of ['item.unreadable', 'item.unsupported'] as const) {
    const { world, upgrade } = await settled(five, { policy: { conflict: 'mailboxWins' } });
    const sick = idOf(world, 'mailbox', 'a');
    const born = (birthday: string) => world.mailbox.edit<Contact>(sick, (item) => ({ ...item, birthday }));
    born('1979-01-01');
    world.crm.edit<Contact>(idOf(world, 'crm', 'a'), (item) => ({ ...item, emails: { '1': 'new@ash.example' } }));
    world.mailbox.mishap = (call, id) =>
      call === 'readItem' && id === sick ? { kind: 'refuse', fault: fault(code, 'corrupt') } : undefined;
    await upgrade();
    const before = writesOf(world);
    await world.settle();
    assert.equal(writesOf(world), before);
    world.mailbox.mishap = () => undefined;
    born('1980-01-01');
    await world.settle();
    for (const side of ['crm', 'mailbox'] as const) {
      const { birthday, emails } = contactOn(world, side, 'a');
      assert.deepEqual([birthday, emails?.['1']], ['1980-01-01', 'new@ash.example'], `${code} ${side}`);
    }
  }
});

test('a conflict that waits goes on waiting, and a change that was held back is not forgotten', async () => {
  const { world, upgrade } = await settled(five, { policy: { conflict: 'hold' } });
  for (const side of ['crm', 'mailbox'] as const) {
    world[side].edit<Contact>(idOf(world, side, 'a'), (item) => ({ ...item, birthday: `19${side.length}0-01-01` }));
  }
  world.crm.edit<Contact>(idOf(world, 'crm', 'b'), (item) => ({ ...item, emails: { '1': 'new@ash.example' } }));
  const refused = { kind: 'refuse', fault: fault('item.invalid', 'no such day') } as const;
  world.mailbox.mishap = (call) => (call === 'update' ? refused : undefined);
  await world.settle();
  world.mailbox.mishap = () => undefined;
  world.mailbox.edit<Contact>(idOf(world, 'mailbox', 'a'), (item) => ({ ...item, anniversary: '2000-01-01' }));
  await upgrade();
  await world.settle();
  assert.equal(contactOn(world, 'crm', 'a').birthday, '1930-01-01');
  assert.equal(contactOn(world, 'mailbox', 'a').birthday, '1970-01-01');
  assert.equal(contactOn(world, 'crm', 'a').anniversary, '2000-01-01');
  assert.equal(contactOn(world, 'mailbox', 'b').emails?.['1'], 'new@ash.example');
  assert.equal((await world.store.held(world.pair.pairId, 9)).length, 1);
});

test('what was left alone on purpose is left alone after an upgrade', async () => {
  const { world, upgrade } = await settled(five);
  world.crm.release(idOf(world, 'crm', 'a'), 'access');
  await world.settle();
  const before = writesOf(world);
  await upgrade();
  await world.settle();
  assert.equal(writesOf(world), before);
  assert.equal((await world.store.review(world.pair.pairId, 9)).length, 1);
});

test('a mailbox that comes to hold more than before has nothing overwritten unseen by what it holds', async () => {
  const narrow = { name: true, emails: true } as const;
  const mailbox: { fields: Partial<Record<'contact', Record<string, true>>>; writesReturnItem: boolean } = {
    fields: { contact: narrow },
    writesReturnItem: false,
  };
  const world = await engineWorld({ mailbox });
  const page = (given: string, webPage: string): Contact => ({ ...person(given), webPage });
  const both = world.crm.add(page('both', 'https://crm.example/'));
  world.crm.add(page('blank', 'https://only.example/'));
  await world.settle();
  // On its new server the mailbox shows what was always in it.
  delete mailbox.fields.contact;
  const inMailbox = idOf(world, 'mailbox', 'both');
  const stored = world.mailbox.items.get(inMailbox)!;
  world.mailbox.items.set(inMailbox, { ...stored, item: page('both', 'https://mailbox.example/') });
  await world.settle();
  assert.deepEqual(webPagesOf(world, both, inMailbox), ['https://crm.example/', 'https://crm.example/']);
  const conflicts = await world.store.journal(world.pair.pairId, { event: 'conflict', limit: 9 });
  assert.match(JSON.stringify(conflicts), /mailbox\.example/);
  const filled = world.mailbox.items.get(idOf(world, 'mailbox', 'blank'))?.item as Contact;
  assert.equal(filled.webPage, 'https://only.example/');
});

function webPagesOf(world: World, crmId: string, mailboxId: string): readonly (string | undefined)[] {
  return [world.crm.items.get(crmId), world.mailbox.items.get(mailboxId)].map(
    (one) => (one?.item as Contact | undefined)?.webPage,
  );
}
