import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemPorts } from '#ports/system-ports.ts';
import { makeServerCertificate } from '#simulators/exchange/certificates/test-authority.ts';
import { configSchema, type ServerConfig } from '../config-schema.ts';
import { checkServer } from './check-server.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../../testing/tls/${name}`, import.meta.url));
const pem = fixture('localhost.pem');
const nowMs = Date.UTC(2026, 2, 2);

const demandsNtlm: RequestListener = (_, response) => {
  response.writeHead(401, { 'www-authenticate': ['Negotiate', 'NTLM'] }).end();
};

async function listening(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

function secure(t: TestContext, listener: RequestListener): Promise<number> {
  return listening(
    t,
    createHttps({ key: readFileSync(fixture('localhost-key.pem')), cert: readFileSync(pem) }, listener),
  );
}

function serverAt(url: string, more: object = {}): ServerConfig {
  const signIn = { kind: 'ntlm', user: 'u', password: { env: 'P' } };
  const { servers } = configSchema.parse({ servers: { main: { kind: 'ews', url, signIn, ...more } } });
  return servers.main as ServerConfig;
}

/** Name and state of every check, and the message of the last. */
async function examine(server: ServerConfig, at = nowMs): Promise<{ states: string; message: string; remedy: string }> {
  const checks = await checkServer('main', server, undefined, { P: 'x' }, at);
  const last = checks.at(-1);
  const states = checks.map(({ name, state }) => `${name.replace('server main: ', '')} ${state}`).join(', ');
  return { states, message: last?.message ?? '', remedy: last?.remedy ?? '' };
}

test('a certificate that nobody vouches for is refused, and the cure is the file of its authority', async (t) => {
  const url = `https://127.0.0.1:${await secure(t, demandsNtlm)}/EWS/Exchange.asmx`;
  const refused = await examine(serverAt(url));
  assert.equal(refused.states, 'name ok, connection ok, certificate fail');
  assert.match(refused.message, /not accepted \(.*SELF_SIGNED.*\)/);
  assert.match(refused.remedy, /tls\.caFile/);
  const trusted = await examine(serverAt(url, { tls: { caFile: pem } }));
  assert.equal(trusted.states, 'name ok, connection ok, certificate ok, web services ok');
});

test('a certificate that is about to expire is told in time', async (t) => {
  // Valid for a year from now; the clock of the check is turned to five days before its end.
  const { key, cert, ca } = makeServerCertificate(['127.0.0.1'], systemPorts());
  const folder = mkdtempSync(join(tmpdir(), 'liaison-doctor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, ca);
  const port = await listening(t, createHttps({ key, cert }, demandsNtlm));
  const server = serverAt(`https://127.0.0.1:${port}/EWS/Exchange.asmx`, { tls: { caFile } });
  const late = await checkServer('main', server, undefined, { P: 'x' }, Date.now() + 360 * 86_400_000);
  const certificate = late.find(({ name }) => name.endsWith('certificate'));
  assert.equal(certificate?.state, 'warn');
  assert.match(certificate?.message ?? '', /^valid for [45] more days/);
});

test('a sign-in that the server does not offer is found before any password is sent', async (t) => {
  let signedIn = false;
  const port = await listening(
    t,
    createHttp((request, response) => {
      signedIn ||= request.headers.authorization !== undefined;
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    }),
  );
  const found = await examine(serverAt(`http://127.0.0.1:${port}/EWS/Exchange.asmx`));
  assert.equal(found.states, 'name ok, connection ok, web services fail');
  assert.match(found.message, /sign-in by ntlm is not offered/);
  assert.match(found.remedy, /what the server offers \(Basic\)/);
  assert.equal(signedIn, false);
});

test('a web page or a redirect at the address is not Exchange Web Services', async (t) => {
  const port = await listening(
    t,
    createHttp((request, response) => {
      if (request.url === '/page') response.writeHead(200).end('<html>Welcome</html>');
      else response.writeHead(302, { location: '/owa/' }).end();
    }),
  );
  assert.match((await examine(serverAt(`http://127.0.0.1:${port}/page`))).states, /web services warn$/);
  const redirected = await examine(serverAt(`http://127.0.0.1:${port}/EWS/Exchange.asmx`));
  assert.match(redirected.states, /web services fail$/);
  assert.match(redirected.message, /HTTP 302 instead of a demand to sign in/);
});

test('a wrong host name and a closed port are told apart', async () => {
  assert.equal((await examine(serverAt('https://no-such-host.invalid/EWS/Exchange.asmx'))).states, 'name fail');
  const closed = await examine(serverAt('http://127.0.0.1:1/EWS/Exchange.asmx'));
  assert.equal(closed.states, 'name ok, connection fail');
  assert.match(closed.message, /ECONNREFUSED/);
});

test('a missing password is told with the name of the variable', async (t) => {
  const port = await listening(t, createHttp(demandsNtlm));
  const checks = await checkServer('main', serverAt(`http://127.0.0.1:${port}/`), undefined, {}, nowMs);
  assert.match(checks.at(-1)?.message ?? '', /environment variable P is not set/);
});
