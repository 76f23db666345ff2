/** Progress as text: a bar for a terminal, a line for a file. Pure. */
import { clockText } from '../time-text.ts';
import type { Row } from './board.ts';

const barWidth = 24;
const mailboxWidthMax = 28;
const green = '\u001b[32m';
const plain = '\u001b[0m';

/** What is known of a row's work: the total is told by the items that needed a pair, once they are counted. */
export interface Measure {
  readonly doneItems: number;
  /** Undefined while nobody knows. */
  readonly totalItems: number | undefined;
  readonly perSecond: number;
  readonly leftMs: number | undefined;
}

export function measure(row: Row, nowMs: number): Measure {
  const doneItems = row.stage === 'observe' ? row.read : row.stage === 'match' ? row.matched : row.written;
  const totalItems = totalOf(row);
  const untilMs = row.done ? row.changedMs : nowMs;
  const seconds = Math.max((untilMs - row.stageSinceMs) / 1_000, 0.001);
  const perSecond = doneItems / seconds;
  const left = totalItems === undefined ? undefined : Math.max(totalItems - doneItems, 0);
  const known = left !== undefined && perSecond > 0 && !row.done;
  return { doneItems, totalItems, perSecond, leftMs: known ? (left / perSecond) * 1_000 : undefined };
}

/** A new item is written twice: made on the other side, and marked with its pair's key where it was found. */
const writesPerMatch = 2;

/** While matching, every item read may need a pair; while writing, those that did tell about how many writes follow. */
function totalOf(row: Row): number | undefined {
  switch (row.stage) {
    case 'observe':
      return undefined;
    case 'match':
      return Math.max(row.read, row.matched);
    case 'write':
      if (row.done) return row.written;
      return row.matched > 0 ? Math.max(row.matched * writesPerMatch, row.written) : undefined;
  }
}

const verbs = { observe: 'reading', match: 'pairing', write: 'writing' } as const;

/** One row for a terminal of this width. */
export function barText(row: Row, nowMs: number, columns: number, coloured: boolean): string {
  const { doneItems, totalItems, perSecond, leftMs } = measure(row, nowMs);
  const share = row.done ? 1 : totalItems === undefined || totalItems === 0 ? 0 : Math.min(1, doneItems / totalItems);
  const filled = Math.round(share * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  const name = row.mailbox.length > mailboxWidthMax ? `${row.mailbox.slice(0, mailboxWidthMax - 1)}…` : row.mailbox;
  const head = `${name.padEnd(mailboxWidthMax)} ${row.kind.padEnd(7)} `;
  const counts = totalItems === undefined ? `${doneItems}` : `${doneItems}/${totalItems}`;
  const rate = row.done ? 'done' : `${verbs[row.stage]} ${Math.round(perSecond)}/s`;
  const left = leftMs === undefined ? '' : ` ${clockText(leftMs)} left`;
  const tail = ` ${counts} ${rate}${left}`;
  const fits = columns - 1;
  const line = `${head}${bar}${tail}`;
  if ([...line].length > fits) return [...`${head}${tail.trimStart()}`].slice(0, fits).join('');
  return coloured ? `${head}${green}${bar}${plain}${tail}` : line;
}

/** One row as a line of a log. */
export function lineText(row: Row, nowMs: number): string {
  const { doneItems, totalItems, perSecond, leftMs } = measure(row, nowMs);
  const counts = totalItems === undefined ? `${doneItems}` : `${doneItems} of ${totalItems}`;
  const left = leftMs === undefined ? '' : `, ${clockText(leftMs)} left`;
  return `${row.mailbox} ${row.kind}: ${verbs[row.stage]} ${counts}, ${Math.round(perSecond)}/s${left}`;
}
