import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startExchange } from '../start-exchange.ts';
import { occurrences } from '../truth/series.ts';
import { writeSnapshot } from '../truth/snapshot.ts';
import { Truth } from '../truth/truth.ts';
import { utc } from '../truth/zone.ts';
import type { Activity } from './activities.ts';
import { Population } from './population.ts';
import { seedMailbox } from './seed-mailbox.ts';
import { seededRandom } from './seeded-random.ts';

const nowMs = Date.UTC(2026, 5, 1, 9);

function town(count: number): Truth {
  const ports = {
    clock: { now: () => nowMs },
    timer: { sleep: () => Promise.resolve() },
    random: seededRandom(5),
    log: () => {},
  };
  const truth = new Truth(ports);
  for (let n = 0; n < count; n += 1) {
    const description = {
      address: `p${n}@example.test`,
      aliases: [],
      displayName: `P ${n}`,
      zone: utc,
      culture: 'en-US',
    };
    truth.add(description, (mailbox) => {
      const random = seededRandom(n);
      seedMailbox(mailbox, { contacts: 6, appointments: 5, series: 3, tasks: 4, random });
    });
  }
  return truth;
}

function lived(seed: number, steps: number): { readonly truth: Truth; readonly population: Population } {
  const truth = town(3);
  const population = new Population(truth, truth.ports);
  population.settle({ editsPerMinute: 1, seed });
  for (let n = 0; n < steps; n += 1) population.step();
  return { truth, population };
}

test('the same seed lives the same life, another seed another one', () => {
  const life = (seed: number): readonly string[] => [...writeSnapshot(lived(seed, 150).truth)];
  const one = life(7);
  assert.deepEqual(life(7), one);
  assert.notDeepEqual(life(8), one);
});

test('in a long life everything happens, and every series keeps an occurrence', () => {
  const { truth, population } = lived(3, 600);
  const { activities, done } = population.status();
  for (const activity of ['edit', 'calendarDay', 'series', 'import', 'phone'] satisfies Activity[]) {
    assert.ok((activities[activity] ?? 0) > 0, activity);
  }
  assert.ok(done > 600);
  for (const mailbox of truth.mailboxes) {
    for (const item of mailbox.wellKnown('calendar').items.values()) {
      if (item.series?.kind === 'appointment') assert.equal(occurrences(item.series).next().done, false);
    }
  }
});

test('people edit at the rate they are told, only in as many mailboxes as they are, and rest when told', async () => {
  const exchange = await startExchange({ controlApi: true });
  const control = (method: string, body?: unknown): Promise<Response> =>
    fetch(`${exchange.origin}/control/people`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  try {
    assert.equal((await control('POST', { editsPerMinute: 60_000, people: 2, seed: 4 })).status, 200);
    const startedMs = performance.now();
    let status = exchange.people.status();
    while (status.done < 300) {
      assert.ok(performance.now() - startedMs < 20_000, `only ${status.done} edits`);
      status = (await (await control('GET')).json()) as typeof status;
    }
    await control('DELETE');
    const rested = exchange.people.status();
    assert.equal(rested.living, false);
    // An activity is never cut short: the last one may go beyond the rate by its own edits.
    assert.ok(rested.done <= performance.now() - startedMs + 100, `${rested.done} edits`);
    const touched = [...exchange.truth.opened()].map((one) => one.address);
    assert.deepEqual(touched.sort(), ['alice@example.test', 'bob@example.test']);
    assert.equal((await control('POST', { editsPerMinute: -1 })).status, 400);
  } finally {
    await exchange.close();
  }
});
