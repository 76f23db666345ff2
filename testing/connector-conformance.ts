/**
 * The conformance suite of the connector contract: every mailbox connector against every server face, and every CRM
 * adapter, is held to the same sentences. A plug says how to open one fresh, empty user; `other` is an independent
 * connector to the same data and plays the people who edit behind our back.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Change, Connector, Reply, Snapshot, WriteOutcome } from '#contract/connector.ts';
import { groups } from '#model/groups.ts';
import type { CalendarEvent, Contact, Item, Kind, Task } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { project } from '#model/project.ts';
import { contacts, events, tasks } from './arbitrary-items.ts';

export interface ConformanceUser {
  readonly connector: Connector;
  readonly other: Connector;
}

export interface ConformancePlug {
  /** Opens a user without any items; the plug cleans up after the test. */
  open(t: TestContext): Promise<ConformanceUser>;
  /** Random items per kind in the round-trip property; slower sides take fewer. */
  readonly roundTrips?: number;
  /** Kinds whose items are shared: removing one leaves it to the others, and reading it answers `out`. */
  readonly shared?: readonly Kind[];
  /** A random item without what the protocol has no way to say, where that is less than a group. */
  sayable?(item: Item): Item;
}

const ada: Contact = normalise({
  kind: 'contact',
  name: { given: 'Ada', surname: 'Byron' },
  organization: { company: 'Analytical Engines', jobTitle: 'Programmer' },
  emails: { '1': 'ada@example.test', '2': 'countess@example.test' },
  phones: { mobile: '+44 1 23' },
  addresses: { business: { street: '12 St James Square', city: 'London', country: 'United Kingdom' } },
  body: { text: 'First line\nSecond line' },
});
const lunch: CalendarEvent = normalise({
  kind: 'event',
  title: 'Lunch',
  location: 'Canteen',
  when: { start: '2026-03-05T12:00:00', end: '2026-03-05T13:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
  reminder: { minutesBefore: 30 },
});
const weekly: CalendarEvent = normalise({
  kind: 'event',
  title: 'Stand-up',
  when: { start: '2026-03-02T09:00:00', end: '2026-03-02T09:15:00', allDay: false, zone: 'Europe/Berlin' },
  recurrence: {
    pattern: { kind: 'weekly', interval: 1, days: ['monday'], firstDay: 'monday' },
    range: { kind: 'count', count: 8 },
  },
  overrides: {
    '2026-03-16T09:00:00': { patch: { title: 'Stand-up with guests' } },
    '2026-03-23T09:00:00': { excluded: true },
    '2026-03-30T09:00:00': {
      patch: { when: { start: '2026-03-30T11:00:00', end: '2026-03-30T11:15:00', allDay: false } },
    },
  },
  showAs: 'busy',
});
const call: Task = normalise({
  kind: 'task',
  title: 'Call back',
  dates: { due: '2026-03-06' },
  progress: { status: 'inProgress', percent: 50 },
});
const samples: Readonly<Record<Kind, Item>> = { contact: ada, event: lunch, task: call };

const latestDay = '2025-12-31';

let serial = 0;
const freshKey = (): string => {
  serial += 1;
  return `testtest-${String(serial).padStart(20, '0')}`;
};

/** Registers the suite under a name, e.g. `EWS connector on the simulated Exchange SE`. */
export function connectorConformance(name: string, plug: ConformancePlug): void {
  for (const kind of ['contact', 'event', 'task'] as const) basicSentences(`${name}, ${kind}`, kind, plug);
  seriesSentences(name, plug);
  taskSentences(name, plug);
  roundTrips(name, plug);
}

function basicSentences(name: string, kind: Kind, plug: ConformancePlug): void {
  const removed = plug.shared?.includes(kind) === true ? 'out' : 'gone';
  const sample = samples[kind];

  test(`${name}: what is created can be read back with its key and content`, async (t) => {
    const { connector } = await plug.open(t);
    const key = freshKey();
    const [outcome] = await connector.create(kind, [{ linkKey: key, item: sample }]);
    const written = applied(outcome);
    const snapshot = await readOne(connector, kind, written.id);
    assert.equal(snapshot.linkKey, key);
    assert.equal(snapshot.version, written.version);
    assert.deepEqual(seen(connector, snapshot.item), seen(connector, sample));
  });

  test(`${name}: a full listing names every item once, and says when it is complete`, async (t) => {
    const { connector, other } = await plug.open(t);
    const outcomes = await other.create(
      kind,
      Array.from({ length: 25 }, () => ({ linkKey: freshKey(), item: sample })),
    );
    const ids = outcomes.map((outcome) => applied(outcome).id);
    const { changes } = await drain(connector, kind, null);
    assert.deepEqual(presentIds(changes).sort(), [...ids].sort());
  });

  test(`${name}: when nothing happened, nothing is reported, as often as one asks`, async (t) => {
    const { connector, other } = await plug.open(t);
    await other.create(kind, [{ linkKey: freshKey(), item: sample }]);
    const { cursor } = await drain(connector, kind, null);
    for (let round = 0; round < 3; round += 1) {
      const page = value(await connector.changes(kind, cursor));
      assert.deepEqual(page.changes, []);
      assert.equal(page.complete, true);
    }
  });

  test(`${name}: creations, edits and deletions by others are reported after a position, and again from the same position`, async (t) => {
    const { connector, other } = await plug.open(t);
    const made = await other.create(kind, [
      { linkKey: freshKey(), item: sample },
      { linkKey: freshKey(), item: sample },
    ]);
    const [edited, deleted] = made.map((outcome) => applied(outcome)) as [Versioned, Versioned];
    const { cursor } = await drain(connector, kind, null);
    const [later] = await other.create(kind, [{ linkKey: freshKey(), item: sample }]);
    const [update] = await other.update(kind, [
      { id: edited.id, version: edited.version, target: retitled(sample, 'Changed'), paths: titlePaths(kind) },
    ]);
    const now = applied(update);
    await other.remove(kind, [{ id: deleted.id, version: deleted.version }]);
    for (let round = 0; round < 2; round += 1) {
      const { changes } = await drain(connector, kind, cursor);
      const last = new Map(changes.map((change) => [change.id, change]));
      assert.equal(last.get(deleted.id)?.kind === 'present', false);
      assert.equal(last.has(deleted.id), true);
      assert.equal(last.get(applied(later).id)?.kind, 'present');
      const change = last.get(edited.id);
      assert.equal(change?.kind, 'present');
      assert.equal(change?.kind === 'present' ? change.version : '', now.version);
    }
  });

  test(`${name}: an update changes what it names and leaves the rest`, async (t) => {
    const { connector } = await plug.open(t);
    const [outcome] = await connector.create(kind, [{ linkKey: freshKey(), item: sample }]);
    const written = applied(outcome);
    const target = retitled(sample, 'Another name');
    const [update] = await connector.update(kind, [
      { id: written.id, version: written.version, target, paths: titlePaths(kind) },
    ]);
    const now = applied(update);
    assert.notEqual(now.version, written.version);
    const snapshot = await readOne(connector, kind, now.id);
    assert.equal(snapshot.version, now.version);
    assert.deepEqual(seen(connector, snapshot.item), seen(connector, target));
  });

  test(`${name}: an update from a stale version is refused as a conflict and changes nothing`, async (t) => {
    const { connector, other } = await plug.open(t);
    const [outcome] = await connector.create(kind, [{ linkKey: freshKey(), item: sample }]);
    const old = applied(outcome);
    const theirs = retitled(sample, 'Theirs');
    const paths = titlePaths(kind);
    applied((await other.update(kind, [{ id: old.id, version: old.version, target: theirs, paths }]))[0]);
    const [refused] = await connector.update(kind, [
      { id: old.id, version: old.version, target: retitled(sample, 'Ours'), paths },
    ]);
    assert.equal(refused?.kind === 'rejected' ? refused.fault.code : refused?.kind, 'item.conflict');
    const snapshot = await readOne(connector, kind, old.id);
    assert.deepEqual(seen(connector, snapshot.item), seen(connector, theirs));
  });

  test(`${name}: a removed item is gone; removing it again is no trouble`, async (t) => {
    const { connector } = await plug.open(t);
    const [outcome] = await connector.create(kind, [{ linkKey: freshKey(), item: sample }]);
    const { id, version } = applied(outcome);
    for (let round = 0; round < 2; round += 1) {
      const [removed] = await connector.remove(kind, [{ id, version }]);
      assert.equal(removed?.kind, 'applied');
    }
    const [read] = value(await connector.read(kind, [id]));
    assert.equal(read?.kind, removed);
  });

  test(`${name}: reading several items answers each by itself, in the order asked`, async (t) => {
    const { connector } = await plug.open(t);
    const made = await connector.create(
      kind,
      Array.from({ length: 3 }, () => ({ linkKey: freshKey(), item: sample })),
    );
    const [first, second, third] = made.map((outcome) => applied(outcome)) as [Versioned, Versioned, Versioned];
    await connector.remove(kind, [second]);
    const outcomes = value(await connector.read(kind, [third.id, second.id, first.id]));
    assert.deepEqual(
      outcomes.map((one) => one.kind),
      ['present', removed, 'present'],
    );
  });

  test(`${name}: an item is found by its key, also after the key was stamped later, and an unknown key finds nothing`, async (t) => {
    const { connector } = await plug.open(t);
    const key = freshKey();
    const [outcome] = await connector.create(kind, [{ linkKey: key, item: sample }]);
    const { id, version } = applied(outcome);
    assert.deepEqual(value(await connector.findByLinkKey(kind, key)), [id]);
    assert.deepEqual(value(await connector.findByLinkKey(kind, freshKey())), []);
    const stamped = freshKey();
    const [update] = await connector.update(kind, [{ id, version, target: sample, paths: [], linkKey: stamped }]);
    assert.equal(applied(update).id, id);
    assert.deepEqual(value(await connector.findByLinkKey(kind, stamped)), [id]);
    const snapshot = await readOne(connector, kind, id);
    assert.equal(snapshot.linkKey, stamped);
    assert.deepEqual(seen(connector, snapshot.item), seen(connector, sample));
  });

  test(`${name}: a position that is not one of this side's is refused as such, never answered with an empty page`, async (t) => {
    const { connector } = await plug.open(t);
    const reply = await connector.changes(kind, 'bm90IGEgY3Vyc29y');
    assert.equal(reply.ok ? 'accepted' : reply.fault.code, 'mailbox.cursorInvalid');
  });
}

function seriesSentences(name: string, plug: ConformancePlug): void {
  test(`${name}: a series keeps its rule and its changed, moved and cancelled occurrences`, async (t) => {
    const { connector } = await plug.open(t);
    const [outcome] = await connector.create('event', [{ linkKey: freshKey(), item: weekly }]);
    const { id } = applied(outcome);
    const snapshot = await readOne(connector, 'event', id);
    assert.deepEqual(seen(connector, snapshot.item), seen(connector, weekly));
  });

  test(`${name}: one occurrence can be changed, another cancelled and a third put back, without touching the series`, async (t) => {
    const { connector } = await plug.open(t);
    const [outcome] = await connector.create('event', [{ linkKey: freshKey(), item: weekly }]);
    const { id, version } = applied(outcome);
    const { '2026-03-16T09:00:00': _dropped, ...rest } = weekly.overrides ?? {};
    const target = normalise({
      ...weekly,
      overrides: {
        ...rest,
        '2026-03-09T09:00:00': { excluded: true },
        '2026-04-06T09:00:00': { patch: { location: 'Room 5' } },
      },
    });
    const paths = ['overrides.2026-03-09T09:00:00', 'overrides.2026-03-16T09:00:00', 'overrides.2026-04-06T09:00:00'];
    const [update] = await connector.update('event', [{ id, version, target, paths }]);
    const now = applied(update);
    const snapshot = await readOne(connector, 'event', now.id);
    assert.equal(snapshot.version, now.version);
    assert.deepEqual(seen(connector, snapshot.item), seen(connector, target));
  });

  test(`${name}: a series that moves to another hour keeps the occurrences that its target names`, async (t) => {
    const { connector } = await plug.open(t);
    const [outcome] = await connector.create('event', [{ linkKey: freshKey(), item: weekly }]);
    const { id, version } = applied(outcome);
    const target = normalise({
      ...weekly,
      when: { ...weekly.when, start: '2026-03-02T10:00:00', end: '2026-03-02T10:15:00' },
      overrides: { '2026-03-16T10:00:00': { excluded: true } },
    });
    const paths = ['when', ...Object.keys(weekly.overrides ?? {}), '2026-03-16T10:00:00'].map((path) =>
      path === 'when' ? path : `overrides.${path}`,
    );
    const [update] = await connector.update('event', [{ id, version, target, paths }]);
    const snapshot = await readOne(connector, 'event', applied(update).id);
    assert.deepEqual(seen(connector, snapshot.item), seen(connector, target));
  });
}

function roundTrips(name: string, plug: ConformancePlug): void {
  const runs = plug.roundTrips ?? 40;
  for (const [kind, arbitrary] of [
    ['contact', contacts],
    ['event', events],
    ['task', tasks],
  ] as const) {
    test(`${name}: whatever a ${kind} holds that this side can hold comes back unchanged`, async (t) => {
      const { connector } = await plug.open(t);
      const items = fc
        .sample(arbitrary as fc.Arbitrary<Item>, { numRuns: runs, seed: 20260302 })
        .map(writable)
        .map((item) => plug.sayable?.(item) ?? item);
      const outcomes = await connector.create(
        kind,
        items.map((item) => ({ linkKey: freshKey(), item })),
      );
      const ids = outcomes.map((outcome, index) => {
        if (outcome.kind === 'applied') return outcome.value.id;
        throw new Error(`${JSON.stringify(outcome)} for ${JSON.stringify(items[index])}`);
      });
      const read = value(await connector.read(kind, ids));
      for (const [index, outcome] of read.entries()) {
        assert.equal(outcome.kind, 'present', JSON.stringify(outcome));
        if (outcome.kind !== 'present') continue;
        assert.deepEqual(seen(connector, outcome.snapshot.item), seen(connector, items[index] as Item));
      }
    });
  }
}

function taskSentences(name: string, plug: ConformancePlug): void {
  test(`${name}: a recurring task keeps its rule`, async (t) => {
    const { connector } = await plug.open(t);
    const recurring: Task = normalise({
      ...call,
      dates: { start: '2026-03-06', due: '2026-03-06' },
      recurrence: {
        pattern: { kind: 'weekly', interval: 1, days: ['friday'], firstDay: 'monday' },
        range: { kind: 'count', count: 5 },
        start: '2026-03-06',
      },
    });
    const [outcome] = await connector.create('task', [{ linkKey: freshKey(), item: recurring }]);
    const snapshot = await readOne(connector, 'task', applied(outcome).id);
    assert.deepEqual(seen(connector, snapshot.item), seen(connector, recurring));
  });

  test(`${name}: a task is completed, and reopened`, async (t) => {
    const { connector } = await plug.open(t);
    const [outcome] = await connector.create('task', [{ linkKey: freshKey(), item: call }]);
    let { id, version } = applied(outcome);
    const states: readonly Task['progress'][] = [
      { status: 'completed', percent: 100, completed: latestDay },
      { status: 'inProgress', percent: 25 },
    ];
    for (const progress of states) {
      const target = normalise({ ...call, progress });
      const [update] = await connector.update('task', [{ id, version, target, paths: ['progress'] }]);
      ({ id, version } = applied(update));
      const snapshot = await readOne(connector, 'task', id);
      assert.deepEqual(seen(connector, snapshot.item), seen(connector, target));
    }
  });
}

interface Versioned {
  readonly id: string;
  readonly version: string;
}

function withoutServerGroups(item: Item): Item {
  const kept: Record<string, unknown> = { ...item };
  for (const group of groups[item.kind]) if (group.shape === 'server') delete kept[group.name];
  return normalise(kept as unknown as Item);
}

/** Random items as every server takes them: nothing it decides itself, nothing it refuses. */
function writable(item: Item): Item {
  const kept: Record<string, unknown> = { ...withoutServerGroups(item) };
  if (item.kind === 'task') {
    // Servers move the dates of a recurring task to its rule, and complete only its first instance.
    delete kept.recurrence;
    // A completed task needs no reminder any more.
    if (item.progress.status === 'completed') delete kept.reminder;
    // Every server knows the day of a completion, and none takes one in the future.
    if (item.progress.status === 'completed' && !((item.progress.completed ?? '9') <= latestDay)) {
      kept.progress = { ...item.progress, completed: latestDay };
    }
  }
  return normalise(kept as unknown as Item);
}

/** The item as this side can show it: the form in which sides are compared. */
function seen(connector: Connector, item: Item): Item {
  const capabilities = connector.capabilities.kinds[item.kind];
  assert.ok(capabilities !== undefined, `${item.kind} is not offered`);
  return project(withoutServerGroups(item), capabilities.fields, capabilities.zones);
}

function retitled(item: Item, text: string): Item {
  return item.kind === 'contact' ? { ...item, name: { given: text, surname: 'Byron' } } : { ...item, title: text };
}

function titlePaths(kind: Kind): readonly string[] {
  return kind === 'contact' ? ['name.given'] : ['title'];
}

function applied<T>(outcome: WriteOutcome<T> | undefined): T {
  if (outcome?.kind === 'applied') return outcome.value;
  throw new Error(`not applied: ${JSON.stringify(outcome)}`);
}

function value<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw new Error(`refused: ${JSON.stringify(reply.fault)}`);
}

async function readOne(connector: Connector, kind: Kind, id: string): Promise<Snapshot> {
  const [outcome] = value(await connector.read(kind, [id]));
  if (outcome?.kind === 'present') return outcome.snapshot;
  throw new Error(`not readable: ${JSON.stringify(outcome)}`);
}

/** All pages from a position to the end. */
async function drain(
  connector: Connector,
  kind: Kind,
  from: string | null,
): Promise<{ readonly changes: readonly Change[]; readonly cursor: string }> {
  const changes: Change[] = [];
  let cursor = from;
  for (let pages = 0; pages < 100; pages += 1) {
    const page = value(await connector.changes(kind, cursor));
    changes.push(...page.changes);
    cursor = page.cursor;
    if (page.complete) return { changes, cursor };
  }
  throw new Error('the listing never ends');
}

function presentIds(changes: readonly Change[]): string[] {
  return changes.flatMap((change) => (change.kind === 'present' ? [change.id] : []));
}
