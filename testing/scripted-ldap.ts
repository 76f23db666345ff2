/**
 * A tiny LDAP server whose every answer a test chooses, over a real socket, with a log of what it was asked. It knows bind,
 * search and StartTLS of RFC 4511, as far as a test of a client needs them.
 */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { BerReader, BerWriter, FilterParser } from 'ldapts';

export interface LdapAsked {
  readonly kind: 'bind' | 'search';
  /** The account that signs in, or the base of a search. */
  readonly name: string;
  readonly password: string;
  readonly filter: string;
  readonly attributes: readonly string[];
  /** What an earlier page answered with; empty: the first page. */
  readonly cookie: string;
  readonly socket: Socket;
}

export type LdapValues = Readonly<Record<string, string | Buffer | readonly (string | Buffer)[]>>;

export interface LdapAnswer {
  readonly entries?: readonly (readonly [string, LdapValues])[];
  readonly references?: readonly string[];
  /** Result code (RFC 4511 section 4.1.9); 0 unless said otherwise. */
  readonly code?: number;
  readonly text?: string;
  /** More pages follow. */
  readonly cookie?: string;
  /** Sent as it is instead of an answer. */
  readonly raw?: Buffer;
}

/** `undefined`: no answer at all. */
export type LdapAnswerer = (asked: LdapAsked) => LdapAnswer | undefined;

export interface ScriptedLdap {
  readonly url: string;
  readonly port: number;
  readonly asked: readonly LdapAsked[];
  close(): Promise<void>;
}

const tag = {
  bind: 0x60,
  bound: 0x61,
  search: 0x63,
  entry: 0x64,
  done: 0x65,
  reference: 0x73,
  controls: 0xa0,
} as const;
const pagedResults = '1.2.840.113556.1.4.319';

export async function scriptedLdap(answerer: LdapAnswerer, scheme: 'ldap' | 'ldaps' = 'ldap'): Promise<ScriptedLdap> {
  const asked: LdapAsked[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (let length = messageLength(pending); length !== undefined; length = messageLength(pending)) {
        const message = pending.subarray(0, length);
        pending = pending.subarray(length);
        const read = readRequest(message, socket);
        if (read === undefined) continue;
        asked.push(read.asked);
        const answer = answerer(read.asked);
        if (answer !== undefined && !socket.destroyed) socket.write(answer.raw ?? written(read.id, read.asked, answer));
      }
    });
  };
  const tls = (name: string): Buffer => readFileSync(new URL(`./tls/${name}`, import.meta.url));
  const server: Server =
    scheme === 'ldap'
      ? createServer(serve)
      : createTlsServer({ cert: tls('localhost.pem'), key: tls('localhost-key.pem') }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    port,
    asked,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Bytes of the first whole message; undefined while there is none. */
function messageLength(bytes: Buffer): number | undefined {
  const [, first] = bytes;
  if (first === undefined) return undefined;
  const count = first < 0x80 ? 0 : first & 0x7f;
  if (bytes.length < 2 + count) return undefined;
  const length = 2 + count + (count === 0 ? first : bytes.readUIntBE(2, count));
  return bytes.length < length ? undefined : length;
}

function readRequest(message: Buffer, socket: Socket): { readonly id: number; readonly asked: LdapAsked } | undefined {
  const reader = new BerReader(message);
  reader.readSequence();
  const id = reader.readInt() ?? 0;
  const operation = reader.readSequence();
  const blank = { password: '', filter: '', attributes: [], cookie: '', socket };
  if (operation === tag.bind) {
    reader.readInt();
    const name = reader.readString() ?? '';
    return { id, asked: { ...blank, kind: 'bind', name, password: reader.readString(0x80) ?? '' } };
  }
  if (operation !== tag.search) return undefined;
  const end = reader.offset + reader.length;
  const name = reader.readString() ?? '';
  reader.readEnumeration();
  reader.readEnumeration();
  reader.readInt();
  reader.readInt();
  reader.readBoolean();
  const filter = FilterParser.parse(reader).toString();
  const attributes: string[] = [];
  reader.readSequence();
  while (reader.offset < end) attributes.push(reader.readString() ?? '');
  return { id, asked: { ...blank, kind: 'search', name, filter, attributes, cookie: cookieOf(message.subarray(end)) } };
}

/** Of the controls only the one for pages is sent by anybody here. */
function cookieOf(controls: Buffer): string {
  if (!controls.includes(pagedResults)) return '';
  const reader = new BerReader(controls);
  reader.readSequence(tag.controls);
  reader.readSequence();
  reader.readString();
  if (reader.peek() === 0x01) reader.readBoolean();
  const value = new BerReader(reader.readString(0x04, true) ?? Buffer.alloc(0));
  value.readSequence();
  value.readInt();
  return value.readString() ?? '';
}

function written(id: number, asked: LdapAsked, answer: LdapAnswer): Buffer {
  const messages: Buffer[] = [];
  for (const [dn, values] of answer.entries ?? []) messages.push(entryMessage(id, dn, values));
  for (const uri of answer.references ?? []) {
    messages.push(message(id, tag.reference, (writer) => writer.writeString(uri)));
  }
  const operation = asked.kind === 'bind' ? tag.bound : tag.done;
  const result = (writer: BerWriter): void => {
    writer.writeEnumeration(answer.code ?? 0);
    writer.writeString('');
    writer.writeString(answer.text ?? '');
  };
  messages.push(message(id, operation, result, asked.kind === 'bind' ? undefined : (answer.cookie ?? '')));
  return Buffer.concat(messages);
}

function entryMessage(id: number, dn: string, values: LdapValues): Buffer {
  return message(id, tag.entry, (writer) => {
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, value] of Object.entries(values)) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      for (const one of [value].flat()) {
        if (Buffer.isBuffer(one)) writer.writeBuffer(one, 0x04);
        else writer.writeString(one as string);
      }
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });
}

function message(id: number, operation: number, write: (writer: BerWriter) => void, cookie?: string): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(operation);
  write(writer);
  writer.endSequence();
  if (cookie !== undefined) {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(0);
    value.writeString(cookie);
    value.endSequence();
    writer.startSequence(tag.controls);
    writer.startSequence();
    writer.writeString(pagedResults);
    writer.writeBuffer(value.buffer, 0x04);
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  return writer.buffer;
}
