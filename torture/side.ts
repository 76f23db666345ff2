/**
 * One simulated side: the truth about its items, its change feed, and everything that ever happened to it. It is written
 * from the contract's words, not from any connector, and nothing here knows the engine. Calls and their mishaps are in
 * `side-connector.ts`, what people do in `people.ts`.
 */
import type { Change, OutReason } from '#contract/connector.ts';
import { prints } from '#model/fingerprint.ts';
import { type Fields, groups } from '#model/groups.ts';
import type { Item, Kind } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { project } from '#model/project.ts';
import type { Side } from '#store/port.ts';

export type Author = 'person' | 'engine' | 'server';

export interface Stored {
  readonly kind: Kind;
  readonly item: Item;
  readonly version: number;
  readonly linkKey: string | undefined;
  /** Who made the item. */
  readonly by: Author;
  /** Who wrote it last. */
  readonly lastBy: Author;
  /** Cannot be read (1), cannot be written (2). */
  readonly poison: 0 | 1 | 2;
  /** The side's own stamp of the last change. */
  readonly changedMs?: number;
}

interface Entry {
  readonly kind: Kind;
  readonly id: string;
  readonly sequence: number;
  /** undefined: new or changed. */
  readonly left: 'gone' | OutReason | undefined;
}

/** One thing that happened, for the checkers and the time line. */
export interface Happening {
  readonly sequence: number;
  readonly id: string;
  readonly author: Author;
  readonly what: 'create' | 'update' | 'remove' | 'release' | 'rename';
}

export interface SideSetting {
  readonly side: Side;
  readonly fields: Readonly<Record<Kind, Fields>>;
  /** What both sides hold: the only part the engine may touch. */
  readonly shared: Readonly<Record<Kind, Fields>>;
  readonly pageItems: number;
  readonly rewrites: boolean;
  /** The side's clock, which stamps items. */
  readonly nowMs: () => number;
}

export interface Position {
  readonly era: number;
  /** Last id listed; null once the listing is over. */
  readonly listedTo: string | null;
  readonly sequence: number;
}

/** Print of "no value". */
export const noPrint = '';

export class TortureSide {
  readonly setting: SideSetting;
  readonly items = new Map<string, Stored>();
  /** Out of the user's scope, not deleted. */
  readonly away = new Map<string, Stored>();
  /** Deleted by people; they can be fetched back. */
  readonly bin = new Map<string, Stored>();
  readonly happenings: Happening[] = [];
  /** How people ended items, by the first id the item had: `delete`, or the reason it left the scope. */
  readonly leftByPeople = new Map<string, Set<string>>();
  /** The id under which an item left, by its first id. */
  readonly leftAs = new Map<string, string>();
  /** The first id of an item that changed its id. */
  readonly #roots = new Map<string, string>();
  /** Ids in the order they were last touched by anybody. */
  readonly touched = new Map<string, number>();
  /** For each id ever used: every print each path ever had. */
  readonly shown = new Map<string, Map<string, Set<string>>>();
  /** Not yet in feed and listing: id to the time it appears. */
  readonly late = new Map<string, number>();
  hidden = false;
  /** Was listed anew at least once. */
  relisted = false;
  era = 1;
  #entries: Entry[] = [];
  #sequence = 0;
  #ids = 0;

  constructor(setting: SideSetting) {
    this.setting = setting;
  }

  get sequence(): number {
    return this.#sequence;
  }

  newId(): string {
    this.#ids += 1;
    return `${this.setting.side[0]}${String(this.#ids).padStart(4, '0')}`;
  }

  /** Stores a new item; answers its id. `lateUntilMs`: the feed does not know of it before. */
  create(item: Item, author: Author, linkKey: string | undefined, lateUntilMs?: number): string {
    const id = this.newId();
    const stored = {
      kind: item.kind,
      item: this.held(item),
      version: 0,
      linkKey,
      by: author,
      lastBy: author,
      poison: 0 as const,
    };
    this.#put(id, stored, author, 'create', lateUntilMs);
    return id;
  }

  /** The side has said that it took these values; whether it shows them is another matter. */
  acknowledge(id: string, target: Item, paths: readonly string[] | undefined): void {
    const known = this.shown.get(id) as Map<string, Set<string>>;
    const now = this.sharedPrints(target);
    for (const path of new Set([...known.keys(), ...Object.keys(now)])) {
      const named =
        paths?.some((one) => one === path || one.startsWith(`${path}.`) || path.startsWith(`${one}.`)) ?? true;
      if (named) known.set(path, (known.get(path) ?? new Set([noPrint])).add(now[path] ?? noPrint));
    }
  }

  /** Stores an item's next version. */
  change(id: string, item: Item, author: Author, linkKey?: string, lateUntilMs?: number): Stored {
    const stored = this.items.get(id) as Stored;
    const next = { ...stored, item: this.held(item), lastBy: author, linkKey: linkKey ?? stored.linkKey };
    // A person's edit heals what was sick.
    const poison = author === 'person' ? 0 : stored.poison;
    return this.#put(id, { ...next, poison }, author, 'update', lateUntilMs);
  }

  poison(id: string, form: 1 | 2): void {
    const stored = this.items.get(id) as Stored;
    this.#put(id, { ...stored, poison: form }, 'server', 'update', undefined);
  }

  heal(): void {
    for (const [id, stored] of [...this.items]) {
      if (stored.poison !== 0) this.#put(id, { ...stored, poison: 0 }, 'server', 'update', undefined);
    }
  }

  remove(id: string, author: Author): void {
    const stored = this.items.get(id) as Stored;
    this.items.delete(id);
    this.late.delete(id);
    this.bin.set(id, stored);
    if (author === 'person') this.#left(id, 'delete');
    this.#happened(id, author, 'remove');
    this.#append(stored.kind, id, 'gone');
  }

  /** Out of the user's scope. */
  release(id: string, reason: OutReason): void {
    const stored = this.items.get(id) as Stored;
    this.items.delete(id);
    this.late.delete(id);
    this.away.set(id, stored);
    this.#left(id, reason);
    this.#happened(id, 'person', 'release');
    this.#append(stored.kind, id, reason);
  }

  /** From the bin or from out of scope; under its old id or a new one, always with the key it had. */
  bringBack(id: string, sameId: boolean): string | undefined {
    const stored = this.bin.get(id) ?? this.away.get(id);
    if (stored === undefined) return undefined;
    this.bin.delete(id);
    this.away.delete(id);
    const now = sameId ? id : this.newId();
    this.#inherit(now, id);
    this.#put(now, { ...stored, lastBy: 'person' }, 'person', 'create', undefined);
    return now;
  }

  /** A second item with everything the first one has, its key included. */
  copy(id: string): string {
    const stored = this.items.get(id) as Stored;
    const copy = this.newId();
    const { item, kind, linkKey } = stored;
    this.#put(
      copy,
      { kind, item, linkKey, version: 0, by: 'person', lastBy: 'person', poison: 0 },
      'person',
      'create',
      undefined,
    );
    const shown = this.shown.get(copy) as Map<string, Set<string>>;
    for (const [path, prints] of this.shown.get(id) ?? []) {
      shown.set(path, new Set([...prints, ...(shown.get(path) ?? [noPrint])]));
    }
    return copy;
  }

  /** The same item under a new id, as after a move between folders. */
  rename(id: string): string {
    const stored = this.items.get(id) as Stored;
    const now = this.newId();
    this.items.delete(id);
    this.late.delete(id);
    this.#inherit(now, id);
    this.#append(stored.kind, id, 'gone');
    this.#put(now, stored, 'server', 'rename', undefined);
    return now;
  }

  loseCursors(): void {
    this.relisted = true;
    this.era += 1;
  }

  /** What this side makes of a value it is given. */
  held(item: Item): Item {
    const kept = project(normalise(item), this.setting.fields[item.kind], 'iana');
    if (!this.setting.rewrites || kept.body === undefined) return kept;
    return signed(kept, this.setting.side);
  }

  /** In the only form in which sides are compared. */
  sharedPrints(item: Item): Readonly<Record<string, string>> {
    return prints(project(normalise(item), this.setting.shared[item.kind], 'iana'));
  }

  position(cursor: string | null): Position | undefined {
    if (cursor === null) return { era: this.era, listedTo: '', sequence: this.#sequence };
    const [era, listedTo, sequence] = JSON.parse(cursor) as [number, string | null, number];
    return era === this.era ? { era, listedTo, sequence } : undefined;
  }

  /** Ids a listing shows, in order. */
  listed(kind: Kind): readonly string[] {
    if (this.hidden) return [];
    return [...this.items.keys()].filter((id) => this.items.get(id)?.kind === kind && !this.late.has(id)).sort();
  }

  /** Feed entries after `sequence`: the last of each id, or (`replay`) all that ever were. */
  entries(kind: Kind, sequence: number, replay: boolean): readonly Entry[] {
    if (this.hidden) return [];
    const later = this.#entries.filter((entry) => entry.kind === kind && entry.sequence > sequence);
    if (replay) return later;
    const last = new Map(later.map((entry) => [entry.id, entry.sequence]));
    return later.filter((entry) => last.get(entry.id) === entry.sequence);
  }

  changeOf(entry: Pick<Entry, 'id' | 'left'>): Change {
    const stored = this.items.get(entry.id);
    if (entry.left === 'gone') return { kind: 'gone', id: entry.id };
    if (entry.left !== undefined) return { kind: 'out', id: entry.id, reason: entry.left };
    return stored === undefined
      ? { kind: 'gone', id: entry.id }
      : { kind: 'present', id: entry.id, version: String(stored.version) };
  }

  /** What was late enters the feed when its time has come. */
  catchUp(nowMs: number): void {
    for (const [id, untilMs] of [...this.late]) {
      if (untilMs > nowMs) continue;
      this.late.delete(id);
      const stored = this.items.get(id);
      if (stored !== undefined) this.#append(stored.kind, id, undefined);
    }
  }

  #put(id: string, stored: Stored, author: Author, what: Happening['what'], lateUntilMs: number | undefined): Stored {
    this.#sequence += 1;
    const kept = { ...stored, version: this.#sequence, changedMs: this.setting.nowMs() };
    this.items.set(id, kept);
    this.#show(id, kept.item);
    this.#happened(id, author, what);
    if (lateUntilMs !== undefined) this.late.set(id, lateUntilMs);
    else this.#append(stored.kind, id, undefined);
    return kept;
  }

  #append(kind: Kind, id: string, left: Entry['left']): void {
    this.#sequence += 1;
    this.#entries.push({ kind, id, sequence: this.#sequence, left });
  }

  #happened(id: string, author: Author, what: Happening['what']): void {
    this.happenings.push({ sequence: this.#sequence, id, author, what });
    this.touched.delete(id);
    this.touched.set(id, this.#sequence);
  }

  #show(id: string, item: Item): void {
    const now = this.sharedPrints(item);
    const known = this.shown.get(id);
    const paths = known ?? new Map<string, Set<string>>();
    for (const [path, print] of Object.entries(now)) {
      const seen = paths.get(path) ?? new Set(known === undefined ? [] : [noPrint]);
      paths.set(path, seen.add(print));
    }
    for (const [path, seen] of paths) if (now[path] === undefined) seen.add(noPrint);
    this.shown.set(id, paths);
  }

  /** The id under which an item was first known. */
  rootOf(id: string): string {
    return this.#roots.get(id) ?? id;
  }

  #left(id: string, how: string): void {
    const root = this.rootOf(id);
    this.leftAs.set(root, id);
    this.leftByPeople.set(root, (this.leftByPeople.get(root) ?? new Set()).add(how));
  }

  #inherit(to: string, from: string): void {
    if (to !== from) this.#roots.set(to, this.rootOf(from));
    const known = this.shown.get(from);
    if (known !== undefined && to !== from)
      this.shown.set(to, new Map([...known].map(([path, set]) => [path, new Set(set)])));
  }
}

const signs: Readonly<Record<Side, string>> = { crm: '-- kept by the CRM', mailbox: '-- kept by the mailbox' };

/** The server's own addition to a text, once. */
export function signed(item: Item, side: Side): Item {
  const text = item.body?.text ?? '';
  if (text.includes(signs[side])) return item;
  return normalise({ ...item, body: { text: `${text}\n${signs[side]}`.trim() } });
}

/** Without any server's additions: what people meant. */
export function unsigned(item: Item): Item {
  if (item.body === undefined) return item;
  const lines = item.body.text.split('\n').filter((one) => one !== signs.crm && one !== signs.mailbox);
  const { body: _, ...rest } = item;
  return normalise(lines.length === 0 ? (rest as Item) : { ...item, body: { text: lines.join('\n') } });
}

/** Everything, or without a few groups, leaves and keys. */
export function fieldsOf(narrow: boolean): Readonly<Record<Kind, Fields>> {
  const all = (kind: Kind): Fields =>
    Object.fromEntries(groups[kind].filter((group) => group.shape !== 'server').map((group) => [group.name, true]));
  const full = Object.fromEntries(kinds.map((kind) => [kind, all(kind)])) as Record<Kind, Fields>;
  if (!narrow) return full;
  const { ims: _, ...contact } = full.contact;
  return {
    ...full,
    contact: { ...contact, emails: ['1', '2'], name: ['given', 'surname'], phones: ['business', 'mobile'] },
    event: Object.fromEntries(Object.entries(full.event).filter(([name]) => name !== 'showAs' && name !== 'reminder')),
  };
}
