/** What the adapter needs to know about one kind of record. The flows around it are the same for all (`read.ts`, `write.ts`). */
import type { LinkKey, OutReason } from '#contract/connector.ts';
import type { Path } from '#model/groups.ts';
import type { Item, Kind } from '#model/item.ts';
import type { Queryable } from '#postgres/database.ts';

/** A record as read for one employee. */
export interface Stored<Rec> {
  readonly id: number;
  readonly version: number;
  /** In the employee's scope. False: it exists, but is not theirs. */
  readonly mine: boolean;
  /** How long ago it was last changed, by the database's clock. */
  readonly ageMs: number;
  /** The employee owns it; removing it is then a deletion. Undefined where records have no owner. */
  readonly owned: boolean | undefined;
  /** Why not, when it is not theirs; as far as the record itself tells. */
  readonly outReason: OutReason;
  readonly linkKey: LinkKey | null;
  readonly record: Rec;
}

export interface NewRecord<I extends Item> {
  readonly id: number;
  readonly linkKey: LinkKey;
  readonly item: I;
}

export interface RecordUpdate<Rec, I extends Item> {
  readonly stored: Stored<Rec>;
  readonly target: I;
  readonly paths: readonly Path[];
  readonly linkKey?: LinkKey;
}

/** Every function is a fixed number of statements, whatever the number of records. */
export interface KindTable<Rec, I extends Item> {
  readonly kind: Kind;
  /** `select nextval(…)` source of ids. */
  readonly sequence: string;
  /** Locks the records against changes until the end of the transaction, in the order of their ids. */
  readonly lockText: string;
  itemOf(record: Rec): I;
  /** Existing records of these ids, in no order. */
  read(queryable: Queryable, employeeId: number, ids: readonly number[]): Promise<readonly Stored<Rec>[]>;
  insert(queryable: Queryable, employeeId: number, records: readonly NewRecord<I>[]): Promise<void>;
  update(queryable: Queryable, employeeId: number, updates: readonly RecordUpdate<Rec, I>[]): Promise<void>;
  /** Takes records in the employee's scope out of it: leaves what is shared, deletes what is owned. */
  remove(queryable: Queryable, employeeId: number, records: readonly Stored<Rec>[]): Promise<void>;
}
