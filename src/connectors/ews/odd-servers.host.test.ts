/**
 * The connector against EWS servers that are not Microsoft's. What each oddity costs is said in the title: nothing; a loss
 * that is named; or a clear fault, with nothing lost and nothing taken for a deletion.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Change, Connector, Reply, Snapshot, WriteOutcome, Written } from '#contract/connector.ts';
import type { FaultCode } from '#contract/fault.ts';
import type { CalendarEvent, Item, Kind } from '#model/item.ts';
import { kinds } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { project } from '#model/project.ts';
import type { Ports } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { connectorConformance } from '#testing/connector-conformance.ts';
import {
  type OddExchange,
  oddAddress,
  oddPassword,
  oddUser,
  startOddExchange,
} from '#testing/odd-exchange/start-odd-exchange.ts';
import { type Trait, type Traits, traitNames } from '#testing/odd-exchange/traits.ts';
import { openEwsConnector } from './connector.ts';

const seed = Number(process.env.LIAISON_SEED ?? 20260302);

/** Oddities that cost nothing, and how an administrator would put them. */
const harmless = {
  hidesVersion: 'does not say which version it is',
  defaultNamespaces: 'writes its answers without any prefix',
  strangePrefixes: 'writes its answers with unheard-of prefixes',
  prettyPrints: 'prints its answers with blanks, line feeds and comments',
  marksByteOrder: 'begins its answers with a byte order mark',
  sendsUnknownParts: 'adds elements and attributes nobody knows, everywhere',
  faultsUnder200: 'sends faults under HTTP 200',
  faultsUnder400: 'sends faults under HTTP 400',
  tersesMessages: 'sends errors without their text',
  unknownAsPage: 'answers operations it lacks with a web page',
  unknownAs501: 'answers operations it lacks with HTTP 501',
  unknownAsSchemaFault: 'calls operations it lacks a schema violation',
  forgetsZones: 'does not give zones back (of events in the zone of the mailbox)',
  refusesZoneNames: 'takes time zones only when they are spelled out',
  localTimes: 'tells times in its own zone although UTC was asked for',
  fractionalTimes: 'tells times with fractions of seconds',
  plusZeroTimes: 'tells UTC as +00:00',
  zonedDates: 'adds offsets to the dates of rules',
  bodyAsHtml: 'sends notes as HTML although text was asked for',
  emptyElements: 'sends empty elements for what is not set',
  hidesItemClass: 'does not tell item classes',
  hidesMeetingParts: 'knows nothing of meetings',
  setIdsAsGuid: 'spells property sets by GUID',
  untiedTasks: 'does not tie the progress of tasks together',
  longIds: 'has ids of 512 characters',
  strangeIds: 'has ids of any characters',
  shortChangeKeys: 'just counts versions',
  keylessUpdates: 'answers updates without a new version',
  longSyncState: 'has synchronisation states of 100,000 characters',
  stillSyncState: 'has synchronisation states that stay while nothing changes',
  hidesLastPage: 'never says which page is the last',
  ignoresPageLimit: 'sends all changes at once',
  pagesOfTen: 'sends ten changes at a time',
  repeatsChanges: 'reports every change twice',
  updatesForNew: 'reports updates of items it never reported',
  shufflesAnswers: 'answers in another order than asked',
  dropsMessages: 'leaves an entry out of every answer with several',
  stopsBatches: 'stops after three entries of a request',
  refusesBatches: 'refuses requests of more than three entries',
  deletesAsNotFound: 'calls an item it has just deleted missing',
  refusesSearch: 'cannot search by property',
  ignoresSearch: 'ignores what is searched for',
  closesConnections: 'closes the connection after every answer',
  gzips: 'compresses its answers',
  trickles: 'sends its answers byte by byte',
} as const satisfies Partial<Record<Trait, string>>;

/** Oddities the connector cannot work with, and the fault that says so. */
const refused = {
  ntlmOnly: ['takes NTLM only, while Basic is configured', 'authentication.rejected'],
  refusesImpersonation: ['refuses impersonation', 'mailbox.denied'],
  redirects301: ['has moved for good (301)', 'server.notExchange'],
  redirects308: ['has moved for good (308)', 'server.notExchange'],
} as const satisfies Partial<Record<Trait, readonly [string, FaultCode]>>;

/** Oddities with a test of their own below. */
const special: readonly Trait[] = [
  'refusesZones',
  'ownOccurrenceKeys',
  'deletesUnknown',
  'listsOccurrences',
  'emptyListing',
  'cutsAnswers',
  'ignoresConflicts',
  'refusesOccurrenceIds',
  'hidesOccurrences',
  'busySometimes',
];

test('every oddity has a promise', () => {
  const promised = [...Object.keys(harmless), ...Object.keys(refused), ...special];
  assert.deepEqual(promised.sort(), [...traitNames].sort());
});

const loud: readonly Trait[] = [
  'strangePrefixes',
  'prettyPrints',
  'marksByteOrder',
  'sendsUnknownParts',
  'faultsUnder200',
  'unknownAsPage',
  'localTimes',
  'zonedDates',
  'emptyElements',
  'setIdsAsGuid',
  'longIds',
  'keylessUpdates',
  'longSyncState',
  'pagesOfTen',
  'repeatsChanges',
  'shufflesAnswers',
  'stopsBatches',
  'refusesZoneNames',
  'deletesAsNotFound',
  'gzips',
  'closesConnections',
];
const silent: readonly Trait[] = [
  'defaultNamespaces',
  'hidesVersion',
  'faultsUnder400',
  'tersesMessages',
  'unknownAs501',
  'fractionalTimes',
  'plusZeroTimes',
  'hidesItemClass',
  'hidesMeetingParts',
  'untiedTasks',
  'strangeIds',
  'shortChangeKeys',
  'stillSyncState',
  'hidesLastPage',
  'ignoresPageLimit',
  'updatesForNew',
  'dropsMessages',
  'refusesBatches',
  'ignoresConflicts',
  'ignoresSearch',
];
for (const [name, traits] of [
  ['a plain foreign EWS server', []],
  ['a foreign EWS server with much noise', loud],
  ['a foreign EWS server that says as little as possible', silent],
] as const) {
  connectorConformance(`EWS connector on ${name}`, {
    roundTrips: 20,
    open: async (t) => {
      const { server: _, ...user } = await opened(t, traitsOf(traits));
      return user;
    },
  });
}

for (const [trait, phrase] of Object.entries(harmless)) {
  test(`a server that ${phrase} serves a day of work in full`, async (t) => {
    const world = await opened(t, { [trait]: true });
    for (const kind of kinds) await dayOfWork(world, kind);
  });
}

for (const [trait, [phrase, code]] of Object.entries(refused)) {
  test(`a server that ${phrase} is named as the trouble, and nothing is changed or called gone`, async (t) => {
    const { connector } = await opened(t, { [trait]: true });
    assert.equal(faultOf(await connector.probe()), code);
    assert.equal(faultOf(await connector.changes('contact', null)), code);
    assert.equal(faultOf(await connector.read('contact', ['one'])), code);
    assert.equal(faultOf(await connector.findByLinkKey('contact', 'key')), code);
    const [outcome] = await connector.create('contact', [{ linkKey: 'key-0001', item: samples.contact }]);
    assert.equal(outcome?.kind === 'rejected' ? outcome.fault.code : outcome?.kind, code);
  });
}

test('any mixture of harmless oddities serves a day of work in full', async (t) => {
  const names = Object.keys(harmless) as Trait[];
  await fc.assert(
    fc.asyncProperty(fc.subarray(names, { minLength: 2 }), fc.constantFrom(...kinds), async (mixture, kind) => {
      const world = await opened(t, traitsOf(mixture));
      await dayOfWork(world, kind);
      await world.close();
    }),
    { seed, numRuns: 30 },
  );
});

test('a server that refuses zones still takes single events; a series, which would drift, is refused whole', async (t) => {
  const { connector, server } = await opened(t, { refusesZones: true });
  const id = applied(await createOne(connector, 'event', lunch)).id;
  assert.deepEqual(
    seen(connector, (await readOne(connector, 'event', id)).item),
    seen(connector, { ...lunch, when: { ...lunch.when, zone: 'Europe/Berlin' } }),
  );
  const outcome = await createOne(connector, 'event', weekly);
  assert.equal(outcome.kind === 'rejected' ? outcome.fault.code : outcome.kind, 'item.unsupported');
  assert.equal(server.mailbox.inFolder('CalendarItem').length, 1);
});

test('a server that gives every occurrence a version of its own takes several visits for a series, and says so', async (t) => {
  const { connector, server } = await opened(t, { ownOccurrenceKeys: true });
  let outcome = await createOne(connector, 'event', weekly);
  assert.equal(outcome.kind, 'unknown');
  const [id] = value(await connector.findByLinkKey('event', lastKey()));
  assert.ok(id !== undefined);
  for (let visit = 0; visit < 3 && outcome.kind !== 'applied'; visit += 1) {
    const { version } = await readOne(connector, 'event', id);
    [outcome = outcome] = await connector.update('event', [{ id, version, target: weekly, paths: ['overrides'] }]);
  }
  assert.equal(outcome.kind, 'applied');
  assert.deepEqual(seen(connector, (await readOne(connector, 'event', id)).item), seen(connector, weekly));
  assert.equal(server.mailbox.inFolder('CalendarItem').length, 1);
});

test('deletions of items nobody knows are passed on as what they are, and concern no other item', async (t) => {
  const { connector } = await opened(t, { deletesUnknown: true });
  const { id } = applied(await createOne(connector, 'task', samples.task));
  const { changes } = await drain(connector, 'task', null);
  assert.deepEqual(
    changes.filter(({ kind }) => kind === 'present').map((change) => change.id),
    [id],
  );
  for (const change of changes) if (change.kind === 'gone') assert.match(change.id, /^never-seen/);
});

test('changed occurrences listed as items are called unsupported, and their series is whole', async (t) => {
  const { connector } = await opened(t, { listsOccurrences: true });
  const { id } = applied(await createOne(connector, 'event', weekly));
  const { changes } = await drain(connector, 'event', null);
  assert.equal(changes.length, 3);
  const ids = [...new Set(changes.map((change) => change.id))];
  for (const outcome of value(await connector.read('event', ids))) {
    if (outcome.kind === 'present') {
      assert.equal(outcome.snapshot.id, id);
      assert.deepEqual(seen(connector, outcome.snapshot.item), seen(connector, weekly));
    } else assert.equal(outcome.kind === 'failed' ? outcome.fault.code : outcome.kind, 'item.unsupported');
  }
});

for (const [title, traits] of [
  ['a listing that is empty although the folder is not', { emptyListing: true }],
  ['a listing of nothing but deletions although the folder has items', { emptyListing: true, deletesUnknown: true }],
  ['a listing that is cut off', { cutsAnswers: true }],
  ['a compressed listing that is cut off', { cutsAnswers: true, gzips: true, prettyPrints: true }],
] as const) {
  test(`${title} is a garbled answer, never an empty mailbox`, async (t) => {
    const { connector, server } = await opened(t, traits);
    for (const kind of kinds) {
      applied(await createOne(connector, kind, samples[kind]));
      assert.equal(faultOf(await connector.changes(kind, null)), 'server.garbled');
    }
    assert.equal(server.mailbox.items.size, kinds.length);
  });
}

test('a server that overwrites newer versions, and does not claim to be Exchange, has its versions compared first', async (t) => {
  const world = await opened(t, { ignoresConflicts: true, hidesVersion: true });
  for (const kind of kinds) await dayOfWork(world, kind);
});

test('a server that overwrites newer versions and claims to be Exchange is believed: the last writer wins', async (t) => {
  const { connector, other } = await opened(t, { ignoresConflicts: true });
  const { id, version } = applied(await createOne(connector, 'task', samples.task));
  for (const [writer, title] of [
    [other, 'Theirs'],
    [connector, 'Ours'],
  ] as const) {
    const target = { ...samples.task, title };
    const [outcome] = await writer.update('task', [{ id, version, target, paths: ['title'] }]);
    assert.equal(outcome?.kind, 'applied');
  }
  assert.equal((await readOne(connector, 'task', id)).item.kind, 'task');
});

test('a server that cannot address occurrences keeps the rule of a series, and the outcome says that not all was done', async (t) => {
  const { connector } = await opened(t, { refusesOccurrenceIds: true });
  const outcome = await createOne(connector, 'event', weekly);
  assert.equal(outcome.kind, 'unknown');
  const [id] = value(await connector.findByLinkKey('event', lastKey()));
  assert.ok(id !== undefined);
  const { item, version } = await readOne(connector, 'event', id);
  const { overrides: _, ...plain } = weekly;
  assert.deepEqual(seen(connector, item), seen(connector, plain));
  const [again] = await connector.update('event', [{ id, version, target: weekly, paths: ['overrides'] }]);
  assert.equal(again?.kind, 'rejected', 'nothing was changed, and that is certain');
});

test('a server that does not tell changed occurrences keeps them, and shows the series without them', async (t) => {
  const { connector, server } = await opened(t, { hidesOccurrences: true });
  const { id } = applied(await createOne(connector, 'event', weekly));
  const { overrides: _, ...plain } = weekly;
  assert.deepEqual(seen(connector, (await readOne(connector, 'event', id)).item), seen(connector, plain));
  const [stored] = server.mailbox.inFolder('CalendarItem');
  assert.deepEqual([stored?.occurrences.size, stored?.excluded.size], [2, 1]);
});

test('a server that is busy every now and then is waited for, and no item is doubled by what it turned away', async (t) => {
  const { connector, server } = await opened(t, { busySometimes: true });
  for (let round = 0; round < 10; round += 1) {
    let outcome = await createOne(connector, 'contact', samples.contact);
    if (outcome.kind === 'unknown') {
      assert.deepEqual(value(await connector.findByLinkKey('contact', lastKey())), []);
      outcome = await createOne(connector, 'contact', samples.contact);
    }
    assert.equal(outcome.kind, 'applied', JSON.stringify(outcome));
    await drain(connector, 'contact', null);
  }
  assert.equal(server.mailbox.inFolder('Contact').length, 10);
});

const lunch: CalendarEvent = normalise({
  kind: 'event',
  title: 'Lunch & more',
  location: 'Canteen',
  when: { start: '2026-03-05T12:00:00', end: '2026-03-05T13:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
  reminder: { minutesBefore: 30 },
  body: { text: 'First line\nSecond <line>' },
});
const weekly: CalendarEvent = normalise({
  kind: 'event',
  title: 'Stand-up',
  when: { start: '2026-03-02T09:00:00', end: '2026-03-02T09:15:00', allDay: false, zone: 'Europe/Berlin' },
  recurrence: {
    pattern: { kind: 'weekly', interval: 2, days: ['monday', 'thursday'], firstDay: 'monday' },
    range: { kind: 'count', count: 12 },
  },
  overrides: {
    '2026-03-16T09:00:00': { patch: { title: 'Stand-up with guests' } },
    '2026-03-19T09:00:00': { excluded: true },
    '2026-03-30T09:00:00': {
      patch: { when: { start: '2026-03-30T11:00:00', end: '2026-03-30T11:15:00', allDay: false } },
    },
  },
  showAs: 'busy',
});
const samples = {
  contact: normalise({
    kind: 'contact',
    name: { prefix: 'Dr', given: 'Ada', surname: 'Byron' },
    organization: { company: 'Analytical <Engines>' },
    emails: { '1': 'ada@example.test', '2': 'countess@example.test' },
    phones: { mobile: '+44 1 23' },
    addresses: { business: { street: '12 St James Square', city: 'London' } },
    birthday: '1815-12-10',
    relations: { children: ['Byron', 'Anne'] },
    categories: ['VIP'],
    body: { text: 'First line\nSecond line' },
  }),
  event: weekly,
  task: normalise({
    kind: 'task',
    title: 'Call back',
    dates: { start: '2026-03-05', due: '2026-03-06' },
    progress: { status: 'inProgress', percent: 50 },
    categories: ['Sales', 'Urgent'],
  }),
} as const satisfies Record<Kind, Item>;

interface World {
  readonly connector: Connector;
  readonly other: Connector;
  readonly server: OddExchange;
  close(): Promise<void>;
}

function traitsOf(names: readonly Trait[]): Traits {
  return Object.fromEntries(names.map((name) => [name, true]));
}

async function opened(t: TestContext, traits: Traits): Promise<World> {
  const server = await startOddExchange(traits);
  const open = () =>
    openEwsConnector(
      {
        endpoint: server.url,
        mailbox: oddAddress,
        credentials: { kind: 'basic', user: oddUser, password: oddPassword },
        impersonate: true,
        linkKeyName: 'liaison-link',
        mailboxZone: 'Europe/Berlin',
      },
      hurriedPorts(),
    );
  const world = { connector: open(), other: open(), server };
  const close = async () => {
    await world.connector.close();
    await world.other.close();
    await server.close();
  };
  t.after(close);
  return { ...world, close };
}

const waitMsMax = 10;

/** The machine's ports, but a long wait is a jump of the clock. */
function hurriedPorts(): Ports {
  const ports = systemPorts();
  let jumpedMs = 0;
  return {
    ...ports,
    clock: { now: () => ports.clock.now() + jumpedMs },
    timer: {
      async sleep(durationMs, signal) {
        await ports.timer.sleep(Math.min(durationMs, waitMsMax), signal);
        jumpedMs += Math.max(0, durationMs - waitMsMax);
      },
    },
  };
}

/** What happens in a mailbox on a day: everything is made, listed, read, edited by two, searched and removed. */
async function dayOfWork({ connector, other, server }: World, kind: Kind): Promise<void> {
  const sample = samples[kind];
  const items = kind === 'event' ? [weekly, lunch, weekly, lunch] : [sample, sample, sample, sample];
  const keys = items.map(freshKey);
  const outcomes = await connector.create(
    kind,
    items.map((item, index) => ({ linkKey: keys[index] as string, item })),
  );
  const made = outcomes.map(applied);
  const [first, second, third, last] = made as [Written, Written, Written, Written];
  const listing = await drain(connector, kind, null);
  assert.deepEqual(new Set(listing.changes.map(({ id }) => id)), new Set(made.map(({ id }) => id)));
  for (const change of listing.changes) {
    assert.equal(change.kind === 'present' && change.version, made.find(({ id }) => id === change.id)?.version);
  }
  const read = value(await connector.read(kind, [last.id, first.id, second.id]));
  for (const [index, item] of [items[3], items[0], items[1]].entries()) {
    const outcome = read[index];
    assert.ok(outcome?.kind === 'present', JSON.stringify(outcome));
    assert.deepEqual(seen(connector, outcome.snapshot.item), seen(connector, item as Item));
  }
  await editedByTwo({ connector, other }, kind, first, items[0] as Item);
  applied((await other.remove(kind, [{ id: second.id, version: second.version }]))[0]);
  const later = await drain(connector, kind, listing.cursor);
  const told = new Map(later.changes.map((change) => [change.id, change.kind]));
  assert.deepEqual([...told].sort(), [[first.id, 'present'] as const, [second.id, 'gone'] as const].sort());
  const after = value(await connector.read(kind, [third.id, second.id, last.id]));
  assert.deepEqual(
    after.map((outcome) => outcome.kind),
    ['present', 'gone', 'present'],
  );
  assert.deepEqual(value(await connector.findByLinkKey(kind, keys[2] as string)), [third.id]);
  assert.deepEqual(value(await connector.findByLinkKey(kind, freshKey())), []);
  assert.equal(applied((await connector.remove(kind, [{ id: third.id, version: third.version }]))[0]), null);
  assert.equal(server.mailbox.items.get(third.id)?.deleted, true);
}

/** Somebody else edits first: ours is refused, and goes through from the new version. */
async function editedByTwo(
  { connector, other }: Pick<World, 'connector' | 'other'>,
  kind: Kind,
  { id, version }: Written,
  item: Item,
): Promise<void> {
  const edit = (item: Item, text: string): Item =>
    item.kind === 'contact' ? { ...item, relations: { ...item.relations, spouse: text } } : { ...item, title: text };
  const paths = kind === 'contact' ? ['relations.spouse'] : ['title'];
  const theirs = edit(item, 'Theirs');
  const [edited] = await other.update(kind, [{ id, version, target: theirs, paths }]);
  const now = applied(edited);
  assert.notEqual(now.version, version);
  const shared: Item = { ...theirs, categories: ['Ours'] };
  const [stale] = await connector.update(kind, [{ id, version, target: shared, paths: ['categories'] }]);
  assert.equal(stale?.kind === 'rejected' ? stale.fault.code : stale?.kind, 'item.conflict');
  const [fresh] = await connector.update(kind, [{ id, version: now.version, target: shared, paths: ['categories'] }]);
  const snapshot = await readOne(connector, kind, id);
  assert.equal(snapshot.version, applied(fresh).version);
  assert.deepEqual(seen(connector, snapshot.item), seen(connector, normalise(shared)));
}

let serial = 0;

function freshKey(): string {
  serial += 1;
  return lastKey();
}

function lastKey(): string {
  return `oddtests-${String(serial).padStart(20, '0')}`;
}

async function createOne(connector: Connector, kind: Kind, item: Item): Promise<WriteOutcome<Written>> {
  const [outcome] = await connector.create(kind, [{ linkKey: freshKey(), item }]);
  assert.ok(outcome !== undefined);
  return outcome;
}

async function readOne(connector: Connector, kind: Kind, id: string): Promise<Snapshot> {
  const [outcome] = value(await connector.read(kind, [id]));
  if (outcome?.kind === 'present') return outcome.snapshot;
  throw new Error(`not readable: ${JSON.stringify(outcome)}`);
}

async function drain(connector: Connector, kind: Kind, from: string | null) {
  const changes: Change[] = [];
  let cursor = from;
  for (let pages = 0; pages < 20; pages += 1) {
    const page = value(await connector.changes(kind, cursor));
    changes.push(...page.changes);
    cursor = page.cursor;
    if (page.complete) return { changes, cursor };
  }
  throw new Error('the listing never ends');
}

function seen(connector: Connector, item: Item): Item {
  const capabilities = connector.capabilities.kinds[item.kind];
  assert.ok(capabilities !== undefined);
  return project(normalise(item), capabilities.fields, capabilities.zones);
}

function applied<T>(outcome: WriteOutcome<T> | undefined): T {
  if (outcome?.kind === 'applied') return outcome.value;
  throw new Error(`not applied: ${JSON.stringify(outcome)}`);
}

function value<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  throw new Error(`refused: ${JSON.stringify(reply.fault)}`);
}

function faultOf(reply: Reply<unknown>): string {
  return reply.ok ? 'no fault' : reply.fault.code;
}
