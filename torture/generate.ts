/** Draws a script from a seed: a random world, a random subset of faults, people who meet at the same items. */

import type { OutReason } from '#contract/connector.ts';
import { type ConflictRule, defaultPolicy, essentialGroups, type KindPolicy, type Policy } from '#engine/policy.ts';
import { defaultTunables, type Tunables } from '#engine/task.ts';
import { groups } from '#model/groups.ts';
import { type Kind, kinds } from '#model/item.ts';
import type { Side, SyncLevel } from '#store/port.ts';
import { crashLabels } from './crash-labels.ts';
import {
  type Act,
  type Amnesia,
  type Call,
  type Carried,
  type ClockShape,
  type Crash,
  carriedKinds,
  type FaultId,
  type Mishap,
  type PassStep,
  type Script,
  type Setting,
  type Step,
} from './script.ts';
import { type Stream, stream } from './streams.ts';

const bothSides: readonly Side[] = ['crm', 'mailbox'];
const reading: readonly Call[] = ['changes', 'read', 'find'];
const writing: readonly Call[] = ['create', 'update', 'remove'];

/** Which calls a fault can strike. */
const strikes: Readonly<Partial<Record<FaultId, readonly Call[]>>> = {
  F1: [...reading, ...writing],
  F2: writing,
  F3: writing,
  F4: writing,
  F5: [...reading, ...writing],
  F6: [...reading, ...writing],
  F7: [...reading, ...writing],
  F8: [...reading, ...writing],
  F9: ['changes', 'create', 'update'],
  F10: ['changes'],
  F11: ['changes'],
  F12: ['update', 'remove'],
  F13: ['read', 'create', 'update'],
  F17: ['changes', 'create'],
  F20: ['commit', 'look'],
  F25: writing,
  F26: ['find'],
};

export function generate(seed: number): Script {
  const world = stream(seed, 'world');
  const users = stream(seed, 'users');
  const streams = {
    users,
    network: stream(seed, 'network'),
    store: stream(seed, 'store'),
    crash: stream(seed, 'crash'),
    clock: stream(seed, 'clock'),
    schedule: stream(seed, 'schedule'),
  };
  const setting = drawSetting(world);
  const chosen = chooseFaults(world);
  const kindsUsed = world.chance(0.4) ? [world.pick(kinds)] : kinds;
  const steps: Step[] = [];
  const start = world.chance(0.03) ? world.pick([40, 80]) : world.below(12);
  for (let count = 0; count < start; count += 1) {
    const side = users.pick(bothSides);
    const act = users.chance(0.3) ? 'createBoth' : 'create';
    steps.push({ kind: 'act', act: { act, side, kind: users.pick(kindsUsed), shape: users.below(60) } });
  }
  const length = 4 + world.below(26);
  for (let count = 0; count < length; count += 1) steps.push(drawStep(streams, chosen, kindsUsed, setting));
  const ending = stream(seed, 'ending');
  const amnesia: Amnesia = ending.chance(0.6) ? 'none' : ending.pick(['cursors', 'rollBack', 'store'] as const);
  const sick = ending.chance(0.15) ? 1 + ending.below(3) : undefined;
  return { seed, setting, steps, amnesia, ...(sick === undefined ? {} : { sick }) };
}

function drawSetting(world: Stream): Setting {
  const both = <T>(draw: () => T): Readonly<Record<Side, T>> => ({ crm: draw(), mailbox: draw() });
  const level = (): SyncLevel => (world.chance(0.85) ? 'full' : world.pick(['export', 'import', 'none'] as const));
  const tunables: Tunables = {
    ...defaultTunables,
    pageLinks: world.pick([1, 2, 5, 200]),
    passesMax: world.pick([1, 2, 4]),
    recoverMax: world.pick([50, 2_000]),
    leaseMs: world.pick([40, 60_000, 300_000, 3_600_000]),
    quarantineProbeMs: world.pick([60_000, defaultTunables.quarantineProbeMs]),
  };
  const clock = world.chance(0.25) ? drawClock(world) : undefined;
  const stamp = (): number => world.pick([0, -90_000, 30_000]);
  return {
    ...(clock === undefined ? {} : { clock }),
    latencyMs: world.pick([1, 50, 700]),
    pageItems: both(() => world.pick([1, 2, 5, 50])),
    batch: { read: world.pick([1, 3, 20]), write: world.pick([1, 2, 10]) },
    settleMs: world.pick([1_000, 60_000, 600_000]),
    writesReturnItem: both(() => world.chance(0.5)),
    narrow: both(() => world.chance(0.25)),
    rewrites: both(() => world.chance(0.25)),
    ...(world.chance(0.6) ? { stampsOffMs: both(stamp) } : {}),
    tellsOwner: world.chance(0.5),
    levels: Object.fromEntries(kinds.map((kind) => [kind, level()])) as Record<Kind, SyncLevel>,
    policy: drawPolicy(world),
    tunables,
  };
}

function drawClock(world: Stream): ClockShape {
  switch (world.below(4)) {
    case 0:
      return { form: 'offset', amountMs: world.pick([-7_200_000, -600_000, 600_000, 7_200_000]) };
    case 1:
      return { form: 'drift', amountMs: world.pick([-60_000, -100, 100, 60_000]) };
    case 2:
      return { form: 'periodic', amountMs: world.pick([1_000, 600_000]) };
    default:
      return { form: 'noise', amountMs: world.pick([20, 900]) };
  }
}

function drawPolicy(world: Stream): Policy {
  const brake = world.pick([
    defaultPolicy.brake,
    { ...defaultPolicy.brake, removals: { itemsMin: 1, share: 0 }, overwrites: { itemsMin: 1, share: 0 } },
    { ...defaultPolicy.brake, removals: { itemsMin: 2, share: 0.3 } },
  ]);
  const kindsOwn = kinds.filter(() => world.chance(0.3)).map((kind) => [kind, drawKindPolicy(world, kind)] as const);
  return {
    ...defaultPolicy,
    conflict: world.chance(0.5) ? world.pick(['crmWins', 'mailboxWins'] as const) : world.pick(conflictRules),
    undecided: world.pick(['crmWins', 'mailboxWins'] as const),
    newestSkewMs: world.pick([0, 60_000]),
    editAgainstDelete: world.chance(0.7) ? 'editWins' : world.pick(['deleteWins', 'hold'] as const),
    ...(kindsOwn.length === 0 ? {} : { kinds: Object.fromEntries(kindsOwn) }),
    deletions: { crm: world.chance(0.85), mailbox: world.chance(0.9) },
    scopeExit: world.chance(0.6) ? 'removeCopy' : 'leave',
    archiveDays: world.chance(0.8) ? defaultPolicy.archiveDays : { event: world.pick([1, 30]), task: 7 },
    pastDays: world.chance(0.8) ? defaultPolicy.pastDays : { event: world.pick([1, 30]), task: 7 },
    brake: { ...defaultPolicy.brake, ...brake },
  };
}

const conflictRules: readonly ConflictRule[] = ['newestWins', 'organizerWins', 'owner', 'keepBoth', 'hold'];

function drawKindPolicy(world: Stream, kind: Kind): KindPolicy {
  const names = groups[kind].filter((group) => group.shape !== 'server').map((group) => group.name);
  // People are told by names and titles here.
  const crossing = names.filter((name) => !essentialGroups[kind].includes(name) && name !== 'title');
  const some = <T>(from: readonly string[], draw: () => T): Readonly<Record<string, T>> =>
    Object.fromEntries(from.filter(() => world.chance(0.2)).map((name) => [name, draw()]));
  return {
    ...(world.chance(0.3) ? { conflict: world.pick(conflictRules) } : {}),
    groups: some(names, () => world.pick(['crmWins', 'mailboxWins', ...conflictRules] as const)),
    ...(world.chance(0.3) ? { editAgainstDelete: world.pick(['editWins', 'deleteWins', 'hold'] as const) } : {}),
    directions: some(crossing, () => world.pick(['toCrm', 'toMailbox', 'off'] as const)),
  };
}

interface Chosen {
  readonly faults: readonly FaultId[];
  /** Mean number of mishaps in a pass. */
  readonly intensity: number;
  readonly crashes: number;
  readonly stalls: number;
  readonly disasters: number;
}

/** Swarm: each seed gets its own subset, so that rare combinations are not drowned by common ones. */
function chooseFaults(world: Stream): Chosen {
  const all = Object.keys(strikes) as FaultId[];
  const share = world.pick([0, 0.15, 0.4, 0.7, 1]);
  return {
    faults: all.filter(() => world.chance(share)),
    intensity: world.pick([0.5, 1.5, 4]),
    crashes: world.pick([0, 0, 0.15, 0.4]),
    stalls: world.pick([0, 0, 0.15, 0.4]),
    disasters: world.pick([0, 0, 0.05, 0.15]),
  };
}

type Streams = Readonly<Record<'users' | 'network' | 'store' | 'crash' | 'clock' | 'schedule', Stream>>;

function drawStep(streams: Streams, chosen: Chosen, used: readonly Kind[], setting: Setting): Step {
  const { users, clock, store } = streams;
  if (store.chance(chosen.disasters)) return drawDisaster(streams);
  if (clock.chance(0.08)) {
    return clock.chance(0.5)
      ? { kind: 'wait', ms: clock.pick([1_000, setting.settleMs, 3_600_000, 8 * 24 * 3_600_000]) }
      : { kind: 'clock', stepMs: clock.pick([-3_600_000, -500, 500, setting.settleMs, 3_600_000]) };
  }
  if (users.chance(0.5)) return { kind: 'act', act: drawAct(users, used) };
  return drawPass(streams, chosen, used);
}

function drawPass(
  { users, network, store, crash, schedule }: Streams,
  chosen: Chosen,
  used: readonly Kind[],
): PassStep {
  const mishaps: Mishap[] = [];
  while (chosen.faults.length > 0 && network.chance(chosen.intensity / (1 + chosen.intensity))) {
    const fault = network.pick(chosen.faults);
    const call = network.pick(strikes[fault] as readonly Call[]);
    const on = call === 'commit' || call === 'look' ? 'store' : network.pick(bothSides);
    const nth = call === 'find' ? 0 : network.chance(0.6) ? network.below(2) : network.below(call === 'look' ? 40 : 8);
    mishaps.push({ on, call, nth, fault, arg: network.below(60) });
  }
  const acts: PassStep['acts'][number][] = [];
  while (users.chance(0.25)) {
    const act = drawAct(users, used);
    // Made while one side was already read, the two could not be recognised as the same.
    if (act.act !== 'createBoth') acts.push({ at: 1 + users.below(30), act });
  }
  const order = schedule.chance(0.5) ? [] : Array.from({ length: 5 }, () => schedule.below(2));
  const stall = store.chance(chosen.stalls) ? store.below(25) : undefined;
  const died = crash.chance(chosen.crashes) ? drawCrash(crash) : undefined;
  const tail = crash.chance(0.1) ? 1 + crash.below(3) : undefined;
  const dies = died === undefined || tail === undefined ? died : { ...died, tail };
  return {
    kind: 'pass',
    mishaps,
    acts,
    order,
    ...(dies === undefined ? {} : { crash: dies }),
    ...(stall === undefined ? {} : { stall }),
  };
}

/** What few commits carry: a death that waits for it may come to nothing, so it is chosen more often. */
const rarelyCarried: readonly Carried[] = [
  'remap',
  'twinRemoved',
  'quarantineEnter',
  'quarantineLeave',
  'brake',
  'tombstone',
];

function drawCrash(crash: Stream): Crash {
  const inFlight = crash.pick(['lost', 'done'] as const);
  const how = crash.below(10);
  const few = crash.chance(0.7) ? 0 : crash.below(4);
  if (how < 3) return { at: 'call', nth: crash.below(30), inFlight };
  if (how < 6) return { at: 'label', label: crash.pick(crashLabels), nth: few, inFlight };
  const when = crash.pick(['before', 'after'] as const);
  const carries = crash.pick(crash.chance(0.5) ? rarelyCarried : carriedKinds);
  return { at: 'commit', carries, when, nth: carries === 'cursor' ? crash.below(4) : 0, inFlight };
}

function drawDisaster({ store, users }: Streams): Step {
  const side = store.pick(bothSides);
  switch (store.below(9)) {
    case 0:
    case 1:
      return { kind: 'loseCursors', side };
    case 2:
      return { kind: 'migrate', side };
    case 3:
      return { kind: 'hide', side };
    case 4:
      return { kind: 'show', side };
    case 5:
      return { kind: 'poison', side, pick: users.below(6), form: store.below(2) };
    case 6:
      return { kind: 'rewrite', side, pick: users.below(4) };
    case 7:
      return { kind: 'rollBack', commits: 1 + store.below(20) };
    default:
      return store.chance(0.4) ? { kind: 'loseStore' } : { kind: 'releaseBrakes' };
  }
}

const reasons: readonly OutReason[] = ['unlisted', 'reassigned', 'moved', 'window', 'access', 'converted'];

function drawAct(users: Stream, used: readonly Kind[]): Act {
  const side = users.pick(bothSides);
  const pick = users.chance(0.6) ? users.below(2) : users.below(12);
  const roll = users.below(100);
  if (roll < 18) return { act: 'create', side, kind: users.pick(used), shape: users.below(60) };
  if (roll < 48) return { act: 'edit', side, pick, field: users.below(8), fields: users.chance(0.3) ? 1 : 0 };
  if (roll < 58) return { act: 'delete', side, pick };
  if (roll < 61) return { act: 'restore', side, pick };
  if (roll < 65) return { act: 'copy', side, pick };
  if (roll < 69) return { act: 'move', side, pick };
  if (roll < 79)
    return {
      act: 'occurrence',
      side,
      pick,
      which: users.below(8),
      how: users.pick(['change', 'change', 'exclude', 'reset'] as const),
    };
  if (roll < 83) return { act: 'rule', side, pick, shape: users.below(60) };
  if (roll < 85) return { act: 'split', side, pick, which: users.below(3) };
  if (roll < 89) return { act: 'release', side, pick, reason: users.pick(reasons) };
  if (roll < 91) return { act: 'takeBack', side, pick };
  if (roll < 94)
    return {
      act: 'import',
      side,
      kind: users.pick(used),
      key: users.pick(['foreign', 'none', 'none', 'malformed'] as const),
    };
  if (roll < 97) return { act: 'createBoth', side, kind: users.pick(used), shape: users.below(60) };
  return users.chance(0.5)
    ? { act: 'bulkEdit', side, field: users.below(8) }
    : { act: 'bulkDelete', side, share: users.pick([0.2, 0.6, 1]) };
}
