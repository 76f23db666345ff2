/**
 * The whole: the initial extract of a mailbox into PostgreSQL by `liaison serve`, then passes over it with nothing changed.
 * Everything the engine's process uses is counted, its start too.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type ContentCounts, standardCounts } from './lib/content.ts';
import { rounded } from './lib/cost.ts';
import { Engine } from './lib/engine-process.ts';
import { type Bench, type Budget, budget, progress } from './lib/report.ts';
import { rowsBetween, rowsWritten, statisticsDelayMs, sumOf } from './lib/rows.ts';
import { buildWorld, type World } from './lib/world.ts';

const small: ContentCounts = { contacts: 1_200, appointments: 600, series: 60, tasks: 200 };
const large: ContentCounts = { contacts: 12_000, appointments: 6_000, series: 600, tasks: 2_000 };
/** How long passes over an unchanged mailbox are watched; one starts every second. */
const idleMs = 15_000;

const limits = { cpuMsPerItem: 1.5, peakMb: 150, callsPerCycle: 3 };

export const whole: Bench = async () => {
  const standard = await extractOnce(standardCounts, { watchIdle: true });
  const [smaller, larger] = [await extractOnce(small), await extractOnce(large)];
  const { idle } = standard;
  const budgets: Budget[] = [
    budget('whole: engine CPU', standard.cpuMsPerItem, 'ms per item', { most: limits.cpuMsPerItem }),
    budget('whole: peak memory', standard.peakMb, 'MB', { most: limits.peakMb }),
    budget('whole: peak memory at 20,000 items', larger.peakMb, 'MB', { most: limits.peakMb }),
    ...(idle === undefined
      ? []
      : [
          budget('whole: EWS calls of an idle pass', idle.ewsCallsPerPass, 'calls', { most: limits.callsPerCycle }),
          budget('whole: rows written by an idle pass', idle.rowsPerPass, 'rows besides the schedule', { most: 0 }),
        ]),
  ];
  return { results: { standard, small: smaller, large: larger }, budgets };
};

interface ExtractOptions {
  readonly watchIdle?: boolean;
}

/** One initial extract in a world of its own. */
async function extractOnce(counts: ContentCounts, { watchIdle = false }: ExtractOptions = {}) {
  const world = await buildWorld(counts);
  try {
    const [rowsBefore, requestsBefore] = [await rowsWritten(world.database), await world.requests()];
    const started = performance.now();
    const running = new Engine(world);
    try {
      await running.untilStarted();
      const start = await running.reading();
      const passes = await running.untilQuiet();
      const wallMs = performance.now() - started;
      const { cpuMs, systemMs, rssMb, peakMb } = await running.reading();
      const requests = (await world.requests()) - requestsBefore;
      const items = await pairedItems(world);
      const expected = counts.contacts + counts.appointments + counts.tasks;
      if (items !== expected) throw new Error(`${items} items are paired, ${expected} were in the mailbox`);
      await delay(statisticsDelayMs);
      const rows = rowsBetween(rowsBefore, await rowsWritten(world.database));
      const idle = watchIdle ? await watched(world, running) : undefined;
      const found = {
        items,
        cpuMsPerItem: rounded(cpuMs / items),
        systemCpuMsPerItem: rounded(systemMs / items),
        start: { cpuMs: start.cpuMs, peakMb: start.peakMb },
        peakMb,
        rssMb,
        itemsPerSecond: Math.round((items * 1_000) / wallMs),
        extractPasses: passes.map(({ result, durationMs }) => ({ result, durationMs })),
        ewsCallsPer1000: rounded((requests * 1_000) / items),
        rowsPer1000: {
          liaison: Math.round((sumOf(rows, 'liaison.') * 1_000) / items),
          crm: Math.round((sumOf(rows, 'crm.') * 1_000) / items),
        },
        rowsByTable: rows,
        ...(idle !== undefined && { idle }),
      };
      progress(`whole ${items} items: ${found.cpuMsPerItem} ms CPU per item, peak ${peakMb} MB, final ${rssMb} MB`);
      return found;
    } finally {
      await running.stop();
    }
  } finally {
    await world.close();
  }
}

/** Passes with nothing changed, once everything has settled. */
async function watched(world: World, running: Engine) {
  const passes = async () => (await running.passes()).length;
  const before = {
    passes: await passes(),
    requests: await world.requests(),
    rows: await rowsWritten(world.database),
    cpuMs: (await running.reading()).cpuMs,
  };
  await delay(idleMs);
  const [cpuMs, requests, count] = [(await running.reading()).cpuMs, await world.requests(), await passes()];
  const done = count - before.passes;
  const { 'liaison.pair_schedule': schedule = 0, ...others } = rowsBetween(
    before.rows,
    await rowsWritten(world.database),
  );
  return {
    passes: done,
    ewsCallsPerPass: rounded((requests - before.requests) / done),
    rowsPerPass: rounded(sumOf(others) / done),
    scheduleRowsPerPass: rounded(schedule / done),
    cpuMsPerPass: rounded((cpuMs - before.cpuMs) / done),
    otherRows: others,
  };
}

async function pairedItems({ database }: World): Promise<number> {
  const [row] = await database.query<{ count: string }>(
    'bench_paired',
    `select count(*) from liaison.link where crm_id is not null and mailbox_id is not null`,
  );
  return Number(row?.count ?? 0);
}
