/** MD4 (RFC 1320), which OpenSSL 3 no longer offers and NTLM still needs for the hash of the password. */

/** The digest, 16 bytes. */
export function md4(message: Uint8Array): Buffer {
  const words = padded(message);
  const block = new Uint32Array(16);
  let [a, b, c, d] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let offset = 0; offset < words.length; offset += 64) {
    for (let index = 0; index < 16; index += 1) block[index] = words.readUInt32LE(offset + index * 4);
    const [before1, before2, before3, before4] = [a, b, c, d];
    for (const { mix, add, order, shifts } of rounds) {
      for (let step = 0; step < 16; step += 1) {
        const sum = (a + mix(b, c, d) + (block[order[step]!] as number) + add) >>> 0;
        const turned = rotated(sum, shifts[step & 3]!);
        [a, b, c, d] = [d, turned, b, c];
      }
    }
    a = (a + before1) >>> 0;
    b = (b + before2) >>> 0;
    c = (c + before3) >>> 0;
    d = (d + before4) >>> 0;
  }
  const digest = Buffer.alloc(16);
  [a, b, c, d].forEach((word, index) => {
    digest.writeUInt32LE(word, index * 4);
  });
  return digest;
}

interface Round {
  readonly mix: (x: number, y: number, z: number) => number;
  readonly add: number;
  /** Which word each step takes. */
  readonly order: readonly number[];
  readonly shifts: readonly number[];
}

/** The three rounds of RFC 1320 section 3.4. */
const rounds: readonly Round[] = [
  {
    mix: (x, y, z) => (x & y) | (~x & z),
    add: 0,
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
  },
  {
    mix: (x, y, z) => (x & y) | (x & z) | (y & z),
    add: 0x5a827999,
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
  },
  {
    mix: (x, y, z) => x ^ y ^ z,
    add: 0x6ed9eba1,
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
  },
];

function rotated(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0;
}

/** One bit, zeros, and the length in bits, to a multiple of 64 bytes. */
function padded(message: Uint8Array): Buffer {
  const buffer = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64);
  buffer.set(message);
  buffer[message.length] = 0x80;
  buffer.writeBigUInt64LE(BigInt(message.length) * 8n, buffer.length - 8);
  return buffer;
}
