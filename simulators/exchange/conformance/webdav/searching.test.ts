/** Searches, types and manifests (cases of the reference on Exchange 2007, section 8). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RunningExchange, startExchange } from '../../start-exchange.ts';
import { Draft } from '../../truth/draft.ts';
import { message } from '../../truth/property-keys.ts';
import { type Dav, type DavReply, davClient, propfindBody, searchBody, updateBody } from './client.ts';

let exchange: RunningExchange;
let dav: Dav;
const folder = '/exchange/alice/Contacts';
const person = '<D:contentclass>urn:content-classes:person</D:contentclass>';

before(async () => {
  exchange = await startExchange({
    estate: {
      version: '2007sp3',
      mailboxes: [{ address: 'alice@example.test', password: 'alice-pw1' }],
      webdav: { invalidCollblob: 'startOver' },
    },
  });
  dav = davClient(exchange.origin, 'alice', 'alice-pw1');
});
after(() => exchange.close());

const write = (name: string, set: string, remove = '') =>
  dav('PROPPATCH', `${folder}/${name}.EML`, { body: updateBody(person + set, remove) });
const read = async (name: string, properties: string) =>
  (await dav('PROPFIND', `${folder}/${name}.EML`, { headers: { depth: '0' }, body: propfindBody(properties) })).rows[0];
const search = (where: string, more: { range?: string; order?: string; columns?: string } = {}): Promise<DavReply> =>
  dav('SEARCH', folder, {
    headers: more.range === undefined ? {} : { range: more.range },
    body: searchBody(
      `SELECT ${more.columns ?? '"DAV:displayname"'} FROM SCOPE('SHALLOW TRAVERSAL OF "${folder}"') WHERE ${where} ${more.order ?? ''}`,
    ),
  });
const namesOf = (reply: DavReply) => reply.rows.map(({ found }) => found.displayname?.text.replace('.EML', '')).sort();

test('12: quotes, signs, dates, bytes, truth and absence can be searched for', async () => {
  await write('q1', '<c:sn>O\'Hara &lt;&amp; Co</c:sn><own:b dt:dt="bin.base64">AQID</own:b>');
  await write(
    'q2',
    '<c:sn>Plain</c:sn><c:bday dt:dt="dateTime.tz">1980-02-03T00:00:00.000Z</c:bday><com:0x8506 dt:dt="boolean">1</com:0x8506>',
  );
  const own = 'http://schemas.microsoft.com/mapi/string/{00020329-0000-0000-C000-000000000046}/b';
  const common = 'http://schemas.microsoft.com/mapi/id/{00062008-0000-0000-C000-000000000046}/0x8506';
  const sn = '"urn:schemas:contacts:sn"';
  const cases: readonly (readonly [where: string, found: readonly string[]])[] = [
    [`${sn} = 'O''Hara <& Co'`, ['q1']],
    [`${sn} LIKE 'o%' AND "DAV:ishidden" = false`, ['q1']],
    ['"urn:schemas:contacts:bday" > CAST("1979-01-01T00:00:00.000Z" AS \'dateTime.tz\')', ['q2']],
    ['"urn:schemas:contacts:bday" > \'1981/01/01 00:00:00\'', []],
    [`CAST("${own}" AS 'bin.base64') = CAST("AQID" AS 'bin.base64')`, ['q1']],
    [`CAST("${common}" AS 'boolean') = true`, ['q2']],
    [`"urn:schemas:contacts:bday" IS NULL AND ${sn} IS NOT NULL`, ['q1']],
    [`NOT ("urn:schemas:contacts:bday" IS NULL)`, ['q2']],
    [`(${sn} = 'Plain' OR ${sn} LIKE '%hara%') AND NOT ${sn} = 'plain'`, ['q1']],
    [`CONTAINS(${sn}, 'hara')`, ['q1']],
  ];
  for (const [where, found] of cases) {
    const reply = await search(where);
    assert.equal(reply.status, 207, where);
    assert.deepEqual(namesOf(reply), found, where);
  }
});

test('12: what is no statement, asks for a made-up value or searches elsewhere is refused', async () => {
  for (const where of [
    '"urn:schemas:contacts:sn" =',
    'sn = 1',
    "'a' LIKE 'b'",
    '"DAV:getcontentlength" > 1',
    `${'('.repeat(100)}"DAV:isfolder" = true`,
  ]) {
    assert.equal((await search(where)).status, 422, where);
  }
  const elsewhere = searchBody(`SELECT "DAV:href" FROM SCOPE('SHALLOW TRAVERSAL OF "/exchange/alice/Nowhere"')`);
  assert.equal((await dav('SEARCH', folder, { body: elsewhere })).status, 404);
  assert.equal(
    (await dav('SEARCH', folder, { headers: { 'content-type': 'application/json' }, body: elsewhere })).status,
    415,
  );
});

test('9: an alias spares the name that is no XML', async () => {
  const columns = '"http://schemas.microsoft.com/mapi/id/{00062008-0000-0000-C000-000000000046}/0x8506" AS isprivate';
  const reply = await search('"urn:schemas:contacts:sn" = \'Plain\'', { columns });
  assert.match(reply.text, /<isprivate b:dt="boolean">1<\/isprivate>/);
});

test('13: 253 rows come in pages of 100, and nothing comes after the end', async () => {
  const mailbox = exchange.truth.mailbox('alice@example.test');
  assert.ok(mailbox);
  for (let n = 0; n < 253; n += 1) {
    const draft = new Draft();
    draft.set(message.itemClass, 'IPM.Contact');
    draft.set(message.subject, `row ${String(n).padStart(3, '0')}`);
    draft.set(message.displayName, 'paged');
    mailbox.create(mailbox.wellKnown('contacts'), draft, 'x');
  }
  const order = 'ORDER BY "urn:schemas:httpmail:subject" DESC';
  const columns = '"urn:schemas:httpmail:subject"';
  const where = '"urn:schemas:contacts:cn" = \'paged\'';
  const subjects: (string | undefined)[] = [];
  for (const range of ['rows=0-99', 'rows=100-199', 'rows=200-299']) {
    const reply = await search(where, { range, order, columns });
    assert.match(reply.headers.get('content-range') ?? '', /^rows \d+-\d+; total=253$/);
    subjects.push(...reply.rows.map(({ found }) => found.subject?.text));
  }
  assert.equal(subjects.length, 253);
  assert.equal(subjects[0], 'row 252');
  assert.equal(new Set(subjects).size, 253);
  assert.equal((await search(where, { range: 'rows=300-399' })).status, 416);
  assert.equal((await search(where, { range: 'rows=-50' })).rows.length, 50);
  assert.equal((await search(where, { range: 'rows=0-4,-5' })).rows.length, 10);
});

test('14: several values, none, and odd characters survive', async () => {
  const set =
    '<e:keywords-utf8 dt:dt="mv.string"><x:v>one &lt; two</x:v><x:v>three</x:v></e:keywords-utf8><own:n dt:dt="mv.int"><x:v>1</x:v><x:v>-2</x:v></own:n><own:none dt:dt="mv.string"></own:none><own:bin dt:dt="mv.bin.base64"><x:v>AQ==</x:v></own:bin><c:street>1 Main&#13;&#10;Road</c:street>';
  assert.equal((await write('several', set)).status, 207);
  const row = await read('several', '<e:keywords-utf8/><own:n/><own:none/><own:bin/><c:street/>');
  const values = (name: string) => row?.found[name]?.children.map((one) => one.text);
  assert.deepEqual(values('keywords-utf8'), ['one < two', 'three']);
  assert.deepEqual(values('n'), ['1', '-2']);
  assert.deepEqual(values('none'), []);
  assert.deepEqual(values('bin'), ['AQ==']);
  assert.equal(row?.found.street?.text, '1 Main\r\nRoad');
});

test('15: numbers of every size keep their value, and removing is not the same as emptying', async () => {
  const set =
    '<own:f dt:dt="float">0.5</own:f><own:l dt:dt="i8">9007199254740993</own:l><own:t dt:dt="dateTime.tz">2001-02-03T04:05:06.789Z</own:t><c:pager></c:pager><c:o>Gone</c:o>';
  await write('numbers', set);
  await write('numbers', '', '<c:o/><own:f/>');
  const row = await read('numbers', '<own:f/><own:l/><own:t/><c:pager/><c:o/>');
  assert.equal(row?.found.l?.text, '9007199254740993');
  assert.equal(row?.found.t?.text, '2001-02-03T04:05:06.789Z');
  assert.equal(row?.found.pager?.text, '');
  assert.deepEqual(row?.byStatus['404'], ['f', 'o']);
});

test('10: one property that cannot be written keeps the others from being written', async () => {
  const reply = await write(
    'refused',
    '<c:sn>Kept</c:sn><D:getetag>x</D:getetag><c:bday dt:dt="dateTime.tz">someday</c:bday>',
  );
  assert.deepEqual(reply.rows[0]?.byStatus['403'], ['getetag']);
  assert.deepEqual(reply.rows[0]?.byStatus['422'], ['bday']);
  assert.ok(reply.rows[0]?.byStatus['424']?.includes('sn'));
  assert.equal((await dav('PROPFIND', `${folder}/refused.EML`)).status, 404);
});

test('10: briefly, what went well is not listed', async () => {
  const brief = await dav('PROPPATCH', `${folder}/brief.EML`, { headers: { brief: 't' }, body: updateBody(person) });
  assert.equal(brief.status, 200);
  assert.equal(brief.text, '');
});

test('a search for everything in a folder also finds what is hidden there', async () => {
  const mailbox = exchange.truth.mailbox('alice@example.test');
  assert.ok(mailbox);
  const draft = new Draft();
  draft.set(message.itemClass, 'IPM.Configuration.Something');
  draft.set(message.subject, 'hidden settings');
  mailbox.create(mailbox.wellKnown('contacts'), draft, 'x', true);
  const where = '"urn:schemas:httpmail:subject" = \'hidden settings\'';
  assert.equal((await search(where)).rows.length, 1);
  assert.equal((await search(`${where} AND "DAV:ishidden" = false`)).rows.length, 0);
});

const manifest = (collblob: string, range?: string, seen: readonly string[] = []): Promise<DavReply> =>
  dav('SEARCH', folder, {
    headers: range === undefined ? {} : { range },
    body: searchBody(
      `SELECT "http://schemas.microsoft.com/repl/resourcetag" FROM SCOPE('SHALLOW TRAVERSAL OF "${folder}"') WHERE "urn:schemas:contacts:o" = 'Manifest'`,
      collblob,
      seen,
    ),
  });

test('46, 47, 50: a manifest in parts is complete, names what left the query, and leaves out what the client says it saw', async () => {
  for (let n = 0; n < 5; n += 1) await write(`m${n}`, '<c:o>Manifest</c:o>');
  const first = await manifest('', 'rows=0-1');
  assert.equal(first.rows.length, 2);
  assert.match(first.headers.get('content-range') ?? '', /total=5$/);
  const rest = await manifest(first.collblob ?? '');
  assert.equal(rest.rows.length, 3);
  assert.equal(new Set([...first.rows, ...rest.rows].map(({ href }) => href)).size, 5);
  const token = rest.collblob ?? '';
  assert.equal((await manifest(token)).collblob, '');
  await write('m0', '<c:o>Elsewhere</c:o>');
  const own = await write('m1', '<c:sn>Own</c:sn>');
  const tag = (own.headers.get('resourcetag') ?? '').replace(/[<>]/g, '');
  const later = await manifest(token, undefined, [tag]);
  assert.deepEqual(
    later.rows.map(({ changeType }) => changeType),
    ['delete'],
  );
  assert.equal((await manifest(later.collblob ?? '')).collblob, '');
});

test('52: a token from nowhere lists everything again, without deletions', async () => {
  const again = await manifest('bm9uc2Vuc2U=');
  assert.deepEqual([...new Set(again.rows.map(({ changeType }) => changeType))], ['change']);
  exchange.control.inject({ kind: 'invalidSyncState', operation: 'SEARCH' });
  assert.equal((await manifest(again.collblob ?? '')).rows.length, again.rows.length);
});

test('11, 47: an item that moves is gone here and new there, under another identity; a batch says only what failed', async () => {
  await write('mover', '<c:sn>Mover</c:sn>');
  const before = (await read('mover', '<r:repl-uid/><e:permanenturl/>'))?.found;
  const moved = await dav('MOVE', `${folder}/mover.EML`, {
    headers: {
      destination: 'http://elsewhere.example.test/exchange/alice/Deleted%20Items/mover.EML',
      'allow-rename': 't',
    },
  });
  assert.equal(moved.status, 201);
  assert.notEqual(moved.headers.get('repl-uid'), `<${before?.['repl-uid']?.text}>`);
  assert.equal((await dav('PROPFIND', before?.permanenturl?.text ?? '')).status, 404);
  const body =
    '<?xml version="1.0"?><D:delete xmlns:D="DAV:"><D:target><D:href>brief.EML</D:href><D:href>nothing.EML</D:href></D:target></D:delete>';
  const batch = await dav('BDELETE', `${folder}/`, { body });
  assert.deepEqual(
    batch.rows.map(({ href, status }) => [href.split('/').at(-1), status]),
    [['nothing.EML', '404']],
  );
});

test('a folder is made, renamed and removed; the well-known ones stay', async () => {
  assert.equal((await dav('MKCOL', '/exchange/alice/Contacts/Friends')).status, 201);
  assert.equal((await dav('MKCOL', '/exchange/alice/Contacts/Friends')).status, 405);
  const to = { destination: `${exchange.origin}/exchange/alice/Contacts/Old%20friends` };
  assert.equal((await dav('MOVE', '/exchange/alice/Contacts/Friends', { headers: to })).status, 201);
  assert.equal((await dav('DELETE', '/exchange/alice/Contacts/Old%20friends')).status, 204);
  assert.equal((await dav('DELETE', '/exchange/alice/Contacts')).status, 403);
  assert.equal((await dav('MKCOL', '/exchange/alice/No/Where')).status, 409);
});

test('55, 56: a subscription says only that something happened, until it ends', async () => {
  const path = '/exchange/alice/Contacts';
  const subscribe = await dav('SUBSCRIBE', path, {
    headers: { 'notification-type': 'update', 'subscription-lifetime': '600' },
  });
  const id = subscribe.headers.get('subscription-id') ?? '';
  assert.equal(subscribe.headers.get('subscription-lifetime'), '600');
  const other =
    (await dav('SUBSCRIBE', path, { headers: { 'notification-type': 'delete' } })).headers.get('subscription-id') ?? '';
  await write('watched', '');
  const poll = () => dav('POLL', path, { headers: { 'subscription-id': `${id},${other},9999` } });
  const statuses = (reply: DavReply) => reply.rows.map(({ status }) => status);
  assert.deepEqual(statuses(await poll()), ['200', '204', '412']);
  assert.deepEqual(statuses(await poll()), ['204', '412']);
  assert.equal((await dav('SUBSCRIBE', path, { headers: { 'subscription-id': id } })).status, 200);
  assert.equal((await dav('UNSUBSCRIBE', path, { headers: { 'subscription-id': id } })).status, 200);
  assert.equal((await dav('SUBSCRIBE', path, { headers: { 'subscription-id': id } })).status, 412);
  const permanent = (await read('watched', '<e:permanenturl/>'))?.found.permanenturl?.text ?? '';
  assert.equal((await dav('SUBSCRIBE', permanent, { headers: { 'notification-type': 'update' } })).status, 403);
  assert.equal((await dav('POLL', path)).status, 406);
});
