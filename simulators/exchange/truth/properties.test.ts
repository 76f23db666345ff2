import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Properties, type PropertyKey, tagged } from './properties.ts';

type Key = PropertyKey<number>;
type Step =
  | { readonly kind: 'set'; readonly key: Key; readonly value: number }
  | { readonly kind: 'delete'; readonly key: Key }
  | { readonly kind: 'compact' };

const key = fc.integer({ min: 1, max: 12 }).map((tag) => tagged<number>(tag, 'Integer'));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.integer() }),
  fc.record({ kind: fc.constant('delete' as const), key }),
  fc.record({ kind: fc.constant('compact' as const) }),
);

test('a property bag holds what a plain map would hold, in the same order, and its copies stay apart', () => {
  fc.assert(
    fc.property(fc.array(step), fc.array(step), (before, after) => {
      const bag = new Properties();
      const map = new Map<unknown, number>();
      apply(bag, map, before);
      const copy = bag.clone();
      const copied = [...map];
      apply(bag, map, after);
      assert.deepEqual([...bag.entries()], [...map]);
      assert.deepEqual([...copy.entries()], copied);
      for (const [one, value] of bag.entries()) assert.equal(bag.get(one), value);
      assert.equal(bag.count, map.size);
    }),
  );
});

function apply(bag: Properties, map: Map<unknown, number>, steps: readonly Step[]): void {
  for (const one of steps) {
    if (one.kind === 'set') {
      bag.set(one.key, one.value);
      map.set(one.key, one.value);
    } else if (one.kind === 'delete') {
      bag.delete(one.key);
      map.delete(one.key);
    } else bag.compact();
  }
}
