/**
 * One root seed, forked into labelled streams: what one of them draws never shifts another, so that taking a fault out of
 * a script leaves the users' choices as they were.
 */

export interface Stream {
  /** A number in [0, 1). */
  fraction(): number;
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  bytes(count: number): Uint8Array;
}

/** The streams of a run; each part of the world draws from its own. */
export type StreamLabel =
  | 'world'
  | 'users'
  | 'network'
  | 'store'
  | 'crash'
  | 'clock'
  | 'schedule'
  | 'engine'
  | 'ending';

export function stream(seed: number, label: StreamLabel): Stream {
  let state = hashOf(`${label}:${seed}`);
  // mulberry32: small, seeded, passes the usual tests for this length of use.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    chance: (probability) => fraction() < probability,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  };
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}
