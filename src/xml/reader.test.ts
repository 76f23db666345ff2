import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { XmlDocument } from 'libxml2-wasm';
import { SaxesParser } from 'saxes';
import { ewsSample, recordedSamples } from '#testing/ews-samples.ts';
import { child, childrenNamed, childText, readXml, type XmlElement } from './reader.ts';
import { depthMax } from './scanner.ts';
import { xml } from './writer.ts';

function rootOf(text: string): XmlElement {
  const result = readXml(text);
  assert.ok(result.ok, result.ok ? '' : result.fault.message);
  return result.root;
}

function faultOf(text: string): string {
  const result = readXml(text);
  return result.ok ? assert.fail(`accepted ${text.slice(0, 80)}`) : result.fault.kind;
}

test('elements are known by namespace and local name, whatever the prefix', () => {
  const forms = [
    '<a:r xmlns:a="urn:x"><a:c/></a:r>',
    '<r xmlns="urn:x"><c/></r>',
    '<b:r xmlns:b="urn:x"><c xmlns="urn:x"></c></b:r>',
  ];
  for (const form of forms) {
    const root = rootOf(form);
    assert.deepEqual(
      [root.name, root.ns, root.children[0]?.name, root.children[0]?.ns],
      ['r', 'urn:x', 'c', 'urn:x'],
      form,
    );
  }
  assert.equal(rootOf('<r xmlns="urn:x"><c xmlns=""/></r>').children[0]?.ns, '');
});

test('attributes come by local name, declarations of namespaces are none', () => {
  const root = rootOf('<r xmlns:a="urn:x" a:one="1" two=\'2 &amp; "3"\'/>');
  assert.deepEqual({ ...root.attributes }, { one: '1', two: '2 & "3"' });
});

test('text, character data, references and line ends read as XML says', () => {
  assert.equal(rootOf('<r>a&lt;b&#x20AC;&#10;<![CDATA[<c>&amp;]]>\r\nd</r>').text, 'a<b€\n<c>&amp;\nd');
  assert.equal(rootOf('<r>line&#xD;\nnext</r>').text, 'line\r\nnext');
  assert.equal(rootOf('\ufeff<?xml version="1.0" encoding="utf-8"?>\n<!-- c --><r>🙂</r>\n').text, '🙂');
});

test('characters that XML forbids are removed and everything else is kept', () => {
  assert.equal(rootOf('<r>a\u0001b&#x10;c&#31;d</r>').text, 'abcd');
  assert.equal(rootOf('<r>\u0001<![CDATA[keep &#x10; this]]></r>').text, 'keep &#x10; this');
  assert.equal(rootOf('<r a="x&#x0;y"/>').attributes.a, 'xy');
});

test('a document that is not whole is never accepted', () => {
  for (const text of [
    '',
    '   ',
    '<r>',
    '<r></q>',
    '<r/><r/>',
    '<r/>junk',
    '<r a=1/>',
    '<r><c></r>',
    '<r>&unknown;</r>',
    '<r>&#xD8',
    '<a:r/>',
    'text',
  ]) {
    assert.match(faultOf(text), /malformed|empty/, JSON.stringify(text));
  }
});

test('entities beyond the five predefined ones, and documents that declare any, are refused', () => {
  assert.equal(faultOf('<!DOCTYPE r [<!ENTITY a "aaaa">]><r>&a;</r>'), 'doctype');
  assert.equal(faultOf('<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>'), 'doctype');
});

test('a document nested without end is refused early', () => {
  assert.equal(faultOf('<a>'.repeat(depthMax + 1)), 'tooDeep');
  assert.ok(readXml('<a>'.repeat(depthMax) + '</a>'.repeat(depthMax)).ok);
});

test('every proper beginning of a document is refused', () => {
  const name = fc.stringMatching(/^[a-z]{1,4}$/);
  const { node } = fc.letrec<{ node: string }>((tie) => ({
    node: fc
      .tuple(
        name,
        fc.dictionary(name, fc.string({ maxLength: 5 }), { maxKeys: 2 }),
        fc.array(
          fc.oneof(
            { maxDepth: 3 },
            fc.string({ maxLength: 6 }).map((text) => xml`${text}`.text),
            tie('node'),
          ),
          { maxLength: 3 },
        ),
      )
      .map(([tag, attributes, children]) => {
        const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${xml`${value}`.text}"`);
        return `<${tag}${list.join('')}>${children.join('')}</${tag}>`;
      }),
  }));
  fc.assert(
    fc.property(node, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (text, part) => {
      assert.ok(readXml(text).ok, text);
      assert.ok(!readXml(text.slice(0, Math.floor(text.length * part))).ok);
    }),
  );
});

/** The reader's tree as text, to compare with libxml2's. */
function flat(element: XmlElement): string {
  const attributes = Object.entries(element.attributes).sort(([one], [two]) => (one < two ? -1 : 1));
  return `{${element.ns}}${element.name}${JSON.stringify(attributes)}[${element.text}](${element.children.map(flat).join('')})`;
}

interface LibNode {
  readonly constructor: { readonly name: string };
  readonly next: LibNode | null;
  readonly content: string;
  readonly name: string;
  readonly namespaceUri: string;
  readonly attrs: readonly { readonly name: string; readonly value: string }[];
  readonly firstChild: LibNode | null;
}

function flatLib(node: LibNode): string {
  const attributes = node.attrs
    .map(({ name, value }) => [name, value] as const)
    .sort(([one], [two]) => (one < two ? -1 : 1));
  let text = '';
  let children = '';
  for (let next = node.firstChild; next !== null; next = next.next) {
    if (next.constructor.name === 'XmlElement') children += flatLib(next);
    else if (next.constructor.name !== 'XmlComment') text += next.content;
  }
  return `{${node.namespaceUri}}${node.name}${JSON.stringify(attributes)}[${text}](${children})`;
}

test('recorded messages read as libxml2 reads them', () => {
  for (const name of recordedSamples()) {
    const text = ewsSample(name);
    const document = XmlDocument.fromString(text);
    assert.equal(flat(rootOf(text)), flatLib(document.root as unknown as LibNode), name);
    document.dispose();
  }
});

/** The same tree by another parser; undefined when it refuses. It trims namespace names, which XML does not ask for. */
function bySaxes(source: string): string | undefined {
  const parser = new SaxesParser({ xmlns: true, position: false });
  type Node = { name: string; ns: string; attributes: Record<string, string>; children: Node[]; text: string };
  const open: Node[] = [];
  let root: Node | undefined;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new Error('doctype');
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    const own = Object.values(attributes).filter(({ name, prefix }) => name !== 'xmlns' && prefix !== 'xmlns');
    const node: Node = {
      name: local,
      ns: uri,
      attributes: Object.fromEntries(own.map((one) => [one.local, one.value])),
      children: [],
      text: '',
    };
    root ??= node;
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  const add = (text: string): void => {
    const top = open.at(-1);
    if (top !== undefined) top.text += text;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('closetag', () => open.pop());
  try {
    parser.write(source).close();
  } catch {
    return undefined;
  }
  return root && flat(root).replaceAll(/\{\s*([^{}]*?)\s*\}/g, '{$1}');
}

/** Pieces that matter to XML, to damage documents with. */
const damage = [
  ...['<', '>', '/', '&', ';', '"', "'", '=', ' ', ':', '-', '!', '?', 'x', 'é', '🙂', '\r', '\n', '\t'],
  ...['xmlns', 'xmlns:', 'xmlns:t=""', 'xmlns:t="urn:other"', 'xml:lang="a"', 'a="1" a="2"', 't:a="1"', 't:'],
  ...[
    ']]>',
    '<![CDATA[',
    '<!--',
    '-->',
    '--',
    '<?',
    '?>',
    '<?xml version="1.0"?>',
    '&amp;',
    '&#65;',
    '&#',
    '<a>',
    '</a>',
    '<a/>',
  ],
];

test('a damaged document is accepted only when another parser accepts it, and then reads the same', () => {
  const documents = [
    '<r xmlns:t="urn:example"><t:a b="1" t:c="2">x&amp;y</t:a><![CDATA[z]]><!-- c --><?p q?>\r\n</r>',
    '<?xml version="1.0" encoding="utf-8"?>\n<a:r xmlns:a="urn:example" xmlns="urn:examples"><c xmlns=""/>&#65;</a:r>\n',
    ewsSample('recorded/fault-schemavalidation-ex2007sp1.xml'),
    ewsSample('recorded/syncfolderitems-nochange-ex2010sp3.xml'),
  ];
  const edit = fc.record({
    at: fc.noBias(fc.integer({ min: 0, max: 9_999 })),
    cut: fc.noBias(fc.nat(6)),
    piece: fc.constantFrom('', ...damage),
  });
  let accepted = 0;
  fc.assert(
    fc.property(fc.constantFrom(...documents), fc.array(edit, { minLength: 1, maxLength: 3 }), (document, edits) => {
      let text = document;
      for (const { at, cut, piece } of edits) {
        const position = Math.floor((at / 10_000) * text.length);
        text = text.slice(0, position) + piece + text.slice(position + cut);
      }
      const result = readXml(text);
      if (!result.ok) return;
      accepted += 1;
      assert.equal(
        flat(result.root).replaceAll(/\{\s*([^{}]*?)\s*\}/g, '{$1}'),
        bySaxes(withoutForbiddenReferences(text.replace(/^\ufeff/, ''))),
        text,
      );
    }),
    { numRuns: 3000 },
  );
  assert.ok(accepted > 300, `only ${accepted} damaged documents were still documents`);
});

/** References to characters that XML forbids are left out on purpose (Exchange sends them); another parser refuses them. */
function withoutForbiddenReferences(text: string): string {
  const literalOrReference = /<!\[CDATA\[[\s\S]*?\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|&#(x[0-9a-fA-F]+|[0-9]+);/g;
  return text.replace(literalOrReference, (whole, digits: string | undefined) => {
    if (digits === undefined) return whole;
    const code = digits.startsWith('x') ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10);
    const forbidden = code < 0x20 && code !== 0x9 && code !== 0xa && code !== 0xd;
    return forbidden || code === 0xfffe || code === 0xffff ? '' : whole;
  });
}

test('children are found by name', () => {
  const root = rootOf('<r><a>1</a><b/><a>2</a></r>');
  assert.equal(childText(root, 'a'), '1');
  assert.equal(childrenNamed(root, 'a').length, 2);
  assert.equal(child(root, 'c'), undefined);
  assert.equal(child(undefined, 'a'), undefined);
  assert.deepEqual(childrenNamed(undefined, 'a'), []);
});
