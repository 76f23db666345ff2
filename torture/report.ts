/** What a row of seeds amounts to, as numbers for machines. `page.ts` makes the page for people of it. */
import { cellOf, type State } from '#engine/plan/cells.ts';
import { crashLabels } from './crash-labels.ts';
import type { Planted } from './plant.ts';
import { carriedKinds, faultIds, outsideThisWorld } from './script.ts';
import type { Failure, Sums } from './survey.ts';
import { invariantIds } from './violation.ts';

type Hits = Readonly<Record<string, number>>;

interface Coverage {
  readonly hit: number;
  readonly total: number;
  readonly hits: Hits;
  readonly missed: readonly string[];
}

export interface Report {
  readonly commit: string | undefined;
  readonly date: string;
  readonly node: string;
  readonly threads: number;
  readonly durationMs: number;
  readonly seeds: { readonly first: number; readonly run: number; readonly passed: number; readonly failed: number };
  readonly seedsPerSecond: number;
  /** Seeds whose second run was not the same. */
  readonly replayMismatches: number;
  readonly virtualHours: number;
  readonly cycles: number;
  readonly userEdits: number;
  readonly userEditsDuringWrites: number;
  readonly remoteCalls: number;
  readonly remoteWrites: number;
  readonly commits: number;
  readonly faults: Coverage;
  /** Kinds of faults that cannot strike in this world; the tests with real processes have them. */
  readonly faultsElsewhere: readonly string[];
  readonly faultPairs: { readonly covered: number; readonly possible: number };
  readonly crashes: { readonly all: number; readonly inRecovery: number; readonly at: Hits };
  readonly crashPoints: Coverage;
  /** Deaths right before or after a commit that carried this. */
  readonly crashedCommits: Coverage;
  readonly cells: Coverage;
  readonly acts: Hits;
  readonly events: Hits;
  /** Rules that overruled a value. */
  readonly rules: Hits;
  /** Groups that merges of two edited sides wrote, by shape. */
  readonly merges: Hits;
  readonly unknownOutcomes: { readonly found: number; readonly sentAgain: number };
  readonly twins: { readonly made: number; readonly removed: number };
  readonly passesToQuiet: { readonly p50: number; readonly p99: number; readonly max: number };
  /** What followed silence: how often, and what the engine then did. */
  readonly amnesia: {
    readonly runs: Hits;
    readonly relinked: number;
    readonly held: number;
    readonly created: number;
    readonly removed: number;
  };
  readonly states: { readonly unique: number; readonly perMinute: number };
  readonly violations: Hits;
  readonly failures: readonly Failure[];
  readonly planted: PlantedReport | undefined;
}

export interface PlantedReport {
  readonly bugs: number;
  readonly caught: number;
  readonly seedsMedian: number;
  readonly seedsMax: number;
  readonly found: readonly {
    readonly name: string;
    readonly invariants: readonly string[];
    readonly survived: number;
    /** Tries in which only a saved script noticed it. */
    readonly byScript: number;
    readonly seedsMedian: number;
  }[];
}

export interface Occasion {
  readonly commit: string | undefined;
  readonly date: string;
  readonly node: string;
  readonly threads: number;
  readonly firstSeed: number;
  readonly durationMs: number;
  readonly planted?: readonly Planted[] | undefined;
}

export function reportOf(sums: Sums, { firstSeed, planted, ...occasion }: Occasion): Report {
  const { counts, failures, seeds } = sums;
  const { durationMs } = occasion;
  const { events, afterwards } = counts;
  return {
    ...occasion,
    durationMs: Math.round(durationMs),
    seeds: { first: firstSeed, run: seeds, passed: seeds - failures.length, failed: failures.length },
    seedsPerSecond: Math.round((seeds * 10_000) / Math.max(durationMs, 1)) / 10,
    replayMismatches: sums.mismatches,
    virtualHours: Math.round(counts.virtualMs / 3_600_000),
    cycles: counts.passes,
    userEdits: counts.edits,
    userEditsDuringWrites: counts.editsDuringWrites,
    remoteCalls: counts.calls,
    remoteWrites: counts.writes,
    commits: counts.commits,
    faults: coverageOf(faultIds, counts.faults),
    faultsElsewhere: outsideThisWorld,
    faultPairs: { covered: sums.pairs.size, possible: (faultIds.length * (faultIds.length - 1)) / 2 },
    crashes: { all: counts.crashes, inRecovery: counts.crashesInRecovery, at: sorted(counts.crashedAt) },
    crashPoints: coverageOf(crashLabels, counts.crashPoints),
    crashedCommits: coverageOf(
      carriedKinds.flatMap((one) => [`before commit of ${one}`, `after commit of ${one}`]),
      counts.crashedAt,
    ),
    cells: coverageOf(allCells(), counts.cells),
    acts: sorted(counts.acts),
    events: sorted(events),
    rules: sorted(counts.rules),
    merges: sorted(counts.merges),
    unknownOutcomes: { found: events.get('foundByKey') ?? 0, sentAgain: events.get('neverArrived') ?? 0 },
    twins: { made: counts.twins, removed: events.get('twinRemoved') ?? 0 },
    passesToQuiet: quantiles(sums.passes),
    amnesia: {
      runs: sorted(sums.endings),
      relinked: sumOf(afterwards, ['matched', 'recognised', 'remapped']),
      held: sumOf(afterwards, ['brakeTripped']),
      created: sumOf(afterwards, ['create']),
      removed: sumOf(afterwards, ['remove']),
    },
    states: { unique: sums.states.size, perMinute: Math.round((sums.states.size * 60_000) / Math.max(durationMs, 1)) },
    violations: coverageOf([...invariantIds, 'defect', 'nondeterminism'], countBy(failures)).hits,
    failures,
    planted: planted === undefined ? undefined : plantedOf(planted),
  };
}

/** What a nightly run may not leave untouched; empty when everything was met and nothing was broken. */
export function shortcomings(report: Report): readonly string[] {
  const short: string[] = [];
  if (report.seeds.failed > 0) short.push(`${report.seeds.failed} seeds broke a promise`);
  if (report.replayMismatches > 0) short.push(`${report.replayMismatches} seeds did not run the same twice`);
  const coverages = { fault: report.faults, 'crash point': report.crashPoints, cell: report.cells };
  for (const [what, { missed }] of Object.entries({ ...coverages, 'death around a commit': report.crashedCommits })) {
    for (const name of missed) short.push(`${what} never met: ${name}`);
  }
  for (const { name, survived } of report.planted?.found ?? []) {
    if (survived > 0) short.push(`planted bug not noticed: ${name}`);
  }
  return short;
}

function plantedOf(planted: readonly Planted[]): PlantedReport {
  const names = [...new Set(planted.map((one) => one.name))];
  const found = names.map((name) => {
    const tries = planted.filter((one) => one.name === name);
    return {
      name,
      invariants: [...new Set(tries.flatMap((one) => one.invariant ?? []))].sort(),
      survived: tries.filter((one) => one.seeds === undefined && one.script === undefined).length,
      byScript: tries.filter((one) => one.script !== undefined).length,
      seedsMedian: median(tries.flatMap((one) => one.seeds ?? [])),
    };
  });
  const seeds = planted.flatMap((one) => one.seeds ?? []);
  return {
    bugs: names.length,
    caught: found.filter((one) => one.survived === 0).length,
    seedsMedian: median(seeds),
    seedsMax: Math.max(0, ...seeds),
    found,
  };
}

/** Cells that decide something; waiting and doing nothing leave no trace. */
function allCells(): readonly string[] {
  const states: readonly State[] = ['same', 'edited', 'gone', 'out', 'new', 'absent', 'unknown'];
  const cells = states.flatMap((crm) => states.map((mailbox) => cellOf(crm, mailbox)));
  return cells
    .filter(({ id, action }) => action !== 'nothing' && action !== 'wait' && !unreachable.has(id))
    .map(({ id }) => id);
}

/** In the table because it has no holes; but a link always names an item. */
const unreachable: ReadonlySet<string> = new Set(['absent/absent']);

function coverageOf(names: readonly string[], counts: ReadonlyMap<string, number>): Coverage {
  const hits = Object.fromEntries(names.map((name) => [name, counts.get(name) ?? 0]));
  const missed = names.filter((name) => hits[name] === 0);
  return { hit: names.length - missed.length, total: names.length, hits, missed };
}

function countBy(failures: readonly Failure[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { invariant } of failures) counts.set(invariant, (counts.get(invariant) ?? 0) + 1);
  return counts;
}

function sumOf(counts: ReadonlyMap<string, number>, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
}

function quantiles(numbers: readonly number[]): Report['passesToQuiet'] {
  const ordered = [...numbers].sort((one, two) => one - two);
  const at = (share: number): number => ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: ordered.at(-1) ?? 0 };
}

function median(numbers: readonly number[]): number {
  return quantiles(numbers).p50;
}

function sorted(counts: ReadonlyMap<string, number>): Hits {
  return Object.fromEntries([...counts].sort(([one], [two]) => (one < two ? -1 : 1)));
}
