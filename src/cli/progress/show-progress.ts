/**
 * Shows progress on standard error: bars that redraw themselves on a terminal; elsewhere plain or JSON lines, at most one
 * per second and mailbox.
 */
import type { Ports } from '#ports/ports.ts';
import { type Console, isColoured } from '../console.ts';
import { barText, lineText, measure } from './bar.ts';
import { Board, type Step } from './board.ts';

export interface ProgressDisplay {
  step(mailbox: string, step: Step): void;
  passed(mailbox: string): void;
  /** Prints lines above the bars. */
  say(text: string): void;
  /** Draws the last state and leaves it standing. */
  end(): void;
}

const redrawMs = 100;
const lineMs = 1_000;
/** Terminal lines kept free for what scrolls above the bars. */
const spareRows = 4;

export function showProgress(
  console: Console,
  form: 'bars' | 'lines' | 'json' | 'none',
  ports: Ports,
): ProgressDisplay {
  const board = new Board(ports.clock.now());
  if (form === 'bars' && console.terminal) return bars(console, board, ports);
  return lines(console, board, form, ports);
}

function bars(console: Console, board: Board, ports: Ports): ProgressDisplay {
  const coloured = isColoured(console);
  let drawn = 0;
  let drawnMs = Number.NEGATIVE_INFINITY;
  const erase = (): string => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`);
  const draw = (above: string): void => {
    const nowMs = ports.clock.now();
    const room = Math.max(1, console.rows - spareRows);
    const shown = board.rows.slice(-room).map((row) => barText(row, nowMs, console.columns, coloured));
    const hidden = board.rows.length - shown.length;
    const all = hidden > 0 ? [`… and ${hidden} more`, ...shown] : shown;
    const text = [...(above === '' ? [] : [above]), ...all].join('\n');
    if (text !== '') console.err(`${erase()}${text}`);
    drawn = all.length;
    drawnMs = nowMs;
  };
  return {
    step(mailbox, step) {
      board.step(mailbox, step, ports.clock.now());
      if (ports.clock.now() - drawnMs >= redrawMs) draw('');
    },
    passed: (mailbox) => board.passed(mailbox, ports.clock.now()),
    say: draw,
    end() {
      draw('');
      drawn = 0;
    },
  };
}

function lines(
  console: Console,
  board: Board,
  form: 'bars' | 'lines' | 'json' | 'none',
  ports: Ports,
): ProgressDisplay {
  const saidMs = new Map<string, number>();
  return {
    step(mailbox, step) {
      const nowMs = ports.clock.now();
      board.step(mailbox, step, nowMs);
      if (form === 'none' || nowMs - (saidMs.get(mailbox) ?? Number.NEGATIVE_INFINITY) < lineMs) return;
      saidMs.set(mailbox, nowMs);
      const row = board.rows.find((one) => one.mailbox === mailbox && one.kind === step.kind);
      if (row === undefined) return;
      if (form === 'json') console.err(JSON.stringify({ progress: { ...row, ...measure(row, nowMs) } }));
      else console.err(lineText(row, nowMs));
    },
    passed: (mailbox) => board.passed(mailbox, ports.clock.now()),
    say: (text) => console.err(form === 'json' ? JSON.stringify({ message: text }) : text),
    end: () => {},
  };
}
