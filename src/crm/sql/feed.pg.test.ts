import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Change, Connector, ReadOutcome } from '#contract/connector.ts';
import type { Kind } from '#model/item.ts';
import { openDatabase } from '#postgres/database.ts';
import { testDatabase } from '#testing/postgres.ts';
import { type TestCrm, testCrm } from '#testing/sql-crm.ts';

test('a change committed late, behind later ones, is still reported after any position', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  const connector = crm.connector('ada');
  const { cursor } = await drain(connector, 'contact', null);
  const slow = openDatabase(crm.url, { max: 1 });
  t.after(() => slow.close());
  let position = cursor;
  let early = 0;
  await slow.transaction(async (queryable) => {
    await queryable.script(contactText('Early', ada));
    early = await idOf(crm, 'Early', queryable);
    // Begun later, committed earlier.
    await crm.database.script(contactText('Late', ada));
    const between = await drain(connector, 'contact', position);
    assert.deepEqual(between.changes, []);
    position = between.cursor;
  });
  const late = await idOf(crm, 'Late');
  const after = await drain(connector, 'contact', position);
  assert.deepEqual(ids(after.changes), [early, late].map(String).sort());
  assert.deepEqual((await drain(connector, 'contact', after.cursor)).changes, []);
});

test('a long transaction in another database of the server delays nothing', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  const neighbour = await testDatabase(t);
  const connector = crm.connector('ada');
  const { cursor } = await drain(connector, 'contact', null);
  await neighbour.database.transaction(async (queryable) => {
    await queryable.script('create table note (id integer)');
    await crm.database.script(contactText('One', ada));
    assert.equal((await drain(connector, 'contact', cursor)).changes.length, 1);
  });
});

test('any interleaving of transactions reports every change exactly to those it concerns', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  const bob = await crm.employ('bob');
  const readers = { ada: crm.connector('ada'), bob: crm.connector('bob') };
  const seen: Record<'ada' | 'bob', Set<string>> = { ada: new Set(), bob: new Set() };
  const cursors = {
    ada: (await drain(readers.ada, 'contact', null)).cursor,
    bob: (await drain(readers.bob, 'contact', null)).cursor,
  };
  const read = async (who: 'ada' | 'bob') => {
    const { changes, cursor } = await drain(readers[who], 'contact', cursors[who]);
    cursors[who] = cursor;
    for (const change of changes) seen[who].add(change.id);
  };
  const writers = openDatabase(crm.url, { max: 6 });
  t.after(() => writers.close());
  const write = async (writer: number) => {
    for (let round = 0; round < 12; round += 1) {
      await writers.transaction(async (queryable) => {
        await queryable.script(contactText(`${writer}-${round}`, writer % 2 === 0 ? ada : bob));
        if ((writer + round) % 3 === 0) await queryable.script(`select pg_sleep(${0.002 * writer})`);
      });
    }
  };
  let writing = true;
  const reading = (async () => {
    while (writing) {
      await read('ada');
      await read('bob');
    }
  })();
  await Promise.all([0, 1, 2, 3, 4, 5].map(write));
  writing = false;
  await reading;
  await read('ada');
  await read('bob');
  const lists = await crm.database.query<{ id: string; employee: number }>(
    'test.lists',
    'select contact_id::text as id, employee_id as employee from crm.sync_list',
  );
  for (const [who, id] of [
    ['ada', ada],
    ['bob', bob],
  ] as const) {
    const mine = lists.filter((row) => row.employee === id).map((row) => row.id);
    assert.deepEqual([...seen[who]].sort(), mine.sort());
  }
});

test('a contact put on a list while somebody else is changing it ends with the change reported', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  await crm.database.script("insert into crm.contact (last_name) values ('Shared')");
  const id = await idOf(crm, 'Shared');
  await overtaking(t, crm, {
    changing: `update crm.contact set first_name = 'New' where id = ${id}`,
    joining: `insert into crm.sync_list (contact_id, employee_id) values (${id}, ${ada})`,
  });
});

test('a contact given to an account that is being renamed ends with the new name reported', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  await crm.database.script(`insert into crm.account (id, name) values (1, 'Old'); ${contactText('One', ada)}`);
  await overtaking(t, crm, {
    changing: "update crm.account set name = 'New' where id = 1",
    joining: 'update crm.contact set account_id = 1',
  });
});

test('leaving the sync list is not a deletion, deleting the contact is', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  for (const name of ['Left', 'Deleted']) await crm.database.script(contactText(name, ada));
  const left = await idOf(crm, 'Left');
  const deleted = await idOf(crm, 'Deleted');
  const connector = crm.connector('ada');
  const { cursor } = await drain(connector, 'contact', null);
  await crm.database.script(`delete from crm.sync_list where contact_id = ${left}`);
  await crm.database.script(`delete from crm.contact where id = ${deleted}`);
  const { changes } = await drain(connector, 'contact', cursor);
  assert.deepEqual(byId(changes), {
    [left]: { kind: 'out', id: `${left}`, reason: 'unlisted' },
    [deleted]: { kind: 'gone', id: `${deleted}` },
  });
});

test('an appointment given to another owner leaves the one calendar and appears in the other', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  const bob = await crm.employ('bob');
  const id = await appointment(crm, ada);
  const before = {
    ada: await drain(crm.connector('ada'), 'event', null),
    bob: await drain(crm.connector('bob'), 'event', null),
  };
  assert.deepEqual(ids(before.ada.changes), [`${id}`]);
  assert.deepEqual(before.bob.changes, []);
  await crm.database.script(`update crm.activity set owner_employee_id = ${bob} where id = ${id}`);
  const adas = await drain(crm.connector('ada'), 'event', before.ada.cursor);
  const bobs = await drain(crm.connector('bob'), 'event', before.bob.cursor);
  assert.deepEqual(adas.changes, [{ kind: 'out', id: `${id}`, reason: 'reassigned' }]);
  assert.deepEqual(
    bobs.changes.map((change) => change.kind),
    ['present'],
  );
});

test('a participant who is added sees the appointment, who is removed loses it, the others see a change', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  const bob = await crm.employ('bob');
  const id = await appointment(crm, ada);
  const adas = await drain(crm.connector('ada'), 'event', null);
  const bobs = await drain(crm.connector('bob'), 'event', null);
  await crm.database.script(`insert into crm.activity_employee (activity_id, employee_id) values (${id}, ${bob})`);
  const added = await drain(crm.connector('bob'), 'event', bobs.cursor);
  assert.deepEqual(ids(added.changes), [`${id}`]);
  const changed = await drain(crm.connector('ada'), 'event', adas.cursor);
  assert.deepEqual(ids(changed.changes), [`${id}`]);
  await crm.database.script(`delete from crm.activity_employee where activity_id = ${id}`);
  const removed = await drain(crm.connector('bob'), 'event', added.cursor);
  assert.deepEqual(removed.changes, [{ kind: 'out', id: `${id}`, reason: 'unlisted' }]);
  const again = await drain(crm.connector('ada'), 'event', changed.cursor);
  assert.deepEqual(
    again.changes.map((change) => change.kind),
    ['present'],
  );
});

test('an appointment turned into a to-do leaves the calendar and appears among the tasks', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  const id = await appointment(crm, ada);
  const connector = crm.connector('ada');
  const events = await drain(connector, 'event', null);
  const tasks = await drain(connector, 'task', null);
  await crm.database.script(`update crm.activity set display = 'To Do and Activities' where id = ${id}`);
  const left = await drain(connector, 'event', events.cursor);
  const came = await drain(connector, 'task', tasks.cursor);
  assert.deepEqual(left.changes, [{ kind: 'out', id: `${id}`, reason: 'converted' }]);
  assert.deepEqual(ids(came.changes), [`${id}`]);
});

test('a renamed account is a change of all its contacts', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  await crm.database.script(`insert into crm.account (name) values ('Old'); ${contactText('One', ada)}`);
  await crm.database.script('update crm.contact set account_id = (select id from crm.account)');
  const connector = crm.connector('ada');
  const { cursor } = await drain(connector, 'contact', null);
  await crm.database.script("update crm.account set name = 'New'");
  const { changes } = await drain(connector, 'contact', cursor);
  assert.equal(changes.length, 1);
  const reply = await connector.read('contact', [changes[0]!.id]);
  assert.ok(reply.ok && reply.value[0]?.kind === 'present' && reply.value[0].snapshot.item.kind === 'contact');
  assert.equal(reply.value[0].snapshot.item.organization?.company, 'New');
});

test('every table of a record gives it a new version, and an update that changes nothing does not', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  await crm.database.script(contactText('One', ada));
  const contact = await idOf(crm, 'One');
  const activity = await appointment(crm, ada);
  const version = async (table: string) => {
    const [row] = await crm.database.query<{ version: number }>(`test.${table}`, `select version from crm.${table}`);
    return row!.version;
  };
  const bumps = async (table: 'contact' | 'activity', text: string) => {
    const before = await version(table);
    await crm.database.script(text);
    return (await version(table)) > before;
  };
  for (const text of [
    `insert into crm.contact_email values (${contact}, '1', 'a@b.example')`,
    "update crm.contact_email set address = 'c@d.example'",
    'delete from crm.contact_email',
    `insert into crm.contact_phone values (${contact}, 'home', '1')`,
    `insert into crm.contact_address (contact_id, slot, city) values (${contact}, 'home', 'Ulm')`,
    `insert into crm.contact_im values (${contact}, '1', 'x')`,
    "update crm.contact set comments = 'x'",
  ]) {
    assert.ok(await bumps('contact', text), text);
  }
  for (const text of [
    `insert into crm.activity_repeat (activity_id, frequency) values (${activity}, 'Daily')`,
    'update crm.activity_repeat set every = 2',
    `insert into crm.activity_exception (activity_id, original_start, excluded) values (${activity}, '2026-03-05 09:00', true)`,
    `insert into crm.activity_other (activity_id, address) values (${activity}, 'x@y.example')`,
    `insert into crm.activity_contact (activity_id, contact_id) values (${activity}, ${contact})`,
    `insert into crm.activity_employee (activity_id, employee_id) values (${activity}, ${ada})`,
    "update crm.activity set description = 'y'",
  ]) {
    assert.ok(await bumps('activity', text), text);
  }
  assert.equal(await bumps('contact', "update crm.contact set comments = 'x'"), false);
  assert.equal(await bumps('contact', "update crm.contact_phone set number = '1'"), false);
  assert.equal(await bumps('activity', 'update crm.activity_repeat set every = 2'), false);
});

test('a change that is undone by a rollback to a savepoint leaves later changes of the transaction visible', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  await crm.database.script(contactText('One', ada));
  const connector = crm.connector('ada');
  const { cursor } = await drain(connector, 'contact', null);
  await crm.database.script(`begin; savepoint a; update crm.contact set comments = 'x'; rollback to a;
    insert into crm.contact_phone select id, 'home', '1' from crm.contact; commit`);
  assert.equal((await drain(connector, 'contact', cursor)).changes.length, 1);
});

test('a position that the feed was trimmed beyond is refused; a recent one stays valid', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  const connector = crm.connector('ada');
  const { cursor: old } = await drain(connector, 'contact', null);
  for (const name of ['One', 'Two']) await crm.database.script(contactText(name, ada));
  const { cursor: recent } = await drain(connector, 'contact', old);
  const trim = async (text: string) =>
    (await crm.database.query<{ rows: number }>(`test.${text}`, `select ${text} as rows`))[0]!.rows;
  assert.equal(await trim('crm.trim_change()'), 0);
  assert.equal(await trim("crm.trim_change('0 days', 1000000)"), 0);
  assert.equal(await trim("crm.trim_change('0 days', 0)"), 1);
  const refused = await connector.changes('contact', old);
  assert.equal(refused.ok ? 'accepted' : refused.fault.code, 'mailbox.cursorInvalid');
  assert.equal((await connector.changes('contact', recent)).ok, true);
});

test('positions of another database, another history or another user are refused', async (t) => {
  const crm = await testCrm(t);
  await crm.employ('ada');
  await crm.employ('bob');
  const { cursor } = await drain(crm.connector('ada'), 'contact', null);
  const [kind, epoch, ...rest] = cursor.split(':') as [string, string, ...string[]];
  for (const other of [epoch.replace(/^\d/, (digit) => `${(Number(digit) % 9) + 1}`), epoch.replace('-1-', '-2-')]) {
    const reply = await crm.connector('ada').changes('contact', [kind, other, ...rest].join(':'));
    assert.equal(reply.ok ? 'accepted' : reply.fault.code, 'mailbox.cursorInvalid', other);
  }
  const reply = await crm.connector('bob').changes('contact', cursor);
  assert.equal(reply.ok ? 'accepted' : reply.fault.code, 'mailbox.cursorInvalid');
});

test('a listing of many pages misses nothing that was there all the time', async (t) => {
  const crm = await testCrm(t);
  const ada = await crm.employ('ada');
  await crm.database.script(`
    insert into crm.contact (last_name) select 'n' || n from generate_series(1, 1203) n;
    insert into crm.sync_list (contact_id, employee_id) select id, ${ada} from crm.contact`);
  const connector = crm.connector('ada');
  const first = await connector.changes('contact', null);
  assert.ok(first.ok && !first.value.complete && first.value.changes.length <= 500);
  const { changes } = await drain(connector, 'contact', null);
  assert.equal(new Set(ids(changes)).size, 1203);
});

test('TRUNCATE, which no feed would notice, is refused', async (t) => {
  const crm = await testCrm(t);
  await assert.rejects(crm.database.script('truncate crm.contact cascade'), /Use DELETE/);
});

/**
 * Two transactions that do not see each other: one changes something, the other, older one makes ada concerned with it.
 * Whichever has to wait, what ada was last told to read must be what there is.
 */
async function overtaking(
  t: TestContext,
  crm: TestCrm,
  texts: { readonly changing: string; readonly joining: string },
) {
  const connector = crm.connector('ada');
  const told = new Map<string, ReadOutcome>();
  const read = async (ids: readonly string[]): Promise<readonly ReadOutcome[]> => {
    const reply = await connector.read('contact', ids);
    assert.ok(reply.ok);
    return reply.value;
  };
  let cursor = (await drain(connector, 'contact', null)).cursor;
  const catchUp = async () => {
    const drained = await drain(connector, 'contact', cursor);
    cursor = drained.cursor;
    for (const change of drained.changes) told.set(change.id, (await read([change.id]))[0]!);
  };
  const two = openDatabase(crm.url, { max: 2 });
  t.after(() => two.close());
  let joined = false;
  let changed = (): void => {};
  const isChanged = new Promise<void>((resolve) => {
    changed = resolve;
  });
  let began = (): void => {};
  const hasBegun = new Promise<void>((resolve) => {
    began = resolve;
  });
  const joining = two
    .transaction(async (queryable) => {
      await queryable.script('select pg_current_xact_id()');
      began();
      await isChanged;
      await queryable.script(texts.joining);
    })
    .then(() => {
      joined = true;
    });
  await hasBegun;
  await two.transaction(async (queryable) => {
    await queryable.script(texts.changing);
    changed();
    while (!joined && !(await someoneWaits(crm))) await catchUp();
    await catchUp();
  });
  await joining;
  await catchUp();
  assert.equal(told.size, 1);
  assert.deepEqual([...told.values()], await read([...told.keys()]));
}

async function someoneWaits(crm: TestCrm): Promise<boolean> {
  const rows = await crm.database.query(
    'test.waiting',
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows.length > 0;
}

interface Drained {
  readonly changes: readonly Change[];
  readonly cursor: string;
}

async function drain(connector: Connector, kind: Kind, from: string | null): Promise<Drained> {
  const changes: Change[] = [];
  for (let cursor = from; ; ) {
    const reply = await connector.changes(kind, cursor);
    assert.ok(reply.ok, JSON.stringify(reply));
    changes.push(...reply.value.changes);
    cursor = reply.value.cursor;
    if (reply.value.complete) return { changes, cursor };
  }
}

function ids(changes: readonly Change[]): readonly string[] {
  return changes.map((change) => change.id).sort();
}

function byId(changes: readonly Change[]): Readonly<Record<string, Change>> {
  return Object.fromEntries(changes.map((change) => [change.id, change]));
}

function contactText(name: string, employeeId: number): string {
  return `with c as (insert into crm.contact (last_name) values ('${name}') returning id)
    insert into crm.sync_list (contact_id, employee_id) select id, ${employeeId} from c;`;
}

async function idOf(crm: TestCrm, name: string, queryable: Pick<TestCrm['database'], 'query'> = crm.database) {
  const [row] = await queryable.query<{ id: number }>('test.id', 'select id from crm.contact where last_name = $1', [
    name,
  ]);
  return row!.id;
}

async function appointment(crm: TestCrm, ownerId: number): Promise<number> {
  const [row] = await crm.database.query<{ id: number }>(
    'test.appointment',
    `insert into crm.activity (display, owner_employee_id, description, planned_start, planned_completion)
     values ('Calendar and Activities', $1, 'Visit', '2026-03-05 09:00', '2026-03-05 10:00') returning id`,
    [ownerId],
  );
  return row!.id;
}
