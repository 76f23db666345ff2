/** Little-endian numbers in binary properties: reading that remembers damage instead of throwing, and writing. */

/** Reads on; after damage everything reads as 0 or nothing, and `isGood` is false. */
export interface Cursor {
  readonly isGood: boolean;
  u16(): number;
  u32(): number;
  bytes(count: number): Uint8Array;
  /** A 32-bit length and so many bytes. */
  block(): Uint8Array;
  /** What is left. */
  rest(): Uint8Array;
  fail(): void;
}

export function cursorOn(source: Uint8Array): Cursor {
  const all = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  let at = 0;
  let isGood = true;
  const take = (count: number): number | undefined => {
    if (!isGood || count < 0 || at + count > all.length) {
      isGood = false;
      return undefined;
    }
    at += count;
    return at - count;
  };
  const cursor: Cursor = {
    get isGood() {
      return isGood;
    },
    u16() {
      const from = take(2);
      return from === undefined ? 0 : all.readUInt16LE(from);
    },
    u32() {
      const from = take(4);
      return from === undefined ? 0 : all.readUInt32LE(from);
    },
    bytes(count) {
      const from = take(count);
      return from === undefined ? new Uint8Array(0) : new Uint8Array(all.subarray(from, from + count));
    },
    block: () => cursor.bytes(cursor.u32()),
    rest: () => cursor.bytes(isGood ? all.length - at : 0),
    fail() {
      isGood = false;
    },
  };
  return cursor;
}

/** Bytes being written, in order. */
export class Bytes {
  readonly #parts: Uint8Array[] = [];

  u16(value: number): this {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16LE(value & 0xffff);
    return this.raw(bytes);
  }

  u32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value >>> 0);
    return this.raw(bytes);
  }

  i32(value: number): this {
    return this.u32(value);
  }

  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  /** A 32-bit length and the bytes. */
  block(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  done(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }
}
