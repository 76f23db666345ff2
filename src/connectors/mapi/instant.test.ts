import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantOf } from './instant.ts';

test('times are the same instant with Z, with an offset, with fractions or with blanks around', () => {
  for (const text of [
    '2026-03-01T10:42:09Z',
    '2026-03-01T12:42:09+02:00',
    '2026-03-01T05:12:09-05:30',
    '2026-03-01T10:42:09.9999999Z',
    '2026-03-01T10:42:09',
    ' 2026-03-01T10:42:09Z\n',
  ]) {
    assert.equal(instantOf(text), '2026-03-01T10:42:09Z', text);
  }
});

test('an offset moves the date with it', () => {
  assert.equal(instantOf('2019-02-28T23:30:00-02:00'), '2019-03-01T01:30:00Z');
});

test('what is no time is none', () => {
  for (const text of [
    undefined,
    '',
    'soon',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00+01:00',
    '2026-02-30T00:00:00Z',
  ]) {
    assert.equal(instantOf(text), undefined);
  }
});
