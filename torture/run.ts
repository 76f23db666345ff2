/** Runs a script through its phases: chaos, calm, silence, and for some amnesia and calm again. */
import { checkQuiet } from './check/quiet.ts';
import type { Counts } from './counts.ts';
import { guard } from './guards.ts';
import type { Sabotage } from './sabotage.ts';
import type { Script } from './script.ts';
import { Violation } from './violation.ts';
import { type Line, startMs, World } from './world.ts';

export interface RunResult {
  readonly violation: Violation | undefined;
  /** Equal for equal runs. */
  readonly trace: string;
  readonly counts: Counts;
  /** Passes from the end of chaos to quiet. */
  readonly passesToQuiet: number;
  /** Phases that came after silence. */
  readonly endings: readonly string[];
  /** Hashes of the states in which passes ended. */
  readonly states: ReadonlySet<number>;
  readonly lines: readonly Line[];
}

export interface RunOptions {
  readonly sabotage?: Sabotage;
  readonly explain?: boolean;
}

/** Passes in which an undisturbed engine must come to rest. */
const passesToQuietMax = 40;
const quarantineMs = 8 * 24 * 3_600_000;

export async function run(script: Script, options: RunOptions = {}): Promise<RunResult> {
  const release = guard();
  const world = new World(script, options.sabotage ?? {}, options.explain ?? false);
  const done: Done = { passesToQuiet: 0, endings: [] };
  let violation: Violation | undefined;
  try {
    await live(world, script, done);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = error;
  } finally {
    release();
  }
  const { counts, trace, states, lines } = world;
  counts.edits = world.ledger.edits;
  counts.virtualMs = world.nowMs - startMs;
  return { violation, trace, counts, states, lines, ...done };
}

interface Done {
  passesToQuiet: number;
  readonly endings: string[];
}

async function live(world: World, script: Script, done: Done): Promise<void> {
  const { sick = 0 } = script;
  await world.store.open();
  for (const [index, step] of script.steps.entries()) {
    world.step = index;
    await world.take(step);
  }
  world.step += 1;
  world.calm(sick);
  done.passesToQuiet = await calm(world);
  await silence(world);
  if (sick > 0) {
    done.endings.push('healed');
    world.step += 1;
    world.heal();
    await calm(world);
    await silence(world);
  }
  if (script.amnesia === 'none') return;
  done.endings.push(script.amnesia);
  world.step += 1;
  world.afterwards = true;
  await amnesia(world, script);
  await calm(world);
  await silence(world);
}

/** I18: faults off, people idle, what was held is let go; quiet must follow, and everything must then be in order. */
async function calm(world: World): Promise<number> {
  let passes = 0;
  let quietRounds = 0;
  while (quietRounds < 3) {
    passes += 1;
    if (passes > passesToQuietMax) world.fail('I18', `not quiet after ${passesToQuietMax} passes`);
    const { outcome, writes } = await world.pass();
    if (writes > 0 || outcome?.result !== 'quiet') continue;
    if ((await world.releaseBrakes()) > 0) continue;
    quietRounds += 1;
    // What was set aside is tried again in its own time; not in the silence that follows.
    if (quietRounds < 3) world.advance(quarantineMs);
  }
  checkQuiet(world);
  return passes;
}

/** I7: when nothing changes, nothing is written, there and here. */
async function silence(world: World): Promise<void> {
  for (let count = 0; count < 2; count += 1) {
    const { writes, rows } = await world.pass();
    if (writes > 0) world.fail('I7', `${writes} writes in silence`);
    if (rows > 0) world.fail('I7', `${rows} rows stored in silence`);
  }
}

async function amnesia(world: World, script: Script): Promise<void> {
  switch (script.amnesia) {
    case 'cursors':
      world.sides.crm.loseCursors();
      world.sides.mailbox.loseCursors();
      break;
    case 'rollBack':
      await world.forget(Math.ceil(world.store.kept * 0.6));
      break;
    default:
      await world.forget(Number.POSITIVE_INFINITY);
  }
}
