/**
 * The three messages of NTLM version 2 (MS-NLMP 2.2.1, 3.3.2), pure. Only what an HTTP client needs: no signing or sealing of
 * messages, no key exchange, but the integrity code (MIC) and the channel binding that Extended Protection asks for.
 */
import { createHash, createHmac } from 'node:crypto';
import { md4 } from './md4.ts';

/** MS-NLMP 2.2.2.5. */
const flags = {
  unicode: 0x1,
  requestTarget: 0x4,
  ntlm: 0x200,
  alwaysSign: 0x8000,
  extendedSessionSecurity: 0x80000,
  targetInfo: 0x800000,
  use128: 0x20000000,
} as const;

const offered =
  flags.unicode |
  flags.requestTarget |
  flags.ntlm |
  flags.alwaysSign |
  flags.extendedSessionSecurity |
  flags.targetInfo |
  flags.use128;

const signature = Buffer.from('NTLMSSP\0', 'latin1');

/** Attribute ids of TargetInfo, MS-NLMP 2.2.2.1. */
const attribute = { end: 0, flags: 6, timestamp: 7, targetName: 9, channelBindings: 10 } as const;

/** The first message, MS-NLMP 2.2.1.1: no names, they come in the third. */
export function negotiateMessage(): Buffer {
  const message = Buffer.alloc(32);
  signature.copy(message);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(offered, 12);
  return message;
}

export interface Challenge {
  readonly serverChallenge: Buffer;
  readonly flags: number;
  /** The attribute list as the server sent it; empty when it sent none. */
  readonly targetInfo: Buffer;
  /** The whole message, which the MIC covers. */
  readonly message: Buffer;
}

/** Reads the second message, MS-NLMP 2.2.1.2; undefined when it is not one. */
export function readChallenge(message: Buffer): Challenge | undefined {
  if (message.length < 32 || !message.subarray(0, 8).equals(signature) || message.readUInt32LE(8) !== 2)
    return undefined;
  let targetInfo = Buffer.alloc(0);
  if (message.length >= 48) {
    const length = message.readUInt16LE(40);
    const offset = message.readUInt32LE(44);
    if (offset + length > message.length) return undefined;
    targetInfo = Buffer.from(message.subarray(offset, offset + length));
  }
  return { serverChallenge: message.subarray(24, 32), flags: message.readUInt32LE(20), targetInfo, message };
}

export interface NtlmAccount {
  readonly user: string;
  /** Empty for a user principal name. */
  readonly domain: string;
  readonly password: string;
}

export interface Answering {
  /** 8 random bytes. */
  readonly clientChallenge: Uint8Array;
  /** Milliseconds since 1970; used when the server gives no time of its own. */
  readonly now: number;
  /** Service name, e.g. `HTTP/mail.example.test`. */
  readonly service: string;
  /** MD5 of the channel bindings (`channelBinding`), over TLS. */
  readonly binding: Buffer | undefined;
}

/** The third message, MS-NLMP 2.2.1.3, with a MIC whenever the server sent its time (3.1.5.1.2). */
export function authenticateMessage(
  negotiate: Buffer,
  challenge: Challenge,
  account: NtlmAccount,
  answering: Answering,
): Buffer {
  const serverTime = attributesOf(challenge.targetInfo).find((one) => one.id === attribute.timestamp)?.value;
  const withMic = serverTime !== undefined;
  const responses = ntlm2Responses(account, challenge.serverChallenge, answering.clientChallenge, {
    time: serverTime ?? fileTime(answering.now),
    targetInfo: answeredInfo(challenge.targetInfo, answering, withMic),
  });
  const lmResponse = withMic ? Buffer.alloc(24) : responses.lmResponse;
  const message = assembled(challenge.flags & offered, [
    lmResponse,
    responses.ntResponse,
    Buffer.from(account.domain, 'utf16le'),
    Buffer.from(account.user, 'utf16le'),
    Buffer.alloc(0),
    Buffer.alloc(0),
  ]);
  if (withMic) {
    const mic = hmac(responses.sessionBaseKey, Buffer.concat([negotiate, challenge.message, message]));
    mic.copy(message, micOffset);
  }
  return message;
}

export interface Ntlm2Responses {
  readonly ntProof: Buffer;
  readonly ntResponse: Buffer;
  readonly lmResponse: Buffer;
  readonly sessionBaseKey: Buffer;
}

/** MS-NLMP 3.3.2. `time` is a FILETIME of 8 bytes. */
export function ntlm2Responses(
  account: NtlmAccount,
  serverChallenge: Uint8Array,
  clientChallenge: Uint8Array,
  given: { readonly time: Buffer; readonly targetInfo: Buffer },
): Ntlm2Responses {
  const key = responseKey(account);
  const zero4 = Buffer.alloc(4);
  const temp = Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
    given.time,
    clientChallenge,
    zero4,
    given.targetInfo,
    zero4,
  ]);
  const ntProof = hmac(key, Buffer.concat([serverChallenge, temp]));
  const lmProof = hmac(key, Buffer.concat([serverChallenge, clientChallenge]));
  return {
    ntProof,
    ntResponse: Buffer.concat([ntProof, temp]),
    lmResponse: Buffer.concat([lmProof, clientChallenge]),
    sessionBaseKey: hmac(key, ntProof),
  };
}

/** NTOWFv2: the domain keeps its case, the user does not. */
export function responseKey(account: NtlmAccount): Buffer {
  const hash = md4(Buffer.from(account.password, 'utf16le'));
  return hmac(hash, Buffer.from(account.user.toUpperCase() + account.domain, 'utf16le'));
}

/**
 * The channel binding of type tls-server-end-point (RFC 5929 section 4) as NTLM carries it: MD5 of a gss_channel_bindings
 * structure with empty addresses. `hashName` is the hash of the certificate's own signature.
 */
export function channelBinding(certificate: Uint8Array, hashName: string): Buffer {
  const weak = hashName === 'md5' || hashName === 'sha1';
  const data = Buffer.concat([
    Buffer.from('tls-server-end-point:', 'latin1'),
    createHash(weak ? 'sha256' : hashName)
      .update(certificate)
      .digest(),
  ]);
  const structure = Buffer.alloc(20);
  structure.writeUInt32LE(data.length, 16);
  return createHash('md5')
    .update(Buffer.concat([structure, data]))
    .digest();
}

interface Attribute {
  readonly id: number;
  readonly value: Buffer;
}

/** The attributes up to the end mark; a list that does not fit its length ends there. */
function attributesOf(info: Buffer): readonly Attribute[] {
  const found: Attribute[] = [];
  let offset = 0;
  while (offset + 4 <= info.length) {
    const id = info.readUInt16LE(offset);
    const length = info.readUInt16LE(offset + 2);
    if (id === attribute.end || offset + 4 + length > info.length) break;
    found.push({ id, value: info.subarray(offset + 4, offset + 4 + length) });
    offset += 4 + length;
  }
  return found;
}

/** The server's attributes with ours added: MIC announced, channel binding (zeros without TLS), service name. */
function answeredInfo(info: Buffer, answering: Answering, withMic: boolean): Buffer {
  const ours: Attribute[] = [];
  if (withMic) ours.push({ id: attribute.flags, value: Buffer.from([2, 0, 0, 0]) });
  ours.push({ id: attribute.channelBindings, value: answering.binding ?? Buffer.alloc(16) });
  ours.push({ id: attribute.targetName, value: Buffer.from(answering.service, 'utf16le') });
  const replaced = new Set(ours.map((one) => one.id));
  const kept = attributesOf(info).filter((one) => !replaced.has(one.id));
  return Buffer.concat([...[...kept, ...ours].flatMap(({ id, value }) => [pair(id, value.length), value]), pair(0, 0)]);
}

function pair(id: number, length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(id, 0);
  bytes.writeUInt16LE(length, 2);
  return bytes;
}

/** Fixed part of the third message: signature, type, six fields, flags, version, MIC. */
const fixedLength = 88;
const micOffset = 72;

function assembled(negotiated: number, fields: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(fixedLength);
  signature.copy(head);
  head.writeUInt32LE(3, 8);
  let offset = fixedLength;
  fields.forEach((field, index) => {
    head.writeUInt16LE(field.length, 12 + index * 8);
    head.writeUInt16LE(field.length, 14 + index * 8);
    head.writeUInt32LE(offset, 16 + index * 8);
    offset += field.length;
  });
  head.writeUInt32LE(negotiated, 60);
  return Buffer.concat([head, ...fields]);
}

/** 100 ns units since 1601. */
function fileTime(now: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(Math.trunc(now)) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}

function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('md5', key).update(data).digest();
}
