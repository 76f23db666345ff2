/**
 * The server's side of NTLMv2 (MS-NLMP 3.2.5, 3.3.2) for tests: issues challenges, checks responses, integrity code and
 * channel binding, and remembers which connections are signed in.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Answerer } from './scripted-server.ts';

export interface NtlmServerOptions {
  readonly user: string;
  readonly domain: string;
  /** MD4 of the password in UTF-16. */
  readonly passwordHash: Buffer;
  /** Extended Protection: the binding every response must carry. */
  readonly binding?: Buffer;
  /** The scheme offered; IIS may offer only Negotiate. */
  readonly scheme?: 'NTLM' | 'Negotiate';
  /** False: each request needs its own handshake, and says so. */
  readonly persistent?: boolean;
}

interface Handshake {
  readonly negotiate: Buffer;
  readonly challenge: Buffer;
}

/** Wraps an answer so that only signed-in connections get it; `refused` counts responses that did not pass. */
export function ntlmProtected(
  options: NtlmServerOptions,
  then: Answerer,
): { readonly answerer: Answerer; readonly refused: () => number } {
  const handshakes = new WeakMap<Socket, Handshake>();
  const signedIn = new WeakSet<Socket>();
  const scheme = options.scheme ?? 'NTLM';
  let refused = 0;
  const answerer: Answerer = (asked, response) => {
    const { socket } = asked;
    const token = tokenOf(asked.headers.authorization, scheme);
    if (token === undefined) {
      if (signedIn.has(socket)) return then(asked, response);
      response.writeHead(401, { 'www-authenticate': scheme, 'content-length': '0' });
      response.end();
      return;
    }
    if (token.readUInt32LE(8) === 1) {
      const challenge = challengeMessage();
      handshakes.set(socket, { negotiate: token, challenge });
      response.writeHead(401, {
        'www-authenticate': [`${scheme} ${challenge.toString('base64')}`, 'Basic realm="x"'],
        'content-length': '0',
      });
      response.end();
      return;
    }
    const handshake = handshakes.get(socket);
    if (handshake === undefined || !passes(token, handshake, options)) {
      refused += 1;
      response.writeHead(401, { 'www-authenticate': scheme, 'content-length': '0' });
      response.end();
      return;
    }
    if (options.persistent === false) response.setHeader('persistent-auth', 'false');
    else signedIn.add(socket);
    return then(asked, response);
  };
  return { answerer, refused: () => refused };
}

function tokenOf(header: string | undefined, scheme: string): Buffer | undefined {
  const prefix = `${scheme} `;
  return header?.startsWith(prefix) ? Buffer.from(header.slice(prefix.length), 'base64') : undefined;
}

function challengeMessage(): Buffer {
  const pair = (id: number, value: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id, 0);
    head.writeUInt16LE(value.length, 2);
    return Buffer.concat([head, value]);
  };
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(133_500_000_000_000_000n);
  const info = Buffer.concat([pair(2, Buffer.from('EXAMPLE', 'utf16le')), pair(7, time), pair(0, Buffer.alloc(0))]);
  const head = Buffer.alloc(56);
  head.write('NTLMSSP\0', 'latin1');
  head.writeUInt32LE(2, 8);
  head.writeUInt32LE(0xa2898205, 20);
  randomBytes(8).copy(head, 24);
  head.writeUInt16LE(info.length, 40);
  head.writeUInt16LE(info.length, 42);
  head.writeUInt32LE(56, 44);
  return Buffer.concat([head, info]);
}

function passes(message: Buffer, { negotiate, challenge }: Handshake, options: NtlmServerOptions): boolean {
  const field = (index: number): Buffer => {
    const offset = message.readUInt32LE(16 + index * 8);
    return message.subarray(offset, offset + message.readUInt16LE(12 + index * 8));
  };
  const [, response, domain, user] = [0, 1, 2, 3].map(field) as [Buffer, Buffer, Buffer, Buffer];
  if (user.toString('utf16le') !== options.user || domain.toString('utf16le') !== options.domain) return false;
  const hmac = (key: Buffer, ...data: readonly Buffer[]): Buffer =>
    createHmac('md5', key).update(Buffer.concat(data)).digest();
  const key = hmac(options.passwordHash, Buffer.from(options.user.toUpperCase() + options.domain, 'utf16le'));
  const proof = hmac(key, challenge.subarray(24, 32), response.subarray(16));
  if (!proof.equals(response.subarray(0, 16))) return false;
  const unsigned = Buffer.from(message);
  unsigned.fill(0, 72, 88);
  if (!hmac(hmac(key, proof), negotiate, challenge, unsigned).equals(message.subarray(72, 88))) return false;
  return options.binding === undefined || bindingIn(response.subarray(16 + 28)).equals(options.binding);
}

/** MsvAvChannelBindings of the client's attribute list. */
function bindingIn(attributes: Buffer): Buffer {
  for (let offset = 0; offset + 4 <= attributes.length; ) {
    const length = attributes.readUInt16LE(offset + 2);
    if (attributes.readUInt16LE(offset) === 10) return attributes.subarray(offset + 4, offset + 4 + length);
    offset += 4 + length;
  }
  return Buffer.alloc(0);
}
