/** What matters beyond single calls, on the simulated Exchange 2007: other faces of the same items, sign-in, moves, mail. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Connector, Snapshot } from '#contract/connector.ts';
import { groups } from '#model/groups.ts';
import type { CalendarEvent, Contact, Item, Kind, Task } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { project } from '#model/project.ts';
import { systemPorts } from '#ports/system-ports.ts';
import type { EstateInput } from '#simulators/exchange/estate.ts';
import { type RunningExchange, startExchange } from '#simulators/exchange/start-exchange.ts';
import { contacts, events, tasks } from '#testing/arbitrary-items.ts';
import { withPlainNames } from '#testing/sayable-items.ts';
import { openEwsConnector } from '../ews/connector.ts';
import { openExchange2007Connector } from './connector.ts';
import type { WebDavCredentials } from './options.ts';

const alice = 'alice@example.test';
const service = { userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' as const };

interface Office {
  readonly exchange: RunningExchange;
  readonly webdav: Connector;
  readonly ews: Connector;
}

async function office(
  t: TestContext,
  more: Partial<EstateInput> = {},
  signIn: WebDavCredentials['kind'] = 'basic',
  password = service.password,
): Promise<Office> {
  const exchange = await startExchange({
    estate: {
      version: '2007sp3',
      mailboxes: [
        {
          address: alice,
          password: 'alice-pw1',
          folderNames: { calendar: 'Kalender & Termine', contacts: 'Büro/Kontakte' },
        },
        { address: 'bob@example.test', password: 'bob-pw1' },
      ],
      serviceAccounts: [service],
      ...more,
    },
  });
  const webdav = openExchange2007Connector(
    {
      endpoint: `${exchange.origin}/exchange/`,
      mailbox: alice,
      credentials: { kind: signIn, user: service.userName, password },
      linkKeyName: 'liaison-link',
      mailboxZone: 'Europe/Berlin',
    },
    systemPorts(),
  );
  const ews = openEwsConnector(
    {
      endpoint: exchange.url,
      mailbox: alice,
      credentials: { kind: 'basic', user: service.userName, password: service.password },
      impersonate: true,
      linkKeyName: 'liaison-link',
    },
    systemPorts(),
  );
  t.after(async () => {
    await webdav.close();
    await ews.close();
    await exchange.close();
  });
  return { exchange, webdav, ews };
}

const sampleSize = 30;

/** Items of all kinds that Exchange takes as they are. */
function sample(kind: Kind): readonly Item[] {
  const arbitrary: fc.Arbitrary<Item> = { contact: contacts, event: events, task: tasks }[kind];
  return fc.sample(arbitrary, { numRuns: sampleSize, seed: 20260315 }).map((item) => {
    const kept: Record<string, unknown> = { ...withPlainNames(item) };
    for (const { name, shape } of groups[kind]) if (shape === 'server') delete kept[name];
    if (item.kind === 'task') {
      delete kept.recurrence;
      if (item.progress.status === 'completed') delete kept.reminder;
      if (item.progress.status === 'completed') kept.progress = { ...item.progress, completed: '2025-12-31' };
    }
    return normalise(kept as unknown as Item);
  });
}

/** By link key, since ids differ between the faces. */
async function all(connector: Connector, kind: Kind): Promise<ReadonlyMap<string, Snapshot>> {
  const found = new Map<string, Snapshot>();
  const ids: string[] = [];
  let cursor: string | null = null;
  for (let complete = false; !complete; ) {
    const page = await connector.changes(kind, cursor);
    assert.ok(page.ok, JSON.stringify(page));
    ids.push(...page.value.changes.flatMap((change) => (change.kind === 'present' ? [change.id] : [])));
    ({ cursor, complete } = page.value);
  }
  const read = await connector.read(kind, ids);
  assert.ok(read.ok, JSON.stringify(read));
  for (const one of read.value) {
    assert.equal(one.kind, 'present', JSON.stringify(one));
    if (one.kind === 'present') found.set(one.snapshot.linkKey ?? one.snapshot.id, one.snapshot);
  }
  return found;
}

function comparable(item: Item, ...sides: readonly Connector[]): Item {
  const { meeting: _, responses: __, ...rest } = item as CalendarEvent;
  return sides.reduce(
    (held, side) => {
      const capabilities = side.capabilities.kinds[item.kind];
      return capabilities === undefined ? held : project(held, capabilities.fields, capabilities.zones);
    },
    normalise(rest as Item),
  );
}

for (const kind of ['contact', 'event', 'task'] as const) {
  test(`every ${kind} written over WebDAV is the same over web services after the mailbox moved to a later server`, async (t) => {
    const { exchange, webdav, ews } = await office(t);
    const items = new Map(sample(kind).map((item, index) => [`key-${index}`, item]));
    const outcomes = await webdav.create(
      kind,
      [...items].map(([linkKey, item]) => ({ linkKey, item })),
    );
    assert.ok(
      outcomes.every((one) => one.kind === 'applied'),
      JSON.stringify(outcomes.find((one) => one.kind !== 'applied')),
    );
    assert.ok(exchange.moveMailbox(alice, '2010sp3'));
    const seen = await all(ews, kind);
    for (const [key, item] of items) {
      const snapshot = seen.get(key);
      assert.ok(snapshot !== undefined, key);
      assert.deepEqual(comparable(snapshot.item, ews, webdav), comparable(item, ews, webdav));
    }
  });

  test(`every ${kind} written over web services is the same over WebDAV`, async (t) => {
    const { exchange, webdav, ews } = await office(t, { version: '2010sp3' });
    const items = new Map(sample(kind).map((item, index) => [`key-${index}`, item]));
    const outcomes = await ews.create(
      kind,
      [...items].map(([linkKey, item]) => ({ linkKey, item })),
    );
    assert.ok(
      outcomes.every((one) => one.kind === 'applied'),
      JSON.stringify(outcomes.find((one) => one.kind !== 'applied')),
    );
    assert.ok(exchange.moveMailbox(alice, '2007sp3'));
    const seen = await all(webdav, kind);
    for (const [key, item] of items) {
      const snapshot = seen.get(key);
      assert.ok(snapshot !== undefined, key);
      assert.deepEqual(comparable(snapshot.item, ews, webdav), comparable(item, ews, webdav));
    }
  });
}

const ada: Contact = normalise({ kind: 'contact', name: { given: 'Ada', surname: 'Byron' } });

test('notes of a million letters come back whole', async (t) => {
  const { webdav } = await office(t);
  const body = { text: `${'Größe <&> '.repeat(99_999)}end` };
  const [made] = await webdav.create('contact', [{ linkKey: 'key-1', item: { ...ada, body } }]);
  assert.equal(made?.kind, 'applied', JSON.stringify(made));
  const seen = (await all(webdav, 'contact')).get('key-1');
  assert.deepEqual(seen?.item.body, body);
});

test('both forms of signing in by page let the work be done, and a wrong password is told as such', async (t) => {
  for (const forms of ['2003', '2007'] as const) {
    const webdavSettings = { webdav: { forms, formsWithoutTls: true } };
    const { webdav } = await office(t, webdavSettings, 'forms');
    const reply = await webdav.probe();
    assert.ok(reply.ok, JSON.stringify(reply));
    const wrong = await office(t, webdavSettings, 'forms', 'wrong');
    const refused = await wrong.webdav.probe();
    assert.equal(refused.ok ? 'ok' : refused.fault.code, 'authentication.rejected');
    const basic = await office(t, webdavSettings, 'basic');
    const named = await basic.webdav.probe();
    assert.match(named.ok ? '' : named.fault.message, /by form/);
  }
});

test('a position that is damaged starts over, whether the server refuses it or lists everything anew', async (t) => {
  for (const invalidCollblob of ['refuse', 'startOver'] as const) {
    const { webdav } = await office(t, { webdav: { invalidCollblob } });
    await webdav.create('contact', [{ linkKey: 'key-1', item: ada }]);
    const listed = await webdav.changes('contact', null);
    assert.ok(listed.ok);
    const position = JSON.parse(Buffer.from(listed.value.cursor, 'base64url').toString()) as Record<string, unknown>;
    const damaged = Buffer.from(JSON.stringify({ ...position, collblob: 'AAAA' })).toString('base64url');
    const reply = await webdav.changes('contact', damaged);
    assert.equal(reply.ok ? 'ok' : reply.fault.code, 'mailbox.cursorInvalid');
  }
});

test('a filter that stops BPROPFIND does not stop the work', async (t) => {
  const { webdav } = await office(t, { webdav: { blockedMethods: ['BPROPFIND'] } });
  const creates = ['key-1', 'key-2', 'key-3'].map((linkKey) => ({ linkKey, item: ada }));
  await webdav.create('contact', creates);
  assert.equal((await all(webdav, 'contact')).size, 3);
});

test('a mailbox that moved to a later server is told as moved, and its items are found there by their keys', async (t) => {
  const { exchange, webdav, ews } = await office(t);
  await webdav.create('contact', [{ linkKey: 'key-1', item: ada }]);
  assert.ok(exchange.moveMailbox(alice, '2010sp3'));
  const reply = await webdav.changes('contact', null);
  assert.equal(reply.ok ? 'ok' : reply.fault.code, 'mailbox.moved');
  const found = await ews.findByLinkKey('contact', 'key-1');
  assert.equal(found.ok && found.value.length, 1);
});

test('people can join and leave a meeting and a series, keep their answers, and nobody gets mail', async (t) => {
  const { exchange, webdav } = await office(t);
  const weekly: CalendarEvent = normalise({
    kind: 'event',
    title: 'Review',
    when: { start: '2026-03-02T09:00:00', end: '2026-03-02T10:00:00', allDay: false, zone: 'Europe/Berlin' },
    recurrence: {
      pattern: { kind: 'weekly', interval: 2, days: ['monday', 'friday'], firstDay: 'sunday' },
      range: { kind: 'count', count: 8 },
    },
    overrides: {
      '2026-03-06T09:00:00': { excluded: true },
      '2026-03-16T09:00:00': {
        patch: { title: 'Review with guests', showAs: 'outOfOffice', reminder: { minutesBefore: 5 } },
      },
    },
    showAs: 'workingElsewhere',
    attendees: { 'bob@example.test': { name: 'Bob', role: 'required' } },
  });
  const [made] = await webdav.create('event', [{ linkKey: 'key-1', item: weekly }]);
  assert.equal(made?.kind, 'applied', JSON.stringify(made));
  const { id, version } = (made as Extract<typeof made, { kind: 'applied' }>).value;
  const target: CalendarEvent = {
    ...weekly,
    attendees: { 'bob@example.test': { name: 'Bob', role: 'required' }, 'eve@other.test': { role: 'optional' } },
  };
  const [joined] = await webdav.update('event', [{ id, version, target, paths: ['attendees.eve@other.test'] }]);
  assert.equal(joined?.kind, 'applied', JSON.stringify(joined));
  const seen = (await all(webdav, 'event')).get('key-1');
  assert.deepEqual(comparable(seen?.item ?? ada, webdav), comparable(target, webdav));
  const { attendees: _, ...alone } = weekly;
  const [left] = await webdav.update('event', [
    { id, version: seen?.version ?? '', target: alone, paths: ['attendees'] },
  ]);
  assert.equal(left?.kind, 'applied', JSON.stringify(left));
  const after = (await all(webdav, 'event')).get('key-1');
  assert.deepEqual(comparable(after?.item ?? ada, webdav), comparable(alone, webdav));
  assert.equal(exchange.truth.sent.length, 0);
});

test('completing a recurring task puts aside what is done, once, and moves the task on to its next date', async (t) => {
  const { webdav } = await office(t);
  const report: Task = normalise({
    kind: 'task',
    title: 'Report',
    dates: { due: '2026-03-06' },
    progress: { status: 'inProgress', percent: 50 },
    recurrence: {
      pattern: { kind: 'weekly', interval: 1, days: ['friday'], firstDay: 'monday' },
      range: { kind: 'count', count: 3 },
      start: '2026-03-06',
    },
  });
  const [made] = await webdav.create('task', [{ linkKey: 'key-1', item: report }]);
  const { id, version } = (made as Extract<typeof made, { kind: 'applied' }>).value;
  const target: Task = { ...report, progress: { status: 'completed', percent: 100, completed: '2026-03-05' } };
  const [outcome] = await webdav.update('task', [{ id, version, target, paths: ['progress'] }]);
  assert.equal(outcome?.kind, 'applied', JSON.stringify(outcome));
  const seen = await all(webdav, 'task');
  assert.equal(seen.size, 2);
  const live = seen.get('key-1')?.item as Task;
  assert.deepEqual(
    [live.progress.status, live.dates?.due, live.recurrence?.range],
    ['notStarted', '2026-03-13', { kind: 'count', count: 2 }],
  );
  const aside = [...seen].find(([key]) => key !== 'key-1')?.[1].item as Task;
  assert.deepEqual(
    [aside.progress.completed, aside.dates?.due, aside.recurrence],
    ['2026-03-05', '2026-03-06', undefined],
  );
});
