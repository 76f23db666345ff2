/** A small seeded generator (splitmix64), so that one number reproduces a whole population. */
import type { Random } from '#ports/ports.ts';

/** Randomness that a seed fully determines. */
export function seededRandom(seed: number): Random {
  let state = BigInt.asUintN(64, BigInt(Math.trunc(seed)) * 0x9e3779b97f4a7c15n + 0x1234567n);
  const word = (): number => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let mixed = state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return Number(BigInt.asUintN(32, mixed ^ (mixed >> 31n)));
  };
  return {
    fraction: () => word() / 2 ** 32,
    bytes(count) {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at += 1) bytes[at] = word() & 0xff;
      return bytes;
    },
  };
}

/** A whole number from 0 to `count - 1`. */
export function below(random: Random, count: number): number {
  return Math.floor(random.fraction() * count);
}

/** One of a list that is not empty. */
export function pick<T>(random: Random, list: readonly T[]): T {
  if (list.length === 0) throw new Error('nothing to pick from');
  return list[below(random, list.length)] as T;
}

export function chance(random: Random, probability: number): boolean {
  return random.fraction() < probability;
}
