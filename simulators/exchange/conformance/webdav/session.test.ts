/** Signing in to WebDAV (cases of the reference on Exchange 2007, section 8). */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import { test } from 'node:test';
import { type RunningExchange, startExchange } from '../../start-exchange.ts';
import { davClient, propfindBody, readReply, searchBody } from './client.ts';

type Webdav = NonNullable<NonNullable<Parameters<typeof startExchange>[0]>['estate']>['webdav'];

const mailboxes = [
  {
    address: 'alice@example.test',
    password: 'alice-pw1',
    displayName: 'Alice Archer',
    folderNames: { calendar: 'Kalender & Ärger/1' },
  },
  { address: 'bob@example.test', password: 'bob-pw1', displayName: 'Bob Baker' },
];

async function serve(
  webdav: Webdav,
  work: (exchange: RunningExchange) => Promise<void>,
  more: object = {},
): Promise<void> {
  const exchange = await startExchange({ estate: { version: '2007sp3', mailboxes, webdav }, ...more });
  try {
    await work(exchange);
  } finally {
    await exchange.close();
  }
}

const forms = { forms: '2007', formsWithoutTls: true } as const;
const search = searchBody(`SELECT "DAV:href" FROM SCOPE('SHALLOW TRAVERSAL OF "/exchange/alice/"')`);

function logOn(exchange: RunningExchange, path: string, password = 'alice-pw1', flags = '4') {
  const body = new URLSearchParams({
    destination: `${exchange.origin}/exchange/`,
    flags,
    username: 'EXAMPLE\\alice',
    password,
    SubmitCreds: 'Log On',
    trusted: flags,
  });
  return fetch(exchange.origin + path, { method: 'POST', body, redirect: 'manual' });
}

const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');

async function withCookies(exchange: RunningExchange, cookie: string, method = 'SEARCH', body: string | null = search) {
  const init = { method, headers: { cookie, 'content-type': 'text/xml' }, redirect: 'manual' as const };
  const response = await fetch(`${exchange.origin}/exchange/alice/`, body === null ? init : { ...init, body });
  return readReply(response.status, response.headers, await response.text());
}

test('3: with forms, a search is answered by 440 until the form of 2007 was sent; that of 2003 does not work', () =>
  serve(forms, async (exchange) => {
    const refused = await withCookies(exchange, '');
    assert.equal(refused.status, 440);
    const page = await withCookies(exchange, '', 'GET', null);
    assert.equal(page.status, 302);
    assert.match(page.headers.get('location') ?? '', /\/owa\/auth\/logon\.aspx\?url=.*&reason=0$/);
    const old = await logOn(exchange, '/exchweb/bin/auth/owaauth.dll');
    assert.deepEqual(old.headers.getSetCookie(), []);
    const signedIn = await logOn(exchange, '/owa/auth/owaauth.dll');
    assert.equal(signedIn.status, 302);
    assert.match(signedIn.headers.getSetCookie().join(), /sessionid=[0-9a-f-]{36},0x409; path=\/.*cadata="2,/);
    assert.equal((await withCookies(exchange, cookiesOf(signedIn))).status, 207);
  }));

test('3: a server of 2003 has its own form', () =>
  serve({ ...forms, forms: '2003' }, async (exchange) => {
    const page = await withCookies(exchange, '', 'GET', null);
    assert.match(page.headers.get('location') ?? '', /owalogon\.asp/);
    const signedIn = await logOn(exchange, '/exchweb/bin/auth/owaauth.dll');
    assert.equal((await withCookies(exchange, cookiesOf(signedIn))).status, 207);
  }));

test('4: a wrong password leads back to the page, without cookies', () =>
  serve(forms, async (exchange) => {
    const refused = await logOn(exchange, '/owa/auth/owaauth.dll', 'wrong');
    assert.equal(refused.status, 302);
    assert.match(refused.headers.get('location') ?? '', /reason=2$/);
    assert.deepEqual(refused.headers.getSetCookie(), []);
  }));

test('5: a session that ends in the middle is refused with 440, and a half-used one is renewed before', () =>
  serve({ ...forms, publicSessionMs: 60_000 }, async (exchange) => {
    const cookie = cookiesOf(await logOn(exchange, '/owa/auth/owaauth.dll', 'alice-pw1', '0'));
    assert.deepEqual((await withCookies(exchange, cookie)).headers.getSetCookie(), []);
    exchange.control.inject({ kind: 'clockOffset', offsetMs: 40_000 });
    const renewed = await withCookies(exchange, cookie);
    assert.match(renewed.headers.getSetCookie().join(), /^cadata=/);
    exchange.control.calm();
    exchange.control.inject({ kind: 'expireSignIn', operation: 'SEARCH' });
    assert.equal((await withCookies(exchange, cookie)).status, 440);
    assert.equal((await withCookies(exchange, cookie)).status, 440);
    exchange.control.calm();
    const again = cookiesOf(await logOn(exchange, '/owa/auth/owaauth.dll'));
    assert.equal((await withCookies(exchange, again)).status, 207);
  }));

test('plain HTTP is refused where people sign in by forms', () =>
  serve({ forms: '2007' }, async (exchange) => {
    assert.equal((await withCookies(exchange, '')).status, 403);
  }));

test('6, 7: folders in the language of the owner, with odd names, are found by their properties, by a delegate too', () =>
  serve({}, async (exchange) => {
    const dav = davClient(exchange.origin, 'alice', 'alice-pw1');
    const body = propfindBody('<h:calendar/>');
    const own = await dav('PROPFIND', '/exchange/alice/', { headers: { depth: '0' }, body });
    const url = own.rows[0]?.found.calendar?.text ?? '';
    assert.match(url, /\/Kalender%20%26%20%C3%84rger%EF%A3%BF1$/);
    assert.equal(
      (await dav('PROPFIND', url, { headers: { depth: '0' } })).rows[0]?.found.displayname?.text,
      'Kalender & Ärger/1',
    );
    const none = { tasks: 'None', inbox: 'None', contacts: 'None', notes: 'None', journal: 'None' } as const;
    exchange.truth.delegations.put('alice@example.test', {
      address: 'bob@example.test',
      levels: { calendar: 'Reviewer', ...none },
      receivesCopies: false,
      viewsPrivate: false,
    });
    const bob = davClient(exchange.origin, 'bob', 'bob-pw1');
    assert.equal((await bob('PROPFIND', '/exchange/alice/', { headers: { depth: '0' }, body })).status, 403);
    const hidden = await bob('PROPFIND', '/exchange/alice/NON_IPM_SUBTREE/', { headers: { depth: '0' }, body });
    assert.equal(hidden.rows[0]?.found.calendar?.text, url);
    assert.equal((await bob('PROPFIND', url)).status, 207);
    assert.equal((await bob('DELETE', `${url}/x.EML`)).status, 404);
    assert.equal((await bob('PROPFIND', '/exchange/alice/Contacts')).status, 403);
  }));

test('8: a method that a filter blocks is answered by 404, while others work', () =>
  serve({ blockedMethods: ['BPROPFIND'] }, async (exchange) => {
    const dav = davClient(exchange.origin, 'alice', 'alice-pw1');
    const body = propfindBody('<h:subject/>', ['a.EML']);
    assert.equal((await dav('BPROPFIND', '/exchange/alice/Contacts/', { body })).status, 404);
    assert.equal((await dav('PROPFIND', '/exchange/alice/Contacts/', { headers: { depth: '0' } })).status, 207);
  }));

test('65: quotas, busy servers, lost answers and cut ones look as they do', () =>
  serve({}, async (exchange) => {
    const dav = davClient(exchange.origin, 'alice', 'alice-pw1');
    const ask = () => dav('PROPFIND', '/exchange/alice/', { headers: { depth: '0' } });
    exchange.control.inject({ kind: 'httpStatus', status: 507, operation: 'PROPFIND' });
    assert.equal((await ask()).status, 507);
    exchange.control.inject({ kind: 'busy', form: 'http503', backOffMs: 7000 });
    const busy = await ask();
    assert.equal(busy.status, 503);
    assert.equal(busy.headers.get('retry-after'), '7');
    exchange.control.inject({ kind: 'loseReply' });
    await assert.rejects(ask);
    exchange.control.inject({ kind: 'truncateReply' });
    assert.equal((await ask()).text.endsWith('</a:multistatus>'), false);
    assert.equal((await ask()).status, 207);
  }));

/** One request on a kept connection, signed in by cookies. */
function overTls(exchange: RunningExchange, agent: Agent, method: string, path: string, headers: object, body: string) {
  return new Promise<{ readonly status: number; readonly cookies: readonly string[]; readonly text: string }>(
    (resolve, reject) => {
      const call = request(exchange.origin + path, { method, agent, headers: { ...headers } }, (response) => {
        let text = '';
        response.on('data', (bytes: Buffer) => {
          text += bytes.toString();
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, cookies: response.headers['set-cookie'] ?? [], text }),
        );
      });
      call.on('error', reject);
      call.end(body);
    },
  );
}

test('3: over TLS, forms sign in and every method works on one connection', () =>
  serve(
    { forms: '2007' },
    async (exchange) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: exchange.ca });
      const form = new URLSearchParams({ username: 'alice', password: 'alice-pw1', flags: '4' }).toString();
      const signedIn = await overTls(exchange, agent, 'POST', '/owa/auth/owaauth.dll', {}, form);
      const cookie = signedIn.cookies.map((one) => one.split(';')[0]).join('; ');
      const body = propfindBody('<D:displayname/>', ['Contacts', 'Tasks']);
      for (const method of ['PROPFIND', 'BPROPFIND', 'BPROPFIND', 'SEARCH', 'POLL', 'PROPFIND']) {
        const headers = { cookie, depth: '0', 'content-type': 'text/xml', 'subscription-id': '7' };
        const reply = await overTls(
          exchange,
          agent,
          method,
          '/exchange/alice/',
          headers,
          method === 'SEARCH' ? search : body,
        );
        assert.equal(reply.status, 207, method);
        assert.match(reply.text, /^<\?xml version="1.0"\?><a:multistatus[\s\S]*<\/a:multistatus>$/);
        if (method === 'BPROPFIND') assert.match(reply.text, /Tasks/);
        assert.ok(!reply.text.includes('http://127'));
      }
      agent.destroy();
    },
    { tls: true },
  ));
