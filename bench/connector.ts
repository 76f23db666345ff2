/**
 * The EWS connector alone against ready-made answers: what a client costs per item and per idle visit, in CPU of its own
 * process. In the same run: the floor (the same requests, answers thrown away) and exchangelib doing the same work.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rounds, type WorkName, type WorkReport, works } from './clients/work.ts';
import { answerOf, Child, nodeChild } from './lib/child.ts';
import { median, rounded } from './lib/cost.ts';
import type { Bench, Budget } from './lib/report.ts';
import { budget, progress } from './lib/report.ts';

/** Client processes per work; the median of them counts. */
const processes = 3;
/** The peer takes long: fewer rounds of it, in one process. */
const peerRounds: Readonly<Record<WorkName, number>> = { download: 2, create: 2, idle: 100 };
/** CPU per item or visit, milliseconds. */
const limits: Readonly<Record<WorkName, number>> = { download: 0.31, create: 0.28, idle: 2 };
const ratioMin = 5;
const python = '/usr/bin/python3';

/** Milliseconds per item, or per visit for `idle`. */
interface Result {
  readonly cpuMs: number;
  /** The first round with everything from the start of the process. */
  readonly coldCpuMs: number;
  readonly wallMs: number;
  readonly peakMb: number;
  readonly items: number;
}

export const connector: Bench = async () => {
  const server = nodeChild('answers/server.ts');
  const { url } = await server.next<{ url: string }>();
  try {
    await answerOf('clients/liaison.ts', [url, 'check', '0']);
    const results: Record<string, unknown> = {};
    const budgets: Budget[] = [];
    for (const work of works) {
      const found = await measured(url, work);
      results[work] = found;
      const { liaison, exchangelib } = found;
      const unit = work === 'idle' ? 'ms CPU per visit' : 'ms CPU per item';
      budgets.push(budget(`connector ${work}`, liaison.cpuMs, unit, { most: limits[work] }));
      if ('cpuMs' in exchangelib && work !== 'idle') {
        const ratio = rounded(exchangelib.cpuMs / liaison.cpuMs);
        budgets.push(budget(`connector ${work}: exchangelib / ours`, ratio, 'times', { least: ratioMin }));
      }
    }
    return { results, budgets };
  } finally {
    await server.end();
  }
};

async function measured(url: string, work: WorkName) {
  const liaison = await medianOf(() => answerOf('clients/liaison.ts', [url, work, String(rounds[work])]));
  const floor = await floorOf(url, work, liaison.items);
  const exchangelib = await peerOf(url, work);
  const more = 'cpuMs' in exchangelib ? `exchangelib ${exchangelib.cpuMs}` : exchangelib.notRun;
  progress(`connector ${work}: ours ${liaison.cpuMs}, floor ${floor.cpuMs}, ${more} (ms CPU each)`);
  return {
    liaison,
    floor,
    exchangelib,
    ratios: {
      'ours / floor': rounded(liaison.cpuMs / floor.cpuMs),
      ...('cpuMs' in exchangelib && { 'exchangelib / ours': rounded(exchangelib.cpuMs / liaison.cpuMs) }),
    },
  };
}

async function medianOf(run: () => Promise<WorkReport>): Promise<Result> {
  const found: Result[] = [];
  for (let count = 0; count < processes; count += 1) found.push(resultOf(await run()));
  const of = (key: keyof Result) => rounded(median(found.map((one) => one[key])));
  return {
    cpuMs: of('cpuMs'),
    coldCpuMs: of('coldCpuMs'),
    wallMs: of('wallMs'),
    peakMb: of('peakMb'),
    items: of('items'),
  };
}

function resultOf({ items, coldMs, roundsMs, wallsMs, peakMb }: WorkReport): Result {
  return {
    cpuMs: rounded(median(roundsMs) / items),
    coldCpuMs: rounded(coldMs / items),
    wallMs: rounded(median(wallsMs) / items),
    peakMb: Math.round(peakMb),
    items,
  };
}

/** One round of ours is listened to, then sent again. */
async function floorOf(url: string, work: WorkName, items: number): Promise<Result> {
  if (work === 'idle') await answerOf('clients/liaison.ts', [url, work, '1']);
  await fetch(`${url}/requests`, { method: 'DELETE' });
  await answerOf('clients/liaison.ts', [url, work, '0']);
  const all = (await (await fetch(`${url}/requests`)).json()) as string[];
  // The first visit lists the folders; only the questions after it are those of an idle one.
  const bodies = work === 'idle' ? idleQuestions(all) : all;
  const folder = mkdtempSync(join(tmpdir(), 'liaison-bench-'));
  try {
    const file = join(folder, 'requests.json');
    writeFileSync(file, JSON.stringify(bodies));
    return await medianOf(() => answerOf('clients/floor.ts', [url, file, String(rounds[work]), String(items)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The last question to each of the three folders, all of them with a state. */
function idleQuestions(bodies: readonly string[]): readonly string[] {
  const folders = ['contacts', 'calendar', 'tasks'];
  return folders.map((folder) => bodies.findLast((body) => body.includes(`Id="${folder}"`)) ?? '');
}

async function peerOf(url: string, work: WorkName): Promise<Result | { readonly notRun: string }> {
  const probe = spawnSync(python, ['-c', 'import exchangelib'], { encoding: 'utf8' });
  if (probe.status !== 0) {
    return {
      notRun: probe.error?.message ?? 'python3-exchangelib is not installed (apt-get install python3-exchangelib)',
    };
  }
  const script = fileURLToPath(new URL('./clients/exchangelib_client.py', import.meta.url));
  const child = new Child(python, [script, url, work, String(peerRounds[work])]);
  const report = await child.next<WorkReport>();
  await child.end();
  return resultOf(report);
}
