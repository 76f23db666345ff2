/** What a bench hands back, and how it talks meanwhile. */

export interface Budget {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly most?: number;
  readonly least?: number;
  readonly met: boolean;
}

export interface BenchReport {
  readonly results: unknown;
  readonly budgets: readonly Budget[];
}

export interface Scale {
  /** The largest size a bench has, which takes minutes. */
  readonly isFull: boolean;
}

/** One bench: runs to its end and leaves nothing behind. */
export type Bench = (scale: Scale) => Promise<BenchReport>;

/** A promise about a number, and whether it was kept. */
export function budget(
  name: string,
  value: number,
  unit: string,
  limit: { readonly most?: number; readonly least?: number },
): Budget {
  const met = value <= (limit.most ?? Number.POSITIVE_INFINITY) && value >= (limit.least ?? Number.NEGATIVE_INFINITY);
  return { name, value, unit, ...limit, met };
}

/** A line for the person who waits. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
