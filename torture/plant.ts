/** Tests the tests: how many seeds it takes until a planted bug is noticed, and whether a saved script does when none does. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from './generate.ts';
import { run } from './run.ts';
import { type Sabotage, sabotages } from './sabotage.ts';
import type { Script } from './script.ts';

export interface Planted {
  readonly name: string;
  readonly firstSeed: number;
  /** Seeds until the first violation that the same seed does not show without the bug; undefined: none noticed it. */
  readonly seeds: number | undefined;
  /** The saved script that notices what no seed did. */
  readonly script: string | undefined;
  readonly invariant: string | undefined;
}

const corpus = join(import.meta.dirname, 'corpus');

export async function plant(name: string, firstSeed: number, seedsMax: number): Promise<Planted> {
  const sabotage = sabotages[name];
  if (sabotage === undefined) throw new Error(`no such planted bug: ${name}`);
  const nobody = { name, firstSeed, seeds: undefined, script: undefined, invariant: undefined };
  for (let count = 1; count <= seedsMax; count += 1) {
    const invariant = await noticed(generate(firstSeed + count - 1), sabotage);
    if (invariant !== undefined) return { ...nobody, seeds: count, invariant };
  }
  for (const script of globSync('*.json', { cwd: corpus }).sort()) {
    const saved = JSON.parse(readFileSync(join(corpus, script), 'utf8')) as Script;
    const invariant = await noticed(saved, sabotage);
    if (invariant !== undefined) return { ...nobody, script, invariant };
  }
  return nobody;
}

/** What the bug breaks in this script, unless it is broken without it as well. */
async function noticed(script: Script, sabotage: () => Sabotage): Promise<string | undefined> {
  const { violation } = await run(script, { sabotage: sabotage() });
  if (violation === undefined) return undefined;
  return (await run(script)).violation === undefined ? violation.invariant : undefined;
}
