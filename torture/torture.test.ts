/** The saved scripts, fresh seeds, and the harness itself. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crashLabels } from './crash-labels.ts';
import { generate } from './generate.ts';
import { guard } from './guards.ts';
import { plant } from './plant.ts';
import { pageOf, survey } from './report.ts';
import { run } from './run.ts';
import type { Sabotage } from './sabotage.ts';
import type { Script } from './script.ts';
import { shrink } from './shrink.ts';

const here = import.meta.dirname;
const seeds = Number(process.env.LIAISON_SEEDS ?? 300);

for (const file of globSync('corpus/*.json', { cwd: here }).sort()) {
  const script = JSON.parse(readFileSync(join(here, file), 'utf8')) as Script;
  test(script.story ?? file, async () => {
    const { violation } = await run(script);
    assert.equal(violation?.message, undefined);
  });
}

test(`whatever ${seeds} seeds of users, faults and crashes do, no promise is broken, and every seed runs the same twice`, async () => {
  const report = await survey({ firstSeed: 1, seeds, twice: true, nowMs: () => performance.now() });
  assert.equal(report.seeds.failed, 0, pageOf(report));
  assert.equal(report.replayMismatches, 0);
  assert.equal(report.crashPoints.hit, report.crashPoints.total, pageOf(report));
});

test('every crash point of the engine can be chosen by a seed', () => {
  const engine = join(here, '../src/engine');
  const sources = globSync('**/*.ts', { cwd: engine }).map((file) => readFileSync(join(engine, file), 'utf8'));
  const found = new Set(
    sources.flatMap((text) => [...text.matchAll(/crashPoint\?\.\('([^']+)'\)/g)].map(([, label]) => label)),
  );
  assert.deepEqual([...found].sort(), [...crashLabels].sort());
});

test('planted bugs are noticed', async () => {
  const names = [
    'the intent is not stored before sending',
    'the base moves before the write',
    'updates forget the version they were planned against',
    'leaving the scope is a deletion',
    'the losing value is dropped',
    'the cursor is stored before what it covers',
  ];
  for (const name of names) assert.ok((await plant(name, 1, 100)).seeds !== undefined, name);
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
