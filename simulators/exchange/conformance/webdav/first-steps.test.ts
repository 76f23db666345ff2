/** The WebDAV face as a caller sees it: finding folders, reading, searching, writing, following changes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RunningExchange, startExchange } from '../../start-exchange.ts';
import { message } from '../../truth/property-keys.ts';
import { requestText } from '../client.ts';
import { getFolder } from '../world.ts';
import { type Dav, davClient, propfindBody, searchBody, updateBody } from './client.ts';

let exchange: RunningExchange;
let dav: Dav;

before(async () => {
  exchange = await startExchange({
    estate: {
      version: '2007sp3',
      mailboxes: [
        { address: 'alice@example.test', password: 'alice-pw1', displayName: 'Alice Archer' },
        { address: 'bob@example.test', password: 'bob-pw1', displayName: 'Bob Baker' },
        { address: 'new@example.test', password: 'new-pw1', version: 'se' },
      ],
      serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1' }],
    },
  });
  dav = davClient(exchange.origin, 'alice@example.test', 'alice-pw1');
});
after(() => exchange.close());

const contact =
  '<D:contentclass>urn:content-classes:person</D:contentclass><e:outlookmessageclass>IPM.Contact</e:outlookmessageclass><c:givenName>Ann</c:givenName><c:sn>Lee</c:sn><c:cn>Ann Lee</c:cn>';
const contactsQuery = `SELECT "http://schemas.microsoft.com/repl/repl-uid","http://schemas.microsoft.com/repl/resourcetag","DAV:getlastmodified" FROM SCOPE('SHALLOW TRAVERSAL OF "/exchange/alice@example.test/Contacts"') WHERE "DAV:isfolder" = false`;

const create = (name: string, set = contact) =>
  dav('PROPPATCH', `/exchange/alice@example.test/Contacts/${name}`, {
    headers: { 'if-none-match': '*' },
    body: updateBody(set),
  });

test('1: a wrong password, a foreign mailbox and an unknown one are three different refusals', async () => {
  const wrong = davClient(exchange.origin, 'alice@example.test', 'nonsense');
  assert.equal((await wrong('PROPFIND', '/exchange/alice/')).status, 401);
  assert.equal((await dav('PROPFIND', '/exchange/bob/')).status, 403);
  assert.equal((await dav('PROPFIND', '/exchange/nobody/')).status, 404);
  const service = davClient(exchange.origin, 'svc@example.test', 'svc-pw1');
  assert.equal((await service('PROPFIND', '/exchange/bob/', { headers: { depth: '0' } })).status, 207);
});

test('the mailbox names its well-known folders, and the legacy name of its owner', async () => {
  const reply = await dav('PROPFIND', '/exchange/alice@example.test/', {
    headers: { depth: '0', brief: 't' },
    body: propfindBody('<h:calendar/><h:contacts/><h:tasks/><h:nonsense/><mt:x0ffb0102/>'),
  });
  const [row] = reply.rows;
  assert.equal(row?.found.calendar?.text, `${exchange.origin}/exchange/alice@example.test/Calendar`);
  assert.deepEqual(Object.keys(row?.byStatus ?? {}), ['200']);
  const id = Buffer.from(row?.found.x0ffb0102?.text ?? '', 'base64');
  assert.equal(id.subarray(4, 20).toString('hex'), '1b55fa20aa6611cd9bc800aa002fc45a');
  assert.match(id.toString('latin1'), /\/cn=Recipients\/cn=alice\0$/);
});

test('a created contact is read back, by numbered and unknown names too', async () => {
  const made = await create(
    'read back.EML',
    `${contact}<own:key>v1</own:key><com:0x8506 dt:dt="boolean">1</com:0x8506>`,
  );
  assert.deepEqual(made.rows[0]?.byStatus['200']?.slice(0, 2), ['contentclass', 'outlookmessageclass']);
  const reply = await dav('PROPFIND', '/exchange/alice/Contacts/read%20back.EML', {
    headers: { depth: '0' },
    body: propfindBody('<c:givenName/><own:key/><com:_x0030_x8506/><com:0x00008506/><c:pager/>'),
  });
  assert.match(reply.text, /<[a-z]:0x00008506 b:dt="boolean">1</);
  assert.equal(reply.rows[0]?.found.key?.text, 'v1');
  assert.deepEqual(reply.rows[0]?.byStatus['404'], ['pager']);
  const item = [...(exchange.truth.mailbox('alice@example.test')?.wellKnown('contacts').items.values() ?? [])].at(-1);
  assert.equal(item?.properties.get(message.isPrivate), true);
});

test('24: a name that is taken is refused, in another case too', async () => {
  assert.equal((await create('clash.EML')).status, 207);
  assert.equal((await create('CLASH.eml')).status, 412);
});

test('46, 47: the manifest lists everything once, then changes and deletions', async () => {
  await create('one.EML');
  await create('two.EML');
  const first = await dav('SEARCH', '/exchange/alice@example.test/Contacts/', { body: searchBody(contactsQuery, '') });
  const token = first.collblob ?? '';
  assert.ok(first.rows.length >= 2 && token !== '');
  const idle = await dav('SEARCH', '/exchange/alice@example.test/Contacts/', {
    body: searchBody(contactsQuery, token),
  });
  assert.equal(idle.rows.length, 0);
  assert.equal(idle.collblob, '');
  const uid = first.rows.find(({ href }) => href.endsWith('/two.EML'))?.found['repl-uid']?.text;
  await dav('PROPPATCH', '/exchange/alice/Contacts/one.EML', { body: updateBody('<c:sn>Long</c:sn>') });
  assert.equal((await dav('DELETE', '/exchange/alice/Contacts/two.EML')).status, 204);
  const later = await dav('SEARCH', '/exchange/alice@example.test/Contacts/', {
    body: searchBody(contactsQuery, token),
  });
  assert.deepEqual(
    later.rows.map(({ changeType }) => changeType),
    ['delete', 'change'],
  );
  assert.equal(later.rows[0]?.found['repl-uid']?.text, uid);
  assert.notEqual(later.collblob, token);
});

test('48: a token with another query is refused', async () => {
  const first = await dav('SEARCH', '/exchange/alice@example.test/Contacts/', { body: searchBody(contactsQuery, '') });
  const other = `${contactsQuery} AND "DAV:ishidden" = false`;
  const reply = await dav('SEARCH', '/exchange/alice@example.test/Contacts/', {
    body: searchBody(other, first.collblob),
  });
  assert.equal(reply.status, 400);
});

test('51: an update on a stale state is refused and changes nothing', async () => {
  await create('stale.EML');
  const path = '/exchange/alice/Contacts/stale.EML';
  const tag = async (): Promise<string> => {
    const reply = await dav('PROPFIND', path, { headers: { depth: '0' }, body: propfindBody('<r:resourcetag/>') });
    return reply.rows[0]?.found.resourcetag?.text ?? '';
  };
  const old = await tag();
  const update = (state: string, name: string) =>
    dav('PROPPATCH', path, { headers: { if: `(<${state}>)` }, body: updateBody(`<c:sn>${name}</c:sn>`) });
  const done = await update(old, 'First');
  assert.equal(done.status, 207);
  assert.equal(done.headers.get('resourcetag'), `<${await tag()}>`);
  assert.equal((await update(old, 'Second')).status, 412);
  const reply = await dav('PROPFIND', path, { headers: { depth: '0' }, body: propfindBody('<c:sn/>') });
  assert.equal(reply.rows[0]?.found.sn?.text, 'First');
});

test('62: a mailbox on a later server has no WebDAV any more', async () => {
  const other = davClient(exchange.origin, 'new@example.test', 'new-pw1');
  const reply = await other('PROPFIND', '/exchange/new/');
  assert.equal(reply.status, 302);
  assert.match(reply.headers.get('location') ?? '', /\/owa\/$/);
});

test('names that a client gave survive a restart of the server', async () => {
  await create('kept name.EML');
  const next = await startExchange({ estate: exchange.estate, snapshot: exchange.snapshot() });
  const other = davClient(next.origin, 'alice', 'alice-pw1');
  const reply = await other('PROPFIND', '/exchange/alice/Contacts/KEPT%20name.eml', { headers: { depth: '0' } });
  await next.close();
  assert.equal(reply.status, 207);
  assert.match(reply.rows[0]?.href ?? '', /\/kept%20name\.EML$/);
});

test('a mailbox on a server of 2007 does not answer to web services, until it moves at a word over HTTP', async () => {
  const other = await startExchange({
    controlApi: true,
    estate: { version: '2007sp3', mailboxes: [{ address: 'alice@example.test', password: 'alice-pw1' }] },
  });
  const ews = () =>
    fetch(other.url, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('alice:alice-pw1').toString('base64')}`,
        'content-type': 'text/xml',
      },
      body: requestText(getFolder(), { version: 'Exchange2007_SP1' }),
    });
  assert.equal((await ews()).status, 404);
  const move = (mailbox: string) =>
    fetch(`${other.origin}/control/moves`, { method: 'POST', body: JSON.stringify({ mailbox, version: 'se' }) });
  assert.equal((await move('nobody@example.test')).status, 404);
  assert.deepEqual(await (await move('alice@example.test')).json(), { moved: 'alice@example.test', version: 'se' });
  assert.equal((await ews()).status, 200);
  await other.close();
});
