/** MD4 (RFC 1320). Only NTLM needs it, and today's OpenSSL no longer offers it. */

/** The 16-byte digest. */
export function md4(input: Uint8Array): Buffer {
  const length = input.length;
  const padded = Buffer.alloc(((length + 8) >> 6) * 64 + 64);
  padded.set(input);
  padded[length] = 0x80;
  padded.writeUInt32LE((length << 3) >>> 0, padded.length - 8);
  padded.writeUInt32LE(length >>> 29, padded.length - 4);
  let state: Registers = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < padded.length; at += 64) state = block(state, padded, at);
  const digest = Buffer.alloc(16);
  for (const [index, word] of state.entries()) digest.writeUInt32LE(word >>> 0, 4 * index);
  return digest;
}

type Registers = [number, number, number, number];

const order = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
];
const shifts = [
  [3, 7, 11, 19],
  [3, 5, 9, 13],
  [3, 9, 11, 15],
];
const constants = [0, 0x5a827999, 0x6ed9eba1];

function block(before: Registers, bytes: Buffer, at: number): Registers {
  let [a, b, c, d] = before;
  for (let round = 0; round < 3; round += 1) {
    for (let step = 0; step < 16; step += 1) {
      const word = bytes.readUInt32LE(at + 4 * (order[round]?.[step] ?? 0));
      const sum = (a + mix(round, b, c, d) + word + (constants[round] ?? 0)) | 0;
      const shift = shifts[round]?.[step % 4] ?? 0;
      [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
    }
  }
  return [(before[0] + a) | 0, (before[1] + b) | 0, (before[2] + c) | 0, (before[3] + d) | 0];
}

function mix(round: number, x: number, y: number, z: number): number {
  if (round === 0) return (x & y) | (~x & z);
  if (round === 1) return (x & y) | (x & z) | (y & z);
  return x ^ y ^ z;
}
