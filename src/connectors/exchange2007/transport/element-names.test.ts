import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readXml } from '#xml/reader.ts';
import { escapeXml } from '#xml/writer.ts';
import { keyOf } from '../operations/property.ts';
import { meantName, withAllowedNames } from './element-names.ts';

test('elements named by a number are read, and no others are touched', () => {
  const text = '<g:0x00008102 b:dt="float">0.5</g:0x00008102><g:0x8104/><g:32900>x</g:32900><g:sn>y</g:sn>';
  const cleaned = withAllowedNames(`<r xmlns:g="urn:g" xmlns:b="urn:b">${text}</r>`);
  const document = readXml(cleaned);
  assert.ok(document.ok);
  assert.deepEqual(
    document.root.children.map(({ name }) => meantName(name)),
    ['0x00008102', '0x8104', '32900', 'sn'],
  );
});

test('texts that look like such names stay as they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('<', '/', 'g', ':', '0', 'x', ' ', '&', ']', '>') }), (text) => {
      const document = readXml(withAllowedNames(`<r xmlns:g="urn:g">${escapeXml(text)}</r>`));
      assert.equal(document.ok && document.root.text, text);
      const section = text.replaceAll(']]>', '');
      const literal = readXml(withAllowedNames(`<r xmlns:g="urn:g"><![CDATA[${section}]]></r>`));
      assert.equal(literal.ok && literal.root.text, section);
    }),
  );
});

test('all spellings of one property are the same property', () => {
  const ns = 'http://schemas.microsoft.com/mapi/id/{00062003-0000-0000-C000-000000000046}/';
  const keys = ['0x00008102', '0x8102', '_x0030_x8102', '33026'].map((name) => keyOf({ ns: ns.toLowerCase(), name }));
  assert.equal(new Set(keys).size, 1);
  assert.notEqual(keys[0], keyOf({ ns, name: '0x8104' }));
  assert.equal(
    keyOf({ ns: 'http://schemas.microsoft.com/mapi/proptag/', name: 'X3A1A001F' }),
    keyOf({ ns: 'http://schemas.microsoft.com/mapi/proptag/', name: 'x3a1a001f' }),
  );
});
