import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ewsSample } from '#testing/ews-samples.ts';
import { child, readXml, type XmlElement } from '#xml/reader.ts';
import { withAllowedNames } from '../transport/element-names.ts';
import { propertyUpdateDocument, propfindDocument } from './document.ts';
import { lastSegment, parentPath, pathOfHref } from './href.ts';
import { buildMove } from './move.ts';
import { collblobOf, isManifest, readMultistatus } from './multistatus.ts';
import { calendar, contacts, dav, exchange, httpmail, lid, named, repl } from './property.ts';
import { buildBatchPropfind } from './propfind.ts';
import { buildProppatch, readProppatch } from './proppatch.ts';
import { allOf, anyOf, buildManifest, buildSearch, isFlag, isNumber, isText, rowsFollow, totalRows } from './search.ts';

function rootOf(text: string): XmlElement {
  const document = readXml(withAllowedNames(text));
  assert.ok(document.ok, document.ok ? '' : `${document.fault.message}: ${text}`);
  return document.root;
}

test('a contact that a server of 2007 showed is read property by property', () => {
  const [contact] = readMultistatus(rootOf(ewsSample('recorded/webdav-propfind-contact-ex2007.xml')));
  assert.ok(contact !== undefined);
  assert.equal(contact.found.text(contacts('givenName')), 'Alex');
  assert.equal(contact.found.text(contacts('middlename')), undefined, 'empty means none');
  assert.equal(contact.found.number(contacts('fileasid')), 0);
  assert.equal(contact.found.flag(dav('isfolder')), false);
  assert.deepEqual(contact.found.texts(contacts('proxyaddresses')), ['<alex@example.test>']);
  assert.equal(contact.found.text(repl('repl-uid')), 'rid:c3d2e1f0a9b87654321fedcba987654300000015a0c3');
  assert.equal(pathOfHref(contact.href), '/exchange/alex/Contacts/Alex%20Sample.eml');
});

test('rows of a calendar that a server of 2007 showed keep their times and their folder’s own name', () => {
  const [row] = readMultistatus(rootOf(ewsSample('recorded/webdav-search-calendar-ex2007.xml')));
  assert.equal(row?.found.text(calendar('dtstart')), '2010-05-28T06:00:00.000Z');
  assert.equal(row?.found.number(calendar('duration')), 1800);
  assert.match(row?.href ?? '', /Kal%C3%A1r/);
});

test('statuses before, behind or without their properties mean the same', () => {
  const ok = '<a:status>HTTP/1.1 200 OK</a:status>';
  const prop = '<a:prop><h:subject xmlns:h="urn:schemas:httpmail:">x</h:subject></a:prop>';
  for (const propstat of [ok + prop, prop + ok, prop]) {
    const [one] = readMultistatus(
      rootOf(
        `<a:multistatus xmlns:a="DAV:"><a:response><a:href>/x</a:href><a:propstat>${propstat}</a:propstat></a:response></a:multistatus>`,
      ),
    );
    assert.equal(one?.found.text(httpmail('subject')), 'x');
    assert.deepEqual(one?.refused, []);
  }
});

test('properties that are not there are no trouble, properties that are refused are', () => {
  const propstat = (status: number, name: string) =>
    `<a:propstat><a:status>HTTP/1.1 ${status} X</a:status><a:prop><a:${name}/></a:prop></a:propstat>`;
  const [one] = readMultistatus(
    rootOf(
      `<a:multistatus xmlns:a="DAV:"><a:response><a:href>/x</a:href>${propstat(404, 'one')}${propstat(403, 'two')}</a:response></a:multistatus>`,
    ),
  );
  assert.deepEqual(one?.refused, [{ key: 'DAV:two', status: 403 }]);
});

test('a patch says what it was not given: nothing, one property, or all because of one', () => {
  const patched = (...statuses: readonly (readonly [number, string])[]) => {
    const parts = statuses.map(
      ([status, name]) =>
        `<a:propstat><a:status>HTTP/1.1 ${status} X</a:status><a:prop><a:${name}/></a:prop></a:propstat>`,
    );
    const multistatus = rootOf(
      `<a:multistatus xmlns:a="DAV:"><a:response><a:href>/x</a:href>${parts.join('')}</a:response></a:multistatus>`,
    );
    return readProppatch({ status: 207, headers: {}, multistatus, body: '' });
  };
  assert.deepEqual(patched([200, 'one']), { refused: [], nothing: false });
  assert.deepEqual(patched([200, 'one'], [403, 'two']), { refused: [{ key: 'DAV:two', status: 403 }], nothing: false });
  assert.deepEqual(patched([424, 'one'], [422, 'two']), { refused: [{ key: 'DAV:two', status: 422 }], nothing: true });
  assert.deepEqual(readProppatch({ status: 200, headers: {}, multistatus: undefined, body: '' }), {
    refused: [],
    nothing: false,
  });
});

test('everything but text says its type, many values stand one by one, and what has none is removed', () => {
  const document = propertyUpdateDocument([
    { property: httpmail('subject'), value: 'a < b & "c"\r\nd' },
    { property: lid('appointment', 0x8223, 'boolean'), value: '0' },
    { property: exchange('keywords-utf8', 'mv.string'), value: ['Key customer', '<x>'] },
    { property: named('publicStrings', 'liaison-link'), value: 'key' },
    { property: contacts('pager') },
  ]);
  assert.match(document, /<n\d:0x00008223 dt:dt="boolean">0<\/n\d:0x00008223>/);
  assert.match(document, /dt:dt="mv.string"><x:v>Key customer<\/x:v><x:v>&lt;x&gt;<\/x:v>/);
  const root = rootOf(document);
  assert.equal(child(child(child(root, 'set'), 'prop'), 'subject')?.text, 'a < b & "c"\r\nd');
  const link = child(child(child(root, 'set'), 'prop'), 'liaison-link');
  assert.equal(link?.ns, 'http://schemas.microsoft.com/mapi/string/{00020329-0000-0000-C000-000000000046}/');
  assert.deepEqual(
    child(child(root, 'remove'), 'prop')?.children.map(({ name }) => name),
    ['pager'],
  );
});

test('whatever text is written can be read from the document again', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
      (text, list) => {
        const root = rootOf(
          propertyUpdateDocument([
            { property: httpmail('subject'), value: text },
            { property: exchange('keywords-utf8', 'mv.string'), value: list },
          ]),
        );
        const prop = child(child(root, 'set'), 'prop');
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML cannot carry is left out
        const carried = (one: string) => one.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
        assert.equal(child(prop, 'subject')?.text, carried(text));
        assert.deepEqual(
          child(prop, 'keywords-utf8')?.children.map((one) => one.text),
          list.map(carried),
        );
      },
    ),
  );
});

test('a new item must not be there yet, a changed or moved one must still be what it was', () => {
  const headersOf = (list: readonly string[] = []) =>
    Object.fromEntries(list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]]] : [])));
  assert.equal(headersOf(buildProppatch('/x', [], undefined).headers)['if-none-match'], '*');
  assert.equal(headersOf(buildProppatch('/x', [], '"tag"').headers)['if-match'], '"tag"');
  const move = headersOf(buildMove('/x', 'https://host/deleted/x.EML', '"tag"').headers);
  assert.deepEqual([move['if-match'], move.overwrite, move['allow-rename']], ['"tag"', 'f', 't']);
});

test('searches quote what they look for', () => {
  const folder = "/exchange/a@x/It's%20mine/";
  const request = buildSearch(
    {
      folder,
      select: [dav('getetag'), lid('task', 0x8102, 'float')],
      where: allOf(
        isText(named('publicStrings', 'key'), "it's <&>"),
        anyOf(isNumber(calendar('instancetype'), 0), isFlag(dav('isfolder'), false)),
      ),
      orderBy: dav('creationdate'),
    },
    100,
    50,
  );
  const sql = child(rootOf(request.body ?? ''), 'sql')?.text;
  assert.equal(
    sql,
    'SELECT "DAV:getetag", "http://schemas.microsoft.com/mapi/id/{00062003-0000-0000-C000-000000000046}/0x00008102" ' +
      `FROM SCOPE('SHALLOW TRAVERSAL OF "/exchange/a@x/It''s%20mine"') ` +
      `WHERE "http://schemas.microsoft.com/mapi/string/{00020329-0000-0000-C000-000000000046}/key" = 'it''s <&>' ` +
      'AND ("urn:schemas:calendar:instancetype" = 0 OR "DAV:isfolder" = false) ORDER BY "DAV:creationdate"',
  );
  assert.ok(request.headers?.includes('rows=100-149'));
});

test('more rows follow until the total is reached, or without a total until a page is short', () => {
  assert.equal(rowsFollow(totalRows('rows 0-99; total=253'), 100, false), true);
  assert.equal(rowsFollow(totalRows('rows 200-252; total=253'), 253, true), false);
  assert.equal(rowsFollow(totalRows('rows 0-99'), 100, false), true);
  assert.equal(rowsFollow(totalRows(undefined), 53, true), false);
});

test('a manifest names its position, and one without news keeps the old one', () => {
  const query = {
    folder: '/exchange/a@x/Contacts/',
    select: [repl('repl-uid')],
    where: isFlag(dav('isfolder'), false),
  };
  const root = rootOf(buildManifest(query, '').body ?? '');
  assert.equal(child(child(root, 'repl'), 'collblob')?.text, '');
  const answered = (inner: string) =>
    rootOf(`<a:multistatus xmlns:d="http://schemas.microsoft.com/repl/" xmlns:a="DAV:">${inner}</a:multistatus>`);
  assert.equal(collblobOf(answered('<d:repl><d:collblob>AAAB</d:collblob></d:repl>')), 'AAAB');
  const quiet = answered('<d:repl></d:repl>');
  assert.equal(isManifest(quiet) && collblobOf(quiet), undefined);
  assert.equal(isManifest(answered('')), false);
  const [gone] = readMultistatus(
    answered('<a:response><a:href>/x</a:href><d:changetype>delete</d:changetype></a:response>'),
  );
  assert.equal(gone?.isDeleted, true);
});

test('several items are read below their common folder', () => {
  const request = buildBatchPropfind(
    '/exchange/a/-FlatUrlSpace-/1/',
    ['https://h/a%20b.EML', 'https://h/c.EML'],
    [dav('getetag')],
  );
  const root = rootOf(request.body ?? '');
  assert.deepEqual(
    child(root, 'target')?.children.map(({ text }) => text),
    ['https://h/a%20b.EML', 'https://h/c.EML'],
  );
  assert.equal(rootOf(propfindDocument([dav('getetag')])).children.length, 1);
});

test('addresses are the same whatever host, scheme and escapes a server writes them with', () => {
  const same = [
    'https://mail.example.test/exchange/a@x/Kal%c3%a1r/%7B1%7D.EML',
    'http://inside/exchange/a%40x/Kalár/{1}.EML',
    '/exchange/a@x/Kal%C3%A1r/%7b1%7d.EML',
  ].map(pathOfHref);
  assert.equal(new Set(same).size, 1);
  assert.equal(pathOfHref('Kalender'), undefined);
  assert.equal(pathOfHref('/100%/x'), '/100%/x');
  assert.equal(lastSegment('/a/b/c.EML'), 'c.EML');
  assert.equal(parentPath('/a/b/c.EML'), '/a/b/');
  for (const name of ['a/b', 'R&D?', '#1', 'Büro', "it's (x)!"]) {
    const path = `/exchange/${encodeURIComponent(name)}/`;
    assert.equal(pathOfHref(pathOfHref(path) ?? ''), pathOfHref(path));
    assert.equal(decodeURIComponent(pathOfHref(path) ?? ''), `/exchange/${name}/`);
  }
});
