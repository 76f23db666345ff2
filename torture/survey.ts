/** Runs a row of seeds and sums up; the sums of several rows, run on several threads, add up to those of one. */
import { Counts } from './counts.ts';
import { generate } from './generate.ts';
import { run } from './run.ts';
import { type FaultId, onlyFaults } from './script.ts';

export interface Failure {
  readonly seed: number;
  readonly invariant: string;
  readonly step: number;
  readonly message: string;
}

export interface Row {
  readonly firstSeed: number;
  readonly seeds: number;
  /** Run every seed twice and compare. */
  readonly twice: boolean;
  /** Nothing else goes wrong; absent: whatever the seed has chosen. */
  readonly faults?: readonly FaultId[] | undefined;
}

/** Plain data apart from `counts`. */
export interface Sums {
  seeds: number;
  /** Seeds whose second run was not the same. */
  mismatches: number;
  readonly counts: Counts;
  readonly failures: Failure[];
  /** Passes from the end of chaos to quiet, one number per seed. */
  readonly passes: number[];
  /** Kinds of faults that met in one seed, `F1 F2`. */
  readonly pairs: Set<string>;
  readonly endings: Map<string, number>;
  /** Hashes of the states in which passes ended. */
  readonly states: Set<number>;
}

export function emptySums(): Sums {
  return {
    seeds: 0,
    mismatches: 0,
    counts: new Counts(),
    failures: [],
    passes: [],
    pairs: new Set(),
    endings: new Map(),
    states: new Set(),
  };
}

export async function survey(row: Row): Promise<Sums> {
  const sums = emptySums();
  for (let seed = row.firstSeed; seed < row.firstSeed + row.seeds; seed += 1) await surveySeed(sums, seed, row);
  return sums;
}

async function surveySeed(sums: Sums, seed: number, { twice, faults }: Row): Promise<void> {
  const drawn = generate(seed);
  const script = faults === undefined ? drawn : onlyFaults(drawn, faults);
  const result = await run(script);
  sums.seeds += 1;
  sums.counts.add(result.counts);
  sums.passes.push(result.passesToQuiet);
  for (const ending of result.endings) sums.endings.set(ending, (sums.endings.get(ending) ?? 0) + 1);
  for (const state of result.states) sums.states.add(state);
  const met = [...result.counts.faults.keys()].sort();
  for (const one of met) for (const two of met) if (one < two) sums.pairs.add(`${one} ${two}`);
  const different = twice && (await run(script)).trace !== result.trace;
  if (different) sums.mismatches += 1;
  const { violation } = result;
  if (violation !== undefined) {
    sums.failures.push({ seed, invariant: violation.invariant, step: violation.step, message: violation.message });
  } else if (different) {
    sums.failures.push({ seed, invariant: 'nondeterminism', step: 0, message: 'the second run differs' });
  }
}

export function addSums(sums: Sums, more: Sums): void {
  sums.seeds += more.seeds;
  sums.mismatches += more.mismatches;
  sums.counts.add(more.counts);
  sums.failures.push(...more.failures);
  sums.failures.sort((one, two) => one.seed - two.seed);
  sums.passes.push(...more.passes);
  for (const pair of more.pairs) sums.pairs.add(pair);
  for (const [ending, count] of more.endings) sums.endings.set(ending, (sums.endings.get(ending) ?? 0) + count);
  for (const state of more.states) sums.states.add(state);
}
