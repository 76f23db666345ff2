/**
 * The world of one run: a clock, two sides, a store, people, and the engine's processes, all on one thread. Every call of
 * the engine waits here for its turn; between two turns people act, requests that were under way arrive, processes die.
 */
import { createHash } from 'node:crypto';
import type { Connector } from '#contract/connector.ts';
import { type Cadence, defaultCadence } from '#dispatch/back-off.ts';
import { type RunOptions, runPair } from '#dispatch/run-pair.ts';
import { sharedFields } from '#model/groups.ts';
import type { Item, Kind } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import { project } from '#model/project.ts';
import type { Ports } from '#ports/ports.ts';
import { type CycleOutcome, otherSide, type Pair, type Side, type Store, sides } from '#store/port.ts';
import { checkCommit } from './check/commit.ts';
import { checkWrite } from './check/write.ts';
import { Counts } from './counts.ts';
import { FlakyStore } from './flaky-store.ts';
import { settled } from './guards.ts';
import { Ledger } from './ledger.ts';
import { canMove, perform, recent, type Town } from './people.ts';
import type { Sabotage } from './sabotage.ts';
import type { Act, Crash, Mishap, PassStep, Script, Setting, Step } from './script.ts';
import { fieldsOf, signed, TortureSide, unsigned } from './side.ts';
import { type Arrived, connectorOf, type Wire } from './side-connector.ts';
import { type Stream, stream } from './streams.ts';
import { type InvariantId, Violation } from './violation.ts';
import { birthOf, witnessesIn } from './witness.ts';

const startMs = Date.UTC(2026, 2, 27, 8);
const pairId = 'torture0';
/** Longer than anything can be under way. */
const calmMs = 20 * 60_000;
const quietPass: PassStep = { kind: 'pass', mishaps: [], acts: [], order: [] };

/** One life of the engine. */
interface Process {
  readonly owner: string;
  alive: boolean;
  readonly startedMs: number;
}

interface Waiting {
  readonly process: Process;
  readonly label: string;
  readonly run: () => void | Promise<void>;
}

/** One line of what happened, for people. */
export interface Line {
  readonly atMs: number;
  readonly column: Side | 'engine';
  readonly text: string;
}

class Crashed extends Error {
  override readonly name = 'Crashed';
}

export interface PassReport {
  readonly outcome: CycleOutcome | undefined;
  /** Writes that reached a side. */
  readonly writes: number;
  /** Rows of lasting matter that were committed. */
  readonly rows: number;
}

export class World {
  readonly setting: Setting;
  readonly pair: Pair;
  readonly sides: Readonly<Record<Side, TortureSide>>;
  readonly store: FlakyStore;
  readonly ledger = new Ledger();
  readonly counts = new Counts();
  readonly lines: Line[] = [];
  /** Second effects of one create. */
  readonly twins = new Set<string>();
  /** What people deleted that the engine knew of: by side and birth, what it looked like. */
  readonly deleted = new Map<string, string>();
  readonly throttledUntilMs: Record<Side, number> = { crm: 0, mailbox: 0 };
  /** Removals of this pass by side and kind. */
  removals = new Map<string, Set<string>>();
  /** True from the first amnesia on: some things are then beyond anybody's memory. */
  forgetful = false;
  nowMs = startMs;
  clockMs = 0;
  step = -1;
  readonly #sabotage: Sabotage;
  readonly #explain: boolean;
  readonly #engine: Stream;
  readonly #hash = createHash('sha256');
  readonly #town: Town;
  #serial = 0;
  #waiting: Waiting[] = [];
  #delayed: { readonly atMs: number; readonly effect: () => void }[] = [];
  #pass: PassStep = quietPass;
  #calls = 0;
  #nth = new Map<string, number>();
  #labels = new Map<string, number>();
  #writes = 0;
  #rows = 0;
  #processes = 0;
  readonly #throttled: Record<Side, { readonly by: Process | undefined; readonly atMs: number }> = {
    crm: { by: undefined, atMs: 0 },
    mailbox: { by: undefined, atMs: 0 },
  };
  #outcome: CycleOutcome | undefined;

  constructor(script: Script, sabotage: Sabotage, explain: boolean) {
    this.setting = script.setting;
    this.#sabotage = sabotage;
    this.#explain = explain;
    this.#engine = stream(script.seed, 'engine');
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
    const shared = Object.fromEntries(kinds.map((kind) => [kind, sharedFields(crm[kind], mailbox[kind])])) as Record<
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
      isKeyed: (side, kind, id, key) => this.store.state.items.get(`${side} ${kind} ${id}`)?.linkKey === key,
      isLinked: (side, kind, id) => (this.store.state.items.get(`${side} ${kind} ${id}`)?.linkKey ?? null) !== null,
      claimTwin: (id) => {
        if (!this.twins.delete(id)) return;
        const one = this.sides.crm.items.get(id) ?? this.sides.mailbox.items.get(id);
        if (one !== undefined) this.ledger.allowOneMore(birthOf(one.item));
      },
    };
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
    this.#note('engine', `-- ${step.kind}`);
    switch (step.kind) {
      case 'act':
        return this.#act(step.act);
      case 'pass':
        await this.pass(step);
        return;
      case 'wait':
        // While a request is under way nobody waits for days: it would arrive long after it was due.
        return this.#advance(this.#delayed.length + this.twins.size === 0 ? step.ms : Math.min(step.ms, calmMs));
      case 'clock':
        this.counts.fault('F18');
        this.clockMs += step.stepMs;
        return;
      case 'loseCursors':
        this.counts.fault('F10');
        return this.sides[step.side].loseCursors();
      case 'migrate':
        this.counts.fault('F15');
        this.#advance(this.setting.settleMs);
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
    this.throttledUntilMs.crm = 0;
    this.throttledUntilMs.mailbox = 0;
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

  /** One pass over the pair as the dispatcher would make it, when it is due. */
  async pass(step: PassStep = quietPass): Promise<PassReport> {
    this.#pass = step;
    this.#calls = 0;
    this.#nth = new Map();
    this.#labels = new Map();
    this.#writes = 0;
    this.#rows = 0;
    this.removals = new Map();
    this.counts.passes += 1;
    const first = await this.#start();
    if (first === undefined) return { outcome: undefined, writes: 0, rows: 0 };
    const ended = await this.#drive(first, step.stall);
    if (ended === 'stalled') {
      // F22: the lease runs out while the first engine stands still; another one does the work.
      this.counts.fault('F22');
      this.#note('engine', `${first.process.owner} stalls`);
      const stalled = this.#outcome;
      this.#advance(this.setting.tunables.leaseMs + 1);
      const second = await this.#start();
      if (second !== undefined) await this.#drive(second, undefined);
      this.#outcome = stalled;
      this.#note('engine', `${first.process.owner} wakes up`);
      await this.#drive(first, undefined);
    }
    for (const run of [first]) run.process.alive = false;
    this.#waiting = this.#waiting.filter((one) => one.process.alive);
    return { outcome: this.#outcome, writes: this.#writes, rows: this.#rows };
  }

  async #start(): Promise<{ readonly process: Process; readonly over: () => boolean } | undefined> {
    const due = await this.store.inner.nextDueMs();
    if (due !== undefined && due > this.#engineNow()) this.#advance(due - this.#engineNow());
    this.#processes += 1;
    const process: Process = { owner: `engine-${this.#processes}`, alive: true, startedMs: this.nowMs };
    const { leaseMs } = this.setting.tunables;
    const [claim] = await this.store.inner.claim(process.owner, this.#engineNow(), leaseMs, 1);
    if (claim === undefined) return undefined;
    this.store.fence = claim.lease.fence;
    if (this.#sabotage.lease === 'ignored') this.store.anyLease = claim.lease;
    this.#outcome = undefined;
    let over = false;
    void runPair(claim, this.#options(process)).then(
      (outcome) => {
        over = true;
        if (process.alive) this.#outcome = outcome;
      },
      (error: unknown) => {
        over = true;
        if (process.alive) throw error;
      },
    );
    return { process, over: () => over };
  }

  /** Gives turns until the pass is over, the process died, or it is to stall. */
  async #drive(
    run: { readonly process: Process; readonly over: () => boolean },
    stall: number | undefined,
  ): Promise<'over' | 'stalled'> {
    const { process } = run;
    for (;;) {
      await settled();
      if (this.#broken !== undefined) throw this.#broken;
      if (run.over()) return 'over';
      if (!process.alive) {
        this.#bury(process);
        await this.store.inner.evict(process.owner, this.#engineNow());
        return 'over';
      }
      const open = this.#waiting.filter((one) => one.process === process);
      if (open.length === 0) throw new Error('the engine waits for something that will never come');
      this.#calls += 1;
      if (stall !== undefined && this.#calls > stall) return 'stalled';
      for (const { at, act } of this.#pass.acts) if (at === this.#calls) this.#act(act);
      const { crash } = this.#pass;
      if (crash?.at === 'call' && this.#calls === crash.nth + 1) {
        this.#die(process, `its call ${this.#calls}`);
        continue;
      }
      const turn = open[
        (this.#pass.order[this.#calls % Math.max(this.#pass.order.length, 1)] ?? 0) % open.length
      ] as Waiting;
      this.#waiting.splice(this.#waiting.indexOf(turn), 1);
      this.#advance(this.setting.latencyMs);
      this.#note('engine', turn.label);
      await turn.run();
    }
  }

  #broken: unknown;

  #die(process: Process, where: string): void {
    process.alive = false;
    this.counts.fault('F19');
    this.counts.crashes += 1;
    this.#note('engine', `${process.owner} dies at ${where}`);
  }

  /** What the dead process had under way arrives, or does not. */
  #bury(process: Process): void {
    const underWay = this.#waiting.filter((one) => one.process === process);
    this.#waiting = this.#waiting.filter((one) => one.process !== process);
    if (this.#pass.crash?.inFlight !== 'done') return;
    for (const one of underWay) if (!one.label.startsWith('store.')) void one.run();
  }

  #options(process: Process): RunOptions {
    const store = this.store.seenBy({
      turn: (label, effect) => this.#turn(process, label, effect),
      look: (effect) => (process.alive ? effect() : never()),
      mishap: (call) => this.#mishap('store', call),
      committing: (lease, batch, state) => {
        this.#rows +=
          (batch.links?.length ?? 0) +
          (batch.items?.length ?? 0) +
          (batch.intents?.length ?? 0) +
          (batch.journal?.length ?? 0);
        this.counts.commits += 1;
        this.counts.note(batch);
        this.#guarded(() => checkCommit(this, lease, batch, state));
      },
    });
    const connect = (side: Side): Connector => connectorOf(this.sides[side], this.setting, this.#wire(process, side));
    const cadence: Cadence = defaultCadence;
    return {
      store: this.#sabotage.store?.(store) ?? (store as Store),
      open: async (_pair, side) => ({
        ok: true,
        value: this.#sabotage.connector?.(connect(side), side) ?? connect(side),
      }),
      policy: () => this.setting.policy,
      cadence,
      tunables: this.setting.tunables,
      ports: this.#ports(process),
    };
  }

  #ports(process: Process): Ports {
    return {
      clock: { now: () => this.#engineNow() },
      timer: { sleep: () => Promise.reject(new Error('a pass does not sleep')) },
      random: { fraction: () => this.#engine.fraction(), bytes: (count) => this.#engine.bytes(count) },
      log: (event) => {
        if (event.event !== 'dispatch.defect' || !process.alive) return;
        this.#broken ??= new Violation('defect', this.step, String(event.message));
      },
      crashPoint: (label) => {
        const nth = this.#labels.get(label) ?? 0;
        this.#labels.set(label, nth + 1);
        this.counts.crashPoint(label);
        const crash: Crash | undefined = this.#pass.crash;
        if (!process.alive || crash?.at !== 'label' || crash.label !== label || crash.nth !== nth) return;
        this.#die(process, label);
        throw new Crashed(label);
      },
    };
  }

  #wire(process: Process, side: Side): Wire {
    return {
      turn: (label, effect) =>
        this.#turn(process, label, async () => {
          // A stalled engine knows nothing of what the other one was told meanwhile.
          const told = this.#throttled[side].by === process || this.#throttled[side].atMs < process.startedMs;
          if (told && this.throttledUntilMs[side] > this.#engineNow()) {
            this.#guarded(() =>
              this.fail('I17', `${label} although ${side} asked to be left alone until ${this.throttledUntilMs[side]}`),
            );
          }
          this.counts.calls += 1;
          return effect();
        }),
      mishap: (call) => this.#mishap(side, call),
      nowMs: () => this.nowMs,
      later: (delayMs, effect) => {
        this.#delayed.push({ atMs: this.nowMs + delayMs, effect });
      },
      arrived: (kind, write: Arrived) => {
        this.#writes += 1;
        this.counts.writes += 1;
        this.#note(side, `${write.call} ${JSON.stringify(write.entry)}`);
        if (write.call === 'remove') this.#goesWithIt(side, write.entry.id);
        // What a side hides the engine has to make; nobody could know better.
        if (write.call === 'create' && this.sides[side].hidden) this.ledger.allowOneMore(birthOf(write.entry.item));
        this.#guarded(() => checkWrite(this, side, kind, write));
      },
      twin: (id) => {
        this.counts.twins += 1;
        this.twins.add(id);
      },
      throttled: (untilMs) => {
        if (!process.alive) return;
        this.throttledUntilMs[side] = untilMs + this.clockMs;
        this.#throttled[side] = { by: process, atMs: this.nowMs };
      },
    };
  }

  /** A violation must not be mistaken for trouble by the engine: it is kept and thrown by whoever drives. */
  #guarded(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#broken ??= error;
    }
  }

  #turn<T>(process: Process, label: string, effect: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        const answer = await effect().then(
          (value) => () => resolve(value),
          (error: unknown) => () => reject(error as Error),
        );
        // The dead hear nothing.
        if (process.alive) answer();
      };
      if (process.alive) this.#waiting.push({ process, label, run });
    });
  }

  #mishap(on: Mishap['on'], call: Mishap['call']): Mishap | undefined {
    const name = `${on}.${call}`;
    const nth = this.#nth.get(name) ?? 0;
    this.#nth.set(name, nth + 1);
    const found = this.#pass.mishaps.find((one) => one.on === on && one.call === call && one.nth === nth);
    if (found !== undefined) {
      this.counts.fault(found.fault);
      if (found.fault === 'F13' && call === 'read') this.#letDoublesBe();
      this.#note(on === 'store' ? 'engine' : on, `** ${found.fault} (${found.arg}) at ${call}`);
    }
    return found;
  }

  #act(act: Act): void {
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
    this.counts.acts.set(act.act, (this.counts.acts.get(act.act) ?? 0) + 1);
    if (act.act === 'copy') this.counts.fault('F16');
    this.#note(act.side, `person ${done}`);
  }

  /** What one side alone can hold goes with the item when its deletion is carried here. */
  #goesWithIt(name: Side, id: string): void {
    const side = this.sides[name];
    const item = side.items.get(id)?.item;
    if (item === undefined) return;
    const shared = witnessesIn(project(item, side.setting.shared[item.kind], 'iana'));
    for (const one of witnessesIn(item)) if (!shared.has(one)) this.ledger.retired.add(one);
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
    for (const stored of side.items.values()) {
      if (all || stored.linkKey === undefined) this.ledger.allowOneMore(birthOf(stored.item));
    }
  }

  #allKnown(side: TortureSide): boolean {
    const rows = this.store.state.items;
    return [...side.items].every(
      ([id, one]) => one.linkKey === undefined || rows.has(`${side.setting.side} ${one.kind} ${id}`),
    );
  }

  #engineNow(): number {
    return this.nowMs + this.clockMs;
  }

  #advance(durationMs: number): void {
    this.nowMs += Math.max(0, durationMs);
    const due = this.#delayed.filter((one) => one.atMs <= this.nowMs);
    this.#delayed = this.#delayed.filter((one) => one.atMs > this.nowMs);
    for (const one of due) {
      this.#note('engine', 'a delayed request arrives');
      one.effect();
    }
    for (const side of sides) this.sides[side].catchUp(this.nowMs);
  }

  /** Nothing is under way any more. */
  calm(): void {
    this.clockMs = 0;
    this.#advance(calmMs);
    for (const name of sides) {
      const side = this.sides[name];
      if (side.hidden) side.loseCursors();
      side.hidden = false;
      side.heal();
    }
  }

  advance(durationMs: number): void {
    this.#advance(durationMs);
  }

  #note(column: Line['column'], text: string): void {
    this.#hash.update(`${this.nowMs} ${column} ${text}\n`);
    if (this.#explain) this.lines.push({ atMs: this.nowMs, column, text });
  }
}

/** What an item shows. */
export function lookOf(side: TortureSide, item: Item): string {
  return JSON.stringify(Object.entries(side.sharedPrints(item)).sort());
}

/** What an item says, whatever a server added. */
export function essence(side: TortureSide, item: Item): string {
  return lookOf(side, unsigned(item));
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}
