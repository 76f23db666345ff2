/** Several threads, so that all cores work. What comes out does not depend on their number, or on who did what. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Planted, plant } from './plant.ts';
import { addSums, emptySums, type Row, type Sums, survey } from './survey.ts';

export type Errand =
  | { readonly kind: 'survey'; readonly row: Row }
  | { readonly kind: 'plant'; readonly name: string; readonly firstSeed: number; readonly seedsMax: number };

type Done = { readonly kind: 'survey'; readonly sums: Sums } | { readonly kind: 'plant'; readonly planted: Planted };

/** Seeds per errand: small enough that threads end together. */
const rowSeeds = 20;

export const threadsDefault = Math.min(availableParallelism(), 8);

export async function perform(errand: Errand): Promise<Done> {
  if (errand.kind === 'survey') return { kind: 'survey', sums: await survey(errand.row) };
  return { kind: 'plant', planted: await plant(errand.name, errand.firstSeed, errand.seedsMax) };
}

/** @param enough true: seeds not yet begun are left out */
export async function surveyAll(
  row: Row,
  threads: number,
  progressed: (sums: Sums) => void = () => {},
  enough: (sums: Sums) => boolean = () => false,
): Promise<Sums> {
  const sums = emptySums();
  const errands: Errand[] = [];
  const end = row.firstSeed + row.seeds;
  for (let firstSeed = row.firstSeed; firstSeed < end; firstSeed += rowSeeds) {
    errands.push({ kind: 'survey', row: { ...row, firstSeed, seeds: Math.min(rowSeeds, end - firstSeed) } });
  }
  await performAll(errands, threads, (done) => {
    if (done.kind === 'survey') addSums(sums, done.sums);
    progressed(sums);
    return enough(sums);
  });
  return sums;
}

/** Every bug from every first seed. */
export async function plantAll(
  names: readonly string[],
  firstSeeds: readonly number[],
  seedsMax: number,
  threads: number,
): Promise<readonly Planted[]> {
  const errands = names.flatMap((name) =>
    firstSeeds.map((firstSeed): Errand => ({ kind: 'plant', name, firstSeed, seedsMax })),
  );
  const found: Planted[] = [];
  await performAll(errands, threads, (done) => {
    if (done.kind === 'plant') found.push(done.planted);
    return false;
  });
  const place = (one: Planted): number =>
    names.indexOf(one.name) * firstSeeds.length + firstSeeds.indexOf(one.firstSeed);
  return found.sort((one, two) => place(one) - place(two));
}

/** @param report answers whether the rest may be left undone */
async function performAll(errands: readonly Errand[], threads: number, report: (done: Done) => boolean): Promise<void> {
  const waiting = [...errands];
  if (threads < 2) {
    for (const errand of waiting) if (report(await perform(errand))) return;
    return;
  }
  const crew = Array.from(
    { length: Math.min(threads, waiting.length) },
    () => new Worker(new URL('./worker.ts', import.meta.url)),
  );
  try {
    await Promise.all(crew.map((worker) => keepBusy(worker, waiting, report)));
  } finally {
    await Promise.all(crew.map((worker) => worker.terminate()));
  }
}

function keepBusy(worker: Worker, waiting: Errand[], report: (done: Done) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const errand = waiting.shift();
      if (errand === undefined) resolve();
      else worker.postMessage(errand);
    };
    worker.on('error', reject);
    worker.on('message', (done: Done) => {
      if (report(done)) waiting.length = 0;
      next();
    });
    next();
  });
}
