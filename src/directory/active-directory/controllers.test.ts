import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findControllers, inOrder, type SrvRecord } from './controllers.ts';

const chance = (fractions: readonly number[]) => {
  let at = 0;
  return {
    fraction: () => fractions[at++ % fractions.length] ?? 0,
    bytes: (count: number) => new Uint8Array(count),
  };
};

const record = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  port: fc.constant(389),
  priority: fc.integer({ min: 0, max: 3 }),
  weight: fc.integer({ min: 0, max: 100 }),
});

test('servers of DNS are tried by priority, none is lost and none comes twice', () => {
  const fractions = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(record), fractions, (records: readonly SrvRecord[], drawn) => {
      const ordered = inOrder(records, chance(drawn));
      assert.equal(ordered.length, records.length);
      assert.deepEqual(new Set(ordered), new Set(records));
      const priorities = ordered.map(({ priority }) => priority);
      assert.deepEqual(
        priorities,
        [...priorities].sort((a, b) => a - b),
      );
    }),
  );
});

test('among equals the heavier server is drawn more often', () => {
  const twins: readonly SrvRecord[] = [
    { name: 'light', port: 389, priority: 0, weight: 10 },
    { name: 'heavy', port: 389, priority: 0, weight: 90 },
  ];
  let seed = 1;
  const random = {
    // A plain linear generator: the same numbers in every run.
    fraction: () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    },
    bytes: (count: number) => new Uint8Array(count),
  };
  let heavy = 0;
  for (let draw = 0; draw < 1_000; draw += 1) if (inOrder(twins, random)[0]?.name === 'heavy') heavy += 1;
  assert.ok(heavy > 850 && heavy < 950, `${heavy} of 1000`);
});

test('the global catalog and the domain controllers have their own records and their own encrypted ports', async () => {
  const asked: string[] = [];
  const resolve = async (name: string) => {
    asked.push(name);
    return [{ name: 'dc1.corp.example', port: 389, priority: 0, weight: 1 }];
  };
  const urls = async (role: 'globalCatalog' | 'domainController', startTls: boolean) => {
    const reply = await findControllers('corp.example', role, startTls, resolve, chance([0.5]));
    return reply.ok ? reply.value : [];
  };
  assert.deepEqual(await urls('globalCatalog', false), ['ldaps://dc1.corp.example:3269']);
  assert.deepEqual(await urls('domainController', false), ['ldaps://dc1.corp.example:636']);
  assert.deepEqual(await urls('domainController', true), ['ldap://dc1.corp.example:389']);
  assert.deepEqual(new Set(asked), new Set(['_ldap._tcp.gc._msdcs.corp.example', '_ldap._tcp.dc._msdcs.corp.example']));
  const failing = async (): Promise<never> => {
    throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
  };
  const reply = await findControllers('corp.example', 'globalCatalog', false, failing, chance([0.5]));
  assert.deepEqual(reply.ok ? '' : [reply.fault.code, reply.fault.source], ['server.unreachable', 'ENOTFOUND']);
});
