/**
 * All benches, one after the other, every program they need in a process of its own: `node bench/main.ts [--full] [name …]`. One JSON
 * document on standard output, readable lines on standard error. Exit code 1 when a budget was not kept.
 */
import { cpus, totalmem, type } from 'node:os';
import { connector } from './connector.ts';
import { hosted } from './hosted.ts';
import { type Bench, type BenchReport, progress } from './lib/report.ts';
import { model } from './model.ts';
import { simulator } from './simulator.ts';
import { store } from './store.ts';
import { whole } from './whole.ts';

const benches: Readonly<Record<string, Bench>> = { model, store, connector, hosted, simulator, whole };

const isFull = process.argv.includes('--full');
const asked = process.argv.slice(2).filter((one) => one !== '--full');
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0) {
  progress(`no such bench: ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

const reports: Record<string, BenchReport> = {};
for (const [name, bench] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const report = await bench({ isFull });
  reports[name] = report;
  for (const { name: what, value, unit, most, least, met } of report.budgets) {
    const limit = most !== undefined ? `at most ${most}` : `at least ${least}`;
    progress(`${met ? 'ok  ' : 'MISS'} ${what}: ${value} ${unit} (${limit})`);
  }
}
const document = {
  machine: {
    system: type(),
    processors: cpus().length,
    model: cpus()[0]?.model.trim(),
    memoryMb: Math.round(totalmem() / 1_048_576),
  },
  versions: { node: process.version, v8: process.versions.v8 },
  benches: Object.fromEntries(Object.entries(reports).map(([name, { results }]) => [name, results])),
  budgets: Object.values(reports).flatMap((report) => report.budgets),
};
process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
process.exitCode = document.budgets.every((one) => one.met) ? 0 : 1;
