/** A console for tests: remembers what was written. */
import type { Console } from './console.ts';

export interface TestConsole extends Console {
  readonly lines: string[];
  readonly errors: string[];
}

export function testConsole(
  given: Partial<Pick<Console, 'terminal' | 'columns' | 'rows' | 'environment'>> = {},
): TestConsole {
  const lines: string[] = [];
  const errors: string[] = [];
  return {
    lines,
    errors,
    out: (text) => void lines.push(text),
    err: (text) => void errors.push(text),
    terminal: given.terminal ?? false,
    columns: given.columns ?? 100,
    rows: given.rows ?? 24,
    environment: given.environment ?? {},
  };
}
