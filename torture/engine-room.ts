/**
 * The engine's processes. Every call of theirs, to a side or to commit, waits here for its turn; between two turns people
 * act, requests that were under way arrive, processes die, stall and wake up.
 */
import type { Connector } from '#contract/connector.ts';
import { defaultCadence } from '#dispatch/back-off.ts';
import { type RunOptions, runPair } from '#dispatch/run-pair.ts';
import type { Ports } from '#ports/ports.ts';
import type { PairState } from '#store/memory/pair-state.ts';
import type { CycleOutcome, Side, StateBatch, Store } from '#store/port.ts';
import { checkCommit } from './check/commit.ts';
import { checkCall, checkWrite } from './check/write.ts';
import { carriedBy } from './commits.ts';
import { raise } from './counts.ts';
import { trembleMs } from './engine-clock.ts';
import { settled } from './guards.ts';
import type { Sabotage } from './sabotage.ts';
import type { Call, Crash, Mishap, PassStep } from './script.ts';
import { type Arrived, connectorOf, type Wire } from './side-connector.ts';
import type { Stream } from './streams.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

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

interface Running {
  readonly process: Process;
  readonly over: () => boolean;
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

export const quietPass: PassStep = { kind: 'pass', mishaps: [], acts: [], order: [] };

export class EngineRoom {
  readonly #world: World;
  readonly #sabotage: Sabotage;
  readonly #chance: Stream;
  #waiting: Waiting[] = [];
  #pass: PassStep = quietPass;
  /** How a process of this pass dies. Around a commit: of this or a later pass, as soon as one carries that. */
  #crash: Crash | undefined;
  #calls = 0;
  /** How often something happened in this pass, by its name. */
  #nth = new Map<string, number>();
  #diskFull = false;
  #writes = 0;
  #rows = 0;
  #processes = 0;
  /** Intents that were unsettled when this pass began. */
  #inherited: ReadonlySet<string> = new Set();
  #outcome: CycleOutcome | undefined;
  /** A violation or defect, kept until whoever drives can throw it: the engine must not take it for trouble. */
  #broken: unknown;

  constructor(world: World, sabotage: Sabotage, chance: Stream) {
    this.#world = world;
    this.#sabotage = sabotage;
    this.#chance = chance;
  }

  /** Nothing dies any more. */
  calm(): void {
    this.#crash = undefined;
  }

  /** One pass over the pair as the dispatcher would make it, when it is due. */
  async pass(step: PassStep): Promise<PassReport> {
    const world = this.#world;
    this.#pass = step;
    this.#crash = step.crash ?? (this.#crash?.at === 'commit' ? this.#crash : undefined);
    this.#calls = 0;
    this.#nth = new Map();
    this.#diskFull = false;
    this.#writes = 0;
    this.#rows = 0;
    this.#inherited = new Set(world.store.state.intents.keys());
    const first = await this.#start();
    if (first === undefined) return { outcome: undefined, writes: 0, rows: 0 };
    const ended = await this.#drive(first, step.stall);
    if (ended === 'stalled') {
      // F22: the lease runs out while the first engine stands still; another one does the work.
      world.counts.fault('F22');
      world.note('engine', `${first.process.owner} stalls`);
      const stalled = this.#outcome;
      world.advance(world.setting.tunables.leaseMs + 1);
      const second = await this.#start();
      if (second !== undefined) await this.#drive(second, undefined);
      this.#outcome = stalled;
      world.note('engine', `${first.process.owner} wakes up`);
      await this.#drive(first, undefined);
    }
    // What could not be booked is not remembered either.
    if (this.#outcome === undefined) world.forgetHints();
    else world.bookHints();
    first.process.alive = false;
    this.#waiting = this.#waiting.filter((one) => one.process.alive);
    return { outcome: this.#outcome, writes: this.#writes, rows: this.#rows };
  }

  async #start(): Promise<Running | undefined> {
    const world = this.#world;
    const due = await world.store.inner.nextDueMs();
    if (due !== undefined && due > world.engineNow()) world.advance(due - world.engineNow());
    this.#processes += 1;
    const process: Process = { owner: `engine-${this.#processes}`, alive: true, startedMs: world.nowMs };
    const { leaseMs } = world.setting.tunables;
    const [claim] = await world.store.inner.claim(process.owner, world.engineNow(), leaseMs, 1);
    if (claim === undefined) return undefined;
    world.store.fence = claim.lease.fence;
    if (this.#sabotage.lease === 'ignored') world.store.anyLease = claim.lease;
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
  async #drive({ process, over }: Running, stall: number | undefined): Promise<'over' | 'stalled'> {
    const world = this.#world;
    for (;;) {
      await settled();
      if (this.#broken !== undefined) throw this.#broken;
      if (over()) return 'over';
      if (!process.alive) {
        this.#bury(process);
        await world.store.inner.evict(process.owner, world.engineNow());
        // A store that went back while a stalled engine still lives would give out a fence number twice.
        const tail = this.#pass.stall === undefined ? this.#crash?.tail : undefined;
        this.#crash = undefined;
        if (tail !== undefined) await world.loseTail(tail);
        return 'over';
      }
      const open = this.#waiting.filter((one) => one.process === process);
      if (open.length === 0) throw new Error('the engine waits for something that will never come');
      this.#calls += 1;
      if (stall !== undefined && this.#calls > stall) return 'stalled';
      const writing = open.some((one) => /^\w+\.(create|update|remove) /.test(one.label));
      for (const { at, act } of this.#pass.acts) if (at === this.#calls) world.act(act, writing);
      const crash = this.#crash;
      if (crash?.at === 'call' && this.#calls === crash.nth + 1) {
        this.#die(process, `call of ${open[0]?.label.split(' ')[0]}`);
        continue;
      }
      const { order } = this.#pass;
      const turn = open[(order[this.#calls % Math.max(order.length, 1)] ?? 0) % open.length] as Waiting;
      this.#waiting.splice(this.#waiting.indexOf(turn), 1);
      world.advance(world.setting.latencyMs);
      world.note('engine', turn.label);
      await turn.run();
    }
  }

  #die(process: Process, where: string): void {
    const { counts, store } = this.#world;
    process.alive = false;
    counts.fault('F19');
    counts.crashes += 1;
    raise(counts.crashedAt, where);
    if ([...store.state.intents.keys()].some((id) => this.#inherited.has(id))) counts.crashesInRecovery += 1;
    this.#world.note('engine', `${process.owner} dies at ${where}`);
  }

  /** What the dead process had under way arrives, or does not. */
  #bury(process: Process): void {
    const underWay = this.#waiting.filter((one) => one.process === process);
    this.#waiting = this.#waiting.filter((one) => one.process !== process);
    if (this.#crash?.inFlight !== 'done') return;
    for (const one of underWay) if (!one.label.startsWith('store.')) void one.run();
  }

  #options(process: Process): RunOptions {
    const { store, setting, sides } = this.#world;
    const seen = store.seenBy({
      turn: (label, effect) => this.#turn(process, label, effect),
      look: (effect) => (process.alive ? effect() : never()),
      mishap: (call) => this.#mishap('store', call),
      committing: (lease, batch, state) => {
        this.#count(batch);
        this.#world.noteLinks(batch.links ?? []);
        for (const { event, detail } of batch.journal ?? []) {
          if (event === 'keptBoth') this.#world.noteKeptBoth(detail.ids as Readonly<Record<Side, string | null>>);
        }
        this.#guarded(() => checkCommit(this.#world, lease, batch, state));
      },
      dies: (batch, state, when) => this.#diesAround(process, batch, state, when),
    });
    // F23 and F24 would strike here, between the engine and a connector on the far end of a wire.
    const connect = (side: Side): Connector => connectorOf(sides[side], setting, this.#wire(process, side));
    return {
      store: this.#sabotage.store?.(seen) ?? (seen as Store),
      open: async (_pair, side) => ({
        ok: true,
        value: this.#sabotage.connector?.(connect(side), side) ?? connect(side),
      }),
      policy: () => setting.policy,
      cadence: defaultCadence,
      tunables: setting.tunables,
      ports: this.#ports(process),
    };
  }

  #count(batch: StateBatch): void {
    const { counts } = this.#world;
    for (const rows of [batch.links, batch.items, batch.intents, batch.journal]) this.#rows += rows?.length ?? 0;
    counts.commits += 1;
    counts.note(batch, this.#world.afterwards);
  }

  #diesAround(process: Process, batch: StateBatch, state: PairState, when: 'before' | 'after'): boolean {
    const crash = this.#crash;
    if (!process.alive || crash?.at !== 'commit' || crash.when !== when) return false;
    if (!carriedBy(batch, state).has(crash.carries) || this.#raise(`commit ${crash.carries}`) !== crash.nth)
      return false;
    this.#die(process, `${when} commit of ${crash.carries}`);
    return true;
  }

  #ports(process: Process): Ports {
    const world = this.#world;
    return {
      clock: { now: () => world.engineNow() },
      timer: { sleep: () => Promise.reject(new Error('a pass does not sleep')) },
      random: { fraction: () => this.#chance.fraction(), bytes: (count) => this.#chance.bytes(count) },
      log: (event) => {
        if (event.event !== 'dispatch.defect' || !process.alive) return;
        this.#broken ??= new Violation('defect', world.step, String(event.message));
      },
      crashPoint: (label) => {
        const nth = this.#raise(`label ${label}`);
        raise(world.counts.crashPoints, label);
        const crash = this.#crash;
        if (!process.alive || crash?.at !== 'label' || crash.label !== label || crash.nth !== nth) return;
        this.#die(process, label);
        throw new Crashed(label);
      },
    };
  }

  #wire(process: Process, side: Side): Wire {
    const world = this.#world;
    return {
      turn: (label, effect) => {
        const underWay = this.#waiting.filter((one) => one.process === process && one.label.startsWith(`${side}.`));
        this.#guarded(() => checkCall(world, label, underWay.length));
        return this.#turn(process, label, async () => {
          this.#guarded(() => world.refuseUnwelcome(side, process.owner, label, trembleMs(world.setting.clock)));
          world.counts.calls += 1;
          return effect();
        });
      },
      mishap: (call) => this.#mishap(side, call),
      nowMs: () => world.nowMs,
      later: (delayMs, effect) => world.later(delayMs, effect),
      arrived: (kind, write: Arrived) => {
        this.#writes += 1;
        world.arriving(side, write, process.owner);
        this.#guarded(() => checkWrite(world, side, kind, write));
      },
      twin: (id, first) => world.noteTwin(id, first),
      unseen: (ids) => world.noteUnseen(ids),
      removed: (id) => world.parted(id),
      conflict: (id) => world.noteConflict(side, id),
      late: (id, created) => world.noteLate(side, id, created),
      throttled: (forMs) => {
        if (process.alive) world.throttle(side, process.owner, forMs);
      },
    };
  }

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

  #mishap(on: Mishap['on'], call: Call): Mishap | undefined {
    const nth = this.#raise(`${on}.${call}`);
    const found = this.#pass.mishaps.find((one) => one.on === on && one.call === call && one.nth === nth);
    if (found !== undefined) {
      this.#world.mishappens(found);
      // No more room: this commit fails, and so do all that follow until somebody makes some.
      if (call === 'commit' && found.arg % 3 === 2) this.#diskFull = true;
      return found;
    }
    return call === 'commit' && this.#diskFull ? { on, call, nth, fault: 'F20', arg: 0 } : undefined;
  }

  /** How often this happened before in this pass. */
  #raise(name: string): number {
    const nth = this.#nth.get(name) ?? 0;
    this.#nth.set(name, nth + 1);
    return nth;
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}
