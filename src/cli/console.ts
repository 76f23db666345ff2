/** Where a command writes and what it may know of its surroundings; tests give their own. */
import type { Environment } from '#server/secret.ts';

export interface Console {
  /** Results: standard output. */
  out(text: string): void;
  /** Progress, remarks, errors: standard error. */
  err(text: string): void;
  /** Standard error is a terminal whose lines can be rewritten. */
  readonly terminal: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly environment: Environment;
}

/** Colours only on a terminal, and not when NO_COLOR is set to anything (no-color.org). */
export function isColoured(console: Console): boolean {
  const { NO_COLOR, TERM } = console.environment;
  return console.terminal && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}

/** The process's own console. */
export function processConsole(): Console {
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    terminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 80,
    rows: process.stderr.rows ?? 24,
    environment: process.env,
  };
}
