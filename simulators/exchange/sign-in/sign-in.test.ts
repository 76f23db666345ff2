import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { after, before, test } from 'node:test';
import { requestText } from '../conformance/client.ts';
import { type RunningExchange, startExchange } from '../start-exchange.ts';
import { md4 } from './md4.ts';

let exchange: RunningExchange;
before(async () => {
  exchange = await startExchange();
});
after(() => exchange.close());

const getFolder = requestText(
  '<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="contacts"/></m:FolderIds></m:GetFolder>',
);

interface Reply {
  readonly status: number;
  readonly challenges: readonly string[];
  readonly persistent: string | undefined;
}

function send(
  agent: Agent | TlsAgent,
  authorization: string | undefined,
  body: string,
  url = exchange.url,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/xml', ...(authorization === undefined ? {} : { authorization }) };
    const open = url.startsWith('https:') ? tlsRequest : request;
    const call = open(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => {
        const challenges = response.rawHeaders.flatMap((name, index) =>
          name.toLowerCase() === 'www-authenticate' ? [response.rawHeaders[index + 1] ?? ''] : [],
        );
        const persistent = response.headers['persistent-auth'] as string | undefined;
        resolve({ status: response.statusCode ?? 0, challenges, persistent });
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

test('the digest that NTLM needs is that of its specification', () => {
  assert.equal(md4(Buffer.from('')).toString('hex'), '31d6cfe0d16ae931b73c59d7e0c089c0');
  assert.equal(md4(Buffer.from('message digest')).toString('hex'), 'd9130a8164549fe818874806e1c7014b');
  assert.equal(md4(Buffer.from('1234567890'.repeat(8))).toString('hex'), 'e33b4ddc9c38f2199c3e7b164fcc0536');
});

test('a call without credentials is told which kinds of sign-in there are', async () => {
  const agent = new Agent();
  const reply = await send(agent, undefined, getFolder);
  assert.equal(reply.status, 401);
  assert.deepEqual(reply.challenges, ['Negotiate', 'NTLM', 'Basic realm="mail.example.test"']);
  agent.destroy();
});

test('ENV-02: NTLM signs a connection in once, and only that connection', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const first = await send(agent, `NTLM ${typeOne().toString('base64')}`, '');
  assert.equal(first.status, 401);
  const challenge = Buffer.from(first.challenges[0]?.split(' ')[1] ?? '', 'base64');
  const answer = typeThree(challenge, 'alice', 'EXAMPLE', 'alice-pw1');
  const second = await send(agent, `NTLM ${answer.toString('base64')}`, getFolder);
  assert.equal(second.status, 200);
  assert.equal(second.persistent, 'true');
  const third = await send(agent, undefined, getFolder);
  assert.equal(third.status, 200);
  assert.equal(third.persistent, undefined);
  agent.destroy();
  const other = new Agent();
  assert.equal((await send(other, undefined, getFolder)).status, 401);
  other.destroy();
});

test('NTLM with a wrong password is refused', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const first = await send(agent, `NTLM ${typeOne().toString('base64')}`, '');
  const challenge = Buffer.from(first.challenges[0]?.split(' ')[1] ?? '', 'base64');
  const answer = typeThree(challenge, 'alice', 'EXAMPLE', 'wrong');
  assert.equal((await send(agent, `NTLM ${answer.toString('base64')}`, getFolder)).status, 401);
  agent.destroy();
});

test('over TLS with extended protection, NTLM without the binding of this very connection is refused', async () => {
  const mailboxes = [{ address: 'alice@example.test', password: 'alice-pw1' }];
  const safe = await startExchange({ tls: true, estate: { extendedProtection: true, mailboxes } });
  const attempt = async (bindingOf: (certificate: Buffer) => Buffer | undefined): Promise<number> => {
    const agent = new TlsAgent({ keepAlive: true, maxSockets: 1, ca: safe.ca });
    let certificate = Buffer.alloc(0);
    agent.on('keylog', (_line, socket) => {
      socket.once('secureConnect', () => {
        certificate = socket.getPeerCertificate().raw;
      });
    });
    const first = await send(agent, `NTLM ${typeOne().toString('base64')}`, '', safe.url);
    const challenge = Buffer.from(first.challenges[0]?.split(' ')[1] ?? '', 'base64');
    const answer = typeThree(challenge, 'alice', 'EXAMPLE', 'alice-pw1', bindingOf(certificate));
    const second = await send(agent, `NTLM ${answer.toString('base64')}`, getFolder, safe.url);
    agent.destroy();
    return second.status;
  };
  assert.equal(await attempt(() => undefined), 401);
  assert.equal(await attempt(() => Buffer.alloc(16, 9)), 401);
  assert.equal(await attempt(channelBinding), 200);
  await safe.close();
});

test('a bearer token of the built-in endpoint signs in until it is revoked', async () => {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'svc@example.test',
    client_secret: 'svc-pw1',
  });
  const issued = await fetch(`${exchange.origin}/tenant/oauth2/v2.0/token`, { method: 'POST', body: form });
  const { access_token: token } = (await issued.json()) as { access_token: string };
  const agent = new Agent();
  const call = requestText(
    '<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="contacts"/></m:FolderIds></m:GetFolder>',
    { impersonate: 'carol@example.test' },
  );
  assert.equal((await send(agent, `Bearer ${token}`, call)).status, 200);
  exchange.tokens.revokeAll();
  assert.equal((await send(agent, `Bearer ${token}`, call)).status, 401);
  form.set('client_secret', 'wrong');
  assert.equal((await fetch(`${exchange.origin}/oauth2/token`, { method: 'POST', body: form })).status, 401);
  agent.destroy();
});

/** MD5 of the binding structure with the hash of the server's certificate (RFC 5929, RFC 4121 4.1.1.2). */
function channelBinding(certificate: Buffer): Buffer {
  const data = Buffer.concat([Buffer.from('tls-server-end-point:'), createHash('sha256').update(certificate).digest()]);
  const structure = Buffer.concat([Buffer.alloc(16), Buffer.of(data.length, 0, 0, 0), data]);
  return createHash('md5').update(structure).digest();
}

function typeOne(): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.write('NTLMSSP\0', 'latin1');
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(0xa2088207, 12);
  return bytes;
}

/** The answer of a client ([MS-NLMP] 3.3.2), as plainly as it can be written. */
function typeThree(challenge: Buffer, user: string, domain: string, password: string, binding?: Buffer): Buffer {
  const given = challenge.subarray(challenge.readUInt32LE(44), challenge.readUInt32LE(44) + challenge.readUInt16LE(40));
  // The end marker of the list is replaced by the binding (AV id 10) and a new end marker.
  const info =
    binding === undefined
      ? given
      : Buffer.concat([given.subarray(0, -4), Buffer.of(10, 0, 16, 0), binding, Buffer.alloc(4)]);
  const key = createHmac('md5', md4(Buffer.from(password, 'utf16le')))
    .update(Buffer.from(user.toUpperCase() + domain, 'utf16le'))
    .digest();
  const blob = Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
    Buffer.alloc(8),
    Buffer.alloc(8, 7),
    Buffer.alloc(4),
    info,
    Buffer.alloc(4),
  ]);
  const proof = createHmac('md5', key).update(challenge.subarray(24, 32)).update(blob).digest();
  const parts = [
    Buffer.alloc(24),
    Buffer.concat([proof, blob]),
    Buffer.from(domain, 'utf16le'),
    Buffer.from(user, 'utf16le'),
    Buffer.from('PC', 'utf16le'),
    Buffer.alloc(0),
  ];
  const head = Buffer.alloc(64);
  head.write('NTLMSSP\0', 'latin1');
  head.writeUInt32LE(3, 8);
  let offset = 64;
  for (const [index, part] of parts.entries()) {
    head.writeUInt16LE(part.length, 12 + 8 * index);
    head.writeUInt16LE(part.length, 14 + 8 * index);
    head.writeUInt32LE(offset, 16 + 8 * index);
    offset += part.length;
  }
  head.writeUInt32LE(0xa2088205, 60);
  return Buffer.concat([head, ...parts]);
}
