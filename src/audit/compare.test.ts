import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fault } from '#contract/fault.ts';
import type { Contact, Item, Task } from '#model/item.ts';
import { items as anyItems } from '#testing/arbitrary-items.ts';
import { MapSide } from '#testing/map-side.ts';
import { type AuditResult, comparePair, isInSync } from './compare.ts';

const contact = (given: string, more: Partial<Contact> = {}): Contact => ({
  kind: 'contact',
  name: { given, surname: 'Archer' },
  emails: { '1': `${given.toLowerCase()}@example.test` },
  ...more,
});
const task = (title: string): Task => ({ kind: 'task', title, progress: { status: 'notStarted', percent: 0 } });

function twoSides(): { readonly crm: MapSide; readonly mailbox: MapSide } {
  return { crm: new MapSide({ name: 'c' }), mailbox: new MapSide({ name: 'm' }) };
}

async function audit(crm: MapSide, mailbox: MapSide, values = false): Promise<AuditResult> {
  const reply = await comparePair(crm.connector(), mailbox.connector(), { values });
  assert.ok(reply.ok);
  return reply.value;
}

test('two sides that hold the same are in sync, linked or not', async () => {
  const { crm, mailbox } = twoSides();
  for (const name of ['Ann', 'Bob', 'Cid', 'Dee', 'Eve']) {
    crm.add(contact(name), name < 'C' ? `key-${name}` : undefined);
    mailbox.add(contact(name), name < 'C' ? `key-${name}` : undefined);
  }
  crm.add(task('call'));
  mailbox.add(task('call'));
  const result = await audit(crm, mailbox);
  assert.equal(result.inSync, true);
  assert.deepEqual(
    result.kinds.map(({ kind, crm: ours, mailbox: theirs, equal }) => [kind, ours, theirs, equal]),
    [
      ['contact', 5, 5, 5],
      ['event', 0, 0, 0],
      ['task', 1, 1, 1],
    ],
  );
});

test('an item that differs is named with every differing field, and the values only when asked for', async () => {
  const { crm, mailbox } = twoSides();
  const ours = crm.add(contact('Ann', { organization: { company: 'Acme' } }), 'k1');
  const theirs = mailbox.add(
    contact('Ann', { name: { given: 'Anna', surname: 'Archer' }, webPage: 'https://a.test' }),
    'k1',
  );
  const [kind] = (await audit(crm, mailbox)).kinds;
  assert.deepEqual(kind?.different, [
    { crm: ours, mailbox: theirs, linkKey: 'k1', paths: ['name.given', 'organization.company', 'webPage'] },
  ]);
  const [detailed] = (await audit(crm, mailbox, true)).kinds;
  assert.deepEqual(detailed?.different[0]?.values?.['name.given'], { crm: 'Ann', mailbox: 'Anna' });
  assert.deepEqual(detailed?.different[0]?.values?.webPage, { crm: null, mailbox: 'https://a.test' });
});

test('an item that one side lacks is named, and an item of the other side is not taken for it', async () => {
  const { crm, mailbox } = twoSides();
  const ours = crm.add(contact('Ann'), 'k1');
  const theirs = mailbox.add(contact('Bob'), 'k2');
  const [kind] = (await audit(crm, mailbox)).kinds;
  assert.deepEqual([kind?.onlyInCrm, kind?.onlyInMailbox, kind?.equal], [[ours], [theirs], 0]);
});

test('a user’s copy of an item carries the same key, and only the copy is reported', async () => {
  const { crm, mailbox } = twoSides();
  crm.add(contact('Ann'), 'k1');
  const original = mailbox.add(contact('Ann', { webPage: 'https://changed.test' }), 'k1');
  const copy = mailbox.add(contact('Ann'), 'k1');
  const [kind] = (await audit(crm, mailbox)).kinds;
  // The equal one is the couple, whichever of the two is older.
  assert.deepEqual([kind?.equal, kind?.different.length, kind?.onlyInMailbox], [1, 0, [original]]);
  assert.notEqual(copy, original);
});

test('an unreadable item is neither equal nor missing, and the pair is not in sync', async () => {
  const { crm, mailbox } = twoSides();
  crm.add(contact('Ann'), 'k1');
  const sick = mailbox.add(contact('Ann'), 'k1');
  const unreadable = fault('item.unreadable', 'corrupt');
  mailbox.mishap = (call, id) =>
    call === 'readItem' && id === sick ? { kind: 'refuse', fault: unreadable } : undefined;
  const result = await audit(crm, mailbox);
  const [kind] = result.kinds;
  assert.equal(result.inSync, false);
  assert.deepEqual(kind?.unreadable, [{ side: 'mailbox', id: sick, fault: unreadable }]);
  assert.deepEqual([kind?.crm, kind?.mailbox, kind?.equal], [1, 1, 0]);
});

test('a side that cannot be listed ends the audit with its fault; it is never taken for empty', async () => {
  const { crm, mailbox } = twoSides();
  crm.add(contact('Ann'));
  const down = fault('server.unreachable', 'down');
  mailbox.mishap = (call) => (call === 'changes' ? { kind: 'refuse', fault: down } : undefined);
  const reply = await comparePair(crm.connector(), mailbox.connector());
  assert.deepEqual(reply, { ok: false, side: 'mailbox', kind: 'contact', fault: down });
});

test('fields that one side cannot hold do not make a difference', async () => {
  const crm = new MapSide({ name: 'c', fields: { contact: { name: ['given', 'surname'], emails: ['1'] } } });
  const mailbox = new MapSide({ name: 'm' });
  crm.add(contact('Ann'), 'k');
  mailbox.add(
    contact('Ann', { name: { given: 'Ann', surname: 'Archer', nickname: 'Annie' }, birthday: '1980-02-03' }),
    'k',
  );
  assert.equal((await audit(crm, mailbox)).inSync, true);
});

test('an item deleted while the audit runs is not reported as different', async () => {
  const { crm, mailbox } = twoSides();
  const ours = crm.add(contact('Ann', { webPage: 'https://x.test' }), 'k');
  const theirs = mailbox.add(contact('Ann'), 'k');
  let reads = 0;
  mailbox.mishap = (call) => {
    if (call === 'read') reads += 1;
    // The second reading looks closer at what differed.
    if (call === 'read' && reads === 2) {
      crm.items.delete(ours);
      mailbox.items.delete(theirs);
    }
    return undefined;
  };
  const [kind] = (await audit(crm, mailbox)).kinds;
  assert.equal(kind?.different.length, 0);
});

test('any single change to any item is found', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyItems, { minLength: 1, maxLength: 8 }), fc.nat(), async (items, at) => {
      const { crm, mailbox } = twoSides();
      const ids = items.map((item, index) => {
        crm.add(item, `key-${index}`);
        return mailbox.add(item, `key-${index}`);
      });
      assert.equal((await audit(crm, mailbox)).inSync, true);
      const changed = ids[at % ids.length] as string;
      mailbox.edit(changed, (item: Item) => ({
        ...item,
        categories: [...(item.categories ?? []), 'changed by the test'],
      }));
      const result = await audit(crm, mailbox);
      const open = result.kinds.filter((kind) => !isInSync(kind));
      assert.equal(open.length, 1);
      assert.deepEqual(
        open[0]?.different.map(({ mailbox: id, paths }) => [id, paths]),
        [[changed, ['categories']]],
      );
    }),
    { numRuns: 60 },
  );
});
