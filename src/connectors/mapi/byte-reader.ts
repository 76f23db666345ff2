/**
 * Reads little-endian bytes of unknown origin. Running over the end never throws: the reader fails, answers zeros from then
 * on, and whoever parses looks at `failed` once at the end. Counts are checked against what is left before anything loops.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;
  #failed = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Something was read that is not there, or `fail` was called. */
  get failed(): boolean {
    return this.#failed;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The content is none we understand. */
  fail(): void {
    this.#failed = true;
    this.#at = this.#bytes.length;
  }

  u16(): number {
    const at = this.#take(2);
    return at === undefined ? 0 : this.#bytes.readUInt16LE(at);
  }

  u32(): number {
    const at = this.#take(4);
    return at === undefined ? 0 : this.#bytes.readUInt32LE(at);
  }

  i32(): number {
    const at = this.#take(4);
    return at === undefined ? 0 : this.#bytes.readInt32LE(at);
  }

  /** A copy, so that a small part never keeps a large answer alive. */
  bytes(count: number): Buffer {
    const at = this.#take(count);
    return at === undefined ? Buffer.alloc(0) : Buffer.from(this.#bytes.subarray(at, at + count));
  }

  /** A u32 length and that many bytes. */
  block(): Buffer {
    return this.bytes(this.u32());
  }

  /** A count that is followed by at least `bytesEach` bytes each; fails when there is no room for them. */
  countOf(count: number, bytesEach: number): number {
    if (count * bytesEach <= this.left) return count;
    this.fail();
    return 0;
  }

  #take(count: number): number | undefined {
    if (this.#failed || count > this.left) {
      this.fail();
      return undefined;
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }
}
