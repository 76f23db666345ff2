/** Measuring this process: CPU as the operating system counts it (user and system, all threads), and memory. */

export interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Cost of one piece of work, with its result. */
export async function costOf<T>(work: () => Promise<T> | T): Promise<Cost & { readonly value: T }> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, cpuMs: (user + system) / 1_000, wallMs: performance.now() - start };
}

/** All CPU this process has used since it was started, in milliseconds. */
export function cpuMsSinceStart(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** The most memory this process ever held, in MB. */
export function peakMb(): number {
  return process.resourceUsage().maxRSS / 1_024;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, two) => one - two);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Three significant digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
