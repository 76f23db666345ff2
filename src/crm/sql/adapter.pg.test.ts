import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Connector, Snapshot, WriteOutcome } from '#contract/connector.ts';
import type { CalendarEvent, Contact, Item, Kind, Task } from '#model/item.ts';
import { normalise } from '#model/normalise.ts';
import { diffPaths, project, valueAt, withValue } from '#model/project.ts';
import { itemPairs } from '#testing/arbitrary-items.ts';
import { testCrm } from '#testing/sql-crm.ts';

const contact: Contact = {
  kind: 'contact',
  name: { given: 'Ada', surname: 'Byron' },
  organization: { company: 'Engines' },
};
const event: CalendarEvent = {
  kind: 'event',
  title: 'Visit',
  when: { start: '2026-03-05T09:00:00', end: '2026-03-05T10:00:00', allDay: false, zone: 'Europe/Berlin' },
  showAs: 'busy',
};
const todo: Task = { kind: 'task', title: 'Call', progress: { status: 'notStarted', percent: 0 } };

/** The record of a completed task always has its day. */
function dated(item: Item): Item {
  if (item.kind !== 'task' || item.progress.status !== 'completed') return item;
  return { ...item, progress: { ...item.progress, completed: item.progress.completed ?? '2026-03-03' } };
}

test('any edit of any item arrives whole, and what the edit does not name stays', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  const connector = crm.connector('ada');
  const pairs = fc
    .sample(fc.tuple(itemPairs, fc.infiniteStream(fc.boolean())), { numRuns: 250, seed: 20260303 })
    .map(([[from, to], chosen]) => [[dated(from), dated(to)], chosen] as const);
  for (const kind of ['contact', 'event', 'task'] as const) {
    const mine = pairs.filter(([[from]]) => from.kind === kind);
    const { fields, zones } = connector.capabilities.kinds[kind]!;
    const created = await connector.create(
      kind,
      mine.map(([[from]], at) => ({ linkKey: `edit-${kind}-${at}`, item: from })),
    );
    const updates = mine.map(([[from, to], chosen], at) => {
      const paths = diffPaths(project(from, fields, zones), project(to, fields, zones)).filter(() => next(chosen));
      const written = applied(created[at]);
      return { id: written.id, version: written.version, target: to, paths, from };
    });
    const outcomes = await connector.update(kind, updates);
    for (const [at, update] of updates.entries()) {
      const { item } = applied(outcomes[at]);
      let expected: Item = update.from;
      for (const path of update.paths) expected = withValue(expected, path, valueAt(update.target, path));
      assert.deepEqual(item, project(normalise(expected), fields, zones), JSON.stringify(update.paths));
    }
  }
});

test('one bad record of a batch is refused alone and names what is wrong; the others are written', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  const connector = crm.connector('ada');
  const long = { ...event, title: 'x'.repeat(256) };
  const backwards = { ...event, when: { ...event.when, end: '2026-03-05T08:00:00' } };
  const control = { ...event, title: 'a\u0000b' };
  const creates = [event, long, event, backwards, control, event].map((item, at) => ({ linkKey: `bad-${at}`, item }));
  const outcomes = await connector.create('event', creates);
  assert.deepEqual(outcomes.map(summary), [
    'applied',
    'item.tooLarge title',
    'applied',
    'item.invalid when',
    'item.invalid',
    'applied',
  ]);
  const [count] = await crm.database.query('test.count', 'select count(*) as count from crm.activity');
  assert.deepEqual(count, { count: 3 });
});

test('a refusal by a trigger of the CRM’s owner concerns that record only', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  await crm.database.script(`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$;
    create trigger refuse before insert on crm.contact for each row when (new.last_name = 'Nobody')
      execute function refuse()`);
  const outcomes = await crm.connector('ada').create('contact', [
    { linkKey: 'one', item: contact },
    { linkKey: 'two', item: { kind: 'contact', name: { surname: 'Nobody' } } },
  ]);
  assert.deepEqual(outcomes.map(summary), ['applied', 'item.invalid']);
});

test('the same create sent twice makes one record', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  const create = { linkKey: 'same', item: contact };
  const connector = crm.connector('ada');
  const [first] = await connector.create('contact', [create]);
  const [[second], [third]] = await Promise.all([
    connector.create('contact', [create]),
    connector.create('contact', [create]),
  ]);
  assert.equal(applied(second).id, applied(first).id);
  assert.equal(applied(third).id, applied(first).id);
  const [count] = await crm.database.query('test.count', 'select count(*) as count from crm.contact');
  assert.deepEqual(count, { count: 1 });
});

test('two programs that send the same create at once make one record', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  const connector = crm.connector('ada');
  for (let round = 0; round < 10; round += 1) {
    const creates = [0, 1, 2].map((n) => ({ linkKey: `race-${round}-${n}`, item: event }));
    const [one, two] = await Promise.all([connector.create('event', creates), connector.create('event', creates)]);
    assert.deepEqual(
      one.map((outcome) => applied(outcome).id),
      two.map((outcome) => applied(outcome).id),
    );
  }
});

test('a key that another user’s record carries is refused', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  await crm.employ('bob');
  await crm.connector('ada').create('contact', [{ linkKey: 'taken', item: contact }]);
  const outcomes = await crm.connector('bob').create('contact', [
    { linkKey: 'taken', item: contact },
    { linkKey: 'free', item: contact },
  ]);
  assert.deepEqual(outcomes.map(summary), ['item.conflict', 'applied']);
});

test('a connection lost during the commit leaves the outcome unknown, before it nothing has happened', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  await crm.database.script(`
    create function wait() returns trigger language plpgsql as $$ begin perform pg_sleep(30); return null; end $$;
    create constraint trigger slow after insert on crm.contact deferrable initially deferred
      for each row execute function wait()`);
  const pending = crm.connector('ada').create('contact', [{ linkKey: 'lost', item: contact }]);
  for (;;) {
    const ended = await crm.database.query(
      'test.end',
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and query = 'commit' and state = 'active'`,
    );
    if (ended.length > 0) break;
  }
  const [outcome] = await pending;
  assert.equal(outcome?.kind, 'unknown');
  assert.equal(outcome?.kind === 'unknown' ? outcome.fault.code : '', 'server.unreachable');
});

test('a login that is nobody’s ends the user’s cycle, not the program', async (t) => {
  const crm = await testCrm(t);
  const connector = crm.connector('ghost');
  const probe = await connector.probe();
  assert.equal(probe.ok ? '' : probe.fault.code, 'mailbox.notFound');
  const outcomes = await connector.create('contact', [{ linkKey: 'x', item: contact }]);
  assert.deepEqual(outcomes.map(summary), ['mailbox.notFound']);
});

test('probe names the product, the user’s zone and the clock difference', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada', { zone: 'Asia/Tokyo' });
  const probe = await crm.connector('ada').probe();
  assert.ok(probe.ok);
  assert.match(probe.value.product, /^PostgreSQL \d/);
  assert.equal(probe.value.zone, 'Asia/Tokyo');
  assert.ok(Math.abs(probe.value.clockOffsetMs ?? Number.NaN) < 5_000);
});

test('priority and status keep their own words as long as their meaning does not change', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  await crm.database.script(`insert into crm.activity (display, owner_employee_id, description, priority, status)
    values ('To Do and Activities', ${ada}, 'Call', '1-ASAP', 'Acknowledged')`);
  const connector = crm.connector('ada');
  const snapshot = await only(connector, 'task');
  const task = snapshot.item as Task;
  assert.equal(task.importance, 'high');
  const target: Task = { ...task, title: 'Call again' };
  const paths = ['title', 'importance', 'progress'];
  const [same] = await connector.update('task', [{ id: snapshot.id, version: snapshot.version, target, paths }]);
  assert.deepEqual(await words(), { priority: '1-ASAP', status: 'Acknowledged' });
  const { importance: _high, ...calm } = target;
  const waiting: Task = { ...calm, progress: { status: 'waiting', percent: 10 } };
  const { id, version } = applied(same);
  await connector.update('task', [{ id, version, target: waiting, paths }]);
  assert.deepEqual(await words(), { priority: '3-Medium', status: 'On Hold' });

  async function words() {
    return (await crm.database.query('test.words', 'select priority, status from crm.activity'))[0];
  }
});

test('a company is linked to its account, made once for many contacts, and keeps the user’s spelling', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  const connector = crm.connector('ada');
  const named = (company: string): Contact => ({ kind: 'contact', organization: { company } });
  const outcomes = await connector.create(
    'contact',
    ['Engines', 'ENGINES', 'Engines'].map((company, at) => ({ linkKey: `c${at}`, item: named(company) })),
  );
  const companies = outcomes.map((outcome) => (applied(outcome).item as Contact).organization?.company);
  assert.deepEqual(companies, ['Engines', 'ENGINES', 'Engines']);
  const accounts = await crm.database.query('test.accounts', 'select name from crm.account');
  assert.equal(accounts.length, 1);
});

test('clearing a company unlinks the contact and leaves the account', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  const connector = crm.connector('ada');
  const [outcome] = await connector.create('contact', [{ linkKey: 'one', item: contact }]);
  const { id, version } = applied(outcome);
  const { organization: _none, ...target } = contact;
  const paths = ['organization.company'];
  const [cleared] = await connector.update('contact', [{ id, version, target, paths }]);
  assert.equal((applied(cleared).item as Contact).organization, undefined);
  const rows = await crm.database.query('test.rows', 'select account_id, company_name from crm.contact');
  assert.deepEqual(rows, [{ account_id: null, company_name: null }]);
  assert.equal((await crm.database.query('test.accounts', 'select from crm.account')).length, 1);
});

test('companies can be linked only to accounts that exist, or kept as text', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  for (const accounts of ['link', 'text'] as const) {
    const connector = crm.connector('ada', { accounts });
    const [outcome] = await connector.create('contact', [{ linkKey: accounts, item: contact }]);
    assert.equal((applied(outcome).item as Contact).organization?.company, 'Engines');
  }
  assert.deepEqual(await crm.database.query('test.accounts', 'select name from crm.account'), []);
});

test('attendees are linked to the employees and contacts behind their addresses; strangers are kept', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada', { email: 'Ada@crm.example' });
  await crm.employ('bob', { email: 'Bob@crm.example' });
  const connector = crm.connector('ada');
  const item: Contact = { ...contact, emails: { '1': 'Eve@shop.example', '2': 'eve@home.example' } };
  await connector.create('contact', [{ linkKey: 'eve', item }]);
  const attendees: CalendarEvent['attendees'] = {
    'ada@crm.example': { role: 'required' },
    'bob@crm.example': { name: 'Bob', role: 'optional' },
    'eve@home.example': { role: 'required' },
    'eve@shop.example': { name: 'Eve', role: 'required' },
    'room1@crm.example': { name: 'Room', role: 'resource' },
  };
  const [outcome] = await connector.create('event', [{ linkKey: 'meeting', item: { ...event, attendees } }]);
  const written = applied(outcome);
  assert.deepEqual((written.item as CalendarEvent).attendees, attendees);
  const people = await crm.database.query(
    'test.people',
    `select (select count(*) from crm.activity_employee) as employees,
            (select count(*) from crm.activity_contact) as contacts, (select count(*) from crm.activity_other) as others`,
  );
  assert.deepEqual(people, [{ employees: 1, contacts: 1, others: 3 }]);
  assert.equal((await only(crm.connector('bob'), 'event')).id, written.id);
});

test('a participant without an address is no attendee and survives every edit', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  const connector = crm.connector('ada');
  const attendees = { 'x@y.example': { role: 'required' } } as const;
  const [outcome] = await connector.create('event', [{ linkKey: 'meeting', item: { ...event, attendees } }]);
  const { id } = applied(outcome);
  await crm.database.script(`with c as (insert into crm.contact (last_name) values ('Mute') returning id)
    insert into crm.activity_contact (activity_id, contact_id) select ${id}, id from c`);
  const { version } = await only(connector, 'event');
  const [update] = await connector.update('event', [{ id, version, target: event, paths: ['attendees'] }]);
  assert.equal((applied(update).item as CalendarEvent).attendees, undefined);
  const rows = await crm.database.query('test.rows', 'select address, name from crm.activity_contact');
  assert.deepEqual(rows, [{ address: null, name: 'Mute' }]);
});

test('removing is leaving: a shared contact and another’s meeting stay for the others', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  const bob = await crm.employ('bob');
  const adas = crm.connector('ada');
  const bobs = crm.connector('bob');
  const shared = applied((await adas.create('contact', [{ linkKey: 'c', item: contact }]))[0]);
  await crm.database.script(`insert into crm.sync_list (contact_id, employee_id) values (${shared.id}, ${bob})`);
  const attendees = { 'bob@crm.example': { role: 'required' } } as const;
  const meeting = applied((await adas.create('event', [{ linkKey: 'm', item: { ...event, attendees } }]))[0]);
  for (const kind of ['contact', 'event'] as const) {
    const { id, version } = await only(bobs, kind);
    assert.equal((await bobs.remove(kind, [{ id, version }]))[0]?.kind, 'applied');
    assert.equal((await bobs.remove(kind, [{ id, version }]))[0]?.kind, 'applied');
  }
  assert.equal((await only(adas, 'contact')).id, shared.id);
  const left = await only(adas, 'event');
  assert.equal(left.id, meeting.id);
  assert.equal((left.item as CalendarEvent).attendees, undefined);
  await adas.remove('event', [{ id: left.id, version: left.version }]);
  assert.deepEqual(await crm.database.query('test.rows', 'select from crm.activity'), []);
});

test('a removal of something that was edited meanwhile is refused', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  const connector = crm.connector('ada');
  const { id, version } = applied((await connector.create('task', [{ linkKey: 't', item: todo }]))[0]);
  await crm.database.script("update crm.activity set comments = 'wait'");
  assert.deepEqual((await connector.remove('task', [{ id, version }])).map(summary), ['item.conflict']);
});

test('columns that are not mapped stay as they are', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  const connector = crm.connector('ada');
  const { id } = applied((await connector.create('event', [{ linkKey: 'e', item: event }]))[0]);
  await crm.database.script(`with a as (insert into crm.account (name) values ('Deal') returning id)
    update crm.activity set type = 'Site visit', account_id = (select id from a), due_date = '2026-04-01'`);
  const { version } = await only(connector, 'event');
  const paths = ['title', 'when', 'showAs', 'reminder', 'importance', 'sensitivity', 'categories', 'body', 'location'];
  const target = { ...event, title: 'Other' };
  applied((await connector.update('event', [{ id, version, target, paths }]))[0]);
  const rows = await crm.database.query(
    'test.rows',
    'select a.type, n.name as account, a.due_date from crm.activity a join crm.account n on n.id = a.account_id',
  );
  assert.deepEqual(rows, [{ type: 'Site visit', account: 'Deal', due_date: '2026-04-01' }]);
});

test('what people type by plain SQL reads as a normalised item', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada', { zone: 'Asia/Tokyo' });
  await crm.database.script(`insert into crm.activity (display, owner_employee_id, description, planned_start,
      planned_completion, meeting_location, alarm, alarm_minutes)
    values ('Calendar and Activities', ${ada}, '  Two \n lines ', '2026-03-05 09:00', '2026-03-05 09:30', '', true, 10)`);
  assert.deepEqual((await only(crm.connector('ada'), 'event')).item, {
    kind: 'event',
    title: 'Two lines',
    when: { start: '2026-03-05T09:00:00', end: '2026-03-05T09:30:00', allDay: false, zone: 'Asia/Tokyo' },
    showAs: 'busy',
    reminder: { minutesBefore: 10 },
  });
});

test('writers that meet on the same records in different order all get through', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  const connector = crm.connector('ada');
  const made = await connector.create(
    'contact',
    Array.from({ length: 20 }, (_, at) => ({ linkKey: `k${at}`, item: contact })),
  );
  const ids = made.map((outcome) => applied(outcome).id);
  await Promise.all(
    [ids, [...ids].reverse()].map(async (order) => {
      for (let round = 0; round < 5; round += 1) {
        const reply = await connector.read('contact', order);
        assert.ok(reply.ok);
        const updates = reply.value.map((outcome) => {
          assert.equal(outcome.kind, 'present');
          const { id, version } = (outcome as { readonly snapshot: Snapshot }).snapshot;
          return { id, version, target: { ...contact, name: { given: `${round}` } }, paths: ['name.given'] };
        });
        for (const outcome of await connector.update('contact', updates)) {
          assert.ok(outcome.kind === 'applied' || summary(outcome) === 'item.conflict', JSON.stringify(outcome));
        }
      }
    }),
  );
});

function next(stream: Iterator<boolean>): boolean {
  return stream.next().value === true;
}

function applied<T>(outcome: WriteOutcome<T> | undefined): T {
  if (outcome?.kind === 'applied') return outcome.value;
  throw new Error(`not applied: ${JSON.stringify(outcome)}`);
}

/** `applied`, or the code and path of the fault. */
function summary(outcome: WriteOutcome<unknown>): string {
  if (outcome.kind === 'applied') return 'applied';
  return [outcome.fault.code, outcome.fault.path].filter((part) => part !== undefined).join(' ');
}

/** The user's only item of a kind. */
async function only(connector: Connector, kind: Kind): Promise<Snapshot> {
  const page = await connector.changes(kind, null);
  assert.ok(page.ok && page.value.changes.length === 1, JSON.stringify(page));
  const reply = await connector.read(kind, [page.value.changes[0]!.id]);
  assert.ok(reply.ok && reply.value[0]?.kind === 'present', JSON.stringify(reply));
  return reply.value[0].snapshot;
}
