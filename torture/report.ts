/** What a row of seeds amounts to: numbers for machines, one page for people. */
import { cellOf, type State } from '#engine/plan/cells.ts';
import { Counts } from './counts.ts';
import { crashLabels } from './crash-labels.ts';
import { generate } from './generate.ts';
import { run } from './run.ts';
import { type FaultId, faultIds, type Script } from './script.ts';

export interface Failure {
  readonly seed: number;
  readonly invariant: string;
  readonly step: number;
  readonly message: string;
}

export interface Report {
  readonly seeds: { readonly run: number; readonly passed: number; readonly failed: number };
  /** Seeds whose second run was not the same. */
  readonly replayMismatches: number;
  readonly durationMs: number;
  readonly seedsPerSecond: number;
  readonly virtualHours: number;
  readonly cycles: number;
  readonly userEdits: number;
  readonly remoteCalls: number;
  readonly remoteWrites: number;
  readonly commits: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly faultPairs: { readonly covered: number; readonly possible: number };
  readonly crashes: number;
  readonly crashPoints: {
    readonly hit: number;
    readonly total: number;
    readonly hits: Readonly<Record<string, number>>;
  };
  readonly cells: { readonly hit: number; readonly total: number; readonly hits: Readonly<Record<string, number>> };
  readonly acts: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
  readonly rules: Readonly<Record<string, number>>;
  /** How unanswered writes ended. */
  readonly unknownOutcomes: { readonly foundByKey: number; readonly sentAgain: number; readonly twinsRemoved: number };
  readonly passesToQuiet: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly amnesia: Readonly<Record<Script['amnesia'], number>>;
  readonly violations: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
}

export interface Survey {
  readonly firstSeed: number;
  readonly seeds: number;
  /** Run every seed twice and compare. */
  readonly twice: boolean;
  /** Milliseconds of the machine, for the speed alone. */
  readonly nowMs: () => number;
  readonly onFailure?: (failure: Failure) => void;
}

export async function survey({ firstSeed, seeds, twice, nowMs, onFailure }: Survey): Promise<Report> {
  const startedMs = nowMs();
  const counts = new Counts();
  const failures: Failure[] = [];
  const passes: number[] = [];
  const pairs = new Set<string>();
  const amnesia = { none: 0, cursors: 0, rollBack: 0, store: 0 };
  let mismatches = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const script = generate(seed);
    const result = await run(script);
    counts.add(result.counts);
    passes.push(result.passesToQuiet);
    amnesia[script.amnesia] += 1;
    notePairs(pairs, [...result.counts.faults.keys()]);
    const again = twice ? await run(script) : result;
    const different = again.trace !== result.trace;
    if (different) mismatches += 1;
    if (result.violation === undefined && !different) continue;
    const { invariant, step, message } = result.violation ?? {
      invariant: 'nondeterminism',
      step: 0,
      message: 'the second run differs',
    };
    const failure = { seed, invariant, step, message };
    failures.push(failure);
    onFailure?.(failure);
  }
  const durationMs = nowMs() - startedMs;
  return reportOf({ seeds, counts, failures, passes, pairs, amnesia, mismatches, durationMs });
}

function notePairs(pairs: Set<string>, kinds: readonly string[]): void {
  for (const one of kinds) for (const two of kinds) if (one < two) pairs.add(`${one} ${two}`);
}

interface Sums {
  readonly seeds: number;
  readonly counts: Counts;
  readonly failures: readonly Failure[];
  readonly passes: readonly number[];
  readonly pairs: ReadonlySet<string>;
  readonly amnesia: Report['amnesia'];
  readonly mismatches: number;
  readonly durationMs: number;
}

function reportOf(sums: Sums): Report {
  const { counts, failures, seeds, durationMs } = sums;
  const events = plain(counts.events);
  const violations: Record<string, number> = {};
  for (const { invariant } of failures) violations[invariant] = (violations[invariant] ?? 0) + 1;
  const cells = Object.fromEntries(allCells().map((id) => [id, counts.cells.get(id) ?? 0]));
  const points = Object.fromEntries(crashLabels.map((label) => [label, counts.crashPoints.get(label) ?? 0]));
  const sorted = [...sums.passes].sort((one, two) => one - two);
  const quantile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    seeds: { run: seeds, passed: seeds - failures.length, failed: failures.length },
    replayMismatches: sums.mismatches,
    durationMs: Math.round(durationMs),
    seedsPerSecond: Math.round((seeds * 10_000) / Math.max(durationMs, 1)) / 10,
    virtualHours: Math.round(counts.virtualMs / 3_600_000),
    cycles: counts.passes,
    userEdits: counts.edits,
    remoteCalls: counts.calls,
    remoteWrites: counts.writes,
    commits: counts.commits,
    faults: Object.fromEntries(faultIds.map((id: FaultId) => [id, counts.faults.get(id) ?? 0])),
    faultPairs: { covered: sums.pairs.size, possible: (faultIds.length * (faultIds.length - 1)) / 2 },
    crashes: counts.crashes,
    crashPoints: { ...hitsOf(points), hits: points },
    cells: { ...hitsOf(cells), hits: cells },
    acts: plain(counts.acts),
    events,
    rules: plain(counts.rules),
    unknownOutcomes: {
      foundByKey: events.foundByKey ?? 0,
      sentAgain: events.neverArrived ?? 0,
      twinsRemoved: events.twinRemoved ?? 0,
    },
    passesToQuiet: { p50: quantile(0.5), p99: quantile(0.99), max: sorted.at(-1) ?? 0 },
    amnesia: sums.amnesia,
    violations,
    failures,
  };
}

/** Cells that decide something; waiting and doing nothing leave no trace. */
function allCells(): readonly string[] {
  const states: readonly State[] = ['same', 'edited', 'gone', 'out', 'new', 'absent', 'unknown'];
  const cells = states.flatMap((crm) => states.map((mailbox) => cellOf(crm, mailbox)));
  return cells.filter(({ action }) => action !== 'nothing' && action !== 'wait').map(({ id }) => id);
}

function hitsOf(counts: Readonly<Record<string, number>>): { readonly hit: number; readonly total: number } {
  const all = Object.values(counts);
  return { hit: all.filter((count) => count > 0).length, total: all.length };
}

function plain(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([one], [two]) => (one < two ? -1 : 1)));
}

/** One page. */
export function pageOf(report: Report): string {
  const { seeds, crashPoints, cells, faultPairs, passesToQuiet, unknownOutcomes } = report;
  const row = (name: string, value: string | number): string => `${name.padEnd(34)} ${value}`;
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  const missed = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .filter(([, count]) => count === 0)
      .map(([name]) => name)
      .join(', ');
  const lines = [
    row('seeds run / passed / failed', `${seeds.run} / ${seeds.passed} / ${seeds.failed}`),
    row('second runs that differed', report.replayMismatches),
    row('seeds per second', report.seedsPerSecond),
    row('virtual hours', report.virtualHours),
    row('passes, users’ edits', `${report.cycles}, ${report.userEdits}`),
    row('remote calls, writes, commits', `${report.remoteCalls}, ${report.remoteWrites}, ${report.commits}`),
    row('faults', list(report.faults)),
    row('fault pairs met / possible', `${faultPairs.covered} / ${faultPairs.possible}`),
    row('crashes', report.crashes),
    row('crash points passed / all', `${crashPoints.hit} / ${crashPoints.total} ${missed(crashPoints.hits)}`.trimEnd()),
    row('cells decided / all', `${cells.hit} / ${cells.total} ${missed(cells.hits)}`.trimEnd()),
    row('acts of people', list(report.acts)),
    row('rules that overruled a value', list(report.rules)),
    row(
      'unanswered creates',
      `found ${unknownOutcomes.foundByKey}, sent again ${unknownOutcomes.sentAgain}, twins removed ${unknownOutcomes.twinsRemoved}`,
    ),
    row('passes to quiet p50 / p99 / max', `${passesToQuiet.p50} / ${passesToQuiet.p99} / ${passesToQuiet.max}`),
    row('amnesia', list(report.amnesia)),
    row('violations', list(report.violations)),
    ...report.failures.map(({ seed, invariant, step, message }) =>
      `  seed ${seed}, step ${step}, ${message.startsWith(invariant) ? message : `${invariant}: ${message}`}`.slice(
        0,
        240,
      ),
    ),
  ];
  return lines.join('\n');
}
