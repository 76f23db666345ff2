import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { prints } from '#model/fingerprint.ts';
import { groups } from '#model/groups.ts';
import type { Contact, Item } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { contacts, events, tasks } from '#testing/arbitrary-items.ts';
import { defaultPolicy } from '../policy.ts';
import { type Merged, merge } from './merge.ts';

const policies = ['crmWins', 'mailboxWins'] as const;
/** Three items of one kind. */
const triples = fc.oneof(
  fc.tuple(contacts, contacts, contacts),
  fc.tuple(events, events, events),
  fc.tuple(tasks, tasks, tasks),
) as fc.Arbitrary<readonly [Item, Item, Item]>;
const policy = fc.constantFrom(...policies);

function merged(base: Item | null, crm: Item, mailbox: Item, conflict: (typeof policies)[number]): Merged {
  const known = base === null ? null : { item: base, prints: { crm: prints(base), mailbox: prints(base) } };
  const side = (item: Item) => ({ item, prints: prints(item) });
  return merge(
    { base: known, crm: side(crm), mailbox: side(mailbox), facts: { crm: {}, mailbox: {} }, held: [] },
    { ...defaultPolicy, conflict },
  );
}

/** Without what only a server decides: that is never merged. Overrides that hang on no instance are dropped by design. */
function plain(item: Item): Item {
  const kept: Record<string, unknown> = { ...item };
  for (const group of groups[item.kind]) if (group.shape === 'server') delete kept[group.name];
  return normalise(kept as unknown as Item);
}

test('a change on one side alone is taken as it is', () => {
  fc.assert(
    fc.property(triples, policy, ([base, changed], conflict) => {
      const [b, x] = [plain(base), plain(changed)];
      assert.deepEqual(prints(merged(b, x, b, conflict).item), prints(x));
      assert.deepEqual(prints(merged(b, b, x, conflict).item), prints(x));
    }),
  );
});

test('equal changes on both sides are no conflict', () => {
  fc.assert(
    fc.property(triples, policy, ([base, changed], conflict) => {
      const result = merged(plain(base), plain(changed), plain(changed), conflict);
      assert.deepEqual(prints(result.item), prints(plain(changed)));
      assert.deepEqual(result.losers, []);
    }),
  );
});

test('merging the result again changes nothing', () => {
  fc.assert(
    fc.property(triples, policy, fc.boolean(), ([base, crm, mailbox], conflict, first) => {
      const b = first ? null : plain(base);
      const once = merged(b, plain(crm), plain(mailbox), conflict).item;
      const again = merged(b, once, once, conflict);
      assert.deepEqual(prints(again.item), prints(once));
      assert.deepEqual(again.losers, []);
      // Half-way: one side has the result already, the other still has its own value.
      assert.deepEqual(prints(merged(b, plain(crm), once, conflict).item), prints(once));
    }),
  );
});

test('every value of the result stands in one of the inputs', () => {
  fc.assert(
    fc.property(triples, policy, ([base, crm, mailbox], conflict) => {
      const inputs = [plain(base), plain(crm), plain(mailbox)];
      const known = new Set(
        inputs.flatMap((item) => Object.entries(prints(item)).map(([path, print]) => path + print)),
      );
      for (const [path, print] of Object.entries(
        prints(merged(inputs[0] as Item, inputs[1] as Item, inputs[2] as Item, conflict).item),
      )) {
        if (path === 'categories' || path.startsWith('overrides.')) continue;
        assert.ok(known.has(path + print), path);
      }
    }),
  );
});

test('at a first meeting a blank never erases a value', () => {
  fc.assert(
    fc.property(contacts, contacts, (crm, mailbox) => {
      const result = merged(null, plain(crm), plain(mailbox), 'crmWins').item;
      for (const path of [...Object.keys(prints(plain(crm))), ...Object.keys(prints(plain(mailbox)))]) {
        assert.ok(prints(result)[path] !== undefined, path);
      }
    }),
  );
});

test('what a conflict overrules is returned, with whose value it was and what was kept', () => {
  const base: Contact = { kind: 'contact', webPage: 'a' };
  const result = merged(base, { ...base, webPage: 'b' }, { ...base, webPage: 'c' }, 'crmWins');
  assert.deepEqual(result.losers, [{ path: 'webPage', side: 'mailbox', value: 'c', kept: 'b', rule: 'crmWins' }]);
  assert.equal((result.item as Contact).webPage, 'b');
});

test('categories added on either side stay, categories removed on either side go', () => {
  const item = (...categories: string[]): Contact => normalise({ kind: 'contact', categories });
  const result = merged(item('a', 'b'), item('a', 'c'), item('b', 'd'), 'crmWins').item as Contact;
  assert.deepEqual(result.categories, ['c', 'd']);
});
