/** What the server remembers: items, what happened to them in order, and how both are named. */
import { type Node, t } from './node.ts';
import type { Bag } from './properties.ts';
import { Refused } from './refused.ts';
import type { Traits } from './traits.ts';

export type Kind = 'Contact' | 'CalendarItem' | 'Task';

export const kindOfFolder: Readonly<Record<string, Kind>> = {
  contacts: 'Contact',
  calendar: 'CalendarItem',
  tasks: 'Task',
};

/** A changed occurrence: its own properties lie over the series'. */
export interface OwnOccurrence {
  readonly id: string;
  readonly bag: Bag;
  serial: number;
}

export interface Stored {
  readonly id: string;
  readonly kind: Kind;
  readonly bag: Bag;
  /** Moves with every change; the change key is made of it. */
  serial: number;
  deleted: boolean;
  /** By place in the pattern, from 1. */
  readonly occurrences: Map<number, OwnOccurrence>;
  readonly excluded: Set<number>;
}

/** What an id names: an item, or one occurrence of a series. */
export interface Named {
  readonly item: Stored;
  readonly index?: number;
}

export class OddMailbox {
  readonly traits: Traits;
  readonly items = new Map<string, Stored>();
  /** Every change in order: the position in this list is what a synchronisation state remembers. */
  readonly log: { readonly item: Stored; readonly kind: 'create' | 'update' | 'delete' }[] = [];
  #serial = 0;

  constructor(traits: Traits) {
    this.traits = traits;
  }

  /** The next number of whatever counts. */
  next(): number {
    this.#serial += 1;
    return this.#serial;
  }

  newId(): string {
    const serial = String(this.next()).padStart(6, '0');
    const stem = this.traits.strangeIds === true ? `é会/+=&<>"'{}|${serial}🙂` : `AAMk${serial}=`;
    return this.traits.longIds === true ? stem.padStart(512, 'Zz9-') : stem;
  }

  keyOf({ serial }: { readonly serial: number }): string {
    if (this.traits.shortChangeKeys === true) return String(serial);
    return Buffer.from(`change key ${String(serial).padStart(8, '0')}`).toString('base64');
  }

  /** The item or occurrence behind an id; a change key in it is not looked at. */
  named(id: string): Named {
    const item = this.items.get(id);
    if (item !== undefined && !item.deleted) return { item };
    for (const one of this.items.values()) {
      for (const [index, own] of one.occurrences) if (own.id === id && !one.deleted) return { item: one, index };
    }
    throw new Refused('ErrorItemNotFound');
  }

  add(kind: Kind, bag: Bag): Stored {
    const item: Stored = {
      id: this.newId(),
      kind,
      bag,
      serial: this.next(),
      deleted: false,
      occurrences: new Map(),
      excluded: new Set(),
    };
    this.items.set(item.id, item);
    this.log.push({ item, kind: 'create' });
    return item;
  }

  changed(item: Stored): void {
    item.serial = this.next();
    this.log.push({ item, kind: 'update' });
  }

  removed(item: Stored): void {
    item.deleted = true;
    this.log.push({ item, kind: 'delete' });
  }

  inFolder(kind: Kind): readonly Stored[] {
    return [...this.items.values()].filter((item) => item.kind === kind && !item.deleted);
  }
}

/** `t:ItemId`. */
export function itemIdNode(id: string, key: string | undefined): Node {
  return t('ItemId', [], key === undefined ? { Id: id } : { Id: id, ChangeKey: key });
}
