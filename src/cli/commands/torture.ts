/** `liaison torture`: the whole engine in a simulated world, seed by seed or from a saved script. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { explain } from '#torture/explain.ts';
import { generate } from '#torture/generate.ts';
import { pageOf } from '#torture/page.ts';
import type { Planted } from '#torture/plant.ts';
import { plantAll, surveyAll, threadsDefault } from '#torture/pool.ts';
import { type Report, reportOf, shortcomings } from '#torture/report.ts';
import { run } from '#torture/run.ts';
import { sabotages } from '#torture/sabotage.ts';
import { type FaultId, faultIds, onlyFaults, type Script } from '#torture/script.ts';
import { shrink } from '#torture/shrink.ts';
import { emptySums } from '#torture/survey.ts';
import { complain, type Surroundings } from '../command.ts';
import type { Console } from '../console.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';

interface TortureOptions {
  readonly seed: string;
  readonly seeds: string;
  readonly jobs: string;
  readonly faults?: string;
  readonly script?: string;
  readonly save?: string;
  readonly report?: string;
  readonly shrink: boolean;
  readonly explain: boolean;
  readonly once: boolean;
  readonly planted: boolean;
  readonly nightly: boolean;
  readonly json: boolean;
}

/** The options as the work needs them. */
interface Wanted {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly threads: number;
  readonly faults: readonly FaultId[] | undefined;
}

const nightlySeeds = 20_000;
/** Seeds spent on one planted bug from one first seed, and how many first seeds. */
const plantedSeedsMax = 3_000;
const plantedTries = 5;
/** Distance of the first seeds: far enough that no try repeats another. */
const plantedStride = 1_000_003;

export function tortureCommand({ console, end }: Surroundings): Command {
  return new Command('torture')
    .description('run the whole engine in a simulated world of users, faults and crashes, and check its promises')
    .option('--seed <number>', 'first seed; `new` takes one from the clock', '1')
    .option('--seeds <number>', 'how many seeds', '1')
    .option('--jobs <number>', 'threads', String(threadsDefault))
    .option('--faults <ids>', 'nothing else goes wrong, e.g. F2,F19 or none')
    .option('--script <file>', 'run a saved script instead')
    .option('--shrink', 'shorten the first failing script', false)
    .option('--save <file>', 'write that script to a file')
    .option('--explain', 'print what happened, line by line', false)
    .option('--once', 'do not run every seed twice', false)
    .option('--planted', 'plant known bugs as well, and see whether each is noticed', false)
    .option(
      '--nightly',
      `new seeds (${nightlySeeds} unless --seeds says else), planted bugs, nothing may stay untouched`,
      false,
    )
    .option('--report <folder>', 'write report.json and report.md there')
    .option('--json', 'print JSON', false)
    .action(async (options: TortureOptions) => {
      const wanted = wantedOf(options);
      if (typeof wanted === 'string') {
        complain(console, wanted);
        return end(exitCode.usage);
      }
      const one = options.script !== undefined || options.shrink || (wanted.seeds === 1 && !options.planted);
      return end(await (one ? runOne(console, wanted, options) : runMany(console, wanted, options)));
    });
}

function wantedOf(options: TortureOptions): Wanted | string {
  const fresh = options.seed === 'new' || (options.nightly && options.seed === '1');
  const firstSeed = fresh ? Math.floor(Date.now() / 1_000) : Number(options.seed);
  const seeds = options.nightly && options.seeds === '1' ? nightlySeeds : Number(options.seeds);
  const threads = Number(options.jobs);
  if (![firstSeed, seeds, threads].every(Number.isInteger) || seeds < 1 || threads < 1) {
    return '--seed, --seeds and --jobs want whole numbers';
  }
  const named = options.faults === 'none' ? [] : options.faults?.split(',');
  const unknown = named?.find((one) => !faultIds.includes(one as FaultId));
  if (unknown !== undefined) return `no such fault: ${unknown}; there are ${faultIds.join(', ')}`;
  return { firstSeed, seeds, threads, faults: named as readonly FaultId[] | undefined };
}

async function runMany(console: Console, wanted: Wanted, options: TortureOptions): Promise<ExitCode> {
  const startedMs = performance.now();
  const { firstSeed, seeds, threads, faults } = wanted;
  const onlyPlanted = options.planted && seeds === 1;
  const row = { firstSeed, seeds, twice: !options.once, faults };
  const sums = onlyPlanted ? emptySums() : await surveyAll(row, threads);
  const durationMs = performance.now() - startedMs;
  const planted = options.planted || options.nightly ? await plantThem(wanted) : undefined;
  const report = reportOf(sums, {
    commit: await commitNow(),
    date: new Date().toISOString(),
    node: process.version,
    threads,
    firstSeed,
    durationMs,
    planted,
  });
  if (options.report !== undefined) await writeReport(options.report, report);
  console.out(options.json ? JSON.stringify(report) : pageOf(report));
  if (options.nightly) return shortcomings(report).length === 0 ? exitCode.ok : exitCode.failed;
  const survived = report.planted?.found.some((one) => one.survived > 0) === true;
  return report.seeds.failed === 0 && !survived ? exitCode.ok : exitCode.failed;
}

async function plantThem({ firstSeed, threads }: Wanted): Promise<readonly Planted[]> {
  const firstSeeds = Array.from({ length: plantedTries }, (_, index) => firstSeed + index * plantedStride);
  return await plantAll(Object.keys(sabotages), firstSeeds, plantedSeedsMax, threads);
}

async function writeReport(folder: string, report: Report): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(join(folder, 'report.md'), pageOf(report));
}

/** Undefined outside a checkout. */
async function commitNow(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname });
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/** The saved script, or that of the first failing seed, or of the last one. */
async function scriptOf(options: TortureOptions, { firstSeed, seeds, threads, faults }: Wanted): Promise<Script> {
  if (options.script !== undefined) return JSON.parse(await readFile(options.script, 'utf8')) as Script;
  const drawn = (seed: number): Script => (faults === undefined ? generate(seed) : onlyFaults(generate(seed), faults));
  if (seeds === 1) return drawn(firstSeed);
  const row = { firstSeed, seeds, twice: false, faults };
  const sums = await surveyAll(row, threads, undefined, ({ failures }) => failures.length > 0);
  return drawn(sums.failures[0]?.seed ?? firstSeed + seeds - 1);
}

async function runOne(console: Console, wanted: Wanted, options: TortureOptions): Promise<ExitCode> {
  const given = await scriptOf(options, wanted);
  const first = options.shrink ? (await run(given)).violation : undefined;
  const script = first === undefined ? given : (await shrink(given, first.invariant)).script;
  const result = await run(script, { explain: options.explain });
  const same = (await run(script)).trace === result.trace;
  const { violation } = result;
  if (options.save !== undefined) {
    const broke = violation === undefined ? {} : { broke: violation.invariant };
    await writeFile(options.save, `${JSON.stringify({ ...script, ...broke }, null, 1)}\n`);
  }
  if (options.json) {
    const { invariant, step, message } = violation ?? {};
    const { seed, steps } = script;
    console.out(JSON.stringify({ seed, trace: result.trace, same, invariant, step, message, steps }));
  } else if (options.explain) console.out(explain(result));
  else if (violation === undefined) console.out(`seed ${script.seed}: nothing was broken`);
  else console.out(`seed ${script.seed}, step ${violation.step}: ${violation.message}`);
  if (!same) complain(console, 'the second run was not the same as the first');
  return violation === undefined && same ? exitCode.ok : exitCode.failed;
}
