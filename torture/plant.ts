/** Tests the tests: how many seeds it takes until a planted bug is noticed. */
import { generate } from './generate.ts';
import { run } from './run.ts';
import { sabotages } from './sabotage.ts';

export interface Planted {
  readonly name: string;
  readonly firstSeed: number;
  /** Seeds until the first violation that the same seed does not show without the bug; undefined: it survived. */
  readonly seeds: number | undefined;
  readonly invariant: string | undefined;
}

export async function plant(name: string, firstSeed: number, seedsMax: number): Promise<Planted> {
  const sabotage = sabotages[name];
  if (sabotage === undefined) throw new Error(`no such planted bug: ${name}`);
  for (let count = 1; count <= seedsMax; count += 1) {
    const script = generate(firstSeed + count - 1);
    const { violation } = await run(script, { sabotage: sabotage() });
    if (violation === undefined) continue;
    const clean = await run(script);
    if (clean.violation === undefined) return { name, firstSeed, seeds: count, invariant: violation.invariant };
  }
  return { name, firstSeed, seeds: undefined, invariant: undefined };
}
