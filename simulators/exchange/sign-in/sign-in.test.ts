import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
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

function send(agent: Agent, authorization: string | undefined, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/xml', ...(authorization === undefined ? {} : { authorization }) };
    const call = request(exchange.url, { method: 'POST', agent, headers }, (response) => {
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

test('NTLM signs a connection in once, and only that connection', async () => {
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

function typeOne(): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.write('NTLMSSP\0', 'latin1');
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(0xa2088207, 12);
  return bytes;
}

/** The answer of a client ([MS-NLMP] 3.3.2), as plainly as it can be written. */
function typeThree(challenge: Buffer, user: string, domain: string, password: string): Buffer {
  const info = challenge.subarray(challenge.readUInt32LE(44), challenge.readUInt32LE(44) + challenge.readUInt16LE(40));
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
