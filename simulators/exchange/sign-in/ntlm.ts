/** The server side of NTLMv2 ([MS-NLMP]): the challenge message, and checking the answer to it. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Account, Directory } from './directory.ts';
import { md4 } from './md4.ts';

const signature = Buffer.from('NTLMSSP\0', 'latin1');

/** Unicode, request target, NTLM, always sign, target type domain, extended session security, target info, 128, 56. */
const flags = 0xa2898205;

/** Which of the three messages a token is; undefined for anything else. */
export function ntlmMessageType(token: Buffer): number | undefined {
  if (token.length < 12 || !token.subarray(0, 8).equals(signature)) return undefined;
  return token.readUInt32LE(8);
}

/** The challenge (type 2) of a server in a domain. `fileTime` is 100-ns steps since 1601. */
export function challengeMessage(challenge: Uint8Array, domain: string, server: string, fileTime: bigint): Buffer {
  const target = Buffer.from(domain.toUpperCase(), 'utf16le');
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(fileTime);
  const info = Buffer.concat([
    pair(2, Buffer.from(domain.toUpperCase(), 'utf16le')),
    pair(1, Buffer.from(server.toUpperCase(), 'utf16le')),
    pair(4, Buffer.from(domain.toLowerCase(), 'utf16le')),
    pair(3, Buffer.from(server.toLowerCase(), 'utf16le')),
    pair(7, time),
    pair(0, Buffer.alloc(0)),
  ]);
  const head = Buffer.alloc(56);
  signature.copy(head, 0);
  head.writeUInt32LE(2, 8);
  writeField(head, 12, target.length, 56);
  head.writeUInt32LE(flags, 20);
  head.set(challenge, 24);
  writeField(head, 40, info.length, 56 + target.length);
  head.set([10, 0, 0x63, 0x45, 0, 0, 0, 15], 48);
  return Buffer.concat([head, target, info]);
}

/** A channel-binding value that the answer must carry (MD5 of the binding); undefined when it need not. */
export interface BindingRule {
  readonly expected: Uint8Array;
  readonly isRequired: boolean;
}

/** The account that an answer (type 3) proves; undefined when it proves nothing. */
export function verifyAnswer(
  answer: Buffer,
  challenge: Uint8Array,
  directory: Directory,
  binding?: BindingRule,
): Account | undefined {
  if (answer.length < 64) return undefined;
  const response = field(answer, 20);
  const domain = field(answer, 28)?.toString('utf16le');
  const user = field(answer, 36)?.toString('utf16le');
  if (response === undefined || domain === undefined || user === undefined || response.length < 44) return undefined;
  const account = directory.find(user, domain.includes('.') ? domain : '');
  if (account === undefined) return undefined;
  const key = createHmac('md5', md4(Buffer.from(account.password, 'utf16le')))
    .update(Buffer.from(user.toUpperCase() + domain, 'utf16le'))
    .digest();
  const blob = response.subarray(16);
  const proof = createHmac('md5', key).update(challenge).update(blob).digest();
  if (!timingSafeEqual(proof, response.subarray(0, 16))) return undefined;
  return binding === undefined || isBound(blob, binding) ? account : undefined;
}

/** Whether the answer carries the binding (MsvAvChannelBindings, AV id 10) that this connection has. */
function isBound(blob: Buffer, binding: BindingRule): boolean {
  for (let at = 28; at + 4 <= blob.length; ) {
    const id = blob.readUInt16LE(at);
    const length = blob.readUInt16LE(at + 2);
    if (id === 0) break;
    if (id === 10) {
      const value = blob.subarray(at + 4, at + 4 + length);
      if (value.some((byte) => byte !== 0)) return value.equals(binding.expected);
    }
    at += 4 + length;
  }
  return !binding.isRequired;
}

function pair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

function writeField(buffer: Buffer, at: number, length: number, offset: number): void {
  buffer.writeUInt16LE(length, at);
  buffer.writeUInt16LE(length, at + 2);
  buffer.writeUInt32LE(offset, at + 4);
}

function field(message: Buffer, at: number): Buffer | undefined {
  const length = message.readUInt16LE(at);
  const offset = message.readUInt32LE(at + 4);
  return offset + length <= message.length ? message.subarray(offset, offset + length) : undefined;
}
