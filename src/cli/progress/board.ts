/** What is under way, mailbox by mailbox and kind by kind. Fed by the engine's steps; read by the renderers. */
import type { Kind } from '#model/item.ts';
import type { Side } from '#store/port.ts';

/** A step as the engine tells it. */
export interface Step {
  readonly kind: Kind;
  readonly stage: 'observe' | 'match' | 'write';
  readonly side: Side;
  readonly items: number;
}

export interface Row {
  readonly mailbox: string;
  readonly kind: Kind;
  readonly stage: Step['stage'];
  /** Items read so far in this pass, both sides together. */
  readonly read: number;
  /** Items that needed a pair in this pass: about as many writes follow. */
  readonly matched: number;
  readonly written: number;
  /** When the present stage began. */
  readonly stageSinceMs: number;
  readonly changedMs: number;
  /** The pass that did this has ended. */
  readonly done: boolean;
}

export class Board {
  readonly #rows = new Map<string, Row>();
  /** When a mailbox was last heard of: its next stage began then. */
  readonly #heardMs = new Map<string, number>();
  readonly #startedMs: number;

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
  }

  step(mailbox: string, { kind, stage, items }: Step, nowMs: number): void {
    const key = `${mailbox} ${kind}`;
    const known = this.#rows.get(key);
    const sinceMs = this.#heardMs.get(mailbox) ?? this.#startedMs;
    const fresh = { mailbox, kind, stage, read: 0, matched: 0, written: 0, stageSinceMs: sinceMs, done: false };
    const row = known === undefined || known.done ? fresh : known;
    this.#heardMs.set(mailbox, nowMs);
    this.#rows.set(key, {
      ...row,
      stage,
      read: row.read + (stage === 'observe' ? items : 0),
      matched: row.matched + (stage === 'match' ? items : 0),
      written: row.written + (stage === 'write' ? items : 0),
      stageSinceMs: row.stage === stage ? row.stageSinceMs : sinceMs,
      changedMs: nowMs,
    });
  }

  /** The pass over this mailbox ended. */
  passed(mailbox: string, nowMs: number): void {
    this.#heardMs.set(mailbox, nowMs);
    for (const [key, row] of this.#rows) if (row.mailbox === mailbox) this.#rows.set(key, { ...row, done: true });
  }

  /** In the order in which they began. */
  get rows(): readonly Row[] {
    return [...this.#rows.values()];
  }
}
