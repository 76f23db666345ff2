import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isXmlCharacter } from './characters.ts';
import { readXml } from './reader.ts';
import { joined, xml } from './writer.ts';

/** What XML can carry of a text: forbidden characters left out, lone halves of pairs replaced. */
function carried(text: string): string {
  return [...text.toWellFormed()].filter((character) => isXmlCharacter(character.codePointAt(0) ?? 0)).join('');
}

test('any text written is read back, less the characters XML forbids', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
      (text, value) => {
        const result = readXml(xml`<r a="${value}">${text}</r>`.text);
        assert.ok(result.ok);
        assert.equal(result.root.text, carried(text));
        // White space in attribute values becomes blanks when it is not written as a reference (XML 1.0 section 3.3.3).
        assert.equal(result.root.attributes.a, carried(value).replace(/[\t\n]/g, ' '));
      },
    ),
  );
});

test('nothing inserted can become markup', () => {
  assert.equal(xml`<r>${'</r><x a="\'">&'}</r>`.text, '<r>&lt;/r&gt;&lt;x a=&quot;&apos;&quot;&gt;&amp;</r>');
});

test('markup, lists, numbers and nothing are inserted as they are', () => {
  const inner = xml`<b/>`;
  assert.equal(xml`<a>${inner}${[inner, inner]}${7}${true}${undefined}</a>`.text, '<a><b/><b/><b/>7true</a>');
  assert.equal(joined([inner, xml`x`]).text, '<b/>x');
});

test('a carriage return survives', () => {
  const result = readXml(xml`<r>${'a\r\nb\rc'}</r>`.text);
  assert.ok(result.ok);
  assert.equal(result.root.text, 'a\r\nb\rc');
});
