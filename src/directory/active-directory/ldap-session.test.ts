import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Reply } from '#contract/connector.ts';
import { type LdapAnswer, type LdapAnswerer, type ScriptedLdap, scriptedLdap } from '#testing/scripted-ldap.ts';
import { textsOf } from './entry.ts';
import { LdapSession, type LdapSettings, type Search } from './ldap-session.ts';

const settings: LdapSettings = {
  signIn: { user: 'svc@corp.test', password: 'right' },
  startTls: false,
  tls: { allowOldVersions: false },
  connectMs: 2_000,
  requestMs: 300,
  pageEntries: 100,
};

const all: Search = { base: 'DC=corp,DC=test', scope: 'sub', filter: '(mail=*)', attributes: ['mail'], entriesMax: 50 };

async function server(t: TestContext, answerer: LdapAnswerer, scheme?: 'ldap' | 'ldaps'): Promise<ScriptedLdap> {
  const running = await scriptedLdap(answerer, scheme);
  t.after(() => running.close());
  return running;
}

/** Signing in works; searches are answered so. */
function searches(answerer: LdapAnswerer): LdapAnswerer {
  return (asked) => (asked.kind === 'bind' ? {} : answerer(asked));
}

async function found(t: TestContext, urls: readonly string[], search: Search = all, more: Partial<LdapSettings> = {}) {
  const session = new LdapSession(urls, { ...settings, ...more });
  t.after(() => session.close());
  const reply = await session.search(search);
  return reply.ok ? reply.value.map(({ dn }) => dn) : reply.fault.code;
}

const codeOf = (reply: Reply<unknown>): string => (reply.ok ? 'ok' : reply.fault.code);

test('pages are read to the end, with the cookie of each', async (t) => {
  const pages: Readonly<Record<string, LdapAnswer>> = {
    '': { entries: [['CN=a', { mail: 'a' }]], cookie: 'two' },
    two: { entries: [['CN=b', { mail: 'b' }]], cookie: 'three' },
    three: { entries: [['CN=c', { mail: 'c' }]] },
  };
  const { url } = await server(
    t,
    searches(({ cookie }) => pages[cookie] ?? { code: 2 }),
  );
  assert.deepEqual(await found(t, [url]), ['CN=a', 'CN=b', 'CN=c']);
});

test('more entries than may be are a fault, unless the first ones are enough', async (t) => {
  const many = Array.from({ length: 60 }, (_, at) => [`CN=${at}`, { mail: 'x' }] as const);
  const { url } = await server(
    t,
    searches(() => ({ entries: many, cookie: 'always more' })),
  );
  assert.equal(await found(t, [url]), 'budget.exhausted');
  assert.deepEqual(await found(t, [url], { ...all, entriesMax: 2, first: true }), ['CN=0', 'CN=1']);
});

test('an attribute with many values is read range by range', async (t) => {
  const { url } = await server(
    t,
    searches(({ attributes }) => {
      const from = Number(/range=(\d+)/.exec(attributes.join())?.[1] ?? 0);
      const values = [0, 1, 2].map((step) => `value ${from + step}`);
      return { entries: [['CN=a', { [`member;range=${from}-${from >= 9 ? '*' : from + 2}`]: values }]] };
    }),
  );
  const session = new LdapSession([url], settings);
  t.after(() => session.close());
  const reply = await session.search({ ...all, attributes: ['member'] });
  assert.ok(reply.ok && reply.value[0] !== undefined);
  assert.deepEqual(
    textsOf(reply.value[0], 'member'),
    Array.from({ length: 12 }, (_, at) => `value ${at}`),
  );
});

test('a server that repeats the same range for ever is found out', async (t) => {
  const same = { entries: [['CN=a', { 'member;range=0-1': ['x', 'y'] }]] as const };
  const { url } = await server(
    t,
    searches(() => same),
  );
  assert.equal(await found(t, [url], { ...all, attributes: ['member'] }), 'server.garbled');
});

test('a refused sign-in is not repeated at the next server, and says why where the server does', async (t) => {
  const refuse: LdapAnswerer = () => ({
    code: 49,
    text: '80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data 775, v4563',
  });
  const [one, two] = [await server(t, refuse), await server(t, refuse)];
  const session = new LdapSession([one.url, two.url], settings);
  const reply = await session.search(all);
  assert.ok(!reply.ok);
  assert.equal(reply.fault.code, 'authentication.rejected');
  assert.match(reply.fault.message, /locked out/);
  assert.equal(one.asked.length + two.asked.length, 1);
});

test('a server that is down or dies is replaced by the next one', async (t) => {
  const good = await server(
    t,
    searches(() => ({ entries: [['CN=a', {}]] })),
  );
  assert.deepEqual(await found(t, ['ldap://127.0.0.1:1', good.url]), ['CN=a']);
  const dying = await server(
    t,
    searches(({ socket }) => {
      socket.destroy();
      return undefined;
    }),
  );
  assert.deepEqual(await found(t, [dying.url, good.url]), ['CN=a']);
  assert.equal(await found(t, [dying.url]), 'server.unreachable');
});

test('a connection that the server closed in a quiet hour is opened and signed in again', async (t) => {
  const running = await server(
    t,
    searches(() => ({ entries: [['CN=a', {}]] })),
  );
  const session = new LdapSession([running.url], settings);
  t.after(() => session.close());
  assert.equal(codeOf(await session.search(all)), 'ok');
  running.asked[0]?.socket.destroy();
  assert.equal(codeOf(await session.search(all)), 'ok');
  assert.equal(running.asked.filter(({ kind }) => kind === 'bind').length, 2);
});

test('silence and garbage end in a fault in time', async (t) => {
  const silent = await server(
    t,
    searches(() => undefined),
  );
  assert.equal(await found(t, [silent.url]), 'server.timeout');
  const noise = [
    Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    Buffer.from([0x30, 0x03, 0x02, 0x01]),
    Buffer.alloc(300, 0xff),
  ];
  for (const raw of noise) {
    const garbled = await server(
      t,
      searches(() => ({ raw })),
    );
    assert.match(String(await found(t, [garbled.url])), /^server\.(garbled|timeout|unreachable)$/);
  }
  const mute = await server(t, () => undefined);
  assert.equal(await found(t, [mute.url]), 'server.timeout');
});

test('limits of the server, missing rights and a busy server are told apart', async (t) => {
  const codes: readonly (readonly [number, string])[] = [
    [3, 'server.timeout'],
    [4, 'budget.exhausted'],
    [8, 'server.tls'],
    [13, 'server.tls'],
    [50, 'authentication.rejected'],
    [51, 'server.failure'],
    [1, 'server.failure'],
    [21, 'defect.request'],
    [10, 'server.unreachable'],
  ];
  for (const [code, expected] of codes) {
    const { url } = await server(
      t,
      searches(() => ({ code })),
    );
    assert.equal(await found(t, [url]), expected, String(code));
  }
  const { url } = await server(
    t,
    searches(() => ({ code: 32 })),
  );
  assert.deepEqual(await found(t, [url]), []);
});

test('the entries behind a referral within the forest are found too, others are left alone', async (t) => {
  let port = 0;
  const running = await server(
    t,
    searches(({ name }) =>
      name.startsWith('DC=child')
        ? { entries: [['CN=b,DC=child,DC=localhost', {}]] }
        : {
            entries: [['CN=a,DC=localhost', {}]],
            references: [
              `ldap://localhost:${port}/DC=child,DC=localhost??sub`,
              `ldap://localhost/CN=Configuration,DC=localhost`,
              'ldap://evil.example/DC=localhost',
            ],
          },
    ),
  );
  port = running.port;
  const search = { ...all, base: 'DC=localhost', forest: 'localhost' };
  assert.deepEqual(await found(t, [`ldap://localhost:${port}`], search), [
    'CN=a,DC=localhost',
    'CN=b,DC=child,DC=localhost',
  ]);
  const { forest: _, ...plain } = search;
  assert.deepEqual(await found(t, [`ldap://localhost:${port}`], plain), ['CN=a,DC=localhost']);
});

test('servers that refer to each other without end are noticed, and one that refers to itself is asked once', async (t) => {
  let depth = 0;
  const endless = await server(
    t,
    searches(() => {
      depth += 1;
      return { references: [`ldap://localhost/DC=deep${depth},DC=localhost`] };
    }),
  );
  const search = { ...all, base: 'DC=localhost', forest: 'localhost' };
  assert.equal(await found(t, [`ldap://localhost:${endless.port}`], search), 'server.garbled');
  assert.ok(depth < 10, `${depth} questions`);
  const self = await server(
    t,
    searches(() => ({ references: ['ldap://localhost/DC=localhost'] })),
  );
  assert.deepEqual(await found(t, [`ldap://localhost:${self.port}`], search), []);
  assert.ok(self.asked.filter(({ kind }) => kind === 'search').length <= 2);
});

test('over TLS the certificate must be vouched for, by the file where one is named', async (t) => {
  const { url } = await server(
    t,
    searches(() => ({ entries: [['CN=a', {}]] })),
    'ldaps',
  );
  const caFile = fileURLToPath(new URL('../../../testing/tls/localhost.pem', import.meta.url));
  assert.equal(await found(t, [url]), 'server.tls');
  assert.deepEqual(await found(t, [url], all, { tls: { caFile, allowOldVersions: false } }), ['CN=a']);
  const missing = { caFile: '/no/such/file.pem', allowOldVersions: false };
  assert.equal(await found(t, [url], all, { tls: missing }), 'server.tls');
});
