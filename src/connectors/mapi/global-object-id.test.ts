import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { blobVectors as vectors } from '#testing/blob-vectors.ts';
import {
  calendarUidOf,
  cleanGlobalObjectId,
  globalObjectIdOfUid,
  newGlobalObjectId,
  readGlobalObjectId,
  writeGlobalObjectId,
} from './global-object-id.ts';

const bytesOf = (hex: string) => Buffer.from(hex, 'hex');

test('ids that other programs made are read and written back byte for byte', () => {
  for (const hex of [vectors.exceptionId, vectors.seriesId, vectors.otherExceptionId]) {
    const id = readGlobalObjectId(bytesOf(hex));
    assert.equal(id && writeGlobalObjectId(id).toString('hex').toUpperCase(), hex);
  }
  assert.equal(readGlobalObjectId(bytesOf(vectors.exceptionId))?.date, '2008-03-25');
  assert.equal(readGlobalObjectId(bytesOf(vectors.otherExceptionId))?.date, '2011-01-18');
  assert.equal(readGlobalObjectId(bytesOf(vectors.seriesId))?.date, undefined);
});

test('an exception and its series have the same clean id', () => {
  const clean = cleanGlobalObjectId(bytesOf(vectors.exceptionId));
  assert.equal(readGlobalObjectId(clean)?.date, undefined);
  assert.deepEqual(cleanGlobalObjectId(clean), clean);
  const exception = readGlobalObjectId(bytesOf(vectors.exceptionId))!;
  const { date: _, ...series } = exception;
  assert.deepEqual(writeGlobalObjectId(series), clean);
});

test('a new id tells when it was made and nothing else', () => {
  const id = readGlobalObjectId(newGlobalObjectId(Date.UTC(2008, 1, 20, 17, 16, 51), new Uint8Array(16).fill(7)));
  assert.equal(id?.data.toString('hex'), '07'.repeat(16));
  const filetime = id?.created.readBigUInt64LE() ?? 0n;
  assert.equal(Number(filetime / 10_000n) - 11_644_473_600_000, Date.UTC(2008, 1, 20, 17, 16, 51));
});

test('the calendar UID of a native id is its clean bytes, and leads back to them in any case', () => {
  const uid = calendarUidOf(bytesOf(vectors.exceptionId));
  assert.equal(uid, cleanGlobalObjectId(bytesOf(vectors.exceptionId)).toString('hex').toUpperCase());
  assert.deepEqual(globalObjectIdOfUid(uid.toLowerCase()), cleanGlobalObjectId(bytesOf(vectors.exceptionId)));
});

test('a UID of another calendar is kept inside an id and comes out as it went in', () => {
  fc.assert(
    fc.property(
      fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
        .filter((uid) => !/^[0-9a-f]+$/i.test(uid) && !uid.includes('\0')),
      (uid) => {
        assert.equal(calendarUidOf(globalObjectIdOfUid(uid)), uid);
      },
    ),
  );
});

test('bytes that are no id are none, and never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(56), (bytes, kept) => {
      const head = bytesOf(vectors.exceptionId).subarray(0, kept);
      const made = Buffer.concat([head, bytes]);
      readGlobalObjectId(made);
      calendarUidOf(made);
      cleanGlobalObjectId(made);
    }),
  );
  assert.equal(readGlobalObjectId(bytesOf(vectors.exceptionId).subarray(0, 50)), undefined);
});
