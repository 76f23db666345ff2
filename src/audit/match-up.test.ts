import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Candidate, matchUp } from './match-up.ts';

const candidate = (
  id: string,
  linkKey: string | null,
  print: string,
  matchKeys: readonly string[] = [],
): Candidate => ({
  id,
  linkKey,
  print,
  matchKeys,
});

test('the link key decides before anything else', () => {
  const { couples } = matchUp(
    [candidate('c1', 'k', 'a', ['1:x']), candidate('c2', null, 'b', ['1:y'])],
    [candidate('m1', null, 'a', ['1:x', '1:y']), candidate('m2', 'k', 'z', [])],
  );
  assert.deepEqual(
    couples.map(([one, two]) => [one.id, two.id]),
    [
      ['c1', 'm2'],
      ['c2', 'm1'],
    ],
  );
});

test('a strong match key decides before a weak one', () => {
  const { couples, onlyInMailbox } = matchUp(
    [candidate('c1', null, 'a', ['1:mail', '4:name'])],
    [candidate('m1', null, 'a', ['4:name']), candidate('m2', null, 'b', ['1:mail'])],
  );
  assert.deepEqual(
    couples.map(([one, two]) => [one.id, two.id]),
    [['c1', 'm2']],
  );
  assert.deepEqual(
    onlyInMailbox.map(({ id }) => id),
    ['m1'],
  );
});

test('every item is told exactly once, coupled or alone', () => {
  const key = fc.constantFrom('1:a', '1:b', '2:a', '4:c');
  const side = (name: string): fc.Arbitrary<readonly Candidate[]> =>
    fc
      .array(
        fc.tuple(fc.option(fc.constantFrom('k1', 'k2')), fc.constantFrom('p', 'q'), fc.array(key, { maxLength: 3 })),
        {
          maxLength: 12,
        },
      )
      .map((rows) => rows.map(([linkKey, print, keys], at) => candidate(`${name}${at}`, linkKey, print, keys)));
  fc.assert(
    fc.property(side('c'), side('m'), (crm, mailbox) => {
      const { couples, onlyInCrm, onlyInMailbox } = matchUp(crm, mailbox);
      const ids = (list: readonly Candidate[]): readonly string[] => list.map(({ id }) => id).sort();
      assert.deepEqual(ids([...couples.map(([one]) => one), ...onlyInCrm]), ids(crm));
      assert.deepEqual(ids([...couples.map(([, two]) => two), ...onlyInMailbox]), ids(mailbox));
      for (const [one, two] of couples) {
        const shared = one.linkKey !== null && one.linkKey === two.linkKey;
        assert.ok(shared || one.matchKeys.some((one) => two.matchKeys.includes(one)));
      }
    }),
    { numRuns: 300 },
  );
});

test('ten thousand items that share one key are coupled in a moment', () => {
  const many = (name: string): readonly Candidate[] =>
    Array.from({ length: 10_000 }, (_, at) => candidate(`${name}${at}`, null, `${at}`, ['1:same']));
  const { couples } = matchUp(many('c'), many('m').toReversed());
  assert.equal(couples.length, 10_000);
  assert.ok(couples.every(([one, two]) => one.print === two.print));
});
