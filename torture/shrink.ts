/**
 * Makes a failing script as short and plain as it can be while the same invariant still breaks: first the world's
 * oddities, then whole steps in halves, then what is inside the passes, then single values.
 */
import { defaultPolicy } from '#engine/policy.ts';
import { defaultTunables } from '#engine/task.ts';
import { run } from './run.ts';
import type { Sabotage } from './sabotage.ts';
import type { PassStep, Script, Setting, Step } from './script.ts';
import type { InvariantId } from './violation.ts';

export interface Shrunk {
  readonly script: Script;
  readonly runs: number;
}

/** Runs spent on one script. */
const runsMax = 1_500;

export async function shrink(script: Script, invariant: InvariantId, sabotage: Sabotage = {}): Promise<Shrunk> {
  let best = script;
  let runs = 0;
  const attempt = async (candidate: Script): Promise<boolean> => {
    if (runs >= runsMax) return false;
    runs += 1;
    const { violation } = await run(candidate, { sabotage });
    if (violation?.invariant !== invariant) return false;
    best = candidate;
    return true;
  };
  for (let before = ''; before !== JSON.stringify(best) && runs < runsMax; ) {
    before = JSON.stringify(best);
    await attempt({ ...best, amnesia: 'none' });
    if (best.sick !== undefined) {
      const { sick: _, ...well } = best;
      await attempt(well);
    }
    for (const name of ['stampsOffMs', 'tellsOwner'] as const) {
      const { [name]: _, ...setting } = best.setting;
      if (best.setting[name] !== undefined) await attempt({ ...best, setting });
    }
    if (best.setting.policy.kinds !== undefined) {
      const { kinds: _, ...policy } = best.setting.policy;
      await attempt({ ...best, setting: { ...best.setting, policy } });
    }
    if (best.setting.clock !== undefined) {
      const { clock: _, ...setting } = best.setting;
      await attempt({ ...best, setting });
    }
    await withoutSteps(() => best, attempt);
    await withPlainPasses(() => best, attempt);
    for (const setting of plainer(best.setting)) await attempt({ ...best, setting: { ...best.setting, ...setting } });
    await withSmallNumbers(() => best, attempt);
  }
  return { script: best, runs };
}

type Attempt = (candidate: Script) => Promise<boolean>;

async function withoutSteps(best: () => Script, attempt: Attempt): Promise<void> {
  for (let size = Math.ceil(best().steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = best().steps.length - size; start > -size; start -= size) {
      const from = Math.max(0, start);
      const { steps } = best();
      await attempt({ ...best(), steps: [...steps.slice(0, from), ...steps.slice(from + size)] });
    }
  }
}

async function withPlainPasses(best: () => Script, attempt: Attempt): Promise<void> {
  for (let index = 0; index < best().steps.length; index += 1) {
    const replace = (step: Step): Promise<boolean> => {
      const steps = [...best().steps];
      steps[index] = step;
      return attempt({ ...best(), steps });
    };
    const pass = (): PassStep | undefined => {
      const step = best().steps[index];
      return step?.kind === 'pass' ? step : undefined;
    };
    const now = pass();
    if (now === undefined) continue;
    const { crash, stall, ...plain } = now;
    await replace({ kind: 'pass', mishaps: [], acts: [], order: [] });
    if (crash !== undefined && pass()?.crash !== undefined)
      await replace({ ...plain, ...(stall === undefined ? {} : { stall }) });
    if (stall !== undefined && pass()?.stall !== undefined) {
      const { stall: _, ...rest } = pass() as PassStep;
      await replace(rest);
    }
    for (const list of ['mishaps', 'acts'] as const) {
      for (let at = (pass()?.[list].length ?? 0) - 1; at >= 0; at -= 1) {
        const step = pass() as PassStep;
        await replace({ ...step, [list]: [...step[list].slice(0, at), ...step[list].slice(at + 1)] });
      }
    }
    await replace({ ...(pass() as PassStep), order: [] });
  }
}

const plainest: Omit<Setting, 'clock' | 'stampsOffMs' | 'tellsOwner'> = {
  latencyMs: 1,
  pageItems: { crm: 50, mailbox: 50 },
  batch: { read: 20, write: 10 },
  settleMs: 1_000,
  writesReturnItem: { crm: true, mailbox: true },
  narrow: { crm: false, mailbox: false },
  rewrites: { crm: false, mailbox: false },
  levels: { contact: 'full', event: 'full', task: 'full' },
  policy: defaultPolicy,
  tunables: defaultTunables,
};

function plainer(setting: Setting): readonly Partial<Setting>[] {
  const candidates: Partial<Setting>[] = [];
  for (const name of Object.keys(plainest) as (keyof typeof plainest)[]) {
    if (JSON.stringify(setting[name]) !== JSON.stringify(plainest[name])) candidates.push({ [name]: plainest[name] });
  }
  return candidates;
}

/** Every number inside the steps: first 0, then half. */
async function withSmallNumbers(best: () => Script, attempt: Attempt): Promise<void> {
  const places = (value: unknown, path: readonly (string | number)[]): readonly (readonly (string | number)[])[] => {
    if (typeof value === 'number') return value === 0 ? [] : [path];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, part]) => places(part, [...path, key]));
  };
  for (const path of places(best().steps, [])) {
    const number = path.reduce<unknown>(
      (value, key) => (value as Record<string, unknown>)?.[key],
      best().steps,
    ) as number;
    if (await attempt({ ...best(), steps: withNumber(best().steps, path, 0) })) continue;
    if (Math.abs(number) > 1)
      await attempt({ ...best(), steps: withNumber(best().steps, path, Math.trunc(number / 2)) });
  }
}

function withNumber(steps: readonly Step[], path: readonly (string | number)[], number: number): readonly Step[] {
  const copy = structuredClone(steps);
  let at = copy as unknown as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) as string] = number;
  return copy;
}
