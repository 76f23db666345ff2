/** The contract's calls on a simulated side, each with the mishap that the script has for it. */
import type {
  Capabilities,
  Change,
  ChangePage,
  Connector,
  Create,
  ReadOutcome,
  Remove,
  Reply,
  Snapshot,
  Update,
  WriteOutcome,
  Written,
} from '#contract/connector.ts';
import { type Fault, fault } from '#contract/fault.ts';
import type { Item, Kind } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import { valueAt, withValue } from '#model/project.ts';
import type { Side } from '#store/port.ts';
import type { Call, Mishap, Setting } from './script.ts';
import type { Stored, TortureSide } from './side.ts';
import { birthOf } from './witness.ts';

/** What the world gives a connector: turns, mishaps, time, and ears. */
export interface Wire {
  /** Waits for its turn, then does it; nobody hears the answer of a call whose process has died. */
  turn<T>(label: string, effect: () => T): Promise<T>;
  mishap(call: Call): Mishap | undefined;
  nowMs(): number;
  /** A request that is still under way arrives later. */
  later(delayMs: number, effect: () => void): void;
  /** Told of every write before it takes effect, however often it is delivered. */
  arrived(kind: Kind, write: Arrived): void;
  /** Told that a create happened a second time: with the item `first` there are twins. */
  twin(id: string, first: string): void;
  removed(id: string): void;
  /** Told that a search by key left these out: a twin among them is then an item like any other. */
  unseen(ids: readonly string[]): void;
  /** Told that the item was not as the engine knew it. */
  conflict(id: string): void;
  /** Told that an item was made or updated after that was given up. */
  late(id: string, created: boolean): void;
  /** The side asks to be left alone. */
  throttled(forMs: number): void;
}

export type Arrived =
  | { readonly call: 'create'; readonly entry: Create }
  | { readonly call: 'update'; readonly entry: Update }
  | { readonly call: 'remove'; readonly entry: Remove };

export function connectorOf(side: TortureSide, setting: Setting, wire: Wire): Connector {
  const name = side.setting.side;
  const write = <E, T>(kind: Kind, call: Arrived['call'], entries: readonly E[], effect: Effect<E, T>) =>
    wire.turn(`${name}.${call} ${kind} ${entries.map(idOf).join(' ')}`, () => {
      for (const entry of entries) wire.arrived(kind, { call, entry } as unknown as Arrived);
      const outcomes = writeAll(side, wire, call, entries, effect);
      for (const [index, one] of outcomes.entries()) {
        if (one.kind === 'rejected' && one.fault.code === 'item.conflict') wire.conflict(idOf(entries[index]));
      }
      return outcomes;
    });
  return {
    capabilities: capabilitiesOf(side, setting),
    probe: async () => ({ ok: true, value: { product: 'a simulated side' } }),
    changes: (kind, cursor) => wire.turn(`${name}.changes ${kind} ${cursor}`, () => changes(side, wire, kind, cursor)),
    read: (kind, ids) => wire.turn(`${name}.read ${kind} ${ids.join(' ')}`, () => read(side, setting, wire, kind, ids)),
    findByLinkKey: (kind, key) => wire.turn(`${name}.find ${kind} ${key}`, () => find(side, wire, kind, key)),
    create: (kind, creates) =>
      write<Create, Written>(kind, 'create', creates, (entry, lateUntilMs) =>
        create(side, setting, wire, entry, lateUntilMs),
      ),
    update: (kind, updates) =>
      write<Update, Written>(kind, 'update', updates, (entry, lateUntilMs) =>
        update(side, setting, entry, lateUntilMs),
      ),
    remove: (kind, removes) => write<Remove, null>(kind, 'remove', removes, (entry) => remove(side, wire, entry)),
    close: async () => {},
  };
}

function idOf(entry: unknown): string {
  const { id, linkKey } = entry as { readonly id?: string; readonly linkKey?: string };
  return id ?? linkKey ?? '';
}

function capabilitiesOf(side: TortureSide, setting: Setting): Capabilities {
  const patterns = [
    'daily',
    'weekly',
    'monthly',
    'monthlyByWeekday',
    'yearly',
    'yearlyByWeekday',
    'regenerating',
  ] as const;
  return {
    kinds: Object.fromEntries(
      kinds.map((kind) => [kind, { fields: side.setting.fields[kind], patterns, zones: 'iana' }]),
    ),
    conditionalWrites: true,
    writesReturnItem: setting.writesReturnItem[side.setting.side],
    batch: setting.batch,
    settleMs: setting.settleMs,
  };
}

function changes(side: TortureSide, wire: Wire, kind: Kind, cursor: string | null): Reply<ChangePage> {
  const mishap = wire.mishap('changes');
  const trouble = troubleOf(mishap, wire);
  if (trouble !== undefined) return { ok: false, fault: trouble };
  const position = mishap?.fault === 'F10' && cursor !== null ? undefined : side.position(cursor);
  if (position === undefined) side.relisted = true;
  if (position === undefined)
    return { ok: false, fault: fault('mailbox.cursorInvalid', 'the position is no longer valid') };
  const size = side.setting.pageItems;
  if (position.listedTo !== null)
    return { ok: true, value: listing(side, kind, position.listedTo, position.sequence, size) };
  const from =
    mishap?.fault === 'F11'
      ? 0
      : mishap?.fault === 'F9'
        ? Math.max(0, position.sequence - 1 - (mishap.arg % 12))
        : position.sequence;
  const entries = side.entries(kind, from, mishap?.fault === 'F11');
  const page = entries.slice(0, size);
  const reached =
    page.length === entries.length
      ? Math.max(side.sequence, position.sequence)
      : (page.at(-1)?.sequence ?? position.sequence);
  const found = page.map((entry) => side.changeOf(entry));
  const disordered = mishap?.fault === 'F9' && mishap.arg % 2 === 1 ? [...found].reverse() : found;
  return {
    ok: true,
    value: {
      changes: distinct(disordered),
      cursor: JSON.stringify([side.era, null, reached]),
      complete: page.length === entries.length,
    },
  };
}

/** One line per id, as every feed of the contract gives; the last one counts. */
function distinct(found: readonly Change[]): readonly Change[] {
  return [...new Map(found.map((change) => [change.id, change])).values()];
}

function listing(side: TortureSide, kind: Kind, listedTo: string, sequence: number, size: number): ChangePage {
  const ids = side.listed(kind);
  const page = ids.filter((id) => id > listedTo).slice(0, size);
  const last = page.at(-1) ?? listedTo;
  const complete = ids.every((id) => id <= last);
  return {
    changes: page.map((id) => side.changeOf({ id, left: undefined })),
    cursor: JSON.stringify([side.era, complete ? null : last, sequence]),
    complete,
  };
}

function read(
  side: TortureSide,
  setting: Setting,
  wire: Wire,
  kind: Kind,
  ids: readonly string[],
): Reply<readonly ReadOutcome[]> {
  const mishap = wire.mishap('read');
  const trouble = troubleOf(mishap, wire);
  if (trouble !== undefined) return { ok: false, fault: trouble };
  const sick = mishap?.fault === 'F13' ? mishap.arg % Math.max(ids.length, 1) : -1;
  return {
    ok: true,
    value: ids.map((id, index): ReadOutcome => {
      const stored = side.items.get(id);
      if (stored === undefined || stored.kind !== kind) return { kind: 'gone', id };
      if (stored.poison === 1 || index === sick) {
        return { kind: 'failed', id, fault: fault('item.unreadable', 'the server cannot give out this item') };
      }
      const { version, item, linkKey } = stored;
      return {
        kind: 'present',
        snapshot: {
          id,
          version: String(version),
          item,
          ...(linkKey === undefined ? {} : { linkKey }),
          ...factsOf(side, setting, stored),
        },
      };
    }),
  };
}

/** What the side knows beside the content, if it tells. */
function factsOf({ setting: { side } }: TortureSide, setting: Setting, stored: Stored): Partial<Snapshot> {
  const stamped = setting.stampsOffMs?.[side] !== undefined;
  const modifiedAt = `${new Date(stored.changedMs ?? 0).toISOString().slice(0, 19)}Z`;
  return {
    ...(stamped ? { modifiedAt } : {}),
    ...(side === 'crm' && setting.tellsOwner === true ? { owned: (birthOf(stored.item)?.length ?? 0) % 2 === 0 } : {}),
  };
}

function find(side: TortureSide, wire: Wire, kind: Kind, key: string): Reply<readonly string[]> {
  const mishap = wire.mishap('find');
  const trouble = troubleOf(mishap, wire);
  if (trouble !== undefined) return { ok: false, fault: trouble };
  const found = [...side.items]
    .filter(([, stored]) => stored.kind === kind && stored.linkKey === key)
    .map(([id]) => id);
  // F26: the index has not heard of it yet, or forgets the last one.
  if (mishap?.fault === 'F26') {
    const shown = mishap.arg % 2 === 0 ? [] : found.slice(0, -1);
    wire.unseen(found.slice(shown.length));
    return { ok: true, value: shown };
  }
  return { ok: true, value: found };
}

/** A call that got no useful answer. */
function troubleOf(mishap: Mishap | undefined, wire: Wire): Fault | undefined {
  switch (mishap?.fault) {
    case 'F1':
      return fault(mishap.arg % 2 === 0 ? 'server.timeout' : 'server.unreachable', 'no answer');
    case 'F2':
      return fault('server.timeout', 'no answer');
    case 'F5':
      return fault('server.garbled', 'the answer was cut off');
    case 'F6':
      return fault('server.failure', 'the server failed');
    case 'F7':
      return throttle(mishap.arg, wire);
    case 'F8':
      return fault('authentication.rejected', 'the token has run out');
    case 'F17':
      return fault(mishap.arg % 2 === 0 ? 'mailbox.folderGone' : 'mailbox.denied', 'the folder cannot be opened');
    default:
      return undefined;
  }
}

function throttle(arg: number, wire: Wire): Fault {
  if (arg % 3 === 0) return fault('budget.exhausted', 'too much at once');
  if (arg % 3 === 1) return fault('server.unreachable', 'connection closed under load');
  const retryAfterMs = 1_000 + (arg % 7) * 20_000;
  wire.throttled(retryAfterMs);
  return fault('budget.exhausted', 'too much at once', { retryAfterMs });
}

type Effect<E, T> = (entry: E, lateUntilMs: number | undefined) => WriteOutcome<T>;

const noAnswer: WriteOutcome<never> = { kind: 'unknown', fault: fault('server.timeout', 'no answer') };
const garbled: WriteOutcome<never> = { kind: 'unknown', fault: fault('server.garbled', 'the answer was cut off') };

function writeAll<E, T>(
  side: TortureSide,
  wire: Wire,
  call: Arrived['call'],
  entries: readonly E[],
  effect: Effect<E, T>,
): readonly WriteOutcome<T>[] {
  const mishap = wire.mishap(call);
  const outcomes = entries.map((entry, index) => writeOne(side, wire, mishap, entry, index, effect));
  return mishap?.fault === 'F25' && mishap.arg % 2 === 1 ? outcomes.slice(0, -1) : outcomes;
}

function writeOne<E, T>(
  side: TortureSide,
  wire: Wire,
  mishap: Mishap | undefined,
  entry: E,
  index: number,
  effect: Effect<E, T>,
): WriteOutcome<T> {
  const arg = mishap?.arg ?? 0;
  const done = (): WriteOutcome<T> => effect(entry, undefined);
  switch (mishap?.fault) {
    case 'F1':
      return arg % 2 === 0 ? noAnswer : { kind: 'rejected', fault: fault('server.unreachable', 'no connection') };
    case 'F2':
      if (arg % 3 === 0) half(side, entry, effect);
      else done();
      return noAnswer;
    case 'F3': {
      const outcome = done();
      // Somebody on the way sent a create again because no answer came: then none came to us either.
      if (isCreate(entry)) {
        done();
        return noAnswer;
      }
      done();
      return outcome;
    }
    case 'F4':
      wire.later(500 + (arg % 40) * (arg % 40) * 250, () => {
        const id = idOfWritten(done());
        if (id !== undefined) wire.late(id, isCreate(entry));
      });
      return noAnswer;
    case 'F5':
      if (index <= arg % 4) done();
      return garbled;
    case 'F6':
      if (arg % 2 === 0) done();
      return { kind: 'unknown', fault: fault('server.failure', 'the server failed') };
    case 'F7':
      return { kind: 'rejected', fault: throttle(arg, wire) };
    case 'F8':
      return index < arg % 3
        ? done()
        : { kind: 'rejected', fault: fault('authentication.rejected', 'the token has run out') };
    case 'F9':
      return effect(entry, wire.nowMs() + 1_000 + (arg % 30) * 10_000);
    case 'F12':
      return { kind: 'rejected', fault: fault('item.conflict', 'changed meanwhile') };
    case 'F13':
      return index === arg % 3 ? { kind: 'rejected', fault: fault('item.invalid', 'a value is refused') } : done();
    case 'F17':
      return { kind: 'rejected', fault: fault(arg % 2 === 0 ? 'mailbox.folderGone' : 'mailbox.full', 'no room') };
    case 'F25':
      return index % 3 === 0
        ? done()
        : index % 3 === 1
          ? { kind: 'rejected', fault: fault('item.denied', 'no right') }
          : noAnswer;
    default:
      return done();
  }
}

function isCreate(entry: unknown): boolean {
  return (entry as { readonly item?: Item }).item !== undefined;
}

function idOfWritten<T>(outcome: WriteOutcome<T>): string | undefined {
  return outcome.kind === 'applied' ? (outcome.value as Written | null)?.id : undefined;
}

/** Dies in the middle of a series: the master is written, some occurrences are not. */
function half<E, T>(_side: TortureSide, entry: E, effect: Effect<E, T>): void {
  const { item, target, paths } = entry as {
    readonly item?: Item;
    readonly target?: Item;
    readonly paths?: readonly string[];
  };
  const whole = item ?? target;
  if (whole?.kind !== 'event' || whole.overrides === undefined) {
    effect(entry, undefined);
    return;
  }
  const [first] = Object.keys(whole.overrides);
  const less = withValue(whole, `overrides.${first}`, undefined);
  const rest = (paths ?? []).filter((path) => path !== `overrides.${first}`);
  effect({ ...entry, ...(item === undefined ? { target: less, paths: rest } : { item: less }) }, undefined);
}

function create(
  side: TortureSide,
  setting: Setting,
  wire: Wire,
  entry: Create,
  lateUntilMs: number | undefined,
): WriteOutcome<Written> {
  const first = [...side.items].find(([, one]) => one.linkKey === entry.linkKey && one.by === 'engine')?.[0];
  const id = side.create(entry.item, 'engine', entry.linkKey, lateUntilMs);
  side.acknowledge(id, entry.item, undefined);
  if (first !== undefined) wire.twin(id, first);
  return { kind: 'applied', value: writtenOf(side, setting, id) };
}

function update(
  side: TortureSide,
  setting: Setting,
  entry: Update,
  lateUntilMs: number | undefined,
): WriteOutcome<Written> {
  const stored = side.items.get(entry.id);
  if (stored === undefined) return { kind: 'rejected', fault: fault('item.gone', 'no such item') };
  if (String(stored.version) !== entry.version)
    return { kind: 'rejected', fault: fault('item.conflict', 'changed meanwhile') };
  if (stored.poison !== 0) return { kind: 'rejected', fault: fault('item.invalid', 'a value is refused') };
  let item: Item = stored.item;
  for (const path of entry.paths) item = withValue(item, path, valueAt(entry.target, path));
  side.change(entry.id, item, 'engine', entry.linkKey, lateUntilMs);
  side.acknowledge(entry.id, entry.target, entry.paths);
  return { kind: 'applied', value: writtenOf(side, setting, entry.id) };
}

function remove(side: TortureSide, wire: Wire, entry: Remove): WriteOutcome<null> {
  const stored = side.items.get(entry.id);
  if (stored === undefined) return { kind: 'applied', value: null };
  if (String(stored.version) !== entry.version)
    return { kind: 'rejected', fault: fault('item.conflict', 'changed meanwhile') };
  side.remove(entry.id, 'engine');
  wire.removed(entry.id);
  return { kind: 'applied', value: null };
}

function writtenOf(side: TortureSide, setting: Setting, id: string): Written {
  const { version, item } = side.items.get(id) as Stored;
  const written = { id, version: String(version) };
  return setting.writesReturnItem[side.setting.side as Side] ? { ...written, item } : written;
}
