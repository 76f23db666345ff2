import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Connections } from '#connectors/transport/connections.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { startExchange } from '#simulators/exchange/start-exchange.ts';
import {
  type Answerer,
  answer,
  certificateFile,
  hangUp,
  scriptedServer,
  scriptedTlsServer,
  silence,
} from '#testing/scripted-server.ts';
import { findMailbox } from '../find-mailbox.ts';
import type { Trail } from '../found.ts';
import { type AutodiscoverSettings, type AutodiscoverWorld, autodiscover } from './autodiscover.ts';

const address = 'alice@example.test';

/** A mail domain whose hosts refuse at once, so that no test waits for DNS. */
const nowhere = 'alice@127.0.0.1';

/** Asks one place, named by the administrator: nothing else resolves or answers in a test. */
async function discover(
  t: TestContext,
  origin: string,
  more: Partial<AutodiscoverSettings> = {},
  who = address,
  elsewhere: Partial<AutodiscoverWorld> = {},
) {
  const connections = new Connections();
  t.after(() => connections.close());
  const settings: AutodiscoverSettings = {
    name: 'web',
    urls: [`${origin}/autodiscover/autodiscover.svc`],
    hosts: [],
    signIn: { kind: 'basic', user: 'svc@example.test', password: 'svc-pw1' },
    tls: { allowOldVersions: false },
    connectMs: 1_000,
    requestMs: 500,
    ...more,
  };
  const world = {
    ports: systemPorts(),
    connections,
    resolve: async () => [],
    servicePoints: async () => [],
    ...elsewhere,
  };
  const trail: Trail = [];
  const found = await autodiscover(settings, world, who, trail);
  return { found, trail };
}

/** By path, so that every dialect has its answer. */
function byPath(paths: Readonly<Record<string, Answerer>>, otherwise: Answerer = answer(404, '')): Answerer {
  return (asked, response) => {
    const path = asked.path.split('?')[0] ?? '';
    const known = Object.entries(paths).find(([end]) => path.endsWith(end) || path.includes(`${end}/`));
    return (known?.[1] ?? otherwise)(asked, response);
  };
}

async function scripted(t: TestContext, answerer: Answerer) {
  const server = await scriptedServer(answerer);
  t.after(() => server.close());
  return { origin: new URL(server.url).origin, asked: server.asked };
}

const failure = (found: Awaited<ReturnType<typeof discover>>['found']): string =>
  found.kind === 'failed' ? found.fault.code : found.kind;

for (const kind of ['basic', 'ntlm'] as const) {
  test(`a mailbox of a simulated Exchange is found, signed in by ${kind}`, async (t) => {
    const exchange = await startExchange();
    t.after(() => exchange.close());
    const { found } = await discover(t, exchange.origin, {
      signIn: { kind, user: 'svc@example.test', password: 'svc-pw1' },
    });
    assert.ok(found.kind === 'found', JSON.stringify(found));
    const { at: _, ...location } = found.location;
    assert.deepEqual(location, {
      source: 'autodiscover.soap',
      urls: [exchange.url],
      protocols: ['ews'],
      smtp: address,
      legacyDn: '/o=ExampleOrg/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=alice',
      version: '15.2.2562.17',
      directory: 'web',
    });
  });
}

test('nobody is found in a simulated Exchange who is not there, and the password is tried once when it is wrong', async (t) => {
  const exchange = await startExchange();
  t.after(() => exchange.close());
  const { found } = await discover(t, exchange.origin, {}, 'nobody@127.0.0.1');
  assert.equal(found.kind, 'unknown');
  const signIn = { kind: 'basic', user: 'svc@example.test', password: 'wrong' } as const;
  const refused = await discover(t, exchange.origin, { signIn }, nowhere);
  assert.equal(failure(refused.found), 'authentication.rejected');
});

test('where the SOAP dialect is missing the plain XML one is asked, then the JSON one', async (t) => {
  const exchange = await startExchange();
  t.after(() => exchange.close());
  /** Hands on what is not to be refused. */
  const without =
    (...refused: readonly string[]): Answerer =>
    async (asked, response) => {
      if (refused.some((end) => asked.path.includes(end))) return answer(404, '')(asked, response);
      const reply = await fetch(exchange.origin + asked.path, {
        method: asked.body === '' ? 'GET' : 'POST',
        headers: { authorization: asked.headers.authorization ?? '', 'content-type': 'text/xml' },
        ...(asked.body !== '' && { body: asked.body }),
      });
      answer(reply.status, await reply.text(), { 'content-type': reply.headers.get('content-type') ?? '' })(
        asked,
        response,
      );
    };
  const pox = await discover(t, (await scripted(t, without('.svc'))).origin);
  assert.ok(pox.found.kind === 'found');
  assert.equal(pox.found.location.source, 'autodiscover.pox');
  assert.equal(pox.found.location.version, '15.2.2562');
  const json = await discover(t, (await scripted(t, without('.svc', '.xml'))).origin);
  assert.ok(json.found.kind === 'found');
  assert.equal(json.found.location.source, 'autodiscover.json');
});

test('a redirect in circles ends, and no question is asked twice', async (t) => {
  const server = await scripted(t, (asked, response) => {
    const target = asked.path.endsWith('.svc') ? '/autodiscover/autodiscover.xml' : '/autodiscover/autodiscover.svc';
    answer(302, '', { location: target })(asked, response);
  });
  const { found } = await discover(t, server.origin, {}, nowhere);
  assert.equal(failure(found), 'server.unreachable');
  const paths = server.asked.map(({ path }) => path);
  assert.equal(new Set(paths).size, paths.length);
  let count = 0;
  const endless = await scripted(t, (asked, response) => {
    count += 1;
    answer(302, '', { location: `/autodiscover/${count}/autodiscover.svc` })(asked, response);
  });
  assert.equal(failure((await discover(t, endless.origin, {}, nowhere)).found), 'server.garbled');
  assert.ok(count <= 14, `${count} questions`);
});

test('a redirect to a foreign host is not followed, so the password stays at home', async (t) => {
  const foreign = await scripted(t, answer(200, ''));
  const { port } = new URL(foreign.origin);
  const home = await scripted(
    t,
    answer(302, '', { location: `http://localhost:${port}/autodiscover/autodiscover.svc` }),
  );
  const { found, trail } = await discover(t, home.origin, {}, nowhere);
  assert.equal(failure(found), 'server.notExchange');
  assert.match(trail.join('\n'), /not followed, because the configuration does not allow this host/);
  assert.equal(foreign.asked.length, 0);
  await discover(t, home.origin, { hosts: ['localhost'] }, nowhere);
  assert.ok(foreign.asked.length > 0);
});

test('web pages, silence, broken connections and foreign XML are no answers', async (t) => {
  const odd: readonly (readonly [string, Answerer, string])[] = [
    ['a parked domain', answer(200, '<html>For sale</html>', { 'content-type': 'text/html' }), 'server.unreachable'],
    ['foreign XML', answer(200, '<rss version="2.0"/>'), 'server.unreachable'],
    [
      'cut-off XML',
      answer(200, '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'),
      'server.unreachable',
    ],
    ['a failing server', answer(500, ''), 'server.unreachable'],
    ['hanging up', hangUp, 'server.unreachable'],
    ['silence', silence, 'server.timeout'],
    ['401', answer(401, '', { 'www-authenticate': 'Basic realm="x"' }), 'authentication.rejected'],
  ];
  for (const [name, answerer, expected] of odd) {
    const server = await scripted(t, answerer);
    assert.equal(failure((await discover(t, server.origin, {}, nowhere)).found), expected, name);
    if (expected === 'authentication.rejected') assert.equal(server.asked.length, 1);
  }
});

test('hosts of service connection points and of DNS records are asked over TLS, the latter only where allowed', async (t) => {
  const settings = `<Autodiscover xmlns="x"><Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"><Account><Action>settings</Action><Protocol><Type>EXCH</Type><ServerVersion>73C28D2A</ServerVersion><EwsUrl>https://in.example.test/EWS/Exchange.asmx</EwsUrl></Protocol></Account></Response></Autodiscover>`;
  const server = await scriptedTlsServer(byPath({ '.xml': answer(200, settings) }));
  t.after(() => server.close());
  const { origin, port } = new URL(server.url);
  const trusted = { urls: [], tls: { caFile: certificateFile, allowOldVersions: false } };
  const point = { servicePoints: async () => [`${origin}/Autodiscover/Autodiscover.xml`] };
  const byPoint = await discover(t, '', trusted, address, point);
  assert.ok(byPoint.found.kind === 'found', byPoint.trail.join());
  assert.equal(byPoint.found.location.version, '15.2.3370');
  const untrusted = await discover(t, '', { urls: [] }, nowhere, point);
  assert.equal(failure(untrusted.found), 'server.tls');

  const srv = { resolve: async () => [{ name: '127.0.0.1', port: Number(port), priority: 0, weight: 1 }] };
  const before = server.asked.length;
  assert.notEqual((await discover(t, '', trusted, 'alice@localhost', srv)).found.kind, 'found');
  assert.equal(server.asked.length, before);
  const allowed = { ...trusted, hosts: ['127.0.0.1'] };
  assert.equal((await discover(t, '', allowed, 'alice@localhost', srv)).found.kind, 'found');
});

test('after two refused sign-ins nobody is asked any more, because accounts lock', async (t) => {
  const refuse = answer(401, '', { 'www-authenticate': 'Basic realm="x"' });
  const servers = [await scripted(t, refuse), await scripted(t, refuse), await scripted(t, refuse)];
  const urls = servers.map(({ origin }) => `${origin}/autodiscover/autodiscover.xml`);
  const { found } = await discover(t, '', { urls }, nowhere);
  assert.equal(failure(found), 'authentication.rejected');
  assert.deepEqual(
    servers.map(({ asked }) => asked.length),
    [1, 1, 0],
  );
});

test('an address that stands for another is followed to it, and two that stand for each other are noticed', async (t) => {
  const redirect = (target: string): string =>
    `<Autodiscover xmlns="x"><Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"><Account><Action>redirectAddr</Action><RedirectAddr>${target}</RedirectAddr></Account></Response></Autodiscover>`;
  const other: Answerer = (asked, response) =>
    answer(200, redirect(asked.body.includes('alice') ? 'bob@127.0.0.1' : nowhere))(asked, response);
  const server = await scripted(t, byPath({ '.xml': other }));
  const directory = {
    name: 'web',
    domains: [],
    byAutodiscover: async (who: string) => (await discover(t, server.origin, {}, who)).found,
  };
  const reply = await findMailbox([directory], nowhere, []);
  assert.ok(!reply.ok);
  assert.equal(reply.fault.code, 'mailbox.notFound');
  assert.match(reply.fault.message, /round in circles/);
});
