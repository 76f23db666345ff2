/** What the doctor says about one thing. */

export interface Check {
  /** What was looked at, e.g. `server main: certificate`. */
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  /** What was found. */
  readonly message: string;
  /** What to do, one sentence; absent when all is well. */
  readonly remedy?: string;
}

/** What to call an error: its code, else its message. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? (error instanceof Error ? error.message : String(error));
}

export function ok(name: string, message: string): Check {
  return { name, state: 'ok', message };
}

export function warn(name: string, message: string, remedy: string): Check {
  return { name, state: 'warn', message, remedy };
}

export function fail(name: string, message: string, remedy: string): Check {
  return { name, state: 'fail', message, remedy };
}
