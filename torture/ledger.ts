/** What people did and saw: the ground on which "nothing is ever merely gone" is judged. */
import type { Item } from '#model/item.ts';
import type { Side } from '#store/port.ts';
import { birthOf, witnessesIn } from './witness.ts';

export interface Authored {
  readonly side: Side;
  readonly id: string;
  readonly birth: string | undefined;
}

export class Ledger {
  /** By witness. */
  readonly authored = new Map<string, Authored>();
  /** Taken away by somebody who had them before the eyes. */
  readonly retired = new Set<string>();
  /** Births that a person deleted, took out of scope or otherwise ended on some side. */
  readonly ended = new Set<string>();
  /** How many items of a birth may live on one side: one, and one for every copy or return. */
  readonly allowed = new Map<string, number>();
  /** Made by hand on both sides. */
  readonly doubles = new Set<string>();
  edits = 0;

  /** A person brought an item from `before` to `after` (null: made it, or took it away). */
  note(side: Side, id: string, before: Item | null, after: Item | null): void {
    this.edits += 1;
    const was = witnessesIn(before);
    const now = witnessesIn(after);
    const birth = birthOf((after ?? before) as Item);
    for (const one of now) if (!was.has(one) && !this.authored.has(one)) this.authored.set(one, { side, id, birth });
    for (const one of was) if (!now.has(one)) this.retired.add(one);
    if (after === null && birth !== undefined) this.ended.add(birth);
  }

  allowOneMore(birth: string | undefined): void {
    if (birth !== undefined) this.allowed.set(birth, (this.allowed.get(birth) ?? 1) + 1);
  }
}
