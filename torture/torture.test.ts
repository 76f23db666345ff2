/** The saved scripts, fixed seeds, and the harness itself. New seeds are for the nightly run. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crashLabels } from './crash-labels.ts';
import { generate } from './generate.ts';
import { guard } from './guards.ts';
import { pageOf } from './page.ts';
import { plantAll, surveyAll } from './pool.ts';
import { reportOf } from './report.ts';
import { run } from './run.ts';
import { type Sabotage, sabotages } from './sabotage.ts';
import { faultIds, onlyFaults, type Script } from './script.ts';
import { shrink } from './shrink.ts';
import { survey } from './survey.ts';

const here = import.meta.dirname;
const seeds = Number(process.env.LIAISON_SEEDS ?? 2_000);
const threads = 2;
const plantedSeedsMax = 600;

for (const file of globSync('corpus/*.json', { cwd: here }).sort()) {
  const script = JSON.parse(readFileSync(join(here, file), 'utf8')) as Script;
  test(script.story ?? file, async () => {
    const { violation } = await run(script);
    assert.equal(violation?.message, undefined);
  });
}

test(`whatever ${seeds} seeds of users, faults and crashes do, no promise is broken, and every seed runs the same twice`, async (t) => {
  const startedMs = performance.now();
  const sums = await surveyAll({ firstSeed: 1, seeds, twice: true }, threads);
  const durationMs = performance.now() - startedMs;
  const occasion = { commit: undefined, date: 'now', node: process.version, threads, firstSeed: 1, durationMs };
  const report = reportOf(sums, occasion);
  t.diagnostic(`${report.seedsPerSecond} seeds per second`);
  assert.equal(report.seeds.failed, 0, pageOf(report));
  assert.equal(report.replayMismatches, 0);
  assert.deepEqual(report.crashPoints.missed, [], 'crash points nobody died near');
  assert.deepEqual(report.faults.missed, [], 'faults that never struck');
});

test('seeds run on several threads amount to the same as on one', async () => {
  const row = { firstSeed: 1, seeds: 60, twice: false };
  const [alone, together] = [await surveyAll(row, 1), await surveyAll(row, 3)];
  assert.deepEqual(together.counts, alone.counts);
  assert.deepEqual([...together.pairs].sort(), [...alone.pairs].sort());
  assert.deepEqual([...together.states].sort(), [...alone.states].sort());
});

test('every crash point of the engine can be chosen by a seed', () => {
  const engine = join(here, '../src/engine');
  const sources = globSync('**/*.ts', { cwd: engine }).map((file) => readFileSync(join(engine, file), 'utf8'));
  const found = new Set(
    sources.flatMap((text) => [...text.matchAll(/crashPoint\?\.\('([^']+)'\)/g)].map(([, label]) => label)),
  );
  assert.deepEqual([...found].sort(), [...crashLabels].sort());
});

test('every kind of fault can be switched on alone, and none without being asked for', async () => {
  const quiet = await survey({ firstSeed: 1, seeds: 40, twice: false, faults: [] });
  assert.deepEqual([...quiet.counts.faults], []);
  for (const id of faultIds) {
    const { counts, failures } = await survey({ firstSeed: 1, seeds: 6, twice: false, faults: [id] });
    assert.ok(
      [...counts.faults.keys()].every((one) => one === id),
      id,
    );
    assert.deepEqual(failures, []);
  }
});

test('a script without faults keeps what people do', () => {
  const script = generate(7);
  const acts = (one: Script): number => one.steps.filter((step) => step.kind === 'act').length;
  assert.ok(acts(onlyFaults(script, ['F16'])) === acts(script));
});

test('every planted bug is noticed', async () => {
  const planted = await plantAll(Object.keys(sabotages), [1], plantedSeedsMax, threads);
  assert.deepEqual(
    planted.filter((one) => one.seeds === undefined && one.script === undefined).map((one) => one.name),
    [],
  );
});

test('a failing script shrinks to what matters and still breaks the same promise', async () => {
  const sabotage = { connector: undefinedVersions };
  for (let seed = 1; ; seed += 1) {
    const script = generate(seed);
    const { violation } = await run(script, { sabotage });
    if (violation?.invariant !== 'I9') continue;
    const short = await shrink(script, 'I9', sabotage);
    assert.ok(short.script.steps.length < script.steps.length);
    assert.ok(short.script.steps.length <= 3);
    assert.equal((await run(short.script, { sabotage })).violation?.invariant, 'I9');
    return;
  }
});

test('inside a run the real clock, timers, chance and the environment are out of reach', async () => {
  const release = guard();
  try {
    assert.throws(() => Date.now());
    assert.throws(() => new Date());
    assert.throws(() => Math.random());
    assert.throws(() => setTimeout(() => {}, 1));
    assert.throws(() => performance.now());
    assert.throws(() => process.env.HOME);
    assert.equal(new Date(0).toISOString(), '1970-01-01T00:00:00.000Z');
  } finally {
    release();
  }
  assert.ok(Date.now() > 0);
});

function undefinedVersions(connector: Parameters<NonNullable<Sabotage['connector']>>[0]) {
  const update: typeof connector.update = (kind, updates) =>
    connector.update(
      kind,
      updates.map((one) => ({ ...one, version: '' })),
    );
  return new Proxy(connector, {
    get: (from, name) => (name === 'update' ? update : (Reflect.get(from, name) as unknown)),
  });
}
