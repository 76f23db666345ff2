import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eligible, type HostView, place } from './place.ts';

const server = fc.constantFrom('a', 'b', 'c');
const hosts: fc.Arbitrary<readonly HostView[]> = fc
  .array(
    fc.record(
      {
        servers: fc.subarray(['a', 'b', 'c']),
        load: fc.record({ users: fc.nat(50), usersMax: fc.integer({ min: 1, max: 50 }) }),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 6 },
  )
  .map((all) => all.map((one, index) => ({ ...one, name: `host ${index}` })));

const share = ({ load }: HostView): number => (load === undefined ? 0 : load.users / load.usersMax);

test('every host that may take a mailbox and answers is tried once, and no other', () => {
  fc.assert(
    fc.property(hosts, server, (all, one) => {
      const expected = eligible(all, one).filter(({ load }) => load !== undefined);
      assert.deepEqual([...place(all, one)].sort(), expected.map(({ name }) => name).sort());
    }),
  );
});

test('the least loaded host comes first, and the order of the configuration does not matter', () => {
  fc.assert(
    fc.property(hosts, server, (all, one) => {
      const order = place(all, one);
      const shares = order.map((name) => share(all.find((host) => host.name === name) as HostView));
      assert.deepEqual(
        shares,
        shares.toSorted((a, b) => a - b),
      );
      assert.deepEqual(place(all.toReversed(), one), order);
    }),
  );
});

test('a server that hosts are kept for is served by them alone; the others are for the rest', () => {
  fc.assert(
    fc.property(hosts, server, (all, one) => {
      const chosen = eligible(all, one);
      const isKept = all.some(({ servers }) => servers?.includes(one));
      for (const host of chosen) assert.equal(host.servers?.includes(one) ?? false, isKept);
    }),
  );
});

test('placing many users one after the other fills hosts in proportion to their size', () => {
  const users = { small: 0, large: 0 };
  for (let count = 0; count < 300; count += 1) {
    const views = [
      { name: 'small', load: { users: users.small, usersMax: 100 } },
      { name: 'large', load: { users: users.large, usersMax: 200 } },
    ];
    const [first] = place(views, 'a');
    users[first as 'small' | 'large'] += 1;
  }
  assert.deepEqual(users, { small: 100, large: 200 });
});
