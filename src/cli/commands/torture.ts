/** `liaison torture`: the whole engine in a simulated world, seed by seed or from a saved script. */
import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { explain } from '#torture/explain.ts';
import { generate } from '#torture/generate.ts';
import { plant } from '#torture/plant.ts';
import { pageOf, survey } from '#torture/report.ts';
import { run } from '#torture/run.ts';
import { sabotages } from '#torture/sabotage.ts';
import type { Script } from '#torture/script.ts';
import { shrink } from '#torture/shrink.ts';
import { complain, type Surroundings } from '../command.ts';
import type { Console } from '../console.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';

interface TortureOptions {
  readonly seed: string;
  readonly seeds: string;
  readonly script?: string;
  readonly save?: string;
  readonly shrink: boolean;
  readonly explain: boolean;
  readonly once: boolean;
  readonly planted: boolean;
  readonly json: boolean;
}

/** Seeds spent on one planted bug. */
const plantedSeedsMax = 5_000;

export function tortureCommand({ console, end }: Surroundings): Command {
  return new Command('torture')
    .description('run the whole engine in a simulated world of users, faults and crashes, and check its promises')
    .option('--seed <number>', 'first seed', '1')
    .option('--seeds <number>', 'how many seeds', '1')
    .option('--script <file>', 'run a saved script instead')
    .option('--shrink', 'shorten the first failing script', false)
    .option('--save <file>', 'write that script to a file')
    .option('--explain', 'print what happened, line by line', false)
    .option('--once', 'do not run every seed twice', false)
    .option('--planted', 'plant known bugs instead, and see whether each is noticed', false)
    .option('--json', 'print JSON', false)
    .action(async (options: TortureOptions) => {
      const [seed, seeds] = [Number(options.seed), Number(options.seeds)];
      if (!Number.isInteger(seed) || !Number.isInteger(seeds) || seeds < 1) {
        complain(console, '--seed and --seeds want whole numbers');
        return end(exitCode.usage);
      }
      if (options.planted) return end(await plantAll(console, seed, options.json));
      if (options.script === undefined && seeds > 1 && !options.shrink) {
        return end(await surveySeeds(console, seed, seeds, options));
      }
      return end(await runOne(console, await scriptOf(options, seed, seeds), options));
    });
}

async function surveySeeds(console: Console, seed: number, seeds: number, options: TortureOptions): Promise<ExitCode> {
  const report = await survey({ firstSeed: seed, seeds, twice: !options.once, nowMs: () => performance.now() });
  console.out(options.json ? JSON.stringify(report) : pageOf(report));
  return report.seeds.failed === 0 ? exitCode.ok : exitCode.failed;
}

/** The saved script, or that of the first failing seed, or of the last one. */
async function scriptOf(options: TortureOptions, seed: number, seeds: number): Promise<Script> {
  if (options.script !== undefined) return JSON.parse(await readFile(options.script, 'utf8')) as Script;
  for (let next = seed; next < seed + seeds - 1; next += 1) {
    const script = generate(next);
    if ((await run(script)).violation !== undefined) return script;
  }
  return generate(seed + seeds - 1);
}

async function runOne(console: Console, given: Script, options: TortureOptions): Promise<ExitCode> {
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

async function plantAll(console: Console, seed: number, json: boolean): Promise<ExitCode> {
  const found = [];
  for (const name of Object.keys(sabotages)) {
    const planted = await plant(name, seed, plantedSeedsMax);
    found.push(planted);
    const seeds = String(planted.seeds ?? 'survived').padStart(8);
    if (!json) console.out(`${seeds} ${(planted.invariant ?? '').padEnd(4)} ${name}`);
  }
  if (json) console.out(JSON.stringify(found));
  return found.every(({ seeds }) => seeds !== undefined) ? exitCode.ok : exitCode.failed;
}
