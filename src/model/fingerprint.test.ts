import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { itemPairs, items } from '#testing/arbitrary-items.ts';
import { changedPaths, printOf, prints, samePrints } from './fingerprint.ts';
import { groupOf, groups } from './groups.ts';
import { diffPaths } from './project.ts';
import { sameJson } from './same-json.ts';

test('two items have the same prints exactly when they say the same', () => {
  fc.assert(
    fc.property(itemPairs, ([one, two]) => {
      assert.equal(samePrints(prints(one), prints(two)), sameJson(one, two));
      assert.ok(samePrints(prints(one), prints(structuredClone(one))));
    }),
  );
});

test('a changed path is one that differs, and no other', () => {
  fc.assert(
    fc.property(itemPairs, ([one, two]) => {
      const records = new Set(groups[one.kind].filter(({ shape }) => shape === 'record').map(({ name }) => name));
      // Records have one print for all their leaves.
      const expected = new Set(diffPaths(one, two).map((path) => (records.has(groupOf(path)) ? groupOf(path) : path)));
      assert.deepEqual(new Set(changedPaths(prints(one), prints(two))), expected);
    }),
  );
});

test('a print is twelve characters and does not depend on the order of keys', () => {
  fc.assert(
    fc.property(items, (item) => {
      for (const print of Object.values(prints(item))) assert.match(print, /^[A-Za-z0-9_-]{12}$/);
    }),
  );
  assert.equal(printOf({ a: 1, b: { c: 'x', d: [1, 2] } }), printOf({ b: { d: [1, 2], c: 'x' }, a: 1 }));
  assert.notEqual(printOf({ a: [1, 2] }), printOf({ a: [2, 1] }));
});

test('prints stay what they are from one release to the next', () => {
  // Stored prints are compared with new ones: whoever has to change these raises `mappingVersion`.
  assert.equal(printOf('Review'), '-pk5XEmJwfUc');
  assert.equal(printOf({ given: 'Ann', surname: 'Lee' }), 'q0D9oEqtR4Jw');
});

test('an added, a removed and a changed path are all reported', () => {
  assert.deepEqual(changedPaths({ a: '1', b: '1', c: '1' }, { b: '2', c: '1', d: '1' }), ['a', 'b', 'd']);
  assert.equal(samePrints({ a: '1' }, { a: '1', b: '1' }), false);
  assert.equal(samePrints({ a: '1', b: '1' }, { a: '1' }), false);
});
