/** The way between engines and hosts: certificates, versions, cut lines, hosts that come and go, users and processes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { systemPorts } from '#ports/system-ports.ts';
import { engineFor, hostFor, oddPrograms, testCertificates, until, visit } from '#testing/connector-hosts.ts';
import { makeCertificates } from './certificates/make-certificates.ts';
import { Hosts } from './client/hosts.ts';
import { startHost } from './daemon/connector-host.ts';
import { defaultHostSettings } from './daemon/host-settings.ts';
import { channelOptions, connectorService, healthService, methodOf } from './protocol.ts';
import { unary } from './unary.ts';

const good = oddPrograms('good');
const silent = oddPrograms('silent');
const ask = { connectorKind: 'good', settings: {}, server: 'main', user: 'alice', visit: 'ongoing' } as const;

async function codeAt(hosts: Hosts): Promise<string> {
  const reply = await hosts.open(ask);
  if (reply.ok) await reply.value.close();
  return reply.ok ? 'opened' : reply.fault.code;
}

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('an engine and a host of different authorities do not talk, and neither certificate can be used for the other part', async (t) => {
  const host = await hostFor(t, good);
  const own = await testCertificates();
  const foreign = await makeCertificates(['127.0.0.1'], systemPorts());
  const at = (port: number, ca: string, engine: { cert: string; key: string }) => {
    const hosts = new Hosts(
      [{ name: 'h1', address: `127.0.0.1:${port}`, tls: { ca, ...engine } }],
      10_000,
      systemPorts(),
    );
    t.after(() => hosts.close());
    return hosts;
  };
  assert.equal(await codeAt(at(host.port, own.authority.cert, own.engine)), 'opened');
  assert.equal(await codeAt(at(host.port, foreign.authority.cert, own.engine)), 'server.tls');
  assert.match(await codeAt(at(host.port, own.authority.cert, foreign.engine)), /^server\.(tls|unreachable)$/);
  assert.match(await codeAt(at(host.port, own.authority.cert, own.host)), /^server\.(tls|unreachable)$/);
  const pretended = { ca: own.authority.cert, ...own.engine };
  const impostor = await startHost('127.0.0.1:0', pretended, { ...defaultHostSettings, drainMs: 0 }, systemPorts());
  t.after(() => impostor.close());
  assert.equal(await codeAt(at(impostor.port, own.authority.cert, own.engine)), 'server.tls');
});

test('a host whose certificate is for another name is not used', async (t) => {
  const { authority, host, engine } = await makeCertificates(['connector1.example.test'], systemPorts());
  const settings = { ...defaultHostSettings, drainMs: 0 };
  const elsewhere = await startHost('127.0.0.1:0', { ca: authority.cert, ...host }, settings, systemPorts());
  t.after(() => elsewhere.close());
  const address = { name: 'h1', address: `127.0.0.1:${elsewhere.port}`, tls: { ca: authority.cert, ...engine } };
  const hosts = new Hosts([address], 10_000, systemPorts());
  t.after(() => hosts.close());
  assert.equal(await codeAt(hosts), 'server.tls');
});

test('garbage on the port of a host hurts neither side', async (t) => {
  const host = await hostFor(t, good);
  const { authority, engine: own } = await testCertificates();
  const raw = connect(host.port, '127.0.0.1');
  raw.write('GET / HTTP/1.1\r\n\r\n');
  raw.on('error', () => {}).resume();
  const inside = connectTls({ port: host.port, host: '127.0.0.1', ca: authority.cert, ...own, ALPNProtocols: ['h2'] });
  inside.on('error', () => {}).resume();
  await once(inside, 'secureConnect');
  inside.write('this is not HTTP/2 at all, however long one looks at it');
  await once(inside, 'close');
  assert.equal(await codeAt(await engineFor(t, [host])), 'opened');

  const babbler = await listening(
    t,
    createServer((socket) => {
      socket.on('error', () => {});
      socket.end('220 mail.example.test ESMTP\r\n');
    }),
  );
  assert.match(await codeAt(await engineFor(t, [{ port: babbler }])), /^server\./);
});

test('an engine of another protocol version is told so, and which versions the host speaks', async (t) => {
  const host = await hostFor(t, good);
  const client = await rawClient(t, host.port);
  const metadata = new Metadata();
  metadata.set('liaison-session', 'a-session');
  const open = { protocol: 99, connectorKind: 'good', settingsJson: '{}', visit: 'VISIT_ONGOING', user: 'alice' };
  const answer = await unary(client, methodOf(connectorService, 'Open'), open, { deadline: soon() }, metadata);
  assert.ok(!answer.ok);
  assert.deepEqual(answer.error.metadata.get('liaison-refused'), ['server.version']);
  assert.match(answer.error.details, /speaks protocol versions 1 to 1, the engine 99/);
});

test('a request beyond the limit is refused and the host goes on; calls without a visit are refused unsent', async (t) => {
  const host = await hostFor(t, good);
  const client = await rawClient(t, host.port, { 'grpc.max_send_message_length': -1 });
  const huge = { call: 1, kind: 'KIND_CONTACT', ids: ['x'.repeat(17 * 1024 * 1024)] };
  const code = await new Promise((resolve) => {
    const { path, requestSerialize, responseDeserialize } = methodOf(connectorService, 'Read');
    const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, huge);
    stream.on('data', () => {});
    stream.on('error', (error: { code?: number }) => resolve(error.code));
  });
  // RESOURCE_EXHAUSTED
  assert.equal(code, 8);
  const answer = await unary(client, methodOf(connectorService, 'Probe'), { call: 1 }, { deadline: soon() });
  assert.ok(!answer.ok);
  assert.deepEqual(answer.error.metadata.get('liaison-refused'), ['mailbox.unavailable']);
});

test('a host serves the standard health check until it begins to end', async (t) => {
  const host = await hostFor(t, { ...good, drainMs: 10_000 });
  const client = await rawClient(t, host.port);
  const check = async (service: string) => {
    const answer = await unary<{ status: string }>(
      client,
      methodOf(healthService, 'Check'),
      { service },
      { deadline: soon() },
    );
    return answer.ok ? answer.value.status : answer.error.code;
  };
  assert.equal(await check(''), 'SERVING');
  assert.equal(await check('liaison.connector.v1.Connector'), 'SERVING');
  assert.equal(await check('nothing.of.the.Sort'), 5);
  const engine = await engineFor(t, [host]);
  const connector = await visit(t, engine, 'good');
  const closed = host.close();
  assert.equal(await check(''), 'NOT_SERVING');
  // A visit under way may finish; a new one is not taken.
  assert.ok((await connector.changes('contact', null)).ok);
  assert.notEqual(await codeAt(await engineFor(t, [host])), 'opened');
  await connector.close();
  await closed;
});

test('a line that goes dead in the middle of a write leaves it unknown, and the next visit goes to another host', async (t) => {
  const host = await hostFor(t, silent);
  const other = await hostFor(t, oddPrograms('silent', 'good'));
  let isDead = false;
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(host.port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('data', (bytes) => {
        if (!isDead) to.write(bytes);
      });
    }
  });
  const port = await listening(t, proxy);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  // The first is kept for the server, so that the visit goes through the proxy.
  const through = await engineFor(t, [{ port }], 1_000);
  const connector = await visit(t, through, 'silent');
  const writing = connector.create('contact', [{ linkKey: 'testtest-1', item: { kind: 'contact' } }]);
  await until(() => host.pool.report().some(({ calls }) => calls > 0));
  isDead = true;
  const [outcome] = await writing;
  assert.equal(outcome?.kind, 'unknown');
  const [later] = await connector.remove('contact', [{ id: '1', version: '1' }]);
  assert.equal(later?.kind, 'rejected');
  assert.equal(await codeAt(await engineFor(t, [{ port }, other])), 'opened');
});

test('hosts come and go: visits go to those that are there, and a write to one that is gone is refused unsent', async (t) => {
  const first = await hostFor(t, good);
  const second = await hostFor(t, good);
  const engine = await engineFor(t, [first, second]);
  const connectors = [];
  for (let count = 0; count < 4; count += 1) connectors.push(await visit(t, engine, 'good', `user ${count}`));
  const users = [first, second].map(({ pool }) => pool.report().reduce((sum, one) => sum + one.users, 0));
  assert.deepEqual(users, [2, 2]);
  await first.close();
  const outcomes = [];
  for (const connector of connectors) {
    const [outcome] = await connector.create('contact', [{ linkKey: 'testtest-1', item: { kind: 'contact' } }]);
    outcomes.push(outcome?.kind);
  }
  assert.deepEqual(outcomes.sort(), ['applied', 'applied', 'rejected', 'rejected']);
  await visit(t, engine, 'good', 'user 4');
  await second.close();
  assert.equal(await codeAt(engine), 'server.unreachable');
});

test('an initial extract has a process of its own that ends with it; the others share theirs, and an idle one ends', async (t) => {
  const host = await hostFor(t, { ...good, usersMax: 2, processesMax: 3, idleMs: 200, lookMs: 50 });
  const engine = await engineFor(t, [host]);
  const books = () =>
    host.pool
      .report()
      .map(({ visit: kind, users }) => `${kind} ${users}`)
      .sort();
  const [one] = [await visit(t, engine, 'good', 'one'), await visit(t, engine, 'good', 'two')];
  assert.deepEqual(books(), ['ongoing 2']);
  const initial = await visit(t, engine, 'good', 'three', 'initial');
  assert.deepEqual(books(), ['initial 1', 'ongoing 2']);
  // The same user again needs no further place, another one a further process.
  await visit(t, engine, 'good', 'two');
  await visit(t, engine, 'good', 'four');
  assert.deepEqual(books(), ['initial 1', 'ongoing 1', 'ongoing 2']);
  const full = await engine.open({ ...ask, user: 'five', visit: 'initial' });
  assert.equal(full.ok ? '' : full.fault.code, 'budget.exhausted');
  assert.ok(!full.ok && (full.fault.retryAfterMs ?? 0) > 0);
  await initial.close();
  await until(() => books().join() === 'ongoing 1,ongoing 2');
  await one?.close();
  assert.deepEqual(books(), ['ongoing 1', 'ongoing 1']);
});

test('a process that nobody needs any more ends after a while', async (t) => {
  const host = await hostFor(t, { ...good, idleMs: 100, lookMs: 50 });
  const connector = await visit(t, await engineFor(t, [host]), 'good');
  await connector.close();
  await until(() => host.pool.report().length === 0);
});

test('visits whose engine is gone are ended after a while', async (t) => {
  const host = await hostFor(t, { ...good, sessionIdleMs: 100, lookMs: 50 });
  await visit(t, await engineFor(t, [host]), 'good');
  await until(() => host.pool.sessions === 0);
});

test('a hundred users that come at once fill four processes of twenty-five', async (t) => {
  const host = await hostFor(t, { usersMax: 25, processesMax: 16 });
  const engine = await engineFor(t, [host]);
  const settings = {
    endpoint: 'http://127.0.0.1:1/EWS/Exchange.asmx',
    mailbox: 'alice@example.test',
    credentials: { kind: 'basic', user: 'svc', password: 'x' },
    impersonate: true,
    linkKeyName: 'liaison',
  };
  const openings = Array.from({ length: 100 }, (_, user) =>
    engine.open({ ...ask, connectorKind: 'ews', settings, user: `user ${user}` }),
  );
  const replies = await Promise.all(openings);
  assert.ok(replies.every(({ ok }) => ok));
  assert.deepEqual(
    host.pool.report().map(({ users }) => users),
    [25, 25, 25, 25],
  );
});

const soon = (): number => Date.now() + 20_000;

async function rawClient(t: TestContext, port: number, more: object = {}): Promise<Client> {
  const { authority, engine } = await testCertificates();
  const secured = credentials.createSsl(Buffer.from(authority.cert), Buffer.from(engine.key), Buffer.from(engine.cert));
  const client = new Client(`localhost:${port}`, secured, { ...channelOptions, ...more });
  t.after(() => client.close());
  return client;
}
