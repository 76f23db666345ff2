/** Writes little-endian bytes. */
export class ByteWriter {
  readonly #parts: Buffer[] = [];

  u16(...values: readonly number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(2);
      part.writeUInt16LE(value);
      this.#parts.push(part);
    }
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(4);
      part.writeUInt32LE(value);
      this.#parts.push(part);
    }
    return this;
  }

  i32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32LE(value);
    this.#parts.push(part);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#parts.push(Buffer.from(value));
    return this;
  }

  /** A u32 length and the bytes. */
  block(value: Uint8Array): this {
    return this.u32(value.length).bytes(value);
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
