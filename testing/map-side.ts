/**
 * The naive reference side: items in a Map behind the connector contract, with a person's hands on it and faults on demand.
 * Engine tests use two of them; the conformance suite holds it to the same words as the real connectors.
 */
import type {
  Capabilities,
  Change,
  Connector,
  Create,
  OutReason,
  ReadOutcome,
  Remove,
  Reply,
  Snapshot,
  Update,
  WriteOutcome,
  Written,
} from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import { type Fields, groups } from '#model/groups.ts';
import { type Item, type Kind, kinds } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { valueAt, withValue } from '#model/project.ts';

/** What happens to one call: nothing special, an answer instead of the effect, or the effect without an answer. */
export type Mishap =
  | { readonly kind: 'refuse'; readonly fault: Fault }
  | { readonly kind: 'loseRequest' }
  | { readonly kind: 'loseReply' };

export interface MapSideOptions {
  readonly name: string;
  readonly fields?: Partial<Record<Kind, Fields>>;
  readonly zones?: 'iana' | 'windows';
  readonly writesReturnItem?: boolean;
  readonly pageItems?: number;
  readonly settleMs?: number;
  /** What the server makes of a stored value (rewriting); identity by default. */
  readonly rewrite?: (item: Item) => Item;
}

interface Stored {
  readonly kind: Kind;
  readonly item: Item;
  readonly version: number;
  readonly linkKey: string | undefined;
}

interface Entry {
  readonly kind: Kind;
  readonly change: Change;
  readonly sequence: number;
}

export class MapSide {
  readonly items = new Map<string, Stored>();
  /** What this side tells of an item beside its content, by id. */
  readonly facts = new Map<string, Pick<Snapshot, 'modifiedAt' | 'owned'>>();
  /** Every call that changed something here, in order. */
  readonly writes: string[] = [];
  /** Asked before every call; answer a mishap to make it happen. */
  mishap: (call: string, id: string | undefined) => Mishap | undefined = () => undefined;
  readonly #options: MapSideOptions;
  /** Items that exist outside the user's scope. */
  readonly #released = new Map<string, OutReason>();
  #log: Entry[] = [];
  #sequence = 0;
  #nextId = 0;
  #era = 1;

  constructor(options: MapSideOptions) {
    this.#options = options;
  }

  // What people do here.

  /** Adds an item as a person would; answers its id. */
  add(item: Item, linkKey?: string): string {
    this.#nextId += 1;
    const id = `${this.#options.name}-${this.#nextId}`;
    this.#put(id, item.kind, item, linkKey);
    return id;
  }

  edit<T extends Item>(id: string, change: (item: T) => Item): void {
    const stored = this.items.get(id);
    if (stored === undefined) throw new Error(`no item ${id}`);
    this.#put(id, stored.kind, change(stored.item as T), stored.linkKey);
  }

  delete(id: string): void {
    const stored = this.items.get(id);
    if (stored === undefined) throw new Error(`no item ${id}`);
    this.items.delete(id);
    this.#append(stored.kind, { kind: 'gone', id });
  }

  /** Takes the item out of the user's scope without deleting it. */
  release(id: string, reason: OutReason): void {
    const stored = this.items.get(id);
    if (stored === undefined) throw new Error(`no item ${id}`);
    this.items.delete(id);
    this.#released.set(id, reason);
    this.#append(stored.kind, { kind: 'out', id, reason });
  }

  /** The same item under a new id, as after a move. */
  move(id: string): string {
    const stored = this.items.get(id);
    if (stored === undefined) throw new Error(`no item ${id}`);
    this.delete(id);
    return this.add(stored.item, stored.linkKey);
  }

  /** A user's copy: same content, same hidden key. */
  copy(id: string): string {
    const stored = this.items.get(id);
    if (stored === undefined) throw new Error(`no item ${id}`);
    return this.add(stored.item, stored.linkKey);
  }

  /** All cursors given out so far become invalid. */
  loseCursors(): void {
    this.#era += 1;
  }

  /** Items vanish without a word in the feed (a restored backup, a broken index). */
  forget(id: string): void {
    this.items.delete(id);
    this.#log = this.#log.filter((entry) => entry.change.id !== id);
  }

  all(kind: Kind): readonly Item[] {
    return [...this.items.values()].filter((stored) => stored.kind === kind).map((stored) => stored.item);
  }

  connector(): Connector {
    return {
      capabilities: this.#capabilities(),
      probe: async () => ({ ok: true, value: { product: `MapSide ${this.#options.name}` } }),
      changes: async (kind, cursor) => this.#changes(kind, cursor),
      read: async (kind, ids) => this.#read(kind, ids),
      findByLinkKey: async (kind, key) => this.#find(kind, key),
      create: async (kind, creates) => creates.map((create) => this.#create(kind, create)),
      update: async (_kind, updates) => updates.map((update) => this.#update(update)),
      remove: async (_kind, removes) => removes.map((remove) => this.#remove(remove)),
      close: async () => {},
    };
  }

  #capabilities(): Capabilities {
    const { fields, zones, writesReturnItem, settleMs } = this.#options;
    return {
      kinds: Object.fromEntries(
        kinds.map((kind) => [
          kind,
          {
            fields: fields?.[kind] ?? allFields(kind),
            patterns: ['daily', 'weekly', 'monthly', 'monthlyByWeekday', 'yearly', 'yearlyByWeekday', 'regenerating'],
            zones: zones ?? 'iana',
          },
        ]),
      ),
      conditionalWrites: true,
      writesReturnItem: writesReturnItem ?? true,
      batch: { read: 7, write: 5 },
      settleMs: settleMs ?? 1_000,
    };
  }

  #changes(
    kind: Kind,
    cursor: string | null,
  ): Reply<{ changes: readonly Change[]; cursor: string; complete: boolean }> {
    const trouble = this.#refusal('changes', undefined);
    if (trouble !== undefined) return { ok: false, fault: trouble };
    // The feed position is taken before the listing, so that what happens during it is reported after it.
    const position = cursor === null ? ([this.#era, '', this.#sequence] as const) : positionOf(cursor);
    if (position === undefined || position[0] !== this.#era) {
      return { ok: false, fault: fault('mailbox.cursorInvalid', 'the position is no longer valid') };
    }
    const [, listedTo, read] = position;
    const size = this.#options.pageItems ?? 3;
    if (listedTo !== null) {
      const ids = [...this.items.keys()].filter((id) => this.items.get(id)?.kind === kind).sort();
      const page = ids.filter((id) => id > listedTo).slice(0, size);
      const last = page[page.length - 1] ?? listedTo;
      const complete = ids.every((id) => id <= last);
      const next = JSON.stringify([this.#era, complete ? null : last, read]);
      return { ok: true, value: { changes: page.map((id) => this.#presentChange(id)), cursor: next, complete } };
    }
    const entries = this.#log.filter((entry) => entry.kind === kind && entry.sequence > read);
    const page = entries.slice(0, size);
    const reached = page[page.length - 1]?.sequence ?? read;
    const value = {
      changes: page.map((entry) =>
        entry.change.kind === 'present' ? this.#presentChange(entry.change.id) : entry.change,
      ),
      cursor: JSON.stringify([this.#era, null, reached]),
      complete: page.length === entries.length,
    };
    return { ok: true, value };
  }

  #presentChange(id: string): Change {
    const stored = this.items.get(id);
    return stored === undefined ? { kind: 'gone', id } : { kind: 'present', id, version: String(stored.version) };
  }

  #read(kind: Kind, ids: readonly string[]): Reply<readonly ReadOutcome[]> {
    const trouble = this.#refusal('read', undefined);
    if (trouble !== undefined) return { ok: false, fault: trouble };
    return {
      ok: true,
      value: ids.map((id): ReadOutcome => {
        const sick = this.#refusal('readItem', id);
        if (sick !== undefined) return { kind: 'failed', id, fault: sick };
        const stored = this.items.get(id);
        const released = this.#released.get(id);
        if (stored === undefined && released !== undefined) return { kind: 'out', id, reason: released };
        if (stored === undefined || stored.kind !== kind) return { kind: 'gone', id };
        const facts = this.facts.get(id);
        const snapshot: Snapshot = { id, version: String(stored.version), item: stored.item, ...facts };
        return {
          kind: 'present',
          snapshot: stored.linkKey === undefined ? snapshot : { ...snapshot, linkKey: stored.linkKey },
        };
      }),
    };
  }

  #find(kind: Kind, key: string): Reply<readonly string[]> {
    const trouble = this.#refusal('findByLinkKey', undefined);
    if (trouble !== undefined) return { ok: false, fault: trouble };
    const ids = [...this.items]
      .filter(([, stored]) => stored.kind === kind && stored.linkKey === key)
      .map(([id]) => id);
    return { ok: true, value: ids };
  }

  #create(kind: Kind, create: Create): WriteOutcome<Written> {
    return this.#write('create', undefined, () => {
      this.#nextId += 1;
      const id = `${this.#options.name}-${this.#nextId}`;
      this.#put(id, kind, this.#rewritten(create.item), create.linkKey);
      return { kind: 'applied', value: this.#written(id) };
    });
  }

  #update(update: Update): WriteOutcome<Written> {
    return this.#write('update', update.id, () => {
      const stored = this.items.get(update.id);
      if (stored === undefined) return { kind: 'rejected', fault: fault('item.gone', 'no such item') };
      if (String(stored.version) !== update.version) {
        return { kind: 'rejected', fault: fault('item.conflict', 'changed meanwhile') };
      }
      let item = stored.item;
      for (const path of update.paths) item = withValue(item, path, valueAt(update.target, path));
      this.#put(update.id, stored.kind, this.#rewritten(item), update.linkKey ?? stored.linkKey);
      return { kind: 'applied', value: this.#written(update.id) };
    });
  }

  #remove(remove: Remove): WriteOutcome<null> {
    return this.#write('remove', remove.id, () => {
      const stored = this.items.get(remove.id);
      if (stored === undefined) return { kind: 'applied', value: null };
      if (String(stored.version) !== remove.version) {
        return { kind: 'rejected', fault: fault('item.conflict', 'changed meanwhile') };
      }
      this.delete(remove.id);
      return { kind: 'applied', value: null };
    });
  }

  #write<T>(call: string, id: string | undefined, effect: () => WriteOutcome<T>): WriteOutcome<T> {
    const mishap = this.mishap(call, id);
    if (mishap?.kind === 'refuse') return { kind: 'rejected', fault: mishap.fault };
    if (mishap?.kind === 'loseRequest') return { kind: 'unknown', fault: fault('server.timeout', 'no answer') };
    const outcome = effect();
    if (outcome.kind === 'applied') this.writes.push(id === undefined ? call : `${call} ${id}`);
    return mishap?.kind === 'loseReply' ? { kind: 'unknown', fault: fault('server.timeout', 'no answer') } : outcome;
  }

  #refusal(call: string, id: string | undefined): Fault | undefined {
    const mishap = this.mishap(call, id);
    if (mishap === undefined) return undefined;
    return mishap.kind === 'refuse' ? mishap.fault : fault('server.timeout', 'no answer');
  }

  #rewritten(item: Item): Item {
    return this.#options.rewrite?.(item) ?? item;
  }

  #written(id: string): Written {
    const stored = this.items.get(id) as Stored;
    const written = { id, version: String(stored.version) };
    return this.#options.writesReturnItem === false ? written : { ...written, item: stored.item };
  }

  #put(id: string, kind: Kind, item: Item, linkKey: string | undefined): void {
    this.#sequence += 1;
    this.items.set(id, { kind, item: normalise(item), version: this.#sequence, linkKey });
    this.#append(kind, { kind: 'present', id, version: String(this.#sequence) });
  }

  #append(kind: Kind, change: Change): void {
    this.#sequence += 1;
    this.#log = this.#log.filter((entry) => entry.change.id !== change.id);
    this.#log.push({ kind, change, sequence: this.#sequence });
  }
}

/** Era, last id listed (null once listed), last sequence read. */
function positionOf(cursor: string): readonly [number, string | null, number] | undefined {
  try {
    return JSON.parse(cursor) as [number, string | null, number];
  } catch {
    return undefined;
  }
}

function allFields(kind: Kind): Fields {
  return Object.fromEntries(
    groups[kind].filter((group) => group.shape !== 'server').map((group) => [group.name, true]),
  );
}
