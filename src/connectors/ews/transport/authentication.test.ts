import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { systemPorts } from '#ports/system-ports.ts';
import { response } from '#testing/ews-answers.ts';
import { type NtlmServerOptions, ntlmProtected } from '#testing/ntlm-server.ts';
import {
  type Answerer,
  answer,
  certificateFile,
  scriptedOldTlsServer,
  scriptedServer,
  scriptedTlsServer,
} from '#testing/scripted-server.ts';
import { xml } from '#xml/writer.ts';
import { Connections } from '../../transport/connections.ts';
import { md4 } from '../../transport/md4.ts';
import { type EwsOptions, settingsOf } from '../options.ts';
import { type EwsAnswer, EwsSession } from './session.ts';

const good = answer(200, response('GetFolder'));
const account: NtlmServerOptions = {
  user: 'svc',
  domain: 'EXAMPLE',
  passwordHash: md4(Buffer.from('pässword', 'utf16le')),
};

interface Ending {
  after(end: () => Promise<void>): void;
}

function sessionAt(context: Ending, endpoint: string, more: Partial<EwsOptions> = {}): () => Promise<EwsAnswer> {
  const connections = new Connections();
  const settings = settingsOf({
    endpoint,
    mailbox: 'ada@example.test',
    credentials: { kind: 'ntlm', user: 'EXAMPLE\\svc', password: 'pässword' },
    impersonate: true,
    linkKeyName: 'liaison-link',
    timeouts: { requestMs: 2_000 },
    ...more,
  });
  const session = new EwsSession(settings, systemPorts(), connections);
  context.after(async () => {
    await session.close();
    await connections.close();
  });
  return () => session.call({ operation: 'GetFolder', effect: 'write', body: xml`<m:GetFolder/>` });
}

test('NTLM signs in one connection and later requests on it carry no credentials (ENV-02)', async (context) => {
  const { answerer } = ntlmProtected(account, good);
  const server = await scriptedServer(answerer);
  context.after(server.close);
  const call = sessionAt(context, server.url);
  const results = [await call(), ...(await Promise.all([call(), call()]))];
  assert.ok(results.every(({ ok }) => ok));
  assert.deepEqual(
    server.asked.map(({ connection }) => connection),
    [1, 1, 1, 1],
  );
  assert.deepEqual(
    server.asked.map(({ body }) => body === ''),
    [true, false, false, false],
    'the first leg is empty',
  );
  assert.deepEqual(
    server.asked.map(({ headers }) => headers.authorization !== undefined),
    [true, true, false, false],
  );
});

test('a wrong password is tried twice in all, then nothing is sent any more', async (context) => {
  const { answerer, refused } = ntlmProtected({ ...account, passwordHash: Buffer.alloc(16) }, good);
  const server = await scriptedServer(answerer);
  context.after(server.close);
  const call = sessionAt(context, server.url);
  for (let round = 0; round < 3; round += 1) {
    const result = await call();
    assert.ok(!result.ok && result.trouble.fault.code === 'authentication.rejected');
  }
  assert.equal(refused(), 2);
});

test('a connection the server closes is signed in anew, also when it is closed within the handshake', async (context) => {
  const { answerer } = ntlmProtected(account, good);
  const closing: Answerer = (asked, reply) => {
    reply.setHeader('connection', 'close');
    return answerer(asked, reply);
  };
  const server = await scriptedServer(closing, answerer, answerer, closing, answerer);
  context.after(server.close);
  const call = sessionAt(context, server.url);
  assert.ok((await call()).ok);
  assert.ok((await call()).ok);
  assert.ok((await call()).ok);
});

test('a server that keeps no connection signed in gets a handshake for every request', async (context) => {
  const { answerer } = ntlmProtected({ ...account, persistent: false }, good);
  const server = await scriptedServer(answerer);
  context.after(server.close);
  const call = sessionAt(context, server.url);
  assert.ok((await call()).ok);
  assert.ok((await call()).ok);
  assert.equal(server.asked.length, 4);
});

test('a server that offers only Negotiate takes the same messages under that name', async (context) => {
  const { answerer } = ntlmProtected({ ...account, scheme: 'Negotiate' }, good);
  const server = await scriptedServer(answerer);
  context.after(server.close);
  const call = sessionAt(context, server.url);
  assert.ok((await call()).ok);
  assert.ok((await call()).ok);
});

test('a server that wants no sign-in at all is not given a request under a false assumption', async (context) => {
  const server = await scriptedServer(good);
  context.after(server.close);
  const result = await sessionAt(context, server.url)();
  assert.ok(!result.ok && result.trouble.certain);
});

/** Independent of the code under test: RFC 5929 and the GSS structure by hand. */
function bindingOfTestCertificate(): Buffer {
  const { raw } = new X509Certificate(readFileSync(certificateFile));
  const data = Buffer.concat([Buffer.from('tls-server-end-point:'), createHash('sha256').update(raw).digest()]);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(data.length, 16);
  return createHash('md5').update(head).update(data).digest();
}

test('over TLS the sign-in is bound to the server certificate, as Extended Protection demands', async (context) => {
  const { answerer } = ntlmProtected({ ...account, binding: bindingOfTestCertificate() }, good);
  const server = await scriptedTlsServer(answerer);
  context.after(server.close);
  assert.ok((await sessionAt(context, server.url, { tls: { caFile: certificateFile } })()).ok);
  const other = ntlmProtected({ ...account, binding: Buffer.alloc(16, 1) }, good);
  const wrong = await scriptedTlsServer(other.answerer);
  context.after(wrong.close);
  assert.ok(!(await sessionAt(context, wrong.url, { tls: { caFile: certificateFile } })()).ok);
});

test('a certificate nobody vouches for is refused before anything is sent', async (context) => {
  const server = await scriptedTlsServer(good);
  context.after(server.close);
  for (const kind of ['basic', 'ntlm'] as const) {
    const credentials = { kind, user: 'svc', password: 'x' };
    const result = await sessionAt(context, server.url, { credentials })();
    assert.ok(!result.ok && result.trouble.fault.code === 'server.tls' && result.trouble.certain, kind);
  }
  assert.equal(server.asked.length, 0);
  const trusted = await sessionAt(context, server.url, {
    credentials: { kind: 'basic', user: 'svc', password: 'x' },
    tls: { caFile: certificateFile },
  })();
  assert.ok(trusted.ok);
});

test('old TLS is refused unless it is allowed for this server', async (context) => {
  const server = await scriptedOldTlsServer(good);
  context.after(server.close);
  const credentials = { kind: 'basic', user: 'svc', password: 'x' } as const;
  const refused = await sessionAt(context, server.url, { credentials, tls: { caFile: certificateFile } })();
  assert.ok(!refused.ok && refused.trouble.fault.code === 'server.tls' && refused.trouble.certain);
  const allowed = { caFile: certificateFile, allowOldVersions: true };
  assert.ok((await sessionAt(context, server.url, { credentials, tls: allowed })()).ok);
});
