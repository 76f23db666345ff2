/**
 * The `collblob`: what a client has of the result of one query. It holds everything needed to tell what changed since, so the
 * server keeps nothing: the query, the number of the last change that was told, the items told so far, and those told out of turn.
 */
import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Mailbox } from '../../truth/mailbox.ts';

export interface ManifestToken {
  /** Change number up to which everything was told. */
  readonly change: number;
  /** Items the client has. */
  readonly members: ReadonlySet<number>;
  /** Items told in a later state than `change`, with the number of that change. */
  readonly ahead: ReadonlyMap<number, number>;
}

export const emptyToken: ManifestToken = { change: 0, members: new Set(), ahead: new Map() };

const version = 1;
const headBytes = 1 + 16 + 6;

/** A token is never longer than this many characters, and never holds more numbers than so many. */
const tokenLengthMax = 4_000_000;
const inflatedBytesMax = 16_000_000;

/** What a token is good for: this mailbox in this store, and this query to the letter. */
function queryDigest(mailbox: Mailbox, query: string): Buffer {
  return createHash('sha256').update(mailbox.guid).update(mailbox.replica).update(query).digest().subarray(0, 16);
}

export function writeToken(mailbox: Mailbox, query: string, token: ManifestToken): string {
  const head = Buffer.alloc(headBytes);
  head[0] = version;
  queryDigest(mailbox, query).copy(head, 1);
  head.writeUIntBE(token.change, 17, 6);
  const numbers: number[] = [token.members.size];
  let last = 0;
  for (const member of [...token.members].sort((a, b) => a - b)) {
    numbers.push(member - last);
    last = member;
  }
  for (const [item, change] of token.ahead) numbers.push(item, change);
  return Buffer.concat([head, deflateRawSync(varints(numbers))]).toString('base64');
}

export type TokenRead =
  | { readonly kind: 'token'; readonly token: ManifestToken }
  /** Not one of this server's, or damaged. */
  | { readonly kind: 'invalid' }
  /** Of another mailbox or query. */
  | { readonly kind: 'otherQuery' };

export function readToken(mailbox: Mailbox, query: string, text: string): TokenRead {
  if (text === '') return { kind: 'token', token: emptyToken };
  if (text.length > tokenLengthMax || !/^[A-Za-z0-9+/\s]+={0,2}$/.test(text)) return { kind: 'invalid' };
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < headBytes || bytes[0] !== version) return { kind: 'invalid' };
  if (!bytes.subarray(1, 17).equals(queryDigest(mailbox, query))) return { kind: 'otherQuery' };
  const numbers = inflated(bytes.subarray(headBytes));
  const count = numbers?.[0];
  if (numbers === undefined || count === undefined || count > numbers.length - 1) return { kind: 'invalid' };
  const members = new Set<number>();
  let last = 0;
  for (const delta of numbers.slice(1, 1 + count)) {
    last += delta;
    members.add(last);
  }
  const ahead = new Map<number, number>();
  for (let at = 1 + count; at + 1 < numbers.length; at += 2) ahead.set(numbers[at] ?? 0, numbers[at + 1] ?? 0);
  return { kind: 'token', token: { change: bytes.readUIntBE(17, 6), members, ahead } };
}

function inflated(bytes: Buffer): readonly number[] | undefined {
  try {
    return readVarints(inflateRawSync(bytes, { maxOutputLength: inflatedBytesMax }));
  } catch {
    return undefined;
  }
}

/** Seven bits a byte, the lowest first; the high bit says that more follows. */
function varints(numbers: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (const number of numbers) {
    let rest = number;
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
  }
  return Buffer.from(bytes);
}

function readVarints(bytes: Buffer): readonly number[] {
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
      scale = 1;
    } else scale *= 0x80;
  }
  return numbers;
}
