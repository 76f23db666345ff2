/**
 * The world of one run: a clock, two sides, a store, people, and what befalls them, all on one thread. The engine's
 * processes, and whose turn it is, are in `engine-room.ts`.
 */
import { createHash } from 'node:crypto';
import type { Update } from '#contract/connector.ts';
import { defaultPolicy, directionOf, type Policy } from '#engine/policy.ts';
import { type Fields, sharedFields } from '#model/groups.ts';
import type { Item, Kind } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import { lastDayOf } from '#model/last-day.ts';
import { daysOf } from '#model/local-time.ts';
import { project } from '#model/project.ts';
import { problems } from '#model/validate.ts';
import { type LinkRow, otherSide, type Pair, type Side, sides } from '#store/port.ts';
import { Counts, raise } from './counts.ts';
import { aheadMs } from './engine-clock.ts';
import { EngineRoom, type PassReport, quietPass } from './engine-room.ts';
import { FlakyStore } from './flaky-store.ts';
import { Ledger } from './ledger.ts';
import { lookOf } from './look.ts';
import { canMove, perform, recent, type Town } from './people.ts';
import type { Sabotage } from './sabotage.ts';
import type { Act, Mishap, PassStep, Script, Setting, Step } from './script.ts';
import { fieldsOf, type Stored, signed, TortureSide } from './side.ts';
import type { Arrived } from './side-connector.ts';
import { stateHash } from './state-hash.ts';
import { stream } from './streams.ts';
import { type InvariantId, Violation } from './violation.ts';
import { birthOf, witnessesIn } from './witness.ts';

export const startMs = Date.UTC(2026, 2, 27, 8);
const pairId = 'torture0';
const dayMs = 24 * 3_600_000;
/** Longer than anything can be under way. */
const calmMs = 20 * 60_000;

/** One line of what happened, for people. */
export interface Line {
  readonly atMs: number;
  readonly column: Side | 'engine';
  readonly text: string;
}

/** A side asked to be left alone: who heard it, and until when by the engine's clock. */
interface Unwelcome {
  readonly by: string;
  readonly untilMs: number;
}

const everybody = 'everybody';
const welcome: Unwelcome = { by: '', untilMs: 0 };

export class World {
  readonly setting: Setting;
  readonly pair: Pair;
  readonly sides: Readonly<Record<Side, TortureSide>>;
  readonly store: FlakyStore;
  readonly ledger = new Ledger();
  readonly counts = new Counts();
  readonly lines: Line[] = [];
  /** Items of one create that happened twice, each by the other. */
  readonly twins = new Map<string, string>();
  /** Links whose write of this pass met another version. */
  conflicts = new Set<string>();
  /** What people deleted that the engine knew of: by side and birth, what it looked like. */
  readonly deleted = new Map<string, string>();
  /** The last create of each link, by side and key. */
  readonly createsSent = new Map<string, { readonly intentId: string; readonly atMs: number }>();
  /** Hashes of what was remembered at the ends of passes. */
  readonly states = new Set<number>();
  /** Writes of this pass by writer, side, kind and what the brake calls them. */
  braked = new Map<string, Set<string>>();
  /** Limits of the brake when this pass began, for removals and overwrites, by kind. */
  brakeLinks = new Map<Kind, number>();
  /** True from the first amnesia on: some things are then beyond anybody's memory. */
  forgetful = false;
  /** Everything was quiet once, and some of it was forgotten. */
  afterwards = false;
  clockWasWrong: boolean;
  /** Whose write reached a side last: one life of the engine makes one plan. */
  writer = '';
  nowMs = startMs;
  clockMs = 0;
  step = -1;
  /** The engine's clock is right now: nothing goes wrong any more. */
  #clockRight = false;
  readonly #explain: boolean;
  readonly #room: EngineRoom;
  readonly #hash = createHash('sha256');
  readonly #town: Town;
  #serial = 0;
  #delayed: { readonly atMs: number; readonly effect: () => void }[] = [];
  readonly #unwelcome: Record<Side, Unwelcome> = { crm: welcome, mailbox: welcome };

  constructor(script: Script, sabotage: Sabotage, explain: boolean) {
    this.setting = { ...script.setting, policy: wholePolicy(script.setting.policy) };
    this.clockWasWrong = script.setting.clock !== undefined;
    this.#explain = explain;
    this.#room = new EngineRoom(this, sabotage, stream(script.seed, 'engine'));
    this.pair = {
      pairId,
      crmUser: 'SADMIN',
      mailbox: 'alice@example.test',
      enabled: true,
      server: 'main',
      levels: script.setting.levels,
    };
    const crm = fieldsOf(script.setting.narrow.crm);
    const mailbox = fieldsOf(script.setting.narrow.mailbox);
    const shared = Object.fromEntries(kinds.map((kind) => [kind, this.#kept(kind, crm, mailbox)])) as Record<
      Kind,
      (typeof crm)[Kind]
    >;
    const side = (name: Side): TortureSide =>
      new TortureSide({
        side: name,
        fields: name === 'crm' ? crm : mailbox,
        shared,
        pageItems: script.setting.pageItems[name],
        rewrites: script.setting.rewrites[name],
        nowMs: () => this.nowMs + (script.setting.stampsOffMs?.[name] ?? 0),
      });
    this.sides = { crm: side('crm'), mailbox: side('mailbox') };
    this.store = new FlakyStore(this.pair);
    this.#town = {
      sides: this.sides,
      ledger: this.ledger,
      serial: () => {
        this.#serial += 1;
        return this.#serial;
      },
      isKeyed: (side, kind, id, key) => {
        const row = this.store.state.items.get(`${side} ${kind} ${id}`);
        return row?.linkKey === key || (row?.parked === 'linkEnded' && row.claimedKey === key);
      },
      isLinked: (side, kind, id) => (this.store.state.items.get(`${side} ${kind} ${id}`)?.linkKey ?? null) !== null,
      claimTwin: (id) => this.noteUnseen([id]),
    };
  }

  /** What both sides hold and the policy does not leave out. */
  #kept(kind: Kind, crm: ReturnType<typeof fieldsOf>, mailbox: ReturnType<typeof fieldsOf>): Fields {
    const fields = Object.entries(sharedFields(crm[kind], mailbox[kind]));
    return Object.fromEntries(fields.filter(([name]) => directionOf(this.setting.policy, kind, name) !== 'off'));
  }

  /** Sums up everything that happened so far. */
  get trace(): string {
    return this.#hash.copy().digest('hex').slice(0, 24);
  }

  fail(invariant: InvariantId, message: string): never {
    throw new Violation(invariant, this.step, message);
  }

  /** Carries out one step of a script. */
  async take(step: Step): Promise<void> {
    this.note('engine', `-- ${step.kind}`);
    switch (step.kind) {
      case 'act':
        return this.act(step.act);
      case 'pass':
        await this.pass(step);
        return;
      case 'wait':
        // While a request is under way nobody waits for days: it would arrive long after it was due.
        return this.advance(this.#delayed.length + this.twins.size === 0 ? step.ms : Math.min(step.ms, calmMs));
      case 'clock':
        this.counts.fault('F18');
        this.clockMs += step.stepMs;
        this.clockWasWrong = true;
        return;
      case 'loseCursors':
        this.counts.fault('F10');
        return this.sides[step.side].loseCursors();
      case 'migrate':
        this.counts.fault('F15');
        this.advance(this.setting.settleMs);
        return this.#migrate(this.sides[step.side]);
      case 'hide':
      case 'show':
        // An item that moved unseen and is then hidden is gone by every evidence there is.
        if (step.kind === 'hide' && !this.#allKnown(this.sides[step.side])) return;
        this.#letDoublesBe();
        if (this.forgetful) this.#allowUnkeyed(this.sides[step.side], true);
        this.counts.fault('F17');
        this.sides[step.side].hidden = step.kind === 'hide';
        return this.sides[step.side].loseCursors();
      case 'poison':
        return this.#onItem(step.side, step.pick, (side, id) => {
          // Without a readable key a new id cannot be told from a new item.
          const row = this.store.state.items.get(`${step.side} ${side.items.get(id)!.kind} ${id}`);
          if (row === undefined || row.linkKey === null) return;
          this.counts.fault('F13');
          side.poison(id, step.form % 2 === 0 ? 1 : 2);
        });
      case 'rewrite':
        return this.#onItem(step.side, step.pick, (side, id) => {
          this.counts.fault('F14');
          side.change(id, signed(side.items.get(id)!.item, step.side), 'server');
          // No longer what was sent, so an item of its own.
          this.#town.claimTwin(id);
        });
      case 'rollBack':
      case 'loseStore':
        this.counts.fault('F21');
        return await this.forget(step.kind === 'loseStore' ? Number.POSITIVE_INFINITY : step.commits);
      case 'releaseBrakes':
        await this.releaseBrakes();
        return;
    }
  }

  async forget(commits: number): Promise<void> {
    // A forgotten link whose item cannot be read is beyond anybody's knowledge.
    for (const side of sides) {
      this.sides[side].heal();
      this.#allowUnkeyed(this.sides[side]);
    }
    // What ended and was linked anew since then is linked twice in the eyes of a store that remembers the first time only.
    for (const birth of this.ledger.ended) this.ledger.allowOneMore(birth);
    this.forgetful = true;
    this.deleted.clear();
    this.forgetHints();
    await this.store.rollBack(commits);
  }

  /** A person looks at what is held and lets it go. @returns how many */
  async releaseBrakes(): Promise<number> {
    let released = 0;
    for (const held of await this.store.inner.brakes(pairId)) {
      if (held.state !== 'held') continue;
      if (!(await this.store.inner.releaseBrake(pairId, held.side, held.kind, held.plan))) continue;
      this.store.releases.add(`${held.side} ${held.kind}`);
      released += 1;
    }
    return released;
  }

  /** Two versions of one item were both kept. */
  noteKeptBoth(ids: Readonly<Record<Side, string | null>>): void {
    const births = sides.flatMap((side) => {
      const stored = this.sides[side].items.get(ids[side] ?? '');
      return stored === undefined ? [] : [birthOf(stored.item)];
    });
    for (const birth of new Set(births)) {
      this.ledger.allowOneMore(birth);
      // A restored store parts them once more, and knows nothing of the copies that were made the first time.
      if (this.forgetful) this.ledger.allowOneMore(birth);
    }
  }

  /** The process died, and the last commits were never on the disk. */
  async loseTail(commits: number): Promise<void> {
    this.counts.fault('F20');
    this.note('engine', `the last ${commits} commits are lost`);
    await this.forget(commits);
  }

  async pass(step: PassStep = quietPass): Promise<PassReport> {
    this.counts.passes += 1;
    this.braked = new Map();
    this.conflicts = new Set();
    this.brakeLinks = new Map(kinds.map((kind) => [kind, this.activeLinks(kind)]));
    const report = await this.#room.pass(step);
    this.states.add(stateHash(this.store.state));
    return report;
  }

  engineNow(): number {
    return this.nowMs + this.clockMs + (this.#clockRight ? 0 : aheadMs(this.setting.clock, this.nowMs, startMs));
  }

  /** A request that is still under way. */
  later(delayMs: number, effect: () => void): void {
    this.#delayed.push({ atMs: this.nowMs + delayMs, effect });
  }

  noteTwin(id: string, first: string): void {
    this.counts.twins += 1;
    this.twins.set(id, first);
    this.twins.set(first, id);
  }

  /** The link is decided anew from what it then finds, after the brake has looked at the plan. */
  noteConflict(side: Side, id: string): void {
    const intent = this.store.intents.findLast((one) => one.side === side && one.remoteId === id);
    if (intent !== undefined) this.conflicts.add(intent.linkKey);
  }

  /** An item of a new version: for the engine it looks edited, and whoever edits a copy that was left alone wants it. */
  noteLate(side: Side, id: string, created: boolean): void {
    const stored = this.sides[side].items.get(id);
    const birth = stored === undefined ? undefined : birthOf(stored.item);
    const link = this.store.state.links.get(stored?.linkKey ?? '');
    // A create that arrives when its item was already deleted looks like that item, fetched back.
    if (created && link !== undefined && link.ended !== null) this.ledger.allowOneMore(birth);
    if (birth !== undefined) this.deleted.delete(`${otherSide(side)} ${birth}`);
  }

  /** Twins that are told apart no more, by a person's edit or by a search that did not find them. */
  noteUnseen(ids: readonly string[]): void {
    for (const id of ids) {
      if (!this.parted(id)) continue;
      const one = this.sides.crm.items.get(id) ?? this.sides.mailbox.items.get(id);
      if (one !== undefined) this.ledger.allowOneMore(birthOf(one.item));
    }
  }

  /** One of two is no longer what it was: so neither is a twin. */
  parted(id: string): boolean {
    const other = this.twins.get(id);
    if (other !== undefined) this.twins.delete(other);
    return this.twins.delete(id);
  }

  mishappens(mishap: Mishap): void {
    this.counts.fault(mishap.fault);
    if (mishap.fault === 'F13' && mishap.call === 'read') this.#letDoublesBe();
    this.note(mishap.on === 'store' ? 'engine' : mishap.on, `** ${mishap.fault} (${mishap.arg}) at ${mishap.call}`);
  }

  throttle(side: Side, by: string, forMs: number): void {
    this.#unwelcome[side] = { by, untilMs: this.engineNow() + forMs };
  }

  /** The pass ended in good order: whoever comes next knows what it was told. */
  bookHints(): void {
    for (const side of sides) this.#unwelcome[side] = { ...this.#unwelcome[side], by: everybody };
  }

  forgetHints(): void {
    for (const side of sides) this.#unwelcome[side] = welcome;
  }

  /** I17. A stalled engine knows nothing of what another one was told meanwhile. */
  refuseUnwelcome(side: Side, owner: string, label: string, slackMs: number): void {
    const { by, untilMs } = this.#unwelcome[side];
    if ((by === owner || by === everybody) && untilMs - slackMs > this.engineNow()) {
      this.fail('I17', `${label} although ${side} asked to be left alone until ${untilMs}`);
    }
  }

  /** A write of the engine, before it takes effect, however often it is delivered. */
  arriving(side: Side, write: Arrived, writer: string): void {
    this.writer = writer;
    this.counts.writes += 1;
    if (this.afterwards) raise(this.counts.afterwards, write.call);
    this.note(side, `${write.call} ${JSON.stringify(write.entry)}`);
    if (write.call === 'update' && this.#isEnded(side, write.entry.id)) this.noteLate(side, write.entry.id, false);
    if (write.call === 'update') this.#excludedWithIt(side, write.entry);
    if (write.call === 'remove') this.#goesWithIt(side, write.entry.id);
    // What a side hides the engine has to make; nobody could know better.
    if (write.call === 'create' && this.sides[side].hidden) this.ledger.allowOneMore(birthOf(write.entry.item));
  }

  /** @param writing a write of the engine is under way */
  act(act: Act, writing = false): void {
    const side = this.sides[act.side];
    const before = new Map(side.items);
    const done = perform(this.#town, act);
    if (done === undefined) return;
    for (const [id, stored] of side.items) {
      // Whoever edits a copy that was left alone wants it.
      const birth = birthOf(stored.item);
      if (before.get(id)?.version !== stored.version && birth !== undefined) {
        this.deleted.delete(`${otherSide(act.side)} ${birth}`);
      }
    }
    const leaves = act.act === 'delete' || act.act === 'release' || act.act === 'bulkDelete';
    for (const [id, stored] of before) if (leaves && !side.items.has(id)) this.#left(side, id, stored.item);
    raise(this.counts.acts, act.act);
    if (writing) this.counts.editsDuringWrites += 1;
    if (act.act === 'copy') this.counts.fault('F16');
    this.note(act.side, `person ${done}`);
  }

  /** What is on one side alone goes with the item when its deletion is carried here. */
  #goesWithIt(name: Side, id: string): void {
    const side = this.sides[name];
    const item = side.items.get(id)?.item;
    if (item === undefined) return;
    const { kind } = item;
    const both = Object.entries(side.setting.shared[kind]).filter(
      ([group]) => directionOf(this.setting.policy, kind, group) === 'both',
    );
    const shared = witnessesIn(project(item, Object.fromEntries(both), 'iana'));
    for (const one of witnessesIn(item)) if (!shared.has(one)) this.ledger.retired.add(one);
  }

  /** So does what is in an occurrence that somebody took out of its series on the other side. */
  #excludedWithIt(name: Side, { id, target, paths }: Update): void {
    const item = this.sides[name].items.get(id)?.item;
    if (item?.kind !== 'event' || target.kind !== 'event') return;
    for (const [start, override] of Object.entries(target.overrides ?? {})) {
      if (!('excluded' in override) || !paths.includes(`overrides.${start}`)) continue;
      for (const one of witnessesIn(item.overrides?.[start])) this.ledger.retired.add(one);
    }
  }

  #left(side: TortureSide, id: string, item: Item): void {
    const birth = birthOf(item);
    const row = this.store.state.items.get(`${side.setting.side} ${item.kind} ${id}`);
    if (birth === undefined || row === undefined || row.linkKey === null) return;
    this.deleted.set(`${side.setting.side} ${birth}`, lookOf(side, item));
  }

  #onItem(name: Side, pick: number, effect: (side: TortureSide, id: string) => void): void {
    const side = this.sides[name];
    const ids = recent(this, side);
    const id = ids[pick % Math.max(ids.length, 1)];
    if (id !== undefined) effect(side, id);
  }

  #migrate(side: TortureSide): void {
    for (const id of [...side.items.keys()]) if (canMove(this.#town, side, id)) side.rename(id);
    side.loseCursors();
  }

  /** What cannot be seen cannot be recognised as the same. */
  #letDoublesBe(): void {
    for (const birth of this.ledger.doubles) this.ledger.allowOneMore(birth);
    this.ledger.doubles.clear();
  }

  /** Without its key, or out of sight, an item cannot be tied again to what it was tied to. */
  #allowUnkeyed(side: TortureSide, all = side.hidden): void {
    for (const [id, stored] of side.items) {
      if (all || stored.linkKey === undefined || side.late.has(id)) this.ledger.allowOneMore(birthOf(stored.item));
    }
  }

  #allKnown(side: TortureSide): boolean {
    const rows = this.store.state.items;
    return [...side.items].every(
      ([id, one]) => one.linkKey === undefined || rows.has(`${side.setting.side} ${one.kind} ${id}`),
    );
  }

  advance(durationMs: number): void {
    this.nowMs += Math.max(0, durationMs);
    const due = this.#delayed.filter((one) => one.atMs <= this.nowMs);
    this.#delayed = this.#delayed.filter((one) => one.atMs > this.nowMs);
    for (const one of due) {
      this.note('engine', 'a delayed request arrives');
      one.effect();
    }
    for (const side of sides) this.sides[side].catchUp(this.nowMs);
  }

  /** Nothing is under way any more, nothing goes wrong any more; so many items stay sick. */
  calm(sick: number): void {
    this.#room.calm();
    this.clockMs = 0;
    this.#clockRight = true;
    this.advance(calmMs);
    for (const name of sides) {
      const side = this.sides[name];
      if (side.hidden) side.loseCursors();
      side.hidden = false;
      side.heal();
    }
    for (let index = 0; index < sick; index += 1) {
      const name = sides[index % 2] as Side;
      const side = this.sides[name];
      const ids = recent(this, side).filter((id) => this.#isRemembered(side, id));
      const id = ids[Math.floor(index / 2)];
      if (id === undefined) continue;
      this.counts.fault('F13');
      side.poison(id, index % 3 === 0 ? 2 : 1);
      this.noteLate(name, id, false);
    }
  }

  heal(): void {
    for (const side of sides) this.sides[side].heal();
  }

  /** Cannot be read, cannot be written, or is what no mailbox takes. */
  isSick(stored: Stored | undefined): boolean {
    return stored !== undefined && (stored.poison !== 0 || problems(stored.item).length > 0);
  }

  /** Ended so long ago that it is not paired any more. */
  isHistory(item: Item): boolean {
    const days = item.kind === 'contact' ? 0 : this.setting.policy.pastDays[item.kind];
    const last = lastDayOf(item);
    return days > 0 && last !== undefined && daysOf(last) < Math.ceil(this.engineNow() / dayMs) - days;
  }

  note(column: Line['column'], text: string): void {
    this.#hash.update(`${this.nowMs} ${column} ${text}\n`);
    if (this.#explain) this.lines.push({ atMs: this.nowMs, column, text });
  }

  #isRemembered(side: TortureSide, id: string): boolean {
    const row = this.store.state.items.get(`${side.setting.side} ${side.items.get(id)?.kind} ${id}`);
    return row !== undefined && row.linkKey !== null;
  }

  /** A stalled engine may still write what belongs to a link that another one has ended. */
  #isEnded(side: Side, id: string): boolean {
    const intent = this.store.intents.findLast((one) => one.side === side && one.remoteId === id);
    const link = intent === undefined ? undefined : this.store.state.links.get(intent.linkKey);
    return link !== undefined && link.ended !== null;
  }

  /** What the brake measures shares by may grow while a pass goes on. */
  noteLinks(links: readonly LinkRow[]): void {
    for (const kind of new Set(links.map((link) => link.kind))) {
      const fresh = links.filter((link) => link.kind === kind && !this.store.state.links.has(link.linkKey)).length;
      this.brakeLinks.set(kind, Math.max(this.brakeLinks.get(kind) ?? 0, this.activeLinks(kind) + fresh));
    }
  }

  activeLinks(kind: Kind): number {
    return [...this.store.state.links.values()].filter((link) => link.kind === kind && link.ended === null).length;
  }
}

/** Saved scripts may be older than a part of the policy. */
function wholePolicy(policy: Policy): Policy {
  return { ...defaultPolicy, ...policy, brake: { ...defaultPolicy.brake, ...policy.brake } };
}
