/**
 * Servers that are not there, are not what they should be, cannot be trusted or do not let us in. One `liaison serve` has
 * them all at once, each with one user, beside a healthy server: every trouble is named with its remedy, nobody healthy
 * waits, and when the causes are gone the sick ones follow.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemPorts } from '#ports/system-ports.ts';
import type { Check } from '#server/doctor/check.ts';
import { makeServerCertificate } from '#simulators/exchange/certificates/test-authority.ts';
import { type Office, onBothSides, openOffice, ownContacts, statusOf, until } from '#testing/office.ts';

const dayMs = 86_400_000;
const signInRetrySeconds = 10;

/** What one sick server is expected to be called. */
interface Sick {
  /** Changes to the healthy server's configuration. */
  readonly server: object;
  /** What the doctor says: the name of the failing check, and its words with the remedy. */
  readonly doctor: RegExp;
  /** Code of the fault in `status`. */
  readonly code: RegExp;
}

const account = (name: 'plain' | 'part' | 'svc', password: string) => ({
  signIn: { kind: 'basic', user: `${name}@example.test`, password: { env: password } },
});

async function sickServers(t: TestContext): Promise<Readonly<Record<string, Sick>>> {
  const page: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><form>Sign in</form></html>');
  };
  const redirect: RequestListener = (_, response) => {
    response.writeHead(302, { location: 'https://portal.example/login' }).end();
  };
  const port = systemPorts();
  const clock = { ...port.clock, now: () => Date.now() - 500 * dayMs };
  const own = makeServerCertificate(['127.0.0.1'], port);
  const expired = makeServerCertificate(['127.0.0.1'], { ...port, clock });
  const foreign = makeServerCertificate(['mail.elsewhere.example'], port);
  const secure = (one: typeof own): Promise<string> => listening(t, createHttps(one, page));
  const folder = mkdtempSync(join(tmpdir(), 'liaison-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const trusting = (one: typeof own): object => {
    const caFile = join(folder, `${createHash('sha256').update(one.ca).digest('hex').slice(0, 8)}.pem`);
    writeFileSync(caFile, one.ca);
    return { tls: { caFile } };
  };
  return {
    closed: {
      server: { url: 'http://127.0.0.1:1/EWS/Exchange.asmx' },
      doctor: /connection: no connection to 127\.0\.0\.1:1 \(ECONNREFUSED\).*Check the port/s,
      code: /^server\.unreachable$/,
    },
    unnamed: {
      server: { url: 'http://no-such-host.invalid/EWS/Exchange.asmx' },
      doctor: /name: no-such-host\.invalid cannot be resolved.*Check the host name/s,
      code: /^server\.unreachable$/,
    },
    login: {
      server: { url: await listening(t, createHttp(page)) },
      doctor: /web services: HTTP 200 instead of a demand to sign in.*Set url/s,
      code: /^server\.notExchange$/,
    },
    form: {
      server: { url: await listening(t, createHttp(redirect)) },
      doctor: /web services: HTTP 302 instead of a demand to sign in.*Set url/s,
      code: /^server\.notExchange$/,
    },
    untrusted: {
      server: { url: await secure(own) },
      doctor: /certificate: the certificate is not accepted \(SELF_SIGNED.*\).*tls\.caFile/s,
      code: /^server\.tls$/,
    },
    expired: {
      server: { url: await secure(expired), ...trusting(expired) },
      doctor: /certificate: the certificate is not accepted \(CERT_HAS_EXPIRED\).*renew/s,
      code: /^server\.tls$/,
    },
    misnamed: {
      server: { url: await secure(foreign), ...trusting(foreign) },
      doctor: /certificate: the certificate is not accepted \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
      code: /^server\.tls$/,
    },
    fileless: {
      server: { url: await secure(own), tls: { caFile: '/nowhere/authorities.pem' } },
      doctor: /certificate: \/nowhere\/authorities\.pem cannot be read \(ENOENT\).*Name a readable PEM file/s,
      code: /^(server\.tls|defect\.internal)$/,
    },
    refused: {
      server: account('svc', 'WRONG_PASSWORD'),
      doctor: /sign-in: .*Check signIn\.user and its password/s,
      code: /^authentication\.rejected$/,
    },
    rightless: {
      server: account('plain', 'PLAIN_PASSWORD'),
      doctor: /sign-in: /,
      code: /^(mailbox\.denied|authentication\.impersonation)$/,
    },
    unset: {
      server: account('svc', 'NEVER_SET'),
      doctor: /password: the environment variable NEVER_SET is not set.*Set it/s,
      code: /^authentication\.rejected$/,
    },
  };
}

async function listening(t: TestContext, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const scheme = 'setSecureContext' in server ? 'https' : 'http';
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/EWS/Exchange.asmx`;
}

function configured(office: Office, servers: Readonly<Record<string, object>>): object {
  const main = (office.configuration() as { servers: { main: object } }).servers.main;
  const all = Object.entries(servers).map(([name, changes]) => [name, { ...main, ...changes }] as const);
  const sync = { intervalSeconds: 1, retrySeconds: 1, retrySecondsMax: 2, signInRetrySeconds };
  return { servers: { main, ...Object.fromEntries(all) }, sync };
}

test('eleven servers with eleven troubles stop their own users only, are told apart with their remedies, and once they are well everybody follows', async (t) => {
  const { unset, ...sick } = await sickServers(t);
  assert.ok(unset !== undefined);
  const names = Object.keys(sick);
  const office = await openOffice(t, { users: ['alice', 'bob', ...names, 'half1', 'half2'] });
  const half = account('part', 'PART_PASSWORD');
  const servers = Object.fromEntries(names.map((name) => [name, sick[name]?.server ?? {}]));
  office.configure(configured(office, { ...servers, half, unset: unset.server }));
  await office.mapUsers([
    ['alice', 'main'],
    ['bob', 'main'],
    ...names.map((name) => [name, name] as const),
    ['half1', 'half'],
    ['half2', 'half'],
  ]);
  const before = new Map<string, readonly string[]>();
  for (const name of names) before.set(name, await office.holdings(name));

  await t.test('the doctor names every one of them and says what to do', async () => {
    const { code, out } = await office.run('doctor');
    assert.equal(code, 1);
    for (const [name, { doctor }] of Object.entries({ ...sick, unset })) {
      const said = out.split(/\n(?=\S)/).filter((check) => check.includes(`server ${name}: `));
      assert.match(said.join('\n'), doctor, `${name}:\n${said.join('\n')}`);
    }
    assert.match(out, /ok +server main: sign-in: svc@example\.test opened alice@example\.test/);
    assert.ok(!out.includes('not-it'), 'no password is shown');
  });

  await t.test('serve with a password that is nowhere says which, and does not start', async () => {
    const { code, err } = await office.run('serve');
    assert.equal(code, 2);
    assert.match(err, /servers\.unset\.signIn\.password: the environment variable NEVER_SET is not set/);
  });

  office.configure(configured(office, { ...servers, half }));
  const refusedBefore = office.exchange.control.counters().unauthorized;
  const started = Date.now();
  const serve = office.start('serve');
  let reports = await statusOf(office);
  const healthy = ['alice', 'bob', 'half2'];
  const faults = new Map<string, string>();
  await until(
    'the healthy users are in sync and the others were failing',
    async () => {
      reports = await statusOf(office);
      for (const [login, { state, lastOutcome }] of reports) {
        if (state === 'failing') faults.set(login, lastOutcome?.fault?.code ?? '');
      }
      return healthy.every((one) => reports.get(one)?.state === 'inSync') && names.every((one) => faults.has(one));
    },
    () => [...reports].map(([login, { state }]) => `${login} ${state}`),
  );
  const watchedMs = Date.now() - started;
  const refusals = office.exchange.control.counters().unauthorized - refusedBefore;
  await serve.stop();

  await t.test('status names each mailbox with its fault', () => {
    for (const [name, { code }] of Object.entries(sick)) {
      assert.match(faults.get(name) ?? '', code, name);
    }
    assert.equal(faults.get('half1'), 'mailbox.denied');
  });

  await t.test('a file of authorities that is not there is trouble of the configuration and no defect', () =>
    assert.equal(faults.get('fileless'), 'server.tls'),
  );

  await t.test('healthy users of other servers, and of the same account, are synchronised meanwhile', async () => {
    for (const one of healthy) assert.deepEqual(await office.holdings(one), onBothSides(...ownContacts(one)));
  });

  await t.test('nothing was written for, or taken from, those who could not be reached', async () => {
    for (const [name, held] of before) assert.deepEqual(await office.holdings(name), held, name);
  });

  await t.test('a wrong password is tried so rarely that no account is locked', (subtest) => {
    subtest.diagnostic(`${refusals} refused sign-ins in ${watchedMs} ms`);
    // Two tries per look, and a look at most every half of the wait.
    assert.ok(refusals >= 1 && refusals <= 2 * Math.ceil(1 + watchedMs / (signInRetrySeconds * 500)), `${refusals}`);
  });

  await t.test('the doctor’s remedies fit the certificate for another name and the missing right', async () => {
    const checks = JSON.parse((await office.run('doctor', '--json')).out) as readonly Check[];
    const remedyOf = (server: string): string | undefined =>
      checks.find(({ name, state }) => name.startsWith(`server ${server}: `) && state === 'fail')?.remedy;
    assert.match(remedyOf('misnamed') ?? '', /name/);
    assert.match(remedyOf('rightless') ?? '', /ApplicationImpersonation/);
  });

  await t.test('sync names the server and says what to do', async () => {
    const { code, out } = await office.run('sync', 'closed');
    assert.equal(code, 1);
    assert.match(out, /127\.0\.0\.1:1/);
  });

  await t.test('an audit that could not read a side does not say "In sync."', async () => {
    const { code, out, err } = await office.run('audit', 'closed');
    assert.equal(code, 1);
    assert.match(err, /closed@example\.test/);
    assert.doesNotMatch(out, /In sync/);
  });

  await t.test('when the causes are gone everybody follows, and nothing is doubled', async () => {
    office.configure(configured(office, Object.fromEntries([...names, 'half'].map((name) => [name, {}]))));
    const again = office.start('serve');
    await until(
      'everybody is in sync',
      async () => {
        reports = await statusOf(office);
        return [...reports.values()].every(({ state }) => state === 'inSync');
      },
      () => [...reports].map(([login, { state }]) => `${login} ${state}`),
      60_000,
    );
    assert.equal((await again.stop()).code, 0);
    for (const one of [...names, ...healthy, 'half1']) {
      assert.deepEqual(await office.holdings(one), onBothSides(...ownContacts(one)), one);
    }
    assert.equal(office.exchange.truth.sent.length, 0);
  });
});

test('a user whose server is closed for a while stays shown as failing, never as in sync', async (t) => {
  const office = await openOffice(t, { users: ['alice'] });
  const server = { url: 'http://127.0.0.1:1/EWS/Exchange.asmx' };
  office.configure(office.configuration(server, { sync: { intervalSeconds: 1, retrySeconds: 3, retrySecondsMax: 3 } }));
  await office.mapUsers([['alice', 'main']]);
  const serve = office.start('serve');
  const stateOf = async (): Promise<string | undefined> => (await statusOf(office)).get('alice')?.state;
  await until('the first pass failed', async () => (await stateOf()) === 'failing', serve.text);
  for (let look = 0; look < 6; look += 1) assert.equal(await stateOf(), 'failing', `look ${look}`);
  await serve.stop();
});

test('eight users of one server with a wrong password do not lock its account at the start', async (t) => {
  const logins = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const office = await openOffice(t, { users: logins });
  office.configure(office.configuration(account('svc', 'WRONG_PASSWORD'), { sync: { intervalSeconds: 1 } }));
  await office.mapUsers(logins.map((login) => [login, 'main']));
  const serve = office.start('serve');
  await until('somebody was refused', () => serve.text().includes('dispatch.serverClosed'), serve.text);
  const reports = await statusOf(office);
  await serve.stop();
  const refused = office.exchange.control.counters().unauthorized;
  t.diagnostic(
    `${refused} refused sign-ins; ${[...reports.values()].filter(({ state }) => state === 'failing').length} failing`,
  );
  // Windows locks after five to ten wrong passwords where an administrator set it to.
  assert.ok(refused <= 4, `${refused} wrong passwords were sent at once`);
});
