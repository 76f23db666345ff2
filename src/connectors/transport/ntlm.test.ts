import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import {
  authenticateMessage,
  channelBinding,
  negotiateMessage,
  ntlm2Responses,
  readChallenge,
  responseKey,
} from './ntlm.ts';

/** MS-NLMP 4.2.1 and 4.2.4. */
const account = { user: 'User', domain: 'Domain', password: 'Password' };
const serverChallenge = Buffer.from('0123456789abcdef', 'hex');
const clientChallenge = Buffer.alloc(8, 0xaa);
const targetInfo = Buffer.concat([
  attribute(2, utf16('Domain')),
  attribute(1, utf16('Server')),
  attribute(0, Buffer.alloc(0)),
]);

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

function attribute(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

test('the NTLMv2 computations give the bytes of MS-NLMP section 4.2.4', () => {
  assert.equal(responseKey(account).toString('hex'), '0c868a403bfd7a93a3001ef22ef02e3f');
  const responses = ntlm2Responses(account, serverChallenge, clientChallenge, { time: Buffer.alloc(8), targetInfo });
  assert.equal(responses.lmResponse.toString('hex'), '86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa');
  assert.equal(responses.ntProof.toString('hex'), '68cd0ab851e51c96aabc927bebef6a1c');
  assert.equal(responses.sessionBaseKey.toString('hex'), '8de40ccadbc14a82f15cb0ad0de95ca3');
});

/** A second message in the layout of MS-NLMP 2.2.1.2. */
function challengeMessage(info: Buffer): Buffer {
  const head = Buffer.alloc(48);
  head.write('NTLMSSP\0', 'latin1');
  head.writeUInt32LE(2, 8);
  head.writeUInt32LE(0xa2898205, 20);
  serverChallenge.copy(head, 24);
  head.writeUInt16LE(info.length, 40);
  head.writeUInt16LE(info.length, 42);
  head.writeUInt32LE(48, 44);
  return Buffer.concat([head, info]);
}

function field(message: Buffer, index: number): Buffer {
  const length = message.readUInt16LE(12 + index * 8);
  const offset = message.readUInt32LE(16 + index * 8);
  return message.subarray(offset, offset + length);
}

const answering = { clientChallenge, now: 0, service: 'HTTP/mail.example.test', binding: undefined };

test('a server that sends its time gets an integrity code over all three messages', () => {
  const time = Buffer.from('0090d336b734c301', 'hex');
  const info = Buffer.concat([attribute(2, utf16('Domain')), attribute(7, time), attribute(0, Buffer.alloc(0))]);
  const challenge = readChallenge(challengeMessage(info));
  assert.ok(challenge);
  const negotiate = negotiateMessage();
  const message = authenticateMessage(negotiate, challenge, account, answering);
  assert.deepEqual(field(message, 0), Buffer.alloc(24), 'no LMv2 response beside a server time');
  assert.deepEqual(field(message, 2), utf16('Domain'));
  assert.deepEqual(field(message, 3), utf16('User'));
  const response = field(message, 1);
  assert.deepEqual(response.subarray(24, 32), time, 'the server time is used');
  const key = createHmac('md5', responseKey(account)).update(response.subarray(0, 16)).digest();
  const withoutMic = Buffer.from(message);
  withoutMic.fill(0, 72, 88);
  const mic = createHmac('md5', key)
    .update(Buffer.concat([negotiate, challenge.message, withoutMic]))
    .digest();
  assert.deepEqual(message.subarray(72, 88), mic);
});

test('a server without a time gets an LMv2 response and no integrity code', () => {
  const challenge = readChallenge(challengeMessage(targetInfo));
  assert.ok(challenge);
  const message = authenticateMessage(negotiateMessage(), challenge, account, answering);
  assert.equal(field(message, 0).toString('hex'), '86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa');
  assert.deepEqual(message.subarray(72, 88), Buffer.alloc(16));
});

test('the channel binding is the MD5 of the RFC 5929 end-point binding in a GSS structure', () => {
  const certificate = Buffer.from('certificate');
  const bound = (hash: string): string => {
    const data = Buffer.concat([Buffer.from('tls-server-end-point:'), createHash(hash).update(certificate).digest()]);
    const head = Buffer.alloc(20);
    head.writeUInt32LE(data.length, 16);
    return createHash('md5')
      .update(Buffer.concat([head, data]))
      .digest('hex');
  };
  assert.equal(channelBinding(certificate, 'sha384').toString('hex'), bound('sha384'));
  assert.equal(channelBinding(certificate, 'sha1').toString('hex'), bound('sha256'), 'weak hashes give way to SHA-256');
});

test('what is not a challenge is not taken for one', () => {
  const message = challengeMessage(targetInfo);
  assert.equal(readChallenge(Buffer.alloc(0)), undefined);
  assert.equal(readChallenge(negotiateMessage()), undefined);
  for (let length = 0; length < message.length; length += 1) {
    const cut = readChallenge(message.subarray(0, length));
    assert.ok(cut === undefined || cut.targetInfo.length === 0, `cut at ${length}`);
  }
});
