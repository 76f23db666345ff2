/**
 * A run written down: every act of a person, every fault, every choice of the schedule. A seed makes a script; a script
 * alone makes a run, so a failing one can be saved, shortened and replayed after the code has changed. Plain JSON.
 */
import type { OutReason } from '#contract/connector.ts';
import type { Policy } from '#engine/policy.ts';
import type { Tunables } from '#engine/task.ts';
import type { Kind } from '#model/item.ts';
import type { Side, SyncLevel } from '#store/port.ts';

/**
 * What a person does. `pick` counts from the item touched last (on either side), so that people on both sides meet at the
 * same items; it wraps around, and an act without an item to do it to does nothing.
 */
export type Act = { readonly side: Side } & (
  | { readonly act: 'create'; readonly kind: Kind; readonly shape: number }
  /** The same item by hand on both sides, before any synchronisation knows it. */
  | { readonly act: 'createBoth'; readonly kind: Kind; readonly shape: number }
  | { readonly act: 'edit'; readonly pick: number; readonly field: number; readonly fields: number }
  | { readonly act: 'delete'; readonly pick: number }
  | { readonly act: 'restore'; readonly pick: number }
  | { readonly act: 'copy'; readonly pick: number }
  | { readonly act: 'move'; readonly pick: number }
  | {
      readonly act: 'occurrence';
      readonly pick: number;
      readonly which: number;
      readonly how: 'change' | 'exclude' | 'reset';
    }
  | { readonly act: 'rule'; readonly pick: number; readonly shape: number }
  | { readonly act: 'split'; readonly pick: number; readonly which: number }
  | { readonly act: 'release'; readonly pick: number; readonly reason: OutReason }
  | { readonly act: 'takeBack'; readonly pick: number }
  /** With a key of another installation, without one, or so that no mailbox would take it. */
  | { readonly act: 'import'; readonly kind: Kind; readonly key: 'foreign' | 'none' | 'malformed' }
  | { readonly act: 'bulkEdit'; readonly field: number }
  | { readonly act: 'bulkDelete'; readonly share: number }
);

/**
 * Ids of the fault catalogue (`docs/torture.md` says what each is). F23 (a host that hangs, dies or mixes up replies) and F24
 * (frames split, too long, of another version) strike between the engine and a connector in another process: they belong
 * around `connectorOf` in `engine-room.ts`, once connectors there speak through a simulated wire.
 */
export const faultIds = [
  'F1',
  'F2',
  'F3',
  'F4',
  'F5',
  'F6',
  'F7',
  'F8',
  'F9',
  'F10',
  'F11',
  'F12',
  'F13',
  'F14',
  'F15',
  'F16',
  'F17',
  'F18',
  'F19',
  'F20',
  'F21',
  'F22',
  'F25',
  'F26',
] as const;
export type FaultId = (typeof faultIds)[number];

export const calls = ['changes', 'read', 'find', 'create', 'update', 'remove', 'commit', 'look'] as const;
/** What can go wrong: the calls of a side, and of the store its commits and its looks. */
export type Call = (typeof calls)[number];

/** The `nth` such call of one pass goes wrong; `arg` chooses among the fault's forms. */
export interface Mishap {
  readonly on: Side | 'store';
  readonly call: Call;
  readonly nth: number;
  readonly fault: FaultId;
  readonly arg: number;
}

export const outsideThisWorld = ['F23', 'F24'] as const;

/**
 * The engine's process dies: at the `nth` passing of a labelled point, around its `nth` call, or right before or after the
 * `nth` commit of this or a later pass that carries something. `tail`: so many commits were never on the disk (F20).
 */
export type Crash = { readonly nth: number; readonly inFlight: 'lost' | 'done'; readonly tail?: number } & (
  | { readonly at: 'label'; readonly label: string }
  | { readonly at: 'call' }
  | { readonly at: 'commit'; readonly carries: Carried; readonly when: 'before' | 'after' }
);

/** What a commit can carry that is worth dying around. */
export const carriedKinds = [
  'cursor',
  'epoch',
  'remap',
  'newLink',
  'intent',
  'base',
  'tombstone',
  'twinRemoved',
  'quarantineEnter',
  'quarantineLeave',
  'brake',
] as const;
export type Carried = (typeof carriedKinds)[number];

export interface PassStep {
  readonly kind: 'pass';
  readonly mishaps: readonly Mishap[];
  /** What people do while the pass runs: before its `at`th call. */
  readonly acts: readonly { readonly at: number; readonly act: Act }[];
  readonly crash?: Crash;
  /** Which of several waiting calls is served next; 0 for all that is not written. */
  readonly order: readonly number[];
  /** Stalls before its nth call; another engine takes over when the lease is out; then the first one wakes up. */
  readonly stall?: number;
}

export type Step =
  | { readonly kind: 'act'; readonly act: Act }
  | PassStep
  | { readonly kind: 'wait'; readonly ms: number }
  /** F18: the engine's clock steps, forward or back. */
  | { readonly kind: 'clock'; readonly stepMs: number }
  /** F10 for all kinds at once. */
  | { readonly kind: 'loseCursors'; readonly side: Side }
  /** F15: every id of the side changes, as after a migration. */
  | { readonly kind: 'migrate'; readonly side: Side }
  /** F17: from now on feed and listing are empty although the items are there, until `show`. */
  | { readonly kind: 'hide'; readonly side: Side }
  | { readonly kind: 'show'; readonly side: Side }
  /** F13: an item that cannot be read or written, until it is healed by an edit. */
  | { readonly kind: 'poison'; readonly side: Side; readonly pick: number; readonly form: number }
  /** F14: the server rewrites an item some time after it was written. */
  | { readonly kind: 'rewrite'; readonly side: Side; readonly pick: number }
  /** F21: the store as it was this many commits ago. */
  | { readonly kind: 'rollBack'; readonly commits: number }
  | { readonly kind: 'loseStore' }
  | { readonly kind: 'releaseBrakes' };

/**
 * F18: how the engine's clock is wrong all the time: ahead or behind, fast or slow (per hour), swinging in the course of a
 * day, trembling.
 */
export interface ClockShape {
  readonly form: 'offset' | 'drift' | 'periodic' | 'noise';
  readonly amountMs: number;
}

/** What the world is like for a whole run. */
export interface Setting {
  /** Absent: right. */
  readonly clock?: ClockShape;
  /** Time between the calls of a pass. */
  readonly latencyMs: number;
  readonly pageItems: Readonly<Record<Side, number>>;
  readonly batch: { readonly read: number; readonly write: number };
  readonly settleMs: number;
  readonly writesReturnItem: Readonly<Record<Side, boolean>>;
  /** The side cannot hold everything. */
  readonly narrow: Readonly<Record<Side, boolean>>;
  /** The server adds something of its own to texts it stores (F14, at once). */
  readonly rewrites: Readonly<Record<Side, boolean>>;
  /** How far each side's stamps are off; a side that is not named tells no time. */
  readonly stampsOffMs?: Readonly<Partial<Record<Side, number>>>;
  /** The CRM tells who owns a record; every second one is somebody else's. */
  readonly tellsOwner?: boolean;
  readonly levels: Readonly<Record<Kind, SyncLevel>>;
  readonly policy: Policy;
  readonly tunables: Tunables;
}

/** What is lost after calm was reached, before calm must be reached once more. */
export type Amnesia = 'none' | 'cursors' | 'rollBack' | 'store';

export interface Script {
  readonly seed: number;
  readonly setting: Setting;
  readonly steps: readonly Step[];
  readonly amnesia: Amnesia;
  /** So many items cannot be read or written when calm begins: all others must come to rest without them (I16). */
  readonly sick?: number;
  /** For saved scripts: one sentence, and the invariant that was broken once. */
  readonly story?: string;
  readonly broke?: string;
}

/** Which fault a step of the world is; undefined for what no fault is. */
const faultOfStep: Readonly<Partial<Record<Step['kind'], FaultId>>> = {
  clock: 'F18',
  loseCursors: 'F10',
  migrate: 'F15',
  hide: 'F17',
  show: 'F17',
  poison: 'F13',
  rewrite: 'F14',
  rollBack: 'F21',
  loseStore: 'F21',
};

/** The same script with nothing going wrong but these. */
export function onlyFaults(script: Script, faults: readonly FaultId[]): Script {
  const has = (id: FaultId | undefined): boolean => id === undefined || faults.includes(id);
  const steps = script.steps
    .filter((step) => has(faultOfStep[step.kind]))
    .flatMap((step): readonly Step[] => {
      if (step.kind === 'act') return has(step.act.act === 'copy' ? 'F16' : undefined) ? [step] : [];
      if (step.kind !== 'pass') return [step];
      const { crash, stall, ...pass } = step;
      const plain = {
        ...pass,
        mishaps: pass.mishaps.filter((one) => has(one.fault)),
        acts: pass.acts.filter(({ act }) => has(act.act === 'copy' ? 'F16' : undefined)),
      };
      return [
        {
          ...plain,
          ...(crash !== undefined && has('F19') ? { crash: has('F20') ? crash : withoutTail(crash) } : {}),
          ...(stall !== undefined && has('F22') ? { stall } : {}),
        },
      ];
    });
  const { clock, ...setting } = script.setting;
  const { sick, ...rest } = script;
  return {
    ...rest,
    ...(sick !== undefined && has('F13') ? { sick } : {}),
    steps,
    setting: {
      ...setting,
      ...(clock !== undefined && has('F18') ? { clock } : {}),
      ...(has('F14') ? {} : { rewrites: { crm: false, mailbox: false } }),
    },
  };
}

function withoutTail({ tail: _, ...crash }: Crash): Crash {
  return crash;
}
