/** Randomness drawn in larger pieces: asking the system for a few bytes at a time costs more than the bytes. */
import type { Random } from '#ports/ports.ts';

const poolBytes = 8_192;

/** Bytes of `source` in its order; requests larger than the pool go to it directly. */
export function pooledRandom(source: Random): Random {
  let pool = new Uint8Array(0);
  return {
    fraction: () => source.fraction(),
    bytes(count) {
      if (count > poolBytes) return source.bytes(count);
      if (count > pool.length) pool = new Uint8Array(source.bytes(poolBytes));
      const taken = pool.slice(0, count);
      pool = pool.subarray(count);
      return taken;
    },
  };
}
