/** Cuts a list into portions that fit a message. Pure. */

export interface PortionLimits {
  /** A portion is closed when it would grow beyond this; one entry alone may. */
  readonly bytesTarget: number;
  readonly entriesMax: number;
}

/** Every entry once, in order; no portion is empty. `sizeOf` in bytes, or in characters where that is close enough. */
export function* portions<T>(
  entries: readonly T[],
  sizeOf: (entry: T) => number,
  { bytesTarget, entriesMax }: PortionLimits,
): Generator<readonly T[]> {
  let portion: T[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeOf(entry);
    if (portion.length > 0 && (portion.length >= entriesMax || bytes + size > bytesTarget)) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(entry);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}
