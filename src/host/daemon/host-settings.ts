/** What a host is told, and the bounds of each setting. */

export interface HostSettings {
  /** Users of one process; the next one starts a new process. */
  readonly usersMax: number;
  /** Processes at the same time, initial extracts included. */
  readonly processesMax: number;
  /** A process above it takes no new users; above one and a half times of it, it is ended. */
  readonly memoryBytesMax: number;
  /** One call to a process. */
  readonly callMs: number;
  /** A process without users ends after it. */
  readonly idleMs: number;
  /** A visit without calls ends after it: its engine is gone. */
  readonly sessionIdleMs: number;
  /** From starting a process until it answers. */
  readonly startMs: number;
  /** Between two looks at memory, idleness and signs of life. */
  readonly lookMs: number;
  /** A process that gives no sign of life for so long hangs, and is ended. */
  readonly silenceMs: number;
  /** At the end, visits under way may finish for so long. */
  readonly drainMs: number;
  /** Programs of other makers by the connector kind they serve: command and arguments, without a shell. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
}

export const defaultHostSettings: HostSettings = {
  usersMax: 50,
  processesMax: 16,
  memoryBytesMax: 512 * 1024 * 1024,
  callMs: 300_000,
  idleMs: 300_000,
  sessionIdleMs: 300_000,
  startMs: 30_000,
  lookMs: 2_000,
  silenceMs: 20_000,
  drainMs: 7_000,
  programs: {},
};
