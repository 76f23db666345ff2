/** What a command's end means to the shell. Documented in `docs/operations.md`. */
export const exitCode = {
  ok: 0,
  /** Something failed, or is not in sync. */
  failed: 1,
  /** The command line or the configuration is wrong; nothing was done. */
  usage: 2,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
