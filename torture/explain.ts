/** A run as people read it: time on the left, then what happened in the CRM, in the engine, and in the mailbox. */
import type { RunResult } from './run.ts';
import type { Line } from './world.ts';

const columnChars = 76;
const widthMax = 400;

export function explain(result: RunResult): string {
  const startMs = result.lines[0]?.atMs ?? 0;
  const lines = result.lines.map((line) => lineOf(line, startMs));
  const end =
    result.violation === undefined
      ? 'Nothing was broken.'
      : `Broken after step ${result.violation.step}: ${result.violation.message}`;
  return [`${'time'.padStart(12)}  ${'CRM'.padEnd(columnChars)}  mailbox`, ...lines, end].join('\n');
}

function lineOf({ atMs, column, text }: Line, startMs: number): string {
  const time = `${((atMs - startMs) / 1_000).toFixed(3)}s`.padStart(12);
  const short = text.length > widthMax ? `${text.slice(0, widthMax)}…` : text;
  if (column === 'crm') return `${time}  ${short}`;
  if (column === 'mailbox') return `${time}  ${' '.repeat(columnChars)}  ${short}`;
  return `${time}    · ${short}`;
}
