/** The work every client of the connector bench is given, and how it reports. */

export type WorkName = 'download' | 'create' | 'idle';

export const works: readonly WorkName[] = ['download', 'create', 'idle'];

/** Measured rounds after one that warms up; a round of `idle` is one visit. */
export const rounds: Readonly<Record<WorkName, number>> = { download: 5, create: 5, idle: 500 };

export const createCounts = { contacts: 1_000, appointments: 500 };

/** What one client process says about one work. */
export interface WorkReport {
  /** Items per round; visits per round for `idle`. */
  readonly items: number;
  /** CPU of the process from its start to the end of the first round. */
  readonly coldMs: number;
  /** CPU of each round after the first. */
  readonly roundsMs: readonly number[];
  readonly wallsMs: readonly number[];
  readonly peakMb: number;
}

/** A connector host to work at. */
export interface HostAt {
  readonly address: string;
  readonly pid: number;
  /** Folder with the certificates. */
  readonly certs: string;
}
