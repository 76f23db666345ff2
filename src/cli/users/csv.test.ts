import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCsv } from './csv.ts';

const texts = (text: string): readonly (readonly string[])[] =>
  readCsv(text).records.map((record) => record.map((field) => field.text));

test('fields may be quoted, hold separators, quotes and line ends', () => {
  assert.deepEqual(texts('a,b,c\n"x, y","say ""hi""","two\nlines"\n'), [
    ['a', 'b', 'c'],
    ['x, y', 'say "hi"', 'two\nlines'],
  ]);
});

test('files of spreadsheets are read: byte-order mark, semicolons, CR LF, no line end at the end', () => {
  assert.deepEqual(texts('\uFEFFa;b\r\n1;"2,5"\r\n\r\n3;'), [
    ['a', 'b'],
    ['1', '2,5'],
    ['3', ''],
  ]);
});

test('every field knows its line and column, after quoted line ends too', () => {
  const { records } = readCsv('a,b\n"one\ntwo",x\nlast,y');
  const places = records.map((record) => record.map(({ line, column }) => `${line}:${column}`));
  assert.deepEqual(places, [
    ['1:1', '1:3'],
    ['2:1', '3:6'],
    ['4:1', '4:6'],
  ]);
});

test('a quote that is never closed and text after a quote are told with their place', () => {
  assert.deepEqual(readCsv('a,b\n"x"y,1\n2,"open').problems, [
    { line: 2, column: 4, message: 'there is text after the closing quote; double every quote inside the field ("")' },
    { line: 3, column: 3, message: 'this quote is never closed; add a " at its end' },
  ]);
});

test('an empty file has no records', () => {
  assert.deepEqual(readCsv(''), { records: [], problems: [] });
  assert.deepEqual(readCsv('\n \n'), { records: [], problems: [] });
});

test('whatever is written by the rules of RFC 4180 is read back as it was', () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r\n', ' ', 'ü') });
  // The first line says which separator it is, so it holds none itself.
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { maxLength: 6 }));
  fc.assert(
    fc.property(table, fc.constantFrom(',', ';'), fc.constantFrom('\n', '\r\n'), (records, separator, end) => {
      const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
      const header = ['h1', 'h2', 'h3', 'h4'];
      const text = [header, ...records].map((record) => record.map(quoted).join(separator)).join(end);
      const filled = records.filter((record) => record.some((one) => one.trim() !== ''));
      assert.deepEqual(texts(text), [header, ...filled]);
      assert.deepEqual(readCsv(text).problems, []);
    }),
    { numRuns: 300 },
  );
});
