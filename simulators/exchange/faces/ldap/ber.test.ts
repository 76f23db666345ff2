import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { element, elementsOf, firstElement, integer, integerOf, octets, tags, textOf } from './ber.ts';
import { normalDn, parentOf } from './dn.ts';
import { entry } from './entry.ts';
import { readFilter, satisfies } from './filter.ts';
import { readMessage } from './message.ts';

test('numbers and texts are read as they were written, at any length', () => {
  fc.assert(
    fc.property(fc.integer(), fc.string({ maxLength: 400 }), (number, text) => {
      const whole = element(tags.sequence, integer(number), octets(text));
      const first = firstElement(whole);
      assert.equal(first.kind, 'element');
      if (first.kind !== 'element') return;
      assert.equal(first.end, whole.length);
      const [one, other] = elementsOf(first.element.content) ?? [];
      assert.equal(integerOf(one), number);
      assert.equal(textOf(other), Buffer.from(text, 'utf8').toString('utf8'));
      assert.notEqual(firstElement(whole.subarray(0, -1)).kind, 'element');
    }),
    { numRuns: 300 },
  );
});

test('any bytes are a message, an incomplete one or none, and never an accident', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      readMessage(Buffer.from(bytes));
      const first = firstElement(Buffer.from(bytes));
      return first.kind !== 'element' || first.end <= bytes.length;
    }),
    { numRuns: 2000 },
  );
});

test('a name is the same however its signs and letters are written', () => {
  assert.equal(normalDn('CN = Ann Lee , DC=Example,DC=test'), 'cn=ann lee,dc=example,dc=test');
  assert.equal(parentOf('cn=lee\\, ann,cn=users,dc=test'), 'cn=users,dc=test');
  assert.equal(normalDn('nonsense'), undefined);
});

test('pieces of a text must follow each other without sharing a letter', () => {
  const person = entry('CN=aba,DC=test', { cn: 'aba' });
  const filter = (first: string, last: string) =>
    readFilter({
      tag: 0xa4,
      content: Buffer.concat([octets('cn'), element(tags.sequence, octets(first, 0x80), octets(last, 0x82))]),
    });
  const matches = (first: string, last: string): boolean => {
    const read = filter(first, last);
    return read !== undefined && satisfies(person, read);
  };
  assert.equal(matches('ab', 'a'), true);
  assert.equal(matches('ab', 'ba'), false);
});
