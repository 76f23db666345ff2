import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Mailbox } from '../../truth/mailbox.ts';
import { utc } from '../../truth/zone.ts';
import { nameOfType, readScalar, typeOfName } from './data-types.ts';
import { readToken, writeToken } from './manifest-token.ts';
import { readMime } from './mime/read-mime.ts';
import { joinedName, splitName } from './names.ts';
import { readLid } from './properties/registry.ts';
import { rowsOf } from './row-range.ts';
import { compileCondition } from './sql/evaluate.ts';
import { parseStatement } from './sql/parse.ts';

const ports = {
  clock: { now: () => 0 },
  random: { fraction: () => 0, bytes: (count: number) => new Uint8Array(count) },
};
const description = { address: 'a@example.test', aliases: [], displayName: 'A', zone: utc, culture: 'en-US' };
const mailbox = new Mailbox(description, ports);

test('a token says what was put into it, to its own query only', () => {
  const number = fc.integer({ min: 0, max: 2 ** 40 });
  fc.assert(
    fc.property(
      number,
      fc.uniqueArray(number, { maxLength: 50 }),
      fc.uniqueArray(number, { maxLength: 5 }),
      (change, members, ahead) => {
        const token = { change, members: new Set(members), ahead: new Map(ahead.map((one) => [one, one + 1])) };
        const text = writeToken(mailbox, 'query', token);
        const read = readToken(mailbox, 'query', text);
        assert.equal(read.kind, 'token');
        if (read.kind !== 'token') return;
        assert.equal(read.token.change, change);
        assert.deepEqual([...read.token.members].sort(), [...members].sort());
        assert.deepEqual(
          [...read.token.ahead],
          ahead.map((one) => [one, one + 1]),
        );
        assert.equal(readToken(mailbox, 'another', text).kind, 'otherQuery');
        mailboxElsewhere(text);
      },
    ),
    { numRuns: 100 },
  );
});

/** After a move to another store, no token from before is good. */
function mailboxElsewhere(text: string): void {
  const moved = new Mailbox(description, ports);
  moved.relocate();
  assert.equal(readToken(moved, 'query', text).kind, 'otherQuery');
}

test('any text is a token, a statement, a range, a message or none of them, and never an accident', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 120 }), (text) => {
      readToken(mailbox, 'query', text);
      const parsed = parseStatement(text);
      if (parsed.ok) compileCondition(parsed.statement.where);
      rowsOf(`rows=${text}`, 10);
      readMime(Buffer.from(text));
      return true;
    }),
    { numRuns: 1000 },
  );
});

test('statements made of their own words are read or refused, in any order', () => {
  const words = [
    'SELECT',
    '"DAV:href"',
    'FROM',
    'SCOPE',
    '(',
    ')',
    '\'DEEP TRAVERSAL OF "/x"\'',
    'WHERE',
    'NOT',
    'AND',
    '=',
    "'a'",
    '1',
    'CAST',
    'AS',
    'IS',
    'NULL',
    ',',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 30 }), (list) => {
      const parsed = parseStatement(`SELECT "DAV:href" FROM SCOPE('"/x"') WHERE ${list.join(' ')}`);
      if (parsed.ok) compileCondition(parsed.statement.where);
      return true;
    }),
    { numRuns: 1000 },
  );
});

test('every spelling of a numbered name means the same', () => {
  for (const name of ['0x00008102', '0x8102', '_x0030_x8102', '_x0030_x00008102', '33026'])
    assert.equal(readLid(name), 0x8102);
  assert.equal(readLid('subject'), undefined);
});

test('names come apart where their namespace ends', () => {
  const names = [
    'DAV:href',
    'urn:schemas:calendar:dtstart',
    'http://schemas.microsoft.com/mapi/string/{00020329-0000-0000-C000-000000000046}/a/b:c',
    'http://schemas.microsoft.com/mapi/id/{00062003-0000-0000-C000-000000000046}/0x8102',
    'urn:schemas-microsoft-com:office:office#Keywords',
  ];
  for (const name of names) {
    const parts = splitName(name);
    assert.ok(parts);
    assert.equal(joinedName(parts), name);
  }
  assert.deepEqual(splitName(names[2] ?? '')?.name, 'a/b:c');
  assert.equal(splitName('nothing'), undefined);
});

test('every type has a name, and refuses what is none of its values', () => {
  for (const name of [
    'boolean',
    'int',
    'i8',
    'float',
    'dateTime.tz',
    'bin.base64',
    'uuid',
    'mv.string',
    'mv.int',
    'fixed.14.4',
    'i2',
    'r4',
  ]) {
    const type = typeOfName(name);
    assert.ok(type);
    assert.equal(nameOfType(type), name);
  }
  assert.equal(readScalar('Integer', '2147483648'), undefined);
  assert.equal(readScalar('Boolean', 'maybe'), undefined);
  assert.equal(readScalar('Binary', '%%%'), undefined);
  assert.equal(readScalar('SystemTime', '2009-13-01T00:00:00Z'), undefined);
  assert.equal(typeOfName('object'), undefined);
});
